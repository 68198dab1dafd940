/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include "cli/format.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void note_width(struct table *t, size_t column, const char *cell)
{
	size_t width = text_width(cell);

	if (width > t->widths[column])
		t->widths[column] = width;
}

void table_init(struct table *t, struct arena *a, const struct table_column *columns, size_t count)
{
	*t = (struct table){.arena = a, .columns = columns, .column_count = count};
	assert(count <= TABLE_COLUMNS_MAX);
	for (size_t i = 0; i < count; i++)
		note_width(t, i, columns[i].title);
}

void table_add(struct table *t, const char *cell)
{
	if (t->cell_count == t->cell_capacity) {
		size_t capacity = t->cell_capacity ? 2 * t->cell_capacity : 64;
		const char **grown = ARENA_ARRAY(t->arena, const char *, capacity);

		if (t->cell_count)
			memcpy(grown, t->cells, t->cell_count * sizeof(*grown));
		t->cells = grown;
		t->cell_capacity = capacity;
	}
	cell = cell && *cell ? format_safe(t->arena, cell) : "-";
	note_width(t, t->cell_count % t->column_count, cell);
	t->cells[t->cell_count++] = cell;
}

void table_printf(struct table *t, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	table_add(t, text);
}

size_t table_lines(const struct table *t)
{
	assert(t->cell_count % t->column_count == 0);
	return 1 + t->cell_count / t->column_count;
}

static const char *table_cell(const struct table *t, size_t line, size_t column)
{
	return line == 0 ? t->columns[column].title
			 : t->cells[(line - 1) * t->column_count + column];
}

static const char *pad(const struct table *t, const char *line, const char *cell, size_t column)
{
	size_t spaces = t->widths[column] - text_width(cell);
	const char *gap = column ? "  " : "";

	if (t->columns[column].right)
		return arena_printf(t->arena, "%s%s%*s%s", line, gap, (int)spaces, "", cell);
	if (column + 1 == t->column_count)
		spaces = 0;
	return arena_printf(t->arena, "%s%s%s%*s", line, gap, cell, (int)spaces, "");
}

const char *table_line(const struct table *t, size_t line)
{
	const char *text = "";

	for (size_t column = 0; column < t->column_count; column++)
		text = pad(t, text, table_cell(t, line, column), column);
	return text;
}

void table_print(const struct table *t, FILE *out)
{
	for (size_t line = 0; line < table_lines(t); line++)
		(void)fprintf(out, "%s\n", table_line(t, line));
}
