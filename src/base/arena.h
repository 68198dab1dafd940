/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bump allocator: one owner for all the strings and arrays of a spec, a plan or a record, freed
 * at once. Plain data of model/ points into the arena it was built in and never frees.
 *
 * Running out of memory ends the program: nothing on a host that cannot give a few kilobytes can
 * go on in a useful way, and no operation is half done when that happens outside of apply.
 * Never called between clone and exec.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
};

#define ARENA_INIT ((struct arena){.blocks = NULL})

/* Zeroed memory, aligned for any object. Valid until arena_done(). */
void *arena_alloc(struct arena *a, size_t bytes);

/* NULL stays NULL. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t bytes);
char *arena_printf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Copies a NULL-terminated vector and its strings; NULL gives an empty vector. */
char **arena_strv_dup(struct arena *a, const char *const *v);

/* Appends `s` (not copied) to a vector that was grown by this function only; returns the vector. */
const char **arena_strv_push(struct arena *a, const char **v, const char *s);

void arena_done(struct arena *a);

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))
#define _cleanup_arena_ __attribute__((cleanup(arena_done)))
