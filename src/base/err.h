/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error object. Fixed size, no pointers, no allocation: a child in new namespaces can send it
 * through a pipe in one write (it is smaller than PIPE_BUF).
 *
 * Calling sequence: functions return 0 or a negative errno and fill `e` where the cause is known.
 * Callers that add something useful (which machine, which file) wrap it, at most once per layer.
 * `e == NULL` means that the caller only probes; every function here accepts it. Only the front
 * ends print.
 */
#pragma once

#include <stdarg.h>

enum err_kind {
	ERR_NONE = 0,
	ERR_INPUT,   /* what was asked is wrong; exit code 2 */
	ERR_HOST,    /* the host or the kernel did not do it; exit code 1 */
	ERR_REFUSED, /* admission: the promise does not fit; exit code 3 */
	ERR_BUG,     /* we are wrong; exit code 1 */
	ERR_KIND_MAX
};

#define ERR_MESSAGE_MAX 1000

struct err {
	int code; /* negative errno; 0: no error */
	enum err_kind kind;
	char message[ERR_MESSAGE_MAX]; /* object, limit, remedy, in one line; always terminated */
};

#define ERR_INIT ((struct err){.code = 0})

/* Sets `e` and returns `code` (a negative errno), so that `return err_set(...)` reads well. */
int err_set(struct err *e, enum err_kind kind, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Like err_set() with ERR_HOST, and appends ": " and the text of the errno. */
int err_sys(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the message, keeps code and kind, returns the code. */
int err_wrap(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 0 when there is no error; else the exit code of section 3 of the design for the kind. */
int err_exit_code(const struct err *e);
