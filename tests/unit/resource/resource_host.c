/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mechanism, on the hierarchies that this host really has, below a parent cgroup of its own.
 * What a hierarchy of this host does not offer is skipped by name.
 */
#include "tests/unit/helper.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "host/facts.h"
#include "kernel/process.h"
#include "resource/cgroup.h"
#include "resource/cgroup_file.h"
#include "resource/cgroup_kill.h"
#include "resource/cgroup_make.h"
#include "resource/cgroup_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OWNER 1000000u

static struct host host;
static struct settings settings;

struct machine {
	struct plan plan;
	struct op_context ctx;
	char path[HOST_PATH_MAX];
	pid_t pid;
	int pidfd;
	int go; /* the child waits for a byte */
};

static struct grant grant_of(const char *name)
{
	struct grant g = {.cpu = CLAIM_DEFAULT,
			  .memory_limit_bytes = UNIT_NONE,
			  .memory_swap_bytes = UNIT_NONE,
			  .pids = UNIT_NONE};

	(void)snprintf(g.name, sizeof(g.name), "%s", name);
	return g;
}

static uint64_t now_usec(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

static int apply(const struct op *op, struct op_context *ctx, struct err *e)
{
	if (op->kind == OP_CGROUP_MAKE)
		return cgroup_apply_make(op, ctx, e);
	if (op->kind == OP_CGROUP_WRITE)
		return cgroup_apply_write(op, ctx, e);
	if (op->kind == OP_SCOPE_START)
		return cgroup_apply_scope(op, ctx, e);
	return cgroup_apply_enter(op, ctx, e);
}

static int apply_stage(struct machine *m, enum op_stage stage, struct err *e)
{
	int r = 0;

	for (size_t i = 0; i < m->plan.count && r == 0; i++) {
		if (m->plan.ops[i].stage == stage)
			r = apply(&m->plan.ops[i], &m->ctx, e);
	}
	return r;
}

static int undo_all(struct machine *m, struct err *e)
{
	int r = 0;

	for (size_t i = m->plan.count; i > 0 && r == 0; i--) {
		const struct op *op = &m->plan.ops[i - 1];

		if (op->kind == OP_CGROUP_MAKE)
			r = cgroup_undo_make(op, &m->ctx, e);
		if (op->kind == OP_SCOPE_START)
			r = cgroup_undo_scope(op, &m->ctx, e);
	}
	return r;
}

static void must(int r, const struct err *e)
{
	if (r != 0)
		fail_msg("%d: %s", r, e->message);
}

static void machine_plan(struct machine *m, const struct grant *g)
{
	const struct spec spec = {.name = g->name, .idmap = {OWNER, 65536}};
	struct err e = ERR_INIT;

	*m = (struct machine){.plan = PLAN_INIT, .pidfd = -EBADF, .go = -EBADF};
	m->ctx = (struct op_context){.settings = &settings, .host = &host};
	(void)cgroup_path(&settings, &host, g->name, m->path);
	must(cgroup_plan(&spec, g, &host, &settings, 500000, &m->plan, &e), &e);
	plan_order(&m->plan);
}

/* What the child of an engine does: waits, enters, then `body`. */
static void child(struct machine *m, int wait_fd, int ready_fd, void (*body)(void))
{
	struct err e = ERR_INIT;
	char c = 0;

	if (read(wait_fd, &c, 1) != 1 || apply_stage(m, OP_STAGE_CHILD, &e) < 0)
		c = 'x';
	if (write(ready_fd, &c, 1) != 1 || c == 'x')
		_exit(1);
	body();
	_exit(0);
}

static void machine_start(struct machine *m, const struct grant *g, void (*body)(void))
{
	char birth[HOST_PATH_MAX];
	_cleanup_fd_ int tree = -EBADF;
	struct err e = ERR_INIT;
	int go[2], ready[2];
	char c = 0;

	machine_plan(m, g);
	must(apply_stage(m, OP_STAGE_HOST, &e), &e);
	if (*cgroup_birth_path(&settings, &host, g->name, birth))
		must(cgroup_open_tree(birth, &host, &tree, &e), &e);
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	m->pid = process_clone(0, tree, &m->pidfd);
	assert_true(m->pid >= 0);
	if (m->pid == 0)
		child(m, go[0], ready[1], body);
	m->ctx.child_pid = m->pid;
	must(apply_stage(m, OP_STAGE_PARENT, &e), &e);
	assert_int_equal(write(go[1], "g", 1), 1);
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(c, 'g');
	(void)close(ready[0]);
	(void)close(go[0]);
	(void)close(go[1]);
}

/* Nothing of the machine, and of the whole instance, is left in any hierarchy. */
static void expect_nothing_left(const struct machine *m)
{
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
		_cleanup_fd_ int fd =
			cgroup_directory_open(&host, (enum cgroup_controller)c, m->path);
		_cleanup_fd_ int parent = -EBADF;

		assert_int_equal(fd, -ENOENT);
		if (host.cgroups.systemd)
			continue;
		parent = cgroup_directory_open(&host, (enum cgroup_controller)c, settings.cgroup);
		assert_int_equal(parent, -ENOENT);
	}
}

