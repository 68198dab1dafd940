/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/holdings.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "kernel/channel.h"
#include "kernel/credentials.h"
#include "kernel/process.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* What stands in the handover's memfd: this, then `count` entries. */
struct handover {
	uint32_t magic;
	uint32_t count;
	int listener, table, lock, program, pump[2], link;
};

struct handover_entry {
	uint32_t slot;
	struct held held;
};

static const char *const role_names[ROLE_MAX] = {
	[ROLE_KEEPER] = "--role=keeper",
	[ROLE_GOVERNOR] = "--role=governor",
};

void held_close(int *fd)
{
	if (*fd > 0)
		(void)fd_close(*fd);
	*fd = 0;
}

void held_drop(struct held *held)
{
	held_close(&held->pidfd);
	held_close(&held->master);
	held_close(&held->log);
	held_close(&held->log_next);
	held_close(&held->worker);
}

void link_send(const struct holdings *h, enum link_verb verb, uint32_t slot, const int *fds,
	       size_t count)
{
	struct link_message m = {.verb = (uint32_t)verb, .slot = slot};

	(void)channel_send(h->link, &m, sizeof(m), fds, count);
}

static void held_put(int *place, int *fd)
{
	held_close(place);
	*place = *fd > 0 ? TAKE_FD(*fd) : 0;
}

static void link_apply(struct held *held, const struct link_message *m, int fds[static 3])
{
	switch ((enum link_verb)m->verb) {
	case LINK_WORKER:
		held_put(&held->worker, &fds[0]);
		break;
	case LINK_MACHINE:
		held_put(&held->pidfd, &fds[0]);
		held_put(&held->master, &fds[1]);
		held_put(&held->log, &fds[2]);
		break;
	case LINK_LOG_NEXT:
		held_put(&held->log_next, &fds[0]);
		break;
	case LINK_LOG_SWITCHED:
		held_close(&held->log);
		held->log = held->log_next;
		held->log_next = 0;
		break;
	case LINK_DROP_WORKER:
		held_close(&held->worker);
		break;
	case LINK_DROP:
		held_drop(held);
		break;
	case LINK_REEXEC:
	case LINK_UNSET:
	case LINK_VERB_MAX:
		break;
	}
}

int link_receive(struct holdings *h, enum link_verb *ret_verb)
{
	int fds[3] = {-EBADF, -EBADF, -EBADF};
	struct link_message m;
	size_t count = 3;
	int r = channel_receive(h->link, &m, sizeof(m), fds, &count);

	if (r < 0)
		return r;
	if (m.slot < TABLE_SLOTS)
		link_apply(&h->slot[m.slot], &m, fds);
	for (size_t i = 0; i < 3; i++)
		(void)fd_close(fds[i]);
	*ret_verb = (enum link_verb)m.verb;
	return 0;
}

static int keep_over_exec(int fd)
{
	return fd <= 0 || fcntl(fd, F_SETFD, 0) == 0 ? 0 : -errno;
}

static int entry_write(int memfd, uint32_t slot, const struct held *held)
{
	const struct handover_entry entry = {.slot = slot, .held = *held};
	int r = io_write_all(memfd, &entry, sizeof(entry));

	if (r == 0)
		r = keep_over_exec(held->pidfd);
	if (r == 0)
		r = keep_over_exec(held->master);
	if (r == 0)
		r = keep_over_exec(held->log);
	if (r == 0)
		r = keep_over_exec(held->log_next);
	return r < 0 ? r : keep_over_exec(held->worker);
}

static bool held_is_empty(const struct held *held)
{
	static const struct held none;

	return memcmp(held, &none, sizeof(none)) == 0;
}

