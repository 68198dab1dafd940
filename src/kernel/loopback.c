/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/loopback.h"

#include "base/cleanup.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct up_request {
	struct nlmsghdr header;
	struct ifinfomsg link;
	struct rtattr name_header;
	char name[4]; /* "lo", terminated, padded to RTA_ALIGNTO */
};

static int read_answer(int fd)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
		char rest[256]; /* extended acknowledgement */
	} answer;
	ssize_t n = recv(fd, &answer, sizeof(answer), 0);

	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof(answer.header) + sizeof(answer.error) ||
	    answer.header.nlmsg_type != NLMSG_ERROR)
		return -EBADMSG;
	return answer.error.error;
}

int loopback_up(void)
{
	struct up_request request = {
		.header = {.nlmsg_len = offsetof(struct up_request, name) + 3,
			   .nlmsg_type = RTM_NEWLINK,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK},
		.link = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP},
		.name_header = {.rta_len = RTA_LENGTH(3), .rta_type = IFLA_IFNAME},
		.name = "lo",
	};
	_cleanup_fd_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	if (send(fd, &request, request.header.nlmsg_len, 0) < 0)
		return -errno;
	return read_answer(fd);
}
