/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES 4096

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char data[];
};

static size_t align_up(size_t n)
{
	return (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
}

static struct arena_block *block_new(size_t bytes)
{
	size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
	struct arena_block *b = calloc(1, sizeof(*b) + size);

	if (!b)
		abort();
	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
	struct arena_block *b = a->blocks;
	void *p;

	bytes = align_up(bytes ? bytes : 1);
	if (!b || b->size - b->used < bytes) {
		b = block_new(bytes);
		b->next = a->blocks;
		a->blocks = b;
	}
	p = b->data + b->used;
	b->used += bytes;
	return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t bytes)
{
	char *copy;

	if (!s)
		return NULL;
	bytes = strnlen(s, bytes);
	copy = arena_alloc(a, bytes + 1);
	memcpy(copy, s, bytes);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *s;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		abort();
	s = arena_alloc(a, (size_t)n + 1);
	va_start(args, format);
	(void)vsnprintf(s, (size_t)n + 1, format, args);
	va_end(args);
	return s;
}

static size_t strv_length(const char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

char **arena_strv_dup(struct arena *a, const char *const *v)
{
	size_t n = strv_length(v);
	char **copy = ARENA_ARRAY(a, char *, n + 1);

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_strdup(a, v[i]);
	return copy;
}

/* The capacity is the power of two above the length + 1, so it need not be stored. */
const char **arena_strv_push(struct arena *a, const char **v, const char *s)
{
	size_t n = strv_length(v);
	const char **grown = v;

	if (!v || (n + 1 >= 8 && ((n + 1) & n) == 0) || n == 0) {
		size_t capacity = n + 1 < 8 ? 8 : 2 * (n + 1);

		grown = ARENA_ARRAY(a, const char *, capacity);
		if (n)
			memcpy(grown, v, n * sizeof(*v));
	}
	grown[n] = s;
	grown[n + 1] = NULL;
	return grown;
}

void arena_done(struct arena *a)
{
	struct arena_block *b = a->blocks;

	while (b) {
		struct arena_block *next = b->next;

		free(b);
		b = next;
	}
	a->blocks = NULL;
}
