/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/console.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "model/paths.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define LOG_NAME "console.log"
#define LOG_NEW "console.log.new"
#define LOG_OLD "console.log.1"
/* What the pipe holds (pipe(7)), so that the first splice never waits for the second. */
#define CHUNK_BYTES 65536u

int console_open_log(const struct settings *s, const char *name, int *ret_fd, struct err *e)
{
	_cleanup_fd_ int fd = -EBADF;
	char path[PATHS_MAX];

	(void)paths_machine(s, name, LOG_NAME, path);
	/* Not O_APPEND: splice(2) refuses it. Nobody else writes here. */
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		return err_sys(e, -errno, "cannot open %s", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

void console_note(int log, const char *text)
{
	(void)io_write_all(log, text, strlen(text));
}

int console_reader(const struct held *held, int *ret_fd)
{
	char path[32];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", held->log);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

/* The log cannot take them (a full disk): other consoles must not wait for that. */
static void pipe_discard(const struct holdings *h, struct table_slot *slot, size_t bytes)
{
	char nowhere[4096];

	while (bytes > 0) {
		ssize_t n = read(h->pump[0], nowhere,
				 bytes < sizeof(nowhere) ? bytes : sizeof(nowhere));

		if (n <= 0)
			return;
		bytes -= (size_t)n;
		slot->log_dropped += (uint64_t)n;
	}
}

/* From the pipe into the log of whom it belongs to. */
static void pipe_empty(const struct holdings *h, struct table *t, size_t bytes)
{
	struct table_slot *slot = table_slot(t, t->header.pump_slot);
	int log = h->slot[t->header.pump_slot].log;

	while (bytes > 0) {
		ssize_t n = log > 0 ? splice(h->pump[0], NULL, log, NULL, bytes, SPLICE_F_MOVE) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			pipe_discard(h, slot, bytes);
			return;
		}
		bytes -= (size_t)n;
		slot->log_bytes += (uint64_t)n;
	}
}

static int log_directory(const struct table *t, const char *name)
{
	char path[PATHS_MAX];

	(void)paths_machine(&t->header.settings, name, NULL, path);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool is_same_file(int directory, const char *name, int fd)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 &&
	       fstatat(directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/*
 * From LOG_ROTATING on; repeating it after a death at any point gives the same. The name
 * console.log exists at every moment: the old file gets its second name first.
 */
static void rotation_finish(struct holdings *h, struct table *t, uint32_t index, int directory)
{
	struct table_slot *slot = table_slot(t, index);
	struct held *held = &h->slot[index];

	if (is_same_file(directory, LOG_NAME, held->log)) {
		(void)unlinkat(directory, LOG_OLD, 0);
		(void)linkat(directory, LOG_NAME, directory, LOG_OLD, 0);
		(void)renameat(directory, LOG_NEW, directory, LOG_NAME);
	}
	slot->log_bytes = 0;
	slot->log_start = 0;
	slot->log_phase = LOG_SWITCHED;
	held_close(&held->log);
	held->log = held->log_next;
	held->log_next = 0;
	link_send(h, LINK_LOG_SWITCHED, index, NULL, 0);
	slot->log_phase = LOG_STEADY;
}

static void rotate(struct holdings *h, struct table *t, uint32_t index)
{
	struct table_slot *slot = table_slot(t, index);
	_cleanup_fd_ int directory = log_directory(t, slot->name);
	int next;

	if (directory < 0)
		return;
	(void)unlinkat(directory, LOG_NEW, 0);
	next = openat(directory, LOG_NEW, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (next < 0)
		return;
	h->slot[index].log_next = next;
	slot->log_phase = LOG_ROTATING;
	link_send(h, LINK_LOG_NEXT, index, &next, 1);
	rotation_finish(h, t, index, directory);
}

static bool log_is_full(const struct table_slot *slot, int log)
{
	uint64_t max = slot->log_max_bytes;
	char last;

	if (slot->log_bytes < max)
		return false;
	/* At the end of a line, when one comes in time. */
	if (slot->log_bytes >= max + max / 4)
		return true;
	return pread(log, &last, 1, lseek(log, 0, SEEK_CUR) - 1) == 1 && last == '\n';
}

enum console_state console_pump(struct holdings *h, struct table *t, uint32_t slot, size_t budget,
				size_t *ret_moved)
{
	struct held *held = &h->slot[slot];

	*ret_moved = 0;
	if (held->master <= 0)
		return CONSOLE_HUNG_UP;
	while (*ret_moved < budget) {
		ssize_t n;

		__atomic_store_n(&t->header.pump_slot, slot, __ATOMIC_SEQ_CST);
		n = splice(held->master, NULL, h->pump[1], NULL, CHUNK_BYTES,
			   SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? CONSOLE_EMPTY : CONSOLE_HUNG_UP;
		if (n == 0)
			return CONSOLE_HUNG_UP;
		pipe_empty(h, t, (size_t)n);
		*ret_moved += (size_t)n;
		if (log_is_full(table_slot(t, slot), held->log))
			rotate(h, t, slot);
	}
	return CONSOLE_MORE;
}

static void rotation_resume(struct holdings *h, struct table *t, uint32_t index)
{
	struct table_slot *slot = table_slot(t, index);
	struct held *held = &h->slot[index];
	_cleanup_fd_ int directory = -EBADF;

	if (held->log_next > 0 && slot->log_phase == LOG_ROTATING) {
		directory = log_directory(t, slot->name);
		if (directory >= 0)
			rotation_finish(h, t, index, directory);
	} else if (held->log_next > 0) {
		held_close(&held->log);
		held->log = held->log_next;
		held->log_next = 0;
	}
	slot->log_phase = LOG_STEADY;
}

void console_resume(struct holdings *h, struct table *t)
{
	int left = 0;

	/* A rotation is only begun when the pipe is empty: this order is that of the predecessor.
	 */
	if (ioctl(h->pump[0], FIONREAD, &left) == 0 && left > 0 &&
	    t->header.pump_slot < TABLE_SLOTS)
		pipe_empty(h, t, (size_t)left);
	for (uint32_t i = 0; i < t->header.high; i++) {
		struct held *held = &h->slot[i];
		off_t end;

		rotation_resume(h, t, i);
		/* Counters may lag behind what their process did last. */
		end = held->log > 0 ? lseek(held->log, 0, SEEK_CUR) : -1;
		if (end >= 0)
			table_slot(t, i)->log_bytes = (uint64_t)end;
	}
}
