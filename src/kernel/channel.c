/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/channel.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

union control {
	char bytes[CMSG_SPACE(sizeof(int) * CHANNEL_FDS_MAX)];
	struct cmsghdr header; /* for its alignment */
};

int channel_pair(int ret_fds[static 2])
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	ret_fds[0] = fds[0];
	ret_fds[1] = fds[1];
	return 0;
}

int channel_send(int fd, const void *message, size_t bytes, const int *fds, size_t fd_count)
{
	union control control = {.bytes = {0}};
	/* sendmsg(2) only reads, but struct iovec cannot say so. */
	struct iovec data = {.iov_base = (void *)(uintptr_t)message, .iov_len = bytes};
	struct msghdr header = {.msg_iov = &data, .msg_iovlen = 1};
	ssize_t n;

	if (fd_count > CHANNEL_FDS_MAX)
		return -E2BIG;
	if (fd_count > 0) {
		struct cmsghdr *c;

		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		c = CMSG_FIRSTHDR(&header);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * fd_count);
	}
	do {
		n = sendmsg(fd, &header, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* All descriptors of the message, at most CHANNEL_FDS_MAX: the control buffer has no more room. */
static size_t take_descriptors(struct msghdr *header, int fds[static CHANNEL_FDS_MAX])
{
	size_t count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c; c = CMSG_NXTHDR(header, c)) {
		size_t bytes = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		if (bytes > sizeof(int) * (CHANNEL_FDS_MAX - count))
			bytes = sizeof(int) * (CHANNEL_FDS_MAX - count);
		memcpy(fds + count, CMSG_DATA(c), bytes);
		count += bytes / sizeof(int);
	}
	return count;
}

int channel_receive(int fd, void *message, size_t bytes, int *ret_fds, size_t *fd_count)
{
	union control control;
	int received[CHANNEL_FDS_MAX];
	struct iovec data = {.iov_base = message, .iov_len = bytes};
	struct msghdr header = {.msg_iov = &data,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control.bytes)};
	size_t count, room = fd_count ? *fd_count : 0;
	ssize_t n;

	for (size_t i = 0; i < room; i++)
		ret_fds[i] = -EBADF;
	do {
		n = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	count = take_descriptors(&header, received);
	if ((size_t)n != bytes || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) || count > room) {
		for (size_t i = 0; i < count; i++)
			(void)fd_close(received[i]);
		return n == 0 ? -ECONNRESET : -EBADMSG;
	}
	for (size_t i = 0; i < count; i++)
		ret_fds[i] = received[i];
	if (fd_count)
		*fd_count = count;
	return 0;
}

struct address {
	struct sockaddr_un name;
	socklen_t bytes;
	int directory; /* keeps the path of an address that goes through it valid; owned */
};

static void address_done(struct address *a)
{
	fd_closep(&a->directory);
}

/* A path longer than sun_path goes through a descriptor of its directory. */
static int address_of(const char *path, struct address *ret)
{
	const char *slash = strrchr(path, '/');
	char directory[4096];
	size_t bytes = strlen(path);
	int n;

	ret->name = (struct sockaddr_un){.sun_family = AF_UNIX};
	ret->bytes = sizeof(ret->name);
	if (bytes < sizeof(ret->name.sun_path)) {
		memcpy(ret->name.sun_path, path, bytes + 1);
		return 0;
	}
	if (!slash || (size_t)(slash - path) >= sizeof(directory))
		return -ENAMETOOLONG;
	memcpy(directory, path, (size_t)(slash - path));
	directory[slash - path] = '\0';
	ret->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (ret->directory < 0)
		return -errno;
	n = snprintf(ret->name.sun_path, sizeof(ret->name.sun_path), "/proc/self/fd/%d%s",
		     ret->directory, slash);
	return n < (int)sizeof(ret->name.sun_path) ? 0 : -ENAMETOOLONG;
}

int channel_listen(const char *path, int *ret_fd)
{
	__attribute__((cleanup(address_done))) struct address a = {.directory = -EBADF};
	_cleanup_fd_ int fd = -EBADF;
	struct stat st;
	int r = address_of(path, &a);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (lstat(path, &st) == 0 && (!S_ISSOCK(st.st_mode) || unlink(path) < 0))
		return S_ISSOCK(st.st_mode) ? -errno : -EEXIST;
	/* bind(2) makes the file with the mode of the socket's inode: never more open than this. */
	if (fchmod(fd, 0600) < 0 || bind(fd, (const struct sockaddr *)&a.name, a.bytes) < 0 ||
	    listen(fd, 128) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int channel_connect(const char *path, int *ret_fd)
{
	__attribute__((cleanup(address_done))) struct address a = {.directory = -EBADF};
	_cleanup_fd_ int fd = -EBADF;
	int r = address_of(path, &a);

	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&a.name, a.bytes) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int channel_accept(int listener, int *ret_fd)
{
	int fd;

	do {
		fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int channel_peer(int fd, pid_t *ret_pid, uid_t *ret_uid)
{
	struct ucred peer;
	socklen_t bytes = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) < 0)
		return -errno;
	*ret_pid = peer.pid;
	*ret_uid = peer.uid;
	return 0;
}
