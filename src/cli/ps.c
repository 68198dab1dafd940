/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "base/io.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/passwd.h"
#include "cli/table.h"
#include "cli/view.h"
#include "resource/cgroup.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct table_column columns[] = {
	{"MACHINE", false}, {"PID", true}, {"HOST-PID", true}, {"USER", false},
	{"STATE", false},   {"CPU", true}, {"MEMORY", true},   {"COMMAND", false},
};

#define COMMAND_MAX 4096
#define STATUS_MAX 16384

struct process {
	pid_t host_pid;
	pid_t pid; /* in the machine */
	uint32_t uid;
	char state;
	double cpu_seconds;
	uint64_t memory_bytes;
	const char *command;
};

struct listing {
	struct call *c;
	const struct view *view;
	struct passwd passwd;
	struct table table;
	json_t *processes;
};

/* The line's text behind "KEY:", leading blanks skipped; NULL when there is none. */
static const char *status_field(const char *status, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = status; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && line[length] == ':') {
			line += length + 1;
			return line + strspn(line, "\t ");
		}
	}
	return NULL;
}

/* NSpid: one number per pid namespace, the innermost last. */
static pid_t innermost_pid(const char *text)
{
	long pid = 0;

	while (text && isdigit((unsigned char)*text)) {
		char *end;

		pid = strtol(text, &end, 10);
		text = end + strspn(end, "\t ");
	}
	return (pid_t)pid;
}

static void parse_status(const char *status, const struct spec_idmap *ids, struct process *p)
{
	const char *uid = status_field(status, "Uid");
	const char *state = status_field(status, "State");
	const char *resident = status_field(status, "VmRSS");
	unsigned long host_uid = uid ? strtoul(uid, NULL, 10) : 0;

	p->state = state ? *state : '?';
	p->pid = innermost_pid(status_field(status, "NSpid"));
	p->memory_bytes = resident ? strtoull(resident, NULL, 10) * 1024 : 0;
	p->uid = host_uid >= ids->base && host_uid - ids->base < ids->count
			 ? (uint32_t)(host_uid - ids->base)
			 : (uint32_t)host_uid;
}

/* proc_pid_stat(5), fields 14 and 15; the name in field 2 may hold anything, ')' included. */
static double cpu_seconds(const char *stat)
{
	const char *at = strrchr(stat, ')');
	unsigned long long user = 0, system = 0;

	if (!at || sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
			  &system) != 2)
		return 0;
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static const char *command_line(struct arena *a, int directory, const char *status)
{
	char text[COMMAND_MAX];
	_cleanup_fd_ int fd = openat(directory, "cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	const char *name = status_field(status, "Name");

	if (n <= 0)
		return name ? arena_printf(a, "[%.*s]", (int)strcspn(name, "\n"), name) : "?";
	while (n > 0 && text[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++)
		text[i] = text[i] ? text[i] : ' ';
	text[n] = '\0';
	return arena_strdup(a, text);
}

/* False when it is gone meanwhile. */
static bool process_read(struct arena *a, pid_t pid, const struct spec_idmap *ids,
			 struct process *ret)
{
	_cleanup_fd_ int directory = -EBADF;
	char path[32], status[STATUS_MAX], stat[1024];

	(void)snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0 || io_read_small(directory, "status", status, sizeof(status), NULL) < 0 ||
	    io_read_small(directory, "stat", stat, sizeof(stat), NULL) < 0)
		return false;
	*ret = (struct process){.host_pid = pid};
	parse_status(status, ids, ret);
	ret->cpu_seconds = cpu_seconds(stat);
	ret->command = command_line(a, directory, status);
	return true;
}

static void add_json(struct listing *l, const struct process *p, const char *user)
{
	(void)json_array_append_new(
		l->processes,
		json_pack("{s:s, s:i, s:i, s:I, s:o, s:o, s:f, s:o, s:o}", "machine", l->view->name,
			  "pid", (int)p->pid, "host-pid", (int)p->host_pid, "uid",
			  (json_int_t)p->uid, "user", json_text(user), "state",
			  json_text((char[]){p->state, '\0'}), "cpu", p->cpu_seconds, "memory",
			  json_amount(p->memory_bytes), "command", json_text(p->command)));
}

static void add_row(struct listing *l, const struct process *p, const char *user)
{
	char memory[FORMAT_MAX];

	table_add(&l->table, l->view->name);
	table_printf(&l->table, "%d", (int)p->pid);
	table_printf(&l->table, "%d", (int)p->host_pid);
	table_add(&l->table, user);
	table_printf(&l->table, "%c", p->state);
	table_printf(&l->table, "%.2f", p->cpu_seconds);
	table_add(&l->table, format_bytes(p->memory_bytes, memory));
	table_add(&l->table, p->command);
}

static int list_process(pid_t pid, void *data)
{
	struct listing *l = data;
	const struct passwd_entry *entry;
	struct process p;
	const char *user;

	if (!process_read(&l->c->arena, pid, &l->view->machine.spec.idmap, &p))
		return 0;
	entry = passwd_find_uid(&l->passwd, p.uid);
	user = entry ? entry->name : arena_printf(&l->c->arena, "%u", p.uid);
	if (l->processes)
		add_json(l, &p, user);
	else
		add_row(l, &p, user);
	return 0;
}

static int list_machine(struct listing *l, struct err *e)
{
	char path[HOST_PATH_MAX];
	const struct host *host;
	int r = call_host(l->c, &host, e);

	if (r < 0)
		return r;
	l->passwd = (struct passwd){.entries = NULL};
	(void)passwd_load(l->view->machine.record.init_pid, &l->c->arena, &l->passwd, NULL);
	return cgroup_foreach_pid(cgroup_path(&l->c->settings, host, l->view->name, path), host,
				  list_process, l, e);
}

int verb_ps(struct call *c, struct err *e)
{
	struct listing l = {.c = c};
	struct view_list list;
	int r = view_list_load(c, &c->arena, c->words, &list, e);

	l.processes = c->json ? json_array() : NULL;
	table_init(&l.table, &c->arena, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; r == 0 && i < list.count; i++) {
		l.view = &list.views[i];
		if (view_is_up(l.view))
			r = list_machine(&l, e);
		else if (c->word_count > 0)
			r = err_set(e, ERR_HOST, -ESRCH, "machine %s does not run", l.view->name);
	}
	if (r < 0)
		json_decref(l.processes);
	else if (c->json)
		json_print_wrapped("processes", l.processes);
	else
		table_print(&l.table, stdout);
	return r;
}