static void machine_end(struct machine *m)
{
	struct err e = ERR_INIT;

	must(undo_all(m, &e), &e);
	if (m->pid > 0)
		assert_int_equal(waitpid(m->pid, NULL, 0), m->pid);
	must(undo_all(m, &e), &e);
	expect_nothing_left(m);
	for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
		if (m->ctx.cgroup_tasks[c] > 0)
			(void)close(m->ctx.cgroup_tasks[c]);
	}
	(void)fd_close(m->pidfd);
	plan_done(&m->plan);
}

static void sleeps(void)
{
	for (;;)
		(void)pause();
}

static void burns(void)
{
	for (;;)
		;
}

static void fork_bombs(void)
{
	for (;;) {
		if (fork() < 0)
			(void)usleep(1000);
	}
}

static void eats_memory(void)
{
	for (;;) {
		char *p = malloc(1 << 20);

		if (p)
			memset(p, 1, 1 << 20);
	}
}

static bool has_v1_or_v2(enum cgroup_controller c, const char *what)
{
	if (cgroup_version_of(&host, c) != CGROUP_ABSENT)
		return true;
	print_message("[  SKIP  ] this host has no %s controller: %s\n", cgroup_controller_name(c),
		      what);
	return false;
}

static void test_limits_are_written(void **state)
{
	struct grant g = grant_of("limits");
	struct machine m;

	(void)state;
	g.cpu.limit = 500;
	g.cpu_burst_usec = 10000;
	g.memory_reserve_bytes = 16 << 20;
	g.memory_limit_bytes = 64 << 20;
	g.memory_swap_bytes = 16 << 20;
	g.pids = 20;
	g.cpu_pinned = true;
	CPU_SET(0, &g.cpus);
	machine_start(&m, &g, sleeps);
	for (size_t i = 0; i < m.plan.count; i++) {
		const struct op *op = &m.plan.ops[i];
		_cleanup_fd_ int at = -EBADF;
		char text[128];

		if (op->kind != OP_CGROUP_WRITE)
			continue;
		at = cgroup_directory_open(&host, cgroup_controller_find(op->subject), m.path);
		assert_true(cgroup_file_read(at, op->name, text, sizeof(text)) > 0);
		text[strcspn(text, "\n")] = '\0';
		assert_string_equal(text, op->value);
	}
	machine_end(&m);
}

/* The child is where it belongs, in every hierarchy that was made. */
static void test_child_is_inside(void **state)
{
	struct grant g = grant_of("inside");
	char file[64], text[4096];
	size_t seen = 0, made = 0;
	struct machine m;

	(void)state;
	machine_start(&m, &g, sleeps);
	(void)snprintf(file, sizeof(file), "/proc/%d/cgroup", m.pid);
	assert_true(cgroup_file_read(AT_FDCWD, file, text, sizeof(text)) > 0);
	for (size_t i = 0; i < m.plan.count; i++)
		made += m.plan.ops[i].kind == OP_CGROUP_MAKE ||
			m.plan.ops[i].kind == OP_SCOPE_START;
	for (const char *at = text; (at = strstr(at, m.path)); at++)
		seen++;
	assert_true(made > 0);
	assert_int_equal(seen, made);
	machine_end(&m);
}

/* Delegated: the directory and who is in it. Not delegated: the limits. */
static void test_delegation(void **state)
{
	static const char *const theirs[] = {".", "cgroup.procs"};
	struct grant g = grant_of("delegated");
	_cleanup_fd_ int at = -EBADF;
	struct machine m;
	struct stat st;

	(void)state;
	if (!has_v1_or_v2(CGROUP_TREE, "nothing is delegated"))
		return;
	machine_start(&m, &g, sleeps);
	at = cgroup_directory_open(&host, CGROUP_TREE, m.path);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(fstatat(at, theirs[i], &st, 0), 0);
		assert_int_equal(st.st_uid, OWNER);
	}
	if (fstatat(at, "cgroup.max.depth", &st, 0) == 0)
		assert_int_equal(st.st_uid, 0);
	if (fstatat(at, "cgroup.freeze", &st, 0) == 0)
		assert_int_equal(st.st_uid, 0);
	machine_end(&m);
}

