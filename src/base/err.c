/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, enum err_kind kind, int code, const char *format, ...)
{
	va_list args;

	assert(code < 0);
	if (!e)
		return code;
	e->code = code;
	e->kind = kind;
	va_start(args, format);
	(void)vsnprintf(e->message, sizeof(e->message), format, args);
	va_end(args);
	return code;
}

int err_sys(struct err *e, int code, const char *format, ...)
{
	va_list args;
	size_t used;

	assert(code < 0);
	if (!e)
		return code;
	e->code = code;
	e->kind = ERR_HOST;
	va_start(args, format);
	(void)vsnprintf(e->message, sizeof(e->message), format, args);
	va_end(args);
	used = strlen(e->message);
	/* strerrordesc_np is async-signal-safe, so this also serves between clone and exec. */
	(void)snprintf(e->message + used, sizeof(e->message) - used, ": %s",
		       strerrordesc_np(-code) ? strerrordesc_np(-code) : "unknown error");
	return code;
}

int err_wrap(struct err *e, const char *format, ...)
{
	char inner[ERR_MESSAGE_MAX];
	va_list args;
	size_t used;

	if (!e)
		return -1;
	assert(e->code < 0);
	memcpy(inner, e->message, sizeof(inner));
	va_start(args, format);
	(void)vsnprintf(e->message, sizeof(e->message), format, args);
	va_end(args);
	used = strlen(e->message);
	(void)snprintf(e->message + used, sizeof(e->message) - used, ": %s", inner);
	return e->code;
}

int err_exit_code(const struct err *e)
{
	static const int codes[ERR_KIND_MAX] = {
		[ERR_NONE] = 0, [ERR_INPUT] = 2, [ERR_HOST] = 1, [ERR_REFUSED] = 3, [ERR_BUG] = 1,
	};

	return e->code == 0 ? 0 : codes[e->kind];
}
