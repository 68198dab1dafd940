/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing text buffer for printers. Invariant: `text` is NULL or terminated at `length`.
 * Out of memory aborts, as in arena.h.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct strbuf {
	char *text;
	size_t length;
	size_t capacity;
};

#define STRBUF_INIT ((struct strbuf){.text = NULL})
#define _cleanup_strbuf_ __attribute__((cleanup(strbuf_done)))

void strbuf_append(struct strbuf *b, const char *text);
void strbuf_append_bytes(struct strbuf *b, const void *data, size_t bytes);
void strbuf_printf(struct strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The text so far, "" when there is none; borrowed until the next call. */
const char *strbuf_text(const struct strbuf *b);

void strbuf_done(struct strbuf *b);
