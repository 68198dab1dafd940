/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aligned columns. Cells are strings that outlive the table; they are made safe for terminals when
 * printed. The last column is not padded. An empty table prints its titles only.
 */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct table_column {
	const char *title;
	bool right; /* numbers */
};

#define TABLE_COLUMNS_MAX 16

struct table {
	struct arena *arena;
	const struct table_column *columns;
	size_t column_count;
	const char **cells; /* row by row */
	size_t cell_count;
	size_t cell_capacity;
	size_t widths[TABLE_COLUMNS_MAX]; /* of the widest cell so far */
};

void table_init(struct table *t, struct arena *a, const struct table_column *columns, size_t count);

/* The next cell, from left to right. NULL prints as "-". Not copied. */
void table_add(struct table *t, const char *cell);
void table_printf(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

void table_print(const struct table *t, FILE *out);
/* One line of it without the newline: 0 are the titles. */
const char *table_line(const struct table *t, size_t line);
size_t table_lines(const struct table *t);