/* The order of writing is that of the file: the entries first, their count known after them. */
static int handover_write(const struct holdings *h, uint32_t high, int memfd)
{
	struct handover head = {.magic = TABLE_MAGIC,
				.listener = h->listener,
				.table = h->table,
				.lock = h->lock,
				.program = h->program,
				.pump = {h->pump[0], h->pump[1]},
				.link = h->link};
	const int fds[] = {h->listener, h->table,   h->lock, h->program,
			   h->pump[0],	h->pump[1], h->link, memfd};
	int r = 0;

	if (lseek(memfd, sizeof(head), SEEK_SET) < 0)
		return -errno;
	for (uint32_t i = 0; i < high && r == 0; i++) {
		if (held_is_empty(&h->slot[i]))
			continue;
		r = entry_write(memfd, i, &h->slot[i]);
		head.count++;
	}
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]) && r == 0; i++)
		r = keep_over_exec(fds[i]);
	if (r == 0 && pwrite(memfd, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		r = -EIO;
	return r;
}

int holdings_exec(struct holdings *h, struct table *t, int program, enum role role, struct err *e)
{
	_cleanup_fd_ int memfd = memfd_create("bulkheadd-handover", MFD_CLOEXEC);
	char name[] = "bulkheadd", root[] = "--root", run[] = "--run";
	char handover[32], role_text[32];
	/* The directories are for whoever looks at the list of processes. */
	char *const argv[] = {
		name,	  root, t->header.settings.root, run, t->header.settings.run, role_text,
		handover, NULL};
	int r;

	if (memfd < 0)
		return err_sys(e, -errno, "cannot hand over");
	r = handover_write(h, t->header.high, memfd);
	if (r == 0) {
		(void)snprintf(handover, sizeof(handover), "--handover=%d", memfd);
		(void)snprintf(role_text, sizeof(role_text), "%s", role_names[role]);
		if (program >= 0)
			(void)execveat(program, "", argv, environ, AT_EMPTY_PATH);
		else
			(void)execve(t->header.file, argv, environ);
		r = -errno;
	}
	/* Still here: nothing may reach another program. */
	(void)descriptors_close_on_exec(3);
	return err_sys(e, r, "cannot execute %s", t->header.file);
}

bool rebirth_is_due(struct rebirth *b, uint64_t now)
{
	if (now - b->born_usec >= REBIRTH_USEC)
		b->hasty = 0;
	else if (b->hasty >= REBIRTH_HASTY)
		return false;
	b->hasty++;
	b->born_usec = now;
	return true;
}

int holdings_spawn(struct holdings *h, struct table *t, enum role role, int *ret_pidfd,
		   struct err *e)
{
	_cleanup_fd_ int mine = -EBADF, theirs = -EBADF;
	int fds[2], r;
	pid_t pid;

	r = channel_pair(fds);
	if (r < 0)
		return err_sys(e, r, "cannot link keeper and governor");
	mine = fds[0];
	theirs = fds[1];
	/* The keeper never waits for the governor, the governor never for the keeper. */
	if (fcntl(mine, F_SETFL, O_NONBLOCK) < 0 || fcntl(theirs, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(e, -errno, "cannot link keeper and governor");
	pid = process_clone(0, -EBADF, ret_pidfd);
	if (pid < 0)
		return err_sys(e, (int)pid, "cannot fork the %s", role_names[role] + 7);
	if (pid == 0) {
		h->link = theirs;
		(void)holdings_exec(h, t, h->program, role, NULL);
		_exit(127);
	}
	/* Known at once, also to whoever asks before it runs. */
	if (role == ROLE_KEEPER)
		t->header.keeper_pid = pid;
	else
		t->header.governor_pid = pid;
	if (h->link > 0)
		(void)fd_close(h->link);
	h->link = TAKE_FD(mine);
	return 0;
}

static int entries_load(int memfd, uint32_t count, struct holdings *h)
{
	for (uint32_t i = 0; i < count; i++) {
		struct handover_entry entry;

		if (read(memfd, &entry, sizeof(entry)) != (ssize_t)sizeof(entry) ||
		    entry.slot >= TABLE_SLOTS)
			return -EPROTO;
		h->slot[entry.slot] = entry.held;
	}
	return 0;
}

int holdings_load(int handover, struct holdings *h, struct table **ret_table, struct err *e)
{
	_cleanup_fd_ int memfd = handover;
	struct handover head;
	int r = 0;

	if (descriptors_close_on_exec(3) < 0 || lseek(memfd, 0, SEEK_SET) < 0 ||
	    read(memfd, &head, sizeof(head)) != (ssize_t)sizeof(head))
		r = -errno;
	else if (head.magic != TABLE_MAGIC || head.count > TABLE_SLOTS)
		r = -EPROTO;
	if (r == 0)
		r = entries_load(memfd, head.count, h);
	if (r < 0)
		return err_sys(e, r, "what was handed over cannot be read");
	h->listener = head.listener;
	h->table = head.table;
	h->lock = head.lock;
	h->program = head.program;
	h->pump[0] = head.pump[0];
	h->pump[1] = head.pump[1];
	h->link = head.link;
	return table_map(h->table, ret_table, e);
}
