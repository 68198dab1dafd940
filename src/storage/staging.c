/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/staging.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "model/paths.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

static int open_images(const struct settings *s, int *ret_fd, struct err *e)
{
	char path[PATHS_MAX];
	int fd = open(paths_root(s, "images", path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, -errno, "%s", path);
	*ret_fd = fd;
	return 0;
}

static int open_locked(int images, const char *name, int *ret_fd)
{
	_cleanup_fd_ int fd = openat(images, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Best effort: what cannot be removed now is found again by the next call. */
static void collect(int images)
{
	_cleanup_dir_ DIR *dir = NULL;
	_cleanup_fd_ int own = openat(images, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *d;

	dir = own < 0 ? NULL : fdopendir(own);
	if (!dir)
		return;
	own = -EBADF;
	while ((d = readdir(dir)) != NULL) {
		_cleanup_fd_ int lock = -EBADF;

		if (d->d_name[0] != '.' || strcmp(d->d_name, ".") == 0 ||
		    strcmp(d->d_name, "..") == 0)
			continue;
		if (open_locked(images, d->d_name, &lock) == 0)
			(void)io_remove_tree(images, d->d_name, NULL);
	}
}

static int random_name(const char *image, char ret[static STAGING_NAME_MAX])
{
	uint32_t number;
	int n;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return -EIO;
	n = snprintf(ret, STAGING_NAME_MAX, ".%s.%08" PRIx32, image, number);
	return n > 0 && n < STAGING_NAME_MAX ? 0 : -ENAMETOOLONG;
}

/* Between mkdir(2) and flock(2) a collector may take it for a dead one's: then another is made. */
static int make_locked(int images, const char *image, char ret_name[static STAGING_NAME_MAX],
		       int *ret_fd)
{
	for (int attempt = 0; attempt < 16; attempt++) {
		_cleanup_fd_ int fd = -EBADF;
		struct stat st;
		int r = random_name(image, ret_name);

		if (r < 0)
			return r;
		if (mkdirat(images, ret_name, 0700) < 0) {
			if (errno == EEXIST)
				continue;
			return -errno;
		}
		if (open_locked(images, ret_name, &fd) < 0 || fstat(fd, &st) < 0 ||
		    st.st_nlink == 0)
			continue;
		*ret_fd = TAKE_FD(fd);
		return 0;
	}
	return -EAGAIN;
}

int staging_open(const struct settings *s, const char *image, struct staging *ret, struct err *e)
{
	_cleanup_staging_ struct staging st = STAGING_INIT;
	char name[STAGING_NAME_MAX];
	int r = open_images(s, &st.images, e);

	if (r < 0)
		return r;
	collect(st.images);
	r = make_locked(st.images, image, name, &st.directory);
	if (r < 0)
		return err_sys(e, r, "directory for image %s in %s/images", image, s->root);
	memcpy(st.name, name, sizeof(name));
	if (mkdirat(st.directory, "rootfs", 0700) == 0)
		st.rootfs = openat(st.directory, "rootfs", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (st.rootfs < 0 || fchmod(st.rootfs, 0755) < 0)
		return err_sys(e, -errno, "directory for image %s in %s/images", image, s->root);
	*ret = st;
	st = STAGING_INIT;
	return 0;
}

int staging_commit(struct staging *st, const char *image, bool replace, struct err *e)
{
	unsigned int flags = replace ? RENAME_EXCHANGE : RENAME_NOREPLACE;

	/* What the name stands for must be on the disk before the name is. */
	if (syncfs(st->directory) < 0)
		return err_sys(e, -errno, "writing image %s to the disk", image);
	if (renameat2(st->images, st->name, st->images, image, flags) < 0) {
		/* Nothing to exchange with: a new image after all. */
		if (!replace || errno != ENOENT ||
		    renameat2(st->images, st->name, st->images, image, RENAME_NOREPLACE) < 0)
			return errno == EEXIST ? err_set(e, ERR_INPUT, -EEXIST,
							 "image %s exists already", image)
					       : err_sys(e, -errno, "image %s", image);
		replace = false;
	}
	if (replace)
		(void)io_remove_tree(st->images, st->name, NULL);
	st->name[0] = '\0';
	return fsync(st->images) < 0 ? err_sys(e, -errno, "directory of images") : 0;
}

int staging_remove_image(const struct settings *s, const char *image, struct err *e)
{
	_cleanup_staging_ struct staging st = STAGING_INIT;
	char name[STAGING_NAME_MAX];
	int r = open_images(s, &st.images, e);

	if (r < 0)
		return r;
	collect(st.images);
	r = random_name(image, name);
	if (r == 0)
		r = open_locked(st.images, image, &st.directory);
	if (r == 0 && renameat2(st.images, image, st.images, name, RENAME_NOREPLACE) < 0)
		r = -errno;
	if (r < 0)
		return err_sys(e, r, "image %s", image);
	return io_remove_tree(st.images, name, e);
}

void staging_done(struct staging *st)
{
	if (st->name[0] != '\0')
		(void)io_remove_tree(st->images, st->name, NULL);
	st->rootfs = fd_close(st->rootfs);
	st->directory = fd_close(st->directory);
	st->images = fd_close(st->images);
	st->name[0] = '\0';
}
