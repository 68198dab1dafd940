/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/process_events.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* proc_ns.h: the inode of the first pid namespace, part of the kernel's ABI. The connector does not
 * serve any other. */
#define FIRST_PID_NAMESPACE UINT32_C(0xEFFFFFFC)

/* struct cn_msg without its flexible array. */
struct connector_header {
	struct cb_id id;
	uint32_t sequence, acknowledged;
	uint16_t bytes, flags;
};

struct event_message {
	struct nlmsghdr header;
	struct connector_header connector;
	struct proc_event event;
} __attribute__((packed));

struct listen_message {
	struct nlmsghdr header;
	struct connector_header connector;
	uint32_t operation;
} __attribute__((packed));

#define EVENT_OFFSET(field) \
	((uint32_t)(offsetof(struct event_message, event) + offsetof(struct proc_event, field)))

static int attach_filter(int fd)
{
	/* Classic BPF loads in network order, the message is in the host's. */
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, EVENT_OFFSET(what)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(PROC_EVENT_EXIT), 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, EVENT_OFFSET(event_data.exit.process_pid)),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, EVENT_OFFSET(event_data.exit.process_tgid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno
											   : 0;
}

static int subscribe(int fd)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
	struct listen_message message = {
		.header = {.nlmsg_len = sizeof(message), .nlmsg_type = NLMSG_DONE},
		.connector = {.id = {.idx = CN_IDX_PROC, .val = CN_VAL_PROC},
			      .bytes = sizeof(message.operation)},
		.operation = PROC_CN_MCAST_LISTEN,
	};

	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return send(fd, &message, sizeof(message), 0) < 0 ? -errno : 0;
}

int process_events_open(int *ret_fd, struct err *e)
{
	_cleanup_fd_ int fd = -EBADF;
	struct stat st;
	int r;

	if (stat("/proc/self/ns/pid", &st) < 0)
		return err_sys(e, -errno, "/proc/self/ns/pid");
	if (st.st_ino != FIRST_PID_NAMESPACE)
		return err_set(e, ERR_HOST, -EOPNOTSUPP,
			       "the process connector serves only the first pid namespace");
	fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_CONNECTOR);
	if (fd < 0)
		return err_sys(e, errno == EPROTONOSUPPORT ? -EOPNOTSUPP : -errno,
			       "process connector");
	/* The filter first, or events from before it would be queued. */
	r = attach_filter(fd);
	if (r == 0)
		r = subscribe(fd);
	if (r < 0)
		return err_sys(e, r == -ECONNREFUSED ? -EOPNOTSUPP : r, "process connector");
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int process_events_read(int fd, pid_t *ret_pid, int *ret_wait_status)
{
	for (;;) {
		struct event_message m;
		struct sockaddr_nl from = {.nl_pid = 0};
		socklen_t from_bytes = sizeof(from);
		ssize_t n = recvfrom(fd, &m, sizeof(m), 0, (struct sockaddr *)&from, &from_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		/* Only the kernel speaks here; any other sender is ignored. */
		if (from.nl_pid != 0 || (size_t)n < EVENT_OFFSET(event_data.exit.exit_signal) ||
		    m.event.what != PROC_EVENT_EXIT)
			continue;
		if (m.event.event_data.exit.process_pid != m.event.event_data.exit.process_tgid)
			continue;
		*ret_pid = m.event.event_data.exit.process_tgid;
		*ret_wait_status = (int)m.event.event_data.exit.exit_code;
		return 0;
	}
}
