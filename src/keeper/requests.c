/* SPDX-License-Identifier: Apache-2.0 */
/* Clients: one request, one reply (START may have two), on one connection. */
#include "keeper/console.h"
#include "keeper/keeper.h"

#include "base/cleanup.h"
#include "kernel/channel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>

static void connection_close(struct connection *c)
{
	for (size_t i = 0; i < KEEPER_FDS_MAX; i++)
		held_close(&c->fds[i]);
	held_close(&c->fd);
	*c = (struct connection){.fd = 0};
}

static struct keeper_reply reply_about(const struct keeper *k, const struct connection *c)
{
	struct keeper_reply reply = {
		.magic = KEEPER_MAGIC,
		.kind = KEEPER_DONE,
		.keeper_pid = k->t->header.keeper_pid,
		.governor_pid = k->t->header.governor_pid,
		.id = c->id,
	};

	if (c->slot < TABLE_SLOTS)
		reply.init_pid = table_slot(k->t, c->slot)->init_pid;
	return reply;
}

static void reply_send(const struct connection *c, struct keeper_reply *reply, const int *fds,
		       uint32_t count)
{
	reply->fd_count = count;
	/* A client that does not read is not waited for. */
	(void)channel_send(c->fd, reply, sizeof(*reply), fds, count);
}

static void reply_failed(struct keeper *k, struct connection *c, const struct err *e)
{
	struct keeper_reply reply = reply_about(k, c);

	reply.kind = KEEPER_FAILED;
	reply.err = *e;
	reply_send(c, &reply, NULL, 0);
	connection_close(c);
}

static void reply_done(struct keeper *k, struct connection *c)
{
	struct keeper_reply reply = reply_about(k, c);

	reply_send(c, &reply, NULL, 0);
	connection_close(c);
}

static void reply_ended(struct keeper *k, struct connection *c)
{
	struct keeper_reply reply = reply_about(k, c);

	reply.kind = KEEPER_ENDED;
	reply.exit = table_slot(k->t, c->slot)->exit;
	reply_send(c, &reply, NULL, 0);
	connection_close(c);
}

static void reply_console(struct keeper *k, struct connection *c, uint64_t offset)
{
	const struct held *held = &k->h->slot[c->slot];
	struct keeper_reply reply = reply_about(k, c);
	int fds[KEEPER_CONSOLE_FDS] = {held->master, -EBADF};

	reply.log_offset = offset;
	if (held->master <= 0 || held->log <= 0 || console_reader(held, &fds[1]) < 0) {
		reply_send(c, &reply, NULL, 0);
		return;
	}
	reply_send(c, &reply, fds, KEEPER_CONSOLE_FDS);
	(void)fd_close(fds[1]);
}

/* It runs: the first answer to START. */
static void start_is_done(struct keeper *k, struct connection *c)
{
	struct keeper_reply reply = reply_about(k, c);

	if (c->flags & KEEPER_FLAG_ATTACH)
		reply_console(k, c, table_slot(k->t, c->slot)->log_start);
	else
		reply_send(c, &reply, NULL, 0);
	if (c->flags & KEEPER_FLAG_WAIT)
		c->stage = CONNECTION_END;
	else
		connection_close(c);
}

static void start_now(struct keeper *k, struct connection *c)
{
	struct table_slot *slot = table_slot(k->t, c->slot);
	struct err e = ERR_INIT;
	int r;

	slot->id = c->id;
	slot->exit = (struct exit_status){.knowledge = EXIT_UNSET};
	slot->restarts = 0;
	slot->backoff_usec = 0;
	c->stage = CONNECTION_START;
	r = slot_start(k, c->slot, c->fds, c->flags, &e);
	for (size_t i = 0; i < KEEPER_FDS_MAX; i++)
		held_close(&c->fds[i]);
	if (r < 0)
		reply_failed(k, c, &e);
}

static void refuse(struct keeper *k, struct connection *c, int code, const char *what)
{
	struct err e;
	const char *name = c->slot < TABLE_SLOTS ? table_slot(k->t, c->slot)->name : "";

	(void)err_set(&e, ERR_INPUT, code, "%s%s%s", name[0] ? "machine " : "", name, what);
	reply_failed(k, c, &e);
}

/* The same wish again, after its client's connection broke. */
static void start_again(struct keeper *k, struct connection *c)
{
	const struct table_slot *slot = table_slot(k->t, c->slot);

	if (slot->state == SLOT_STARTING) {
		c->stage = CONNECTION_START;
	} else if (slot->state == SLOT_RUNNING || slot->state == SLOT_ENDING ||
		   slot->state == SLOT_CLEANING) {
		start_is_done(k, c);
	} else {
		start_is_done(k, c);
		if (c->fd > 0)
			reply_ended(k, c);
	}
}

