/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper/table.h"

#include "base/cleanup.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define INDEX_HEADS (sizeof(((struct table_index *)NULL)->first) / sizeof(uint16_t))

int table_map(int fd, struct table **ret_table, struct err *e)
{
	void *p = mmap(NULL, sizeof(struct table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct table *t = p;

	if (p == MAP_FAILED)
		return err_sys(e, -errno, "cannot map the table of machines");
	if (t->header.magic != TABLE_MAGIC || t->header.high > TABLE_SLOTS) {
		(void)munmap(p, sizeof(struct table));
		return err_set(e, ERR_BUG, -EPROTO, "the table of machines is of another version");
	}
	*ret_table = t;
	return 0;
}

int table_new(const struct settings *s, int *ret_fd, struct table **ret_table, struct err *e)
{
	_cleanup_fd_ int fd = memfd_create("bulkheadd-table", MFD_CLOEXEC);
	const struct table_header header = {.magic = TABLE_MAGIC, .settings = *s};
	int r;

	if (fd < 0 || ftruncate(fd, sizeof(struct table)) < 0 ||
	    pwrite(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return err_sys(e, -errno, "cannot make the table of machines");
	r = table_map(fd, ret_table, e);
	if (r < 0)
		return r;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* FNV-1a. */
static uint32_t name_bucket(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash % INDEX_HEADS;
}

static void index_enter(struct table_index *x, struct table *t, uint32_t index)
{
	uint32_t bucket = name_bucket(table_slot(t, index)->name);

	x->next[index] = x->first[bucket];
	x->first[bucket] = (uint16_t)(index + 1);
}

void table_index_build(struct table_index *x, struct table *t)
{
	memset(x->first, 0, sizeof(x->first));
	for (uint32_t i = 0; i < t->header.high; i++) {
		if (table_slot(t, i)->state != SLOT_EMPTY)
			index_enter(x, t, i);
	}
}

uint32_t table_find(const struct table_index *x, struct table *t, const char *name)
{
	uint32_t i = x->first[name_bucket(name)];

	while (i != 0 && strcmp(table_slot(t, i - 1)->name, name) != 0)
		i = x->next[i - 1];
	return i == 0 ? TABLE_NONE : i - 1;
}

uint32_t table_take(struct table_index *x, struct table *t, const char *name)
{
	uint32_t i = 0;

	while (i < t->header.high && table_slot(t, i)->state != SLOT_EMPTY)
		i++;
	if (i == TABLE_SLOTS)
		return TABLE_NONE;
	*table_slot(t, i) = (struct table_slot){.state = SLOT_ENDED};
	(void)strncpy(table_slot(t, i)->name, name, NAME_LENGTH_MAX);
	if (i == t->header.high)
		t->header.high++;
	index_enter(x, t, i);
	return i;
}

void table_free(struct table_index *x, struct table *t, uint32_t index)
{
	uint16_t *at = &x->first[name_bucket(table_slot(t, index)->name)];

	while (*at != 0 && *at != index + 1)
		at = &x->next[*at - 1];
	if (*at != 0)
		*at = x->next[index];
	table_slot(t, index)->state = SLOT_EMPTY;
}

uint32_t table_find_pid(struct table *t, int32_t pid)
{
	for (uint32_t i = 0; i < t->header.high; i++) {
		const struct table_slot *slot = table_slot(t, i);

		if (slot->init_pid == pid && slot->state != SLOT_EMPTY)
			return i;
	}
	return TABLE_NONE;
}

static uint64_t clock_usec(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

uint64_t clock_monotonic_usec(void)
{
	return clock_usec(CLOCK_MONOTONIC);
}

uint64_t clock_realtime_usec(void)
{
	return clock_usec(CLOCK_REALTIME);
}
