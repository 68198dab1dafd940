/* SPDX-License-Identifier: Apache-2.0 */
#include "resource/cgroup_kill.h"

#include "resource/cgroup_file.h"
#include "resource/cgroup_walk.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAUSE_FIRST_USEC 200u
#define PAUSE_LONGEST_USEC 100000u

static uint64_t now_usec(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

struct cgroup_pause cgroup_pause_start(void)
{
	return (struct cgroup_pause){.deadline_usec = now_usec() + CGROUP_PATIENCE_USEC,
				     .next_usec = PAUSE_FIRST_USEC};
}

bool cgroup_pause(struct cgroup_pause *p)
{
	struct timespec t = {.tv_nsec = (long)p->next_usec * 1000};

	if (now_usec() >= p->deadline_usec)
		return false;
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
	p->next_usec += p->next_usec / 2;
	if (p->next_usec > PAUSE_LONGEST_USEC)
		p->next_usec = PAUSE_LONGEST_USEC;
	return true;
}

static int kill_one(pid_t pid, void *data)
{
	(void)data;
	(void)kill(pid, SIGKILL);
	return 0;
}

int cgroup_kill_once(const struct host *host, enum cgroup_controller c, int dirfd)
{
	int r;

	if (cgroup_version_of(host, c) == CGROUP_V2) {
		r = cgroup_file_write(dirfd, "cgroup.kill", "1");
		if (r != -ENOENT)
			return r;
	}
	/* By pid: the list is read right before each signal. */
	return cgroup_walk_pids(dirfd, kill_one, NULL);
}

static int stop_at_first(pid_t pid, void *data)
{
	(void)pid;
	(void)data;
	return 1;
}

int cgroup_is_empty(int dirfd)
{
	char text[256];
	uint64_t populated;
	int r = cgroup_file_read(dirfd, "cgroup.events", text, sizeof(text));

	if (r >= 0 && cgroup_text_number(text, "populated", &populated))
		return populated == 0;
	if (r == -ENODEV)
		return 1;
	r = cgroup_walk_pids(dirfd, stop_at_first, NULL);
	return r < 0 ? r : r == 0;
}

struct pid_list {
	char *text;
	size_t size;
	size_t used;
	int count;
};

static int name_one(pid_t pid, void *data)
{
	struct pid_list *l = data;

	if (++l->count > 12 || l->size - l->used < 16)
		return 1;
	l->used += (size_t)snprintf(l->text + l->used, l->size - l->used, "%s%d",
				    l->used ? " " : "", pid);
	return 0;
}

const char *cgroup_name_pids(int dirfd, char *buffer, size_t size)
{
	struct pid_list l = {.text = buffer, .size = size};

	(void)snprintf(buffer, size, "%s", "");
	(void)cgroup_walk_pids(dirfd, name_one, &l);
	return buffer;
}

enum cgroup_controller cgroup_process_controller(const struct host *host)
{
	static const enum cgroup_controller order[] = {CGROUP_PIDS, CGROUP_MEMORY, CGROUP_CPU,
						       CGROUP_CPUACCT, CGROUP_TREE};

	if (cgroup_version_of(host, CGROUP_TREE) == CGROUP_V2)
		return CGROUP_TREE;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (cgroup_version_of(host, order[i]) != CGROUP_ABSENT)
			return order[i];
	}
	return CGROUP_CONTROLLER_MAX;
}
