/* SPDX-License-Identifier: Apache-2.0 */
#include "resource/cgroup_protection.h"

#include "base/cleanup.h"
#include "resource/cgroup_file.h"
#include "resource/cgroup_systemd.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>

static uint64_t protection_of(int at, const char *name)
{
	char file[NAME_MAX + 16], text[32];
	uint64_t bytes = 0;

	(void)snprintf(file, sizeof(file), "%s/memory.min", name);
	if (cgroup_file_read(at, file, text, sizeof(text)) < 0 ||
	    !cgroup_text_number(text, NULL, &bytes))
		return 0;
	return bytes;
}

static int sum_children(int at, uint64_t *ret_bytes)
{
	_cleanup_dir_ DIR *d = NULL;
	const struct dirent *entry;
	uint64_t sum = 0;
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	d = fdopendir(fd);
	if (!d) {
		(void)fd_close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(d))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (__builtin_add_overflow(sum, protection_of(at, entry->d_name), &sum))
			sum = UINT64_MAX;
	}
	*ret_bytes = sum;
	return 0;
}

/* Under a lock of the level, so that two changes at once do not write an old sum. */
static int sum_level(const struct host *host, const char *level)
{
	_cleanup_fd_ int at = cgroup_directory_open(host, CGROUP_MEMORY, level);
	char text[32];
	uint64_t sum = 0;
	int r;

	if (at < 0)
		return at;
	while (flock(at, LOCK_EX) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	r = sum_children(at, &sum);
	if (r < 0)
		return r;
	if (sum == UINT64_MAX)
		(void)snprintf(text, sizeof(text), "max");
	else
		(void)snprintf(text, sizeof(text), "%" PRIu64, sum);
	r = cgroup_file_write(at, "memory.min", text);
	return r < 0 ? r : cgroup_systemd_tell(host, level, "memory.min", text, NULL);
}

static bool has_protection(const struct host *host, const char *level)
{
	_cleanup_fd_ int at = cgroup_directory_open(host, CGROUP_MEMORY, level);

	return at >= 0 && protection_of(at, ".") > 0;
}

static int sum_levels(const struct host *host, const char *path, bool only_lower)
{
	char level[HOST_PATH_MAX];
	char *slash;

	if (cgroup_version_of(host, CGROUP_MEMORY) != CGROUP_V2)
		return 0;
	(void)snprintf(level, sizeof(level), "%s", path);
	while ((slash = strrchr(level, '/'))) {
		int r;

		*slash = '\0';
		if (only_lower && !has_protection(host, level))
			continue;
		r = sum_level(host, level);
		/* Gone with its last machine, or never given the controller. */
		if (r < 0 && r != -ENOENT && r != -ENODEV)
			return r;
	}
	return 0;
}

int cgroup_protection_sum(const struct host *host, const char *path)
{
	return sum_levels(host, path, false);
}

int cgroup_protection_lower(const struct host *host, const char *path)
{
	return sum_levels(host, path, true);
}