static void test_meter(void **state)
{
	struct cgroup_meter meter = CGROUP_METER_INIT;
	struct grant g = grant_of("meter");
	struct err e = ERR_INIT;
	uint64_t first = 0, last = 0, start;
	struct machine m;

	(void)state;
	machine_start(&m, &g, burns);
	must(cgroup_meter_open(m.path, &host, &meter, &e), &e);
	must(cgroup_meter_cpu(&meter, &first, &e), &e);
	(void)usleep(200000);
	must(cgroup_meter_cpu(&meter, &last, &e), &e);
	assert_in_range(last - first, 20000, 400000);
	start = now_usec();
	for (int i = 0; i < 1000; i++)
		must(cgroup_meter_cpu(&meter, &last, &e), &e);
	print_message("one sample: %.2f us\n", (double)(now_usec() - start) / 1000);
	must(cgroup_meter_set_weight(&meter, 250000, &e), &e);
	if (meter.cpu_weight >= 0)
		assert_true(meter.weight_last > 1);
	start = meter.weight_last;
	must(cgroup_meter_set_weight(&meter, 250000, &e), &e);
	assert_int_equal(meter.weight_last, start);
	must(cgroup_kill(m.path, &host, &e), &e);
	machine_end(&m);
	/* The cgroup is gone under the open meter. */
	assert_int_equal(cgroup_meter_cpu(&meter, &last, &e), -ENODEV);
	cgroup_meter_close(&meter);
	assert_int_equal(cgroup_meter_open(m.path, &host, &meter, &e), -ENOENT);
}

static void test_freeze(void **state)
{
	struct cgroup_meter meter = CGROUP_METER_INIT;
	struct grant g = grant_of("freeze");
	uint64_t before = 0, after = 0;
	struct err e = ERR_INIT;
	bool frozen = false;
	struct machine m;

	(void)state;
	machine_start(&m, &g, burns);
	must(cgroup_meter_open(m.path, &host, &meter, &e), &e);
	must(cgroup_freeze(m.path, &host, true, &e), &e);
	must(cgroup_frozen(m.path, &host, &frozen, &e), &e);
	assert_true(frozen);
	must(cgroup_meter_cpu(&meter, &before, &e), &e);
	(void)usleep(100000);
	must(cgroup_meter_cpu(&meter, &after, &e), &e);
	assert_in_range(after - before, 0, 1000);
	must(cgroup_freeze(m.path, &host, false, &e), &e);
	must(cgroup_frozen(m.path, &host, &frozen, &e), &e);
	assert_false(frozen);
	(void)usleep(100000);
	must(cgroup_meter_cpu(&meter, &after, &e), &e);
	assert_true(after - before > 10000);
	/* Frozen again: even so it can be killed. */
	must(cgroup_freeze(m.path, &host, true, &e), &e);
	must(cgroup_kill(m.path, &host, &e), &e);
	cgroup_meter_close(&meter);
	machine_end(&m);
}

static int count_pid(pid_t pid, void *data)
{
	assert_true(pid > 0);
	(*(int *)data)++;
	return 0;
}

static void test_fork_bomb(void **state)
{
	struct grant g = grant_of("bomb");
	struct err e = ERR_INIT;
	struct usage u;
	uint64_t start;
	struct machine m;
	int count = 0;

	(void)state;
	if (!has_v1_or_v2(CGROUP_PIDS, "no fork bomb without a limit"))
		return;
	g.pids = 20;
	g.cpu.limit = 500;
	machine_start(&m, &g, fork_bombs);
	(void)usleep(300000);
	must(cgroup_usage(m.path, &host, &u, &e), &e);
	assert_in_range(u.pids, 2, 20);
	assert_true(u.cpu_usec > 0);
	must(cgroup_foreach_pid(m.path, &host, count_pid, &count, &e), &e);
	assert_in_range(count, 2, 20);
	start = now_usec();
	must(cgroup_kill(m.path, &host, &e), &e);
	print_message("killed %d processes in %llu us; refused forks: %llu\n", count,
		      (unsigned long long)(now_usec() - start), (unsigned long long)u.pids_hits);
	count = 0;
	must(cgroup_foreach_pid(m.path, &host, count_pid, &count, &e), &e);
	assert_int_equal(count, 0);
	machine_end(&m);
}

