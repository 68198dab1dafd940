/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack/writer.h"

#include "base/cleanup.h"
#include "storage/unpack/attributes.h"
#include "storage/unpack/beneath.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

struct writer_directory {
	char *path;
	struct timespec times[2];
};

/* One entry on its way: where it goes, and what it brings. */
struct item {
	struct writer *writer;
	struct archive *source;
	struct archive_entry *entry;
	const char *path;
	const char *leaf;
	int parent;
};

static int refuse(const char *path, int code, struct err *e, const char *why)
{
	char shown[ENTRY_SHOWN_MAX];

	return err_set(e, ERR_INPUT, code, "entry %s %s", entry_name_show(path, shown), why);
}

static int fail(const struct item *it, int code, struct err *e)
{
	char shown[ENTRY_SHOWN_MAX];

	/* Our own limit, counted or by RLIMIT_FSIZE. */
	if (code == -EFBIG)
		return refuse(it->path, code, e, "makes the image larger than its limit");
	return err_sys(e, code, "entry %s", entry_name_show(it->path, shown));
}

void writer_init(struct writer *w, int root, uint64_t bytes_max)
{
	*w = (struct writer){.root = root, .bytes_max = bytes_max, .parent = -EBADF};
}

void writer_done(struct writer *w)
{
	for (size_t i = 0; i < w->directory_count; i++)
		free(w->directories[i].path);
	free(w->directories);
	w->directories = NULL;
	w->directory_count = 0;
	w->parent = fd_close(w->parent);
}

static int remember_directory(struct writer *w, const char *path, const struct timespec times[2])
{
	struct writer_directory *d;

	if (w->directory_count == w->directory_capacity) {
		size_t capacity = w->directory_capacity ? 2 * w->directory_capacity : 256;

		d = reallocarray(w->directories, capacity, sizeof(*d));
		if (!d)
			return -ENOMEM;
		w->directories = d;
		w->directory_capacity = capacity;
	}
	d = &w->directories[w->directory_count];
	d->path = strdup(path);
	if (!d->path)
		return -ENOMEM;
	memcpy(d->times, times, sizeof(d->times));
	w->directory_count++;
	return 0;
}

/* Splits `path`; *ret_parent is borrowed from the writer's cache. */
static int find_parent(struct writer *w, const char *path, const char **ret_leaf, int *ret_parent)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	int fd;

	*ret_leaf = slash ? slash + 1 : path;
	if (w->parent >= 0 && strlen(w->parent_path) == length &&
	    memcmp(w->parent_path, path, length) == 0) {
		*ret_parent = w->parent;
		return 0;
	}
	w->parent = fd_close(w->parent);
	memcpy(w->parent_path, path, length);
	w->parent_path[length] = '\0';
	fd = beneath_make_directory(w->root, w->parent_path);
	if (fd < 0)
		return fd;
	*ret_parent = w->parent = fd;
	return 0;
}