static void do_start(struct keeper *k, struct connection *c, const struct keeper_request *m)
{
	const struct table_slot *slot;

	if (c->slot == TABLE_NONE)
		c->slot = table_take(&k->index, k->t, m->machine.name);
	if (c->slot == TABLE_NONE) {
		refuse(k, c, -ENOSPC, "bulkheadd keeps at most 4096 machines");
		return;
	}
	slot = table_slot(k->t, c->slot);
	if (slot->state == SLOT_ENDING || slot->state == SLOT_CLEANING)
		c->stage = CONNECTION_QUEUED;
	if (slot->id == c->id && slot->id != 0 && !slot->start_failed &&
	    (slot_is_live(slot) || slot->exit.knowledge != EXIT_UNSET))
		start_again(k, c);
	else if (slot->state == SLOT_STARTING)
		refuse(k, c, -EEXIST, " is being started already");
	else if (slot->state == SLOT_RUNNING)
		refuse(k, c, -EEXIST, " runs already");
	else if (c->stage != CONNECTION_QUEUED)
		start_now(k, c);
}

static void do_attach(struct keeper *k, struct connection *c, const struct keeper_request *m)
{
	const struct held *held = c->slot < TABLE_SLOTS ? &k->h->slot[c->slot] : NULL;

	(void)m;
	if (!held || table_slot(k->t, c->slot)->state != SLOT_RUNNING)
		refuse(k, c, -ESRCH, held ? " does not run" : "the machine does not run");
	else if (!table_slot(k->t, c->slot)->console)
		refuse(k, c, -ENOTTY, " has no console: it runs on its starter's own terminal");
	else if (held->master <= 0)
		refuse(k, c, -ENXIO,
		       " has lost its console, as bulkheadd's processes were killed together; it "
		       "has one again after a restart");
	else {
		reply_console(k, c, (uint64_t)lseek(held->log, 0, SEEK_CUR));
		connection_close(c);
	}
}

static void do_wait(struct keeper *k, struct connection *c, const struct keeper_request *m)
{
	const struct table_slot *slot = c->slot < TABLE_SLOTS ? table_slot(k->t, c->slot) : NULL;

	if (!slot || (m->id != 0 && slot->id != 0 && m->id != slot->id))
		refuse(k, c, -ESRCH, slot ? " was started anew" : "the machine does not run");
	else if (slot->state != SLOT_WAITING && slot->state != SLOT_ENDED)
		c->stage = CONNECTION_END;
	else if (slot->exit.knowledge == EXIT_UNSET)
		refuse(k, c, -ESRCH, " does not run");
	else
		reply_ended(k, c);
}

static void do_no_restart(struct keeper *k, struct connection *c, const struct keeper_request *m)
{
	(void)m;
	if (c->slot == TABLE_NONE || !slot_is_live(table_slot(k->t, c->slot))) {
		refuse(k, c, -ESRCH,
		       c->slot == TABLE_NONE ? "the machine does not run" : " does not run");
		return;
	}
	slot_no_restart(k, c->slot);
	reply_done(k, c);
}

static void do_update(struct keeper *k, struct connection *c, const struct keeper_request *m)
{
	struct table_slot *slot = c->slot < TABLE_SLOTS ? table_slot(k->t, c->slot) : NULL;

	if (!slot || !slot_is_live(slot)) {
		refuse(k, c, -ESRCH, slot ? " does not run" : "the machine does not run");
		return;
	}
	if (m->machine.restart != 0)
		slot->restart = m->machine.restart;
	if (m->machine.log_max_bytes != 0)
		slot->log_max_bytes = m->machine.log_max_bytes;
	reply_done(k, c);
}

static void do_ping(struct keeper *k, struct connection *c, const struct keeper_request *m)
{
	(void)m;
	reply_done(k, c);
}

static void do_reexec(struct keeper *k, struct connection *c, const struct keeper_request *m)
{
	(void)m;
	k->reexec = true;
	reply_done(k, c);
}

static void do_shutdown(struct keeper *k, struct connection *c, const struct keeper_request *m)
{
	(void)m;
	k->t->header.stopping = 1;
	reply_done(k, c);
}