/* The undo alone ends a fork bomb, too. */
static void test_undo_of_a_running_machine(void **state)
{
	struct grant g = grant_of("alive");
	struct machine m;

	(void)state;
	g.pids = 20;
	g.cpu.limit = 20; /* so little that dying takes long */
	machine_start(&m, &g, fork_bombs);
	(void)usleep(50000);
	machine_end(&m);
}

static void test_memory_limit(void **state)
{
	struct grant g = grant_of("memory");
	struct err e = ERR_INIT;
	struct machine m;
	struct usage u;
	int status = 0;

	(void)state;
	if (!has_v1_or_v2(CGROUP_MEMORY, "no memory limit"))
		return;
	g.memory_limit_bytes = 32 << 20;
	g.memory_swap_bytes = 0;
	machine_start(&m, &g, eats_memory);
	assert_int_equal(waitpid(m.pid, &status, 0), m.pid);
	m.pid = 0;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	must(cgroup_usage(m.path, &host, &u, &e), &e);
	assert_true(u.memory_hits > 0);
	assert_true(u.memory_kills > 0);
	assert_in_range(u.memory_peak_bytes, 0, 33 << 20);
	machine_end(&m);
}

static void test_update(void **state)
{
	struct grant from = grant_of("update"), to = from;
	_cleanup_plan_ struct plan changes = PLAN_INIT;
	_cleanup_plan_ struct plan back = PLAN_INIT;
	struct err e = ERR_INIT;
	struct machine m;

	(void)state;
	to.cpu.limit = 5; /* a longer period */
	to.cpu_burst_usec = 1000;
	to.memory_limit_bytes = 64 << 20;
	to.memory_swap_bytes = 0;
	to.memory_reserve_bytes = 1 << 20;
	to.pids = 10;
	machine_start(&m, &from, sleeps);
	must(cgroup_plan_update(&from, &to, &host, &settings, &changes, &e), &e);
	must(cgroup_plan_update(&to, &from, &host, &settings, &back, &e), &e);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < changes.count; i++)
			must(apply(&changes.ops[i], &m.ctx, &e), &e);
		for (size_t i = 0; i < back.count; i++)
			must(apply(&back.ops[i], &m.ctx, &e), &e);
	}
	machine_end(&m);
}

/* The floor of the parent is the sum of those of its machines, and falls with them. */
static void test_protection(void **state)
{
	struct grant a = grant_of("floor-a"), b = grant_of("floor-b");
	_cleanup_fd_ int parent = -EBADF;
	struct machine one, two;
	struct err e = ERR_INIT;
	char text[64];
	char slice[HOST_PATH_MAX];

	(void)state;
	if (cgroup_version_of(&host, CGROUP_MEMORY) != CGROUP_V2) {
		print_message("[  SKIP  ] memory is not on cgroup v2\n");
		return;
	}
	a.memory_reserve_bytes = 16 << 20;
	b.memory_reserve_bytes = 32 << 20;
	machine_start(&one, &a, sleeps);
	machine_start(&two, &b, sleeps);
	(void)snprintf(slice, sizeof(slice), "%s", one.path);
	*strrchr(slice, '/') = '\0';
	parent = cgroup_directory_open(&host, CGROUP_MEMORY, slice);
	assert_true(cgroup_file_read(parent, "memory.min", text, sizeof(text)) > 0);
	assert_string_equal(text, "50331648\n");
	must(cgroup_kill(two.path, &host, &e), &e);
	must(undo_all(&two, &e), &e);
	assert_true(cgroup_file_read(parent, "memory.min", text, sizeof(text)) > 0);
	assert_string_equal(text, "16777216\n");
	machine_end(&one);
	machine_end(&two);
}

