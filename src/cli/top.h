/* SPDX-License-Identifier: Apache-2.0 */
/* What `top` shows, apart from where it shows it: samples, rates between two of them, order. */
#pragma once

#include "cli/table.h"
#include "cli/view.h"

enum top_sort { TOP_BY_CPU = 0, TOP_BY_MEMORY, TOP_BY_PIDS, TOP_BY_NAME, TOP_SORT_MAX };

struct top_row {
	const struct view *view;
	bool measured;		  /* there was a sample before this one */
	uint64_t delivered_milli; /* CPU since then */
};

/* One look at all machines, with its own arena. */
struct top_sample {
	struct arena arena;
	struct view_list list;
	struct top_row *rows; /* machines that are up, sorted */
	size_t count;
};

#define TOP_SAMPLE_INIT ((struct top_sample){.arena = ARENA_INIT})

/* `before` may be empty. */
int top_sample_take(struct call *c, const struct top_sample *before, enum top_sort sort,
		    struct top_sample *ret, struct err *e);
void top_sort_rows(struct top_sample *s, enum top_sort sort);
void top_sample_done(struct top_sample *s);

/* Strings live in the sample's arena. */
void top_table(struct top_sample *s, struct table *ret);
/* "3 machines   CPU 1.27 of 1.90 delivered, ..." */
const char *top_summary(struct call *c, struct top_sample *s);

int top_sort_parse(const char *text, enum top_sort *ret, struct err *e);

/* The live screen; returns when the person quits. */
int top_screen(struct call *c, uint64_t interval_usec, enum top_sort sort, struct err *e);