static const struct verb {
	void (*answer)(struct keeper *k, struct connection *c, const struct keeper_request *m);
	bool named;
} verbs[KEEPER_VERB_MAX] = {
	[KEEPER_PING] = {do_ping, false},
	[KEEPER_START] = {do_start, true},
	[KEEPER_ATTACH] = {do_attach, true},
	[KEEPER_WAIT] = {do_wait, true},
	[KEEPER_NO_RESTART] = {do_no_restart, true},
	[KEEPER_UPDATE] = {do_update, true},
	[KEEPER_REEXEC] = {do_reexec, false},
	[KEEPER_SHUTDOWN] = {do_shutdown, false},
};

static bool request_is_sound(const struct keeper_request *m, size_t count)
{
	size_t wanted = 0;

	if (m->magic != KEEPER_MAGIC || m->verb >= KEEPER_VERB_MAX || !verbs[m->verb].answer)
		return false;
	if (m->verb == KEEPER_START)
		wanted = (m->flags & KEEPER_FLAG_INHERIT ? 3u : 0u) +
			 (m->flags & KEEPER_FLAG_PROGRESS ? 1u : 0u);
	if (count != wanted)
		return false;
	return !verbs[m->verb].named || (memchr(m->machine.name, '\0', sizeof(m->machine.name)) &&
					 name_is_valid(m->machine.name));
}

static void request_receive(struct keeper *k, struct connection *c)
{
	int fds[KEEPER_FDS_MAX];
	struct keeper_request m;
	size_t count = KEEPER_FDS_MAX;
	int r = channel_receive(c->fd, &m, sizeof(m), fds, &count);

	if (r == -EAGAIN)
		return;
	if (r < 0) {
		connection_close(c);
		return;
	}
	for (size_t i = 0; i < count; i++)
		c->fds[i] = fds[i];
	c->fd_count = (uint32_t)count;
	c->flags = m.flags;
	c->id = m.id;
	c->slot = TABLE_NONE;
	if (!request_is_sound(&m, count)) {
		refuse(k, c, -EPROTO,
		       "bulkheadd does not understand this request: another "
		       "version? 'bulkheadd --reexec' executes the installed one");
		return;
	}
	if (verbs[m.verb].named)
		c->slot = table_find(&k->index, k->t, m.machine.name);
	verbs[m.verb].answer(k, c, &m);
}

void requests_event(struct keeper *k, uint32_t number)
{
	struct connection *c = &k->connections[number];

	if (c->fd <= 0)
		return;
	if (c->stage == CONNECTION_NEW)
		request_receive(k, c);
	else /* Nothing is said after the request: it hung up. What it started goes on. */
		connection_close(c);
}

void requests_accept(struct keeper *k)
{
	_cleanup_fd_ int fd = -EBADF;
	uint32_t i = 0;
	pid_t pid;
	uid_t uid;

	if (channel_accept(k->h->listener, &fd) < 0)
		return;
	if (channel_peer(fd, &pid, &uid) < 0 || uid != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return;
	while (i < k->connected && k->connections[i].fd > 0)
		i++;
	if (i == KEEPER_CONNECTIONS ||
	    keeper_watch_fd(k, fd, EPOLLIN | EPOLLRDHUP, WATCH_CONNECTION, i) < 0)
		return;
	if (i == k->connected)
		k->connected++;
	k->connections[i] = (struct connection){.fd = TAKE_FD(fd), .slot = TABLE_NONE};
}

void requests_started(struct keeper *k, uint32_t slot, const struct err *e)
{
	for (uint32_t i = 0; i < k->connected; i++) {
		struct connection *c = &k->connections[i];

		if (c->fd <= 0 || c->slot != slot)
			continue;
		if (e->code < 0 && (c->stage == CONNECTION_START || c->stage == CONNECTION_END))
			reply_failed(k, c, e);
		else if (c->stage == CONNECTION_START)
			start_is_done(k, c);
	}
}

void requests_ended(struct keeper *k, uint32_t slot)
{
	for (uint32_t i = 0; i < k->connected; i++) {
		struct connection *c = &k->connections[i];

		if (c->fd > 0 && c->slot == slot && c->stage == CONNECTION_END)
			reply_ended(k, c);
	}
}

void requests_queued(struct keeper *k, uint32_t slot)
{
	for (uint32_t i = 0; i < k->connected; i++) {
		struct connection *c = &k->connections[i];

		if (c->fd <= 0 || c->slot != slot || c->stage != CONNECTION_QUEUED)
			continue;
		if (table_slot(k->t, slot)->state == SLOT_STARTING)
			refuse(k, c, -EEXIST, " is being started already");
		else
			start_now(k, c);
	}
}