/* Directories that the machine made, deep and wide, with processes in them. */
static void test_nested(void **state)
{
	struct grant g = grant_of("nested");
	_cleanup_fd_ int at = -EBADF;
	bool bounded = cgroup_version_of(&host, CGROUP_TREE) == CGROUP_V2;
	char path[1024] = ".";
	char pid[16];
	struct machine m;
	pid_t other;

	(void)state;
	if (!has_v1_or_v2(CGROUP_TREE, "nothing can be nested"))
		return;
	machine_start(&m, &g, sleeps);
	at = cgroup_directory_open(&host, CGROUP_TREE, m.path);
	/* Where the hierarchy bounds the depth, as deep as it lets the machine; else deeper. */
	for (int depth = 0; depth < (bounded ? CGROUP_DEPTH_MAX - 1 : CGROUP_DEPTH_MAX + 10);
	     depth++) {
		for (int width = 0; width < 3; width++) {
			char side[1100];

			(void)snprintf(side, sizeof(side), "%s/side%d", path, width);
			assert_int_equal(mkdirat(at, side, 0755), 0);
		}
		strncat(path, "/deep", sizeof(path) - strlen(path) - 1);
		assert_int_equal(mkdirat(at, path, 0755), 0);
	}
	if (bounded) {
		char below[1100];

		(void)snprintf(below, sizeof(below), "%s/deep", path);
		assert_int_equal(mkdirat(at, below, 0755), 0);
		(void)snprintf(below, sizeof(below), "%s/deep/deep", path);
		assert_int_equal(mkdirat(at, below, 0755), -1);
	}
	other = fork();
	if (other == 0)
		sleeps();
	strncat(path, "/cgroup.procs", sizeof(path) - strlen(path) - 1);
	(void)snprintf(pid, sizeof(pid), "%d", other);
	assert_int_equal(cgroup_file_write(at, path, pid), 0);
	if (cgroup_process_controller(&host) == CGROUP_TREE) {
		int count = 0;
		struct err e = ERR_INIT;

		must(cgroup_foreach_pid(m.path, &host, count_pid, &count, &e), &e);
		assert_int_equal(count, 2);
	}
	machine_end(&m);
	assert_int_equal(waitpid(other, NULL, 0), other);
}

static void test_enter(void **state)
{
	struct grant g = grant_of("enter");
	struct err e = ERR_INIT;
	struct machine m;
	uint64_t start;
	pid_t by_other, by_itself;
	int status = 0, count = 0;

	(void)state;
	machine_start(&m, &g, sleeps);
	by_other = fork();
	if (by_other == 0)
		sleeps();
	start = now_usec();
	must(cgroup_enter(m.path, &host, by_other, &e), &e);
	print_message("enter by another process: %llu us\n",
		      (unsigned long long)(now_usec() - start));
	by_itself = fork();
	if (by_itself == 0)
		_exit(cgroup_enter(m.path, &host, 0, &e) < 0);
	assert_int_equal(waitpid(by_itself, &status, 0), by_itself);
	assert_int_equal(status, 0);
	must(cgroup_foreach_pid(m.path, &host, count_pid, &count, &e), &e);
	assert_int_equal(count, 2);
	machine_end(&m);
	assert_int_equal(waitpid(by_other, NULL, 0), by_other);
	assert_int_equal(cgroup_enter(m.path, &host, getpid(), &e), -ENOENT);
	must(cgroup_kill(m.path, &host, &e), &e);
}

/* A manager inside uses the top of the machine's subtree for controllers only, as systemd does. */
static void test_enter_below_a_manager(void **state)
{
	struct grant g = grant_of("managed");
	struct err e = ERR_INIT;
	char file[64], pid[16], text[4096];
	_cleanup_fd_ int at = -EBADF;
	struct machine m;
	pid_t other;

	(void)state;
	if (cgroup_version_of(&host, CGROUP_PIDS) != CGROUP_V2) {
		print_message("[  SKIP  ] pids is not on cgroup v2\n");
		return;
	}
	machine_start(&m, &g, sleeps);
	at = cgroup_directory_open(&host, CGROUP_TREE, m.path);
	assert_int_equal(mkdirat(at, "init.scope", 0755), 0);
	(void)snprintf(pid, sizeof(pid), "%d", m.pid);
	assert_int_equal(cgroup_file_write(at, "init.scope/cgroup.procs", pid), 0);
	assert_int_equal(cgroup_file_write(at, "cgroup.subtree_control", "+pids"), 0);
	for (int round = 0; round < 2; round++) {
		other = fork();
		if (other == 0)
			sleeps();
		must(cgroup_enter(m.path, &host, other, &e), &e);
		(void)snprintf(file, sizeof(file), "/proc/%d/cgroup", other);
		assert_true(cgroup_file_read(AT_FDCWD, file, text, sizeof(text)) > 0);
		assert_non_null(strstr(text, m.path));
		assert_non_null(strstr(text, "/bulkhead-exec\n"));
		assert_int_equal(kill(other, SIGKILL), 0);
		assert_int_equal(waitpid(other, NULL, 0), other);
	}
	machine_end(&m);
}

