/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of a fixed size with descriptors, over SOCK_SEQPACKET (unix(7), cmsg(3)). No allocation,
 * fit for use between clone and exec. A message that was cut or has another size is -EBADMSG, and
 * its descriptors are closed.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CHANNEL_FDS_MAX 8

int channel_pair(int ret_fds[static 2]);
int channel_send(int fd, const void *message, size_t bytes, const int *fds, size_t fd_count);

/* Waits. 0, -ECONNRESET when the other side is gone, or -errno. *fd_count: in the room, out the
 * number received. Unused slots are -EBADF. */
int channel_receive(int fd, void *message, size_t bytes, int *ret_fds, size_t *fd_count);

/* Listening socket at `path` (mode 0600, an old socket file is replaced). Non-blocking. */
int channel_listen(const char *path, int *ret_fd);
int channel_connect(const char *path, int *ret_fd);
int channel_accept(int listener, int *ret_fd);
/* SO_PEERCRED. */
int channel_peer(int fd, pid_t *ret_pid, uid_t *ret_uid);
