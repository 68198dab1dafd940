/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image.h"

#include "base/cleanup.h"
#include "storage/image_make.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int open_source(const struct image_request *r, struct stat *ret_st, int *ret_fd,
		       struct err *e)
{
	_cleanup_fd_ int fd = strcmp(r->source, "-") == 0
				      ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
				      : open(r->source, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || fstat(fd, ret_st) < 0)
		return err_set(e, ERR_INPUT, -errno, "%s: %s", r->source, strerror(errno));
	if (isatty(fd))
		return err_set(e, ERR_INPUT, -EINVAL,
			       "%s is a terminal: an image comes from an archive or a directory",
			       r->source);
	if (!S_ISDIR(ret_st->st_mode) && !S_ISREG(ret_st->st_mode) && !S_ISFIFO(ret_st->st_mode) &&
	    !S_ISSOCK(ret_st->st_mode))
		return err_set(e, ERR_INPUT, -EINVAL, "%s is neither an archive nor a directory",
			       r->source);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* A directory that holds the images would be copied into itself. */
static int check_not_above(const struct image_making *m, const struct stat *source, struct err *e)
{
	_cleanup_fd_ int fd = fcntl(m->staging.directory, F_DUPFD_CLOEXEC, 3);
	struct stat st, last = {.st_ino = 0};

	while (fd >= 0 && fstat(fd, &st) == 0) {
		int parent;

		if (st.st_dev == source->st_dev && st.st_ino == source->st_ino)
			return err_set(
				e, ERR_INPUT, -EINVAL,
				"directory %s holds the images themselves (%s/images): import "
				"from an archive that leaves them out",
				m->request->source, m->settings->root);
		if (st.st_dev == last.st_dev && st.st_ino == last.st_ino)
			return 0;
		last = st;
		parent = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)fd_close(fd);
		fd = parent;
	}
	return err_sys(e, -errno, "directories above %s/images", m->settings->root);
}

static int unpack(struct image_making *m, const struct unpacker_request *request, uint64_t total,
		  struct err *e)
{
	_cleanup_unpacker_ struct unpacker u = UNPACKER_INIT;
	int r = unpacker_start(&u, request, e);

	if (r < 0)
		return r;
	while ((r = unpacker_read(&u, e)) == 1)
		image_tell(m->request, "import", total > 0 ? u.last.input_bytes : u.last.file_bytes,
			   total);
	m->totals = u.last;
	return r < 0 ? err_wrap(e, "%s", m->request->source) : 0;
}

int image_import(const struct settings *s, const struct image_request *r, struct err *e)
{
	_cleanup_making_ struct image_making m = IMAGE_MAKING_INIT;
	_cleanup_fd_ int input = -EBADF;
	struct stat st;
	int code = open_source(r, &st, &input, e);

	if (code == 0)
		code = image_make_begin(&m, s, r, e);
	if (code == 0 && S_ISDIR(st.st_mode))
		code = check_not_above(&m, &st, e);
	if (code < 0)
		return code;

	const struct unpacker_request request = {
		.input = input,
		.directory = S_ISDIR(st.st_mode),
		.rootfs = m.staging.rootfs,
		.bytes_max = r->bytes_max,
	};

	code = unpack(&m, &request, S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0, e);
	return code < 0 ? code : image_make_finish(&m, e);
}