static int remove_old(const struct item *it, struct err *e)
{
	if (unlinkat(it->parent, it->leaf, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EISDIR)
		return refuse(it->path, -EISDIR, e,
			      "would replace a directory of the same archive");
	return fail(it, -errno, e);
}

static void entry_times(struct archive_entry *entry, struct timespec ret[static 2])
{
	ret[1].tv_sec = archive_entry_mtime(entry);
	ret[1].tv_nsec = archive_entry_mtime_nsec(entry);
	if (!archive_entry_mtime_is_set(entry) || ret[1].tv_nsec < 0 || ret[1].tv_nsec > 999999999)
		ret[1] = (struct timespec){.tv_nsec = UTIME_OMIT};
	ret[0] = ret[1];
}

/* chown(2) takes setuid bits and file capabilities away, so it comes first. */
static int set_metadata(const struct item *it, int fd, struct err *e)
{
	uid_t uid = (uid_t)archive_entry_uid(it->entry);
	gid_t gid = (gid_t)archive_entry_gid(it->entry);

	if (fchown(fd, uid, gid) < 0 || fchmod(fd, archive_entry_perm(it->entry) & 07777) < 0)
		return fail(it, -errno, e);
	return attributes_set(fd, it->entry, it->path, &it->writer->totals, e);
}

static int write_block(struct item *it, int fd, const void *data, size_t bytes, off_t offset)
{
	const char *at = data;

	if (bytes > it->writer->bytes_max - it->writer->written_bytes)
		return -EFBIG;
	it->writer->written_bytes += bytes;
	while (bytes > 0) {
		ssize_t n = pwrite(fd, at, bytes, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		offset += n;
		bytes -= (size_t)n;
	}
	return 0;
}

/* Blocks come with their offsets: holes stay holes. */
static int write_data(struct item *it, int fd, struct err *e)
{
	off_t end = 0,
	      size = archive_entry_size_is_set(it->entry) ? archive_entry_size(it->entry) : 0;
	const void *data;
	size_t bytes;
	la_int64_t offset;
	int r;

	while ((r = archive_read_data_block(it->source, &data, &bytes, &offset)) != ARCHIVE_EOF) {
		if (r < ARCHIVE_WARN)
			return refuse(it->path, -EBADMSG, e, archive_error_string(it->source));
		if (offset < 0)
			return refuse(it->path, -EBADMSG, e, "has data at a negative offset");
		r = write_block(it, fd, data, bytes, offset);
		if (r < 0)
			return fail(it, r, e);
		/* A hole at the end comes as an empty block behind it. */
		if (bytes > 0)
			end = offset + (off_t)bytes;
	}
	if (end > size)
		size = end;
	if (size > end && ftruncate(fd, size) < 0)
		return fail(it, -errno, e);
	it->writer->totals.file_bytes += (uint64_t)size;
	return 0;
}

static int make_file(struct item *it, struct err *e)
{
	_cleanup_fd_ int fd = -EBADF;
	struct timespec times[2];
	int r = remove_old(it, e);

	if (r < 0)
		return r;
	fd = openat(it->parent, it->leaf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return fail(it, -errno, e);
	r = write_data(it, fd, e);
	if (r == 0)
		r = set_metadata(it, fd, e);
	if (r < 0)
		return r;
	entry_times(it->entry, times);
	return futimens(fd, times) < 0 ? fail(it, -errno, e) : 0;
}

static int make_directory(struct item *it, struct err *e)
{
	_cleanup_fd_ int fd = -EBADF;
	struct timespec times[2];
	int r;

	if (*it->leaf != '\0' && mkdirat(it->parent, it->leaf, 0700) < 0 && errno != EEXIST)
		return fail(it, -errno, e);
	fd = openat(it->parent, *it->leaf != '\0' ? it->leaf : ".",
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return refuse(it->path, -ENOTDIR, e,
			      "is a directory where the archive has something else already");
	if (fd < 0)
		return fail(it, -errno, e);
	r = set_metadata(it, fd, e);
	if (r < 0)
		return r;
	entry_times(it->entry, times);
	r = remember_directory(it->writer, it->path, times);
	return r < 0 ? fail(it, r, e) : 0;
}

/* What has no descriptor to work on: links and fifos. Nothing follows a link here. */
static int set_owner_and_times(struct item *it, struct err *e)
{
	struct timespec times[2];

	entry_times(it->entry, times);
	if (fchownat(it->parent, it->leaf, (uid_t)archive_entry_uid(it->entry),
		     (gid_t)archive_entry_gid(it->entry), AT_SYMLINK_NOFOLLOW) < 0 ||
	    utimensat(it->parent, it->leaf, times, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(it, -errno, e);
	return 0;
}

static int make_symlink(struct item *it, struct err *e)
{
	const char *target = archive_entry_symlink(it->entry);
	int r = remove_old(it, e);

	if (r < 0)
		return r;
	if (!target || *target == '\0' || strlen(target) >= ENTRY_PATH_MAX)
		return refuse(it->path, -EINVAL, e, "is a link without a valid target");
	if (symlinkat(target, it->parent, it->leaf) < 0)
		return fail(it, -errno, e);
	return set_owner_and_times(it, e);
}

static int make_fifo(struct item *it, struct err *e)
{
	int r = remove_old(it, e);

	if (r < 0)
		return r;
	if (mkfifoat(it->parent, it->leaf, archive_entry_perm(it->entry) & 0777) < 0)
		return fail(it, -errno, e);
	return set_owner_and_times(it, e);
}

static int make_hard_link(struct item *it, const char *target, struct err *e)
{
	char path[ENTRY_PATH_MAX];
	_cleanup_fd_ int directory = -EBADF;
	const char *reason, *leaf;
	int r;

	if (entry_name_clean(target, path, &reason) < 0 || path[0] == '\0')
		return refuse(it->path, -EINVAL, e,
			      "is a hard link to something outside of the image");
	directory = beneath_open_parent(it->writer->root, path, &leaf);
	if (directory < 0)
		return refuse(it->path, directory, e,
			      "is a hard link to what the archive does not have");
	/* An entry that is its own target: the file is there already, and must not be removed. */
	if (strcmp(path, it->path) == 0)
		return 0;
	r = remove_old(it, e);
	if (r < 0)
		return r;
	if (linkat(directory, leaf, it->parent, it->leaf, 0) < 0)
		return errno == ENOENT ? refuse(it->path, -ENOENT, e,
						"is a hard link to what the archive does not have")
				       : fail(it, -errno, e);
	return 0;
}

static const struct {
	mode_t type;
	int (*make)(struct item *it, struct err *e);
} makers[] = {
	{AE_IFREG, make_file},
	{AE_IFDIR, make_directory},
	{AE_IFLNK, make_symlink},
	{AE_IFIFO, make_fifo},
};

static int check_entry(const struct writer *w, struct archive_entry *entry, const char *path,
		       struct err *e)
{
	if (w->totals.entries > UNPACK_ENTRIES_MAX)
		return err_set(e, ERR_INPUT, -E2BIG, "archive has more than %u entries",
			       UNPACK_ENTRIES_MAX);
	if (archive_entry_uid(entry) < 0 || archive_entry_uid(entry) > UNPACK_ID_MAX ||
	    archive_entry_gid(entry) < 0 || archive_entry_gid(entry) > UNPACK_ID_MAX)
		return refuse(path, -ERANGE, e,
			      "has an owner outside of 0 to 65535, which is what a machine has; "
			      "change it before the import");
	return 0;
}

int writer_add(struct writer *w, struct archive *source, struct archive_entry *entry, struct err *e)
{
	char path[ENTRY_PATH_MAX];
	struct item it = {.writer = w, .source = source, .entry = entry, .path = path};
	const char *reason, *link = archive_entry_hardlink(entry);
	int r;

	w->totals.entries++;
	if (entry_name_clean(archive_entry_pathname(entry), path, &reason) < 0)
		return refuse(archive_entry_pathname(entry), -EINVAL, e, reason);
	r = check_entry(w, entry, path, e);
	if (r < 0)
		return r;
	if (path[0] == '\0' && (link || archive_entry_filetype(entry) != AE_IFDIR))
		return refuse("/", -EINVAL, e, "is not a directory");
	r = find_parent(w, path, &it.leaf, &it.parent);
	if (r == -ELOOP || r == -ENOTDIR)
		return refuse(path, r, e, "goes through a link or a file of the same archive");
	if (r < 0)
		return fail(&it, r, e);
	if (link)
		return make_hard_link(&it, link, e);
	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		if (makers[i].type == archive_entry_filetype(entry))
			return makers[i].make(&it, e);
	}
	w->totals.skipped_devices++;
	return 0;
}

int writer_finish(struct writer *w, struct err *e)
{
	for (size_t i = w->directory_count; i > 0; i--) {
		const struct writer_directory *d = &w->directories[i - 1];
		char shown[ENTRY_SHOWN_MAX];

		if (utimensat(w->root, d->path[0] ? d->path : ".", d->times, AT_SYMLINK_NOFOLLOW) <
		    0)
			return err_sys(e, -errno, "time of %s", entry_name_show(d->path, shown));
	}
	return 0;
}