static void test_second_of_one_name(void **state)
{
	struct grant g = grant_of("twice");
	struct machine first, second;
	struct err e = ERR_INIT;

	(void)state;
	if (host.cgroups.systemd)
		return;
	machine_start(&first, &g, sleeps);
	machine_plan(&second, &g);
	assert_int_equal(apply_stage(&second, OP_STAGE_HOST, &e), -EEXIST);
	plan_done(&second.plan);
	machine_end(&first);
}

/* The parent comes and goes under the hands of four starters. */
static void test_parent_race(void **state)
{
	pid_t pids[4];
	struct machine last;
	struct grant g = grant_of("race-0");

	(void)state;
	if (host.cgroups.systemd)
		return;
	for (int i = 0; i < 4; i++) {
		pids[i] = fork();
		if (pids[i] != 0)
			continue;
		(void)snprintf(g.name, sizeof(g.name), "race-%d", i);
		for (int round = 0; round < 50; round++) {
			struct err e = ERR_INIT;
			struct machine m;

			machine_plan(&m, &g);
			if (apply_stage(&m, OP_STAGE_HOST, &e) < 0 || undo_all(&m, &e) < 0) {
				(void)dprintf(2, "%s\n", e.message);
				_exit(1);
			}
			for (int c = 0; c < CGROUP_CONTROLLER_MAX; c++) {
				if (m.ctx.cgroup_tasks[c] > 0)
					(void)close(m.ctx.cgroup_tasks[c]);
			}
			plan_done(&m.plan);
		}
		_exit(0);
	}
	for (int i = 0; i < 4; i++) {
		int status = 0;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	machine_plan(&last, &g);
	expect_nothing_left(&last);
	plan_done(&last.plan);
}

static void test_cost(void **state)
{
	struct grant g = grant_of("cost");
	struct err e = ERR_INIT;
	uint64_t start, made, undone;
	struct machine m;

	(void)state;
	for (int round = 0; round < 5; round++) {
		machine_plan(&m, &g);
		start = now_usec();
		must(apply_stage(&m, OP_STAGE_HOST, &e), &e);
		made = now_usec();
		must(undo_all(&m, &e), &e);
		undone = now_usec();
		print_message("make and write: %llu us, undo: %llu us\n",
			      (unsigned long long)(made - start),
			      (unsigned long long)(undone - made));
		machine_end(&m);
	}
}

static int setup(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	(void)snprintf(settings.cgroup, sizeof(settings.cgroup), "bulkhead-resource-test-%d",
		       getpid());
	if (host_facts_get(NULL, &host, &e) < 0) {
		print_message("%s\n", e.message);
		return -1;
	}
	return 0;
}

/* What a failed test left behind. */
static int teardown(void **state)
{
	(void)state;
	for (int i = 0; i < CGROUP_CONTROLLER_MAX; i++) {
		enum cgroup_controller c = (enum cgroup_controller)i;
		_cleanup_dir_ DIR *d = NULL;
		const struct dirent *entry;
		int fd = cgroup_directory_open(&host, c, settings.cgroup);

		d = fd < 0 ? NULL : fdopendir(fd);
		while (d && (entry = readdir(d))) {
			char path[HOST_PATH_MAX];
			struct cgroup_place place = {.host = &host, .controller = c, .path = path};

			if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
				continue;
			(void)snprintf(path, sizeof(path), "%.60s/%.100s", settings.cgroup,
				       entry->d_name);
			(void)cgroup_remove(&place, NULL);
		}
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_limits_are_written),
		cmocka_unit_test(test_child_is_inside),
		cmocka_unit_test(test_delegation),
		cmocka_unit_test(test_meter),
		cmocka_unit_test(test_freeze),
		cmocka_unit_test(test_fork_bomb),
		cmocka_unit_test(test_undo_of_a_running_machine),
		cmocka_unit_test(test_memory_limit),
		cmocka_unit_test(test_update),
		cmocka_unit_test(test_protection),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_enter),
		cmocka_unit_test(test_enter_below_a_manager),
		cmocka_unit_test(test_second_of_one_name),
		cmocka_unit_test(test_parent_race),
	};

	if (geteuid() != 0) {
		(void)fprintf(stderr, "SKIP: cgroups need root\n");
		return 77;
	}
	return cmocka_run_group_tests_name("resource_host", tests, setup, teardown);
}
