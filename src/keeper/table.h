/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that the keeper knows, in memory (a memfd) that both processes of bulkheadd map, so
 * that the death of either loses nothing and its successor parses nothing. Plain data, one writer:
 * the keeper. Exceptions are named at their fields.
 *
 * An upgrade executes another file over the same table: fields are only ever added, in the room
 * that is left, and 0 means what was before. Pages of slots that were never used cost nothing.
 */
#pragma once

#include "base/err.h"
#include "model/name.h"
#include "model/record.h"
#include "model/settings.h"

#include <stdbool.h>
#include <stdint.h>

#define TABLE_MAGIC 0x424b5431u /* "BKT1" */
#define TABLE_SLOTS 4096u
#define TABLE_NONE UINT32_MAX
#define TABLE_HEADER_BYTES 8192
#define TABLE_SLOT_BYTES 384

enum slot_state {
	SLOT_EMPTY = 0,
	SLOT_STARTING, /* a worker starts it */
	SLOT_RUNNING,
	SLOT_ENDING,   /* its init has ended; how is being asked */
	SLOT_CLEANING, /* a worker undoes what its start did */
	SLOT_WAITING,  /* for its restart, until due_usec */
	SLOT_ENDED,    /* remembered until due_usec */
	SLOT_STATE_MAX
};

enum slot_result { SLOT_RESULT_NONE = 0, SLOT_RESULT_DONE, SLOT_RESULT_FAILED };

/* A rotation in progress (console.h). */
enum log_phase { LOG_STEADY = 0, LOG_ROTATING, LOG_SWITCHED };

struct table_slot {
	uint32_t state; /* enum slot_state */
	char name[NAME_LENGTH_MAX + 1];
	uint64_t id;	  /* of the client's wish; 0: adopted */
	int32_t init_pid; /* 0: not registered yet */
	int32_t worker_pid;
	uint64_t init_start_ticks;
	uint32_t restart; /* enum spec_restart */
	uint32_t ephemeral;
	uint32_t no_restart;   /* the next end is wanted */
	uint32_t result;       /* enum slot_result; written by the worker that starts it */
	int32_t wait_status;   /* as of wait(2); written by whichever process is the parent, */
	uint32_t wait_known;   /* which is set after it */
	uint64_t started_usec; /* CLOCK_MONOTONIC, as the times below */
	uint64_t due_usec;
	uint64_t backoff_usec; /* before the next restart */
	uint64_t restarts;
	uint64_t log_max_bytes;
	uint64_t log_bytes;
	uint64_t log_start;	 /* offset at which the output of this run begins */
	uint64_t log_dropped;	 /* bytes that the disk did not take */
	uint32_t log_phase;	 /* enum log_phase */
	uint32_t console;	 /* it has one */
	struct exit_status exit; /* of the last run; EXIT_UNSET while there was none */
	uint32_t start_failed;	 /* the cleaning that goes on is that of a failed start */
};
_Static_assert(sizeof(struct table_slot) <= TABLE_SLOT_BYTES, "a slot has outgrown its room");

union table_slot_room {
	struct table_slot slot;
	char room[TABLE_SLOT_BYTES];
};

struct table_header {
	uint32_t magic;
	uint32_t high;	    /* slots from here on were never used */
	int32_t keeper_pid; /* each writes its own */
	int32_t governor_pid;
	uint32_t stopping;     /* both end, on purpose; either may set it */
	uint32_t stay;	       /* does not end when idle */
	uint64_t idle_usec;    /* with no machine for so long, both end */
	uint64_t nofile_soft;  /* the limit before ours was raised: workers go back to it */
	uint32_t pump_slot;    /* whose bytes are in the pipe (console.h) */
	uint32_t kernel_tells; /* how processes ended that are not our children (6.15) */
	struct settings settings;
	char file[1024]; /* path of our executable: what an upgrade executes */
};
_Static_assert(sizeof(struct table_header) <= TABLE_HEADER_BYTES, "the header has outgrown");

struct table {
	union {
		struct table_header header;
		char header_room[TABLE_HEADER_BYTES];
	};
	union table_slot_room rooms[TABLE_SLOTS];
};

/* A new table in a memfd, all zero but magic and settings; and one that exists. Mapped for ever. */
int table_new(const struct settings *s, int *ret_fd, struct table **ret_table, struct err *e);
int table_map(int fd, struct table **ret_table, struct err *e);

/* `index` below TABLE_SLOTS. */
static inline struct table_slot *table_slot(struct table *t, uint32_t index)
{
	return &t->rooms[index].slot;
}

/*
 * Names to slots by hash: memory of this process, built from the table. Slots that are taken are
 * looked up by name without a walk over the table.
 */
struct table_index {
	uint16_t first[1024]; /* slot + 1; 0: none */
	uint16_t next[TABLE_SLOTS];
};

void table_index_build(struct table_index *x, struct table *t);
/* TABLE_NONE when there is none. */
uint32_t table_find(const struct table_index *x, struct table *t, const char *name);
/* Takes the lowest free slot for `name`; TABLE_NONE when all are taken. The slot is zeroed. */
uint32_t table_take(struct table_index *x, struct table *t, const char *name);
void table_free(struct table_index *x, struct table *t, uint32_t index);

/* A walk over the slots in use; for the rare: the death of a child that is not a worker. */
uint32_t table_find_pid(struct table *t, int32_t pid);

uint64_t clock_monotonic_usec(void);
uint64_t clock_realtime_usec(void);
