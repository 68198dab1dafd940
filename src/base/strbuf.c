/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void strbuf_reserve(struct strbuf *b, size_t more)
{
	size_t capacity = b->capacity ? b->capacity : 256;

	while (capacity - b->length <= more)
		capacity *= 2;
	if (capacity == b->capacity)
		return;
	b->text = realloc(b->text, capacity);
	if (!b->text)
		abort();
	b->capacity = capacity;
}

void strbuf_append_bytes(struct strbuf *b, const void *data, size_t bytes)
{
	strbuf_reserve(b, bytes);
	memcpy(b->text + b->length, data, bytes);
	b->length += bytes;
	b->text[b->length] = '\0';
}

void strbuf_append(struct strbuf *b, const char *text)
{
	strbuf_append_bytes(b, text, strlen(text));
}

void strbuf_printf(struct strbuf *b, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0)
		abort();
	strbuf_reserve(b, (size_t)n + 1);
	va_start(args, format);
	(void)vsnprintf(b->text + b->length, (size_t)n + 1, format, args);
	va_end(args);
	b->length += (size_t)n;
}

const char *strbuf_text(const struct strbuf *b)
{
	return b->text ? b->text : "";
}

void strbuf_done(struct strbuf *b)
{
	free(b->text);
	*b = STRBUF_INIT;
}
