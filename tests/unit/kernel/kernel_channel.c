/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel_test.h"

#include "base/cleanup.h"
#include "kernel/channel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

struct message {
	int number;
	char text[60];
};

static int pair[2];

static int setup(void **state)
{
	(void)state;
	return channel_pair(pair);
}

static int teardown(void **state)
{
	(void)state;
	pair[0] = fd_close(pair[0]);
	pair[1] = fd_close(pair[1]);
	return 0;
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void test_message_with_descriptors(void **state)
{
	struct message out = {.number = 5, .text = "go"}, in;
	int fds[2] = {pair[0], STDERR_FILENO}, got[3];
	size_t count = 3;

	(void)state;
	assert_int_equal(channel_send(pair[0], &out, sizeof(out), fds, 2), 0);
	assert_int_equal(channel_receive(pair[1], &in, sizeof(in), got, &count), 0);
	assert_memory_equal(&in, &out, sizeof(in));
	assert_int_equal(count, 2);
	assert_int_equal(got[2], -EBADF);
	assert_int_equal(fcntl(got[0], F_GETFD), FD_CLOEXEC);
	(void)close(got[0]);
	(void)close(got[1]);
}

static void test_no_descriptors(void **state)
{
	struct message out = {.number = 6}, in;

	(void)state;
	assert_int_equal(channel_send(pair[0], &out, sizeof(out), NULL, 0), 0);
	assert_int_equal(channel_receive(pair[1], &in, sizeof(in), NULL, NULL), 0);
	assert_int_equal(in.number, 6);
}

/* Each of these is refused, and no descriptor that came along stays open. */
static void check_refused(size_t sent_bytes, size_t sent_fds, size_t room)
{
	char out[2 * sizeof(struct message)] = {0};
	struct message in;
	int fds[CHANNEL_FDS_MAX], got[CHANNEL_FDS_MAX];
	int before = open_descriptors();

	for (size_t i = 0; i < CHANNEL_FDS_MAX; i++)
		fds[i] = STDERR_FILENO;
	assert_int_equal(channel_send(pair[0], out, sent_bytes, fds, sent_fds), 0);
	assert_int_equal(channel_receive(pair[1], &in, sizeof(in), got, &room), -EBADMSG);
	assert_int_equal(open_descriptors(), before);
}

static void test_refused(void **state)
{
	(void)state;
	check_refused(sizeof(struct message) - 1, 2, 2);
	check_refused(sizeof(struct message) + 1, 2, 2);
	check_refused(sizeof(struct message), 3, 2);
	check_refused(sizeof(struct message), CHANNEL_FDS_MAX, 1);
	check_refused(sizeof(struct message), 1, 0);
	assert_int_equal(channel_send(pair[0], "x", 1, pair, CHANNEL_FDS_MAX + 1), -E2BIG);
}

/* More than a control buffer of ours holds: sent by other means than channel_send(). */
static void test_too_many_descriptors(void **state)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 20)];
		struct cmsghdr header;
	} control = {.bytes = {0}};
	struct message m = {.number = 0};
	struct iovec data = {.iov_base = &m, .iov_len = sizeof(m)};
	struct msghdr header = {.msg_iov = &data,
				.msg_iovlen = 1,
				.msg_control = control.bytes,
				.msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&header);
	int got[CHANNEL_FDS_MAX], before = open_descriptors();
	size_t room = CHANNEL_FDS_MAX;

	(void)state;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * 20);
	for (size_t i = 0; i < 20; i++)
		((int *)(void *)CMSG_DATA(c))[i] = STDERR_FILENO;
	assert_true(sendmsg(pair[0], &header, 0) >= 0);
	assert_int_equal(channel_receive(pair[1], &m, sizeof(m), got, &room), -EBADMSG);
	assert_int_equal(open_descriptors(), before);
}

static void test_other_side_gone(void **state)
{
	struct message m = {.number = 0};

	(void)state;
	pair[0] = fd_close(pair[0]);
	assert_int_equal(channel_receive(pair[1], &m, sizeof(m), NULL, NULL), -ECONNRESET);
	assert_int_equal(channel_send(pair[1], &m, sizeof(m), NULL, 0), -EPIPE);
}

static void check_listen(const char *path)
{
	_cleanup_fd_ int listener = -EBADF;
	_cleanup_fd_ int client = -EBADF;
	_cleanup_fd_ int server = -EBADF;
	struct message out = {.number = 9}, in;
	struct stat st;
	pid_t pid = 0;
	uid_t uid = 1;

	assert_int_equal(channel_listen(path, &listener), 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(channel_accept(listener, &server), -EAGAIN);
	assert_int_equal(channel_connect(path, &client), 0);
	assert_int_equal(channel_accept(listener, &server), 0);
	assert_int_equal(channel_peer(server, &pid, &uid), 0);
	assert_int_equal(pid, getpid());
	assert_int_equal(uid, geteuid());
	assert_int_equal(channel_send(client, &out, sizeof(out), NULL, 0), 0);
	assert_int_equal(channel_receive(server, &in, sizeof(in), NULL, NULL), 0);
	assert_int_equal(in.number, 9);
}

static void test_listen(void **state)
{
	char directory[] = "/tmp/bulkhead-test-channel-XXXXXX";
	char path[300], sub[256];
	int fd = -1;

	(void)state;
	assert_non_null(mkdtemp(directory));
	(void)snprintf(path, sizeof(path), "%s/sock", directory);
	assert_int_equal(channel_connect(path, &fd), -ENOENT);
	check_listen(path);
	/* Nobody listens any more, and the file is replaced. */
	assert_int_equal(channel_connect(path, &fd), -ECONNREFUSED);
	check_listen(path);
	assert_int_equal(unlink(path), 0);
	/* Something else of that name is not removed. */
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(channel_listen(path, &fd), -EEXIST);
	assert_int_equal(rmdir(path), 0);
	/* Longer than an address holds. */
	(void)snprintf(sub, sizeof(sub), "%s/%0150d", directory, 0);
	assert_int_equal(mkdir(sub, 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/sock", sub);
	check_listen(path);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(sub), 0);
	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(fd, -1);
}

#define WITH_PAIR(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_PAIR(test_message_with_descriptors),
		WITH_PAIR(test_no_descriptors),
		WITH_PAIR(test_refused),
		WITH_PAIR(test_too_many_descriptors),
		WITH_PAIR(test_other_side_gone),
		cmocka_unit_test(test_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
