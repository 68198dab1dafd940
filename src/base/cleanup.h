/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scoped cleanup for local resources. Every owner is initialised where it is declared: pointers
 * with NULL, descriptors with -EBADF. Effects on the host are not undone here but by operations.
 */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))

/* Closes `fd` when it is one, keeps errno, returns -EBADF to assign back. */
static inline int fd_close(int fd)
{
	int saved = errno;

	if (fd >= 0)
		(void)close(fd);
	errno = saved;
	return -EBADF;
}

static inline void fd_closep(int *fd)
{
	*fd = fd_close(*fd);
}

static inline void freep(void *p)
{
	void **owner = (void **)p;

	free(*owner);
	*owner = NULL;
}

static inline void file_closep(FILE **f)
{
	if (*f)
		(void)fclose(*f);
	*f = NULL;
}

static inline void dir_closep(DIR **d)
{
	if (*d)
		(void)closedir(*d);
	*d = NULL;
}

#define _cleanup_fd_ _cleanup_(fd_closep)
#define _cleanup_free_ _cleanup_(freep)
#define _cleanup_file_ _cleanup_(file_closep)
#define _cleanup_dir_ _cleanup_(dir_closep)

/* Takes the value out of an owner, which then owns nothing: `return TAKE_FD(fd);` */
#define TAKE_FD(fd)                \
	__extension__({            \
		int *_fd = &(fd);  \
		int _taken = *_fd; \
		*_fd = -EBADF;     \
		_taken;            \
	})

#define TAKE_PTR(ptr)                           \
	__extension__({                         \
		__typeof__(ptr) *_ptr = &(ptr); \
		__typeof__(ptr) _taken = *_ptr; \
		*_ptr = NULL;                   \
		_taken;                         \
	})
