/* SPDX-License-Identifier: Apache-2.0 */
#include "governor/accounts.h"

#include "base/cleanup.h"
#include "governor/governor.h"
#include "model/paths.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define MAP_BYTES (ACCOUNTS_MAX * sizeof(struct account))
#define KEPT_PERMILLE 950u
#define BUCKET_PERMILLE 50u

int accounts_open(const struct settings *s, struct accounts *ret, struct err *e)
{
	_cleanup_fd_ int fd = -EBADF;
	char path[PATHS_MAX];
	struct stat st;
	void *p;

	(void)paths_run(s, "accounts", path);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, -errno, "cannot open %s", path);
	/* The whole room is mapped, but only what the file has is ever touched. */
	p = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(e, -errno, "cannot map %s", path);
	ret->records = p;
	ret->count = (size_t)st.st_size / sizeof(struct account);
	if (ret->count > ACCOUNTS_MAX)
		ret->count = ACCOUNTS_MAX;
	ret->file = TAKE_FD(fd);
	return 0;
}

void accounts_close(struct accounts *a)
{
	if (a->records)
		(void)munmap(a->records, MAP_BYTES);
	a->file = fd_close(a->file);
	a->records = NULL;
}

static struct account *account_append(struct accounts *a)
{
	if (a->count == ACCOUNTS_MAX ||
	    ftruncate(a->file, (off_t)((a->count + 1) * sizeof(struct account))) < 0)
		return NULL;
	return &a->records[a->count++];
}

struct account *accounts_get(struct accounts *a, const char *name)
{
	struct account *unused = NULL;

	for (size_t i = 0; i < a->count; i++) {
		struct account *record = &a->records[i];

		if (strncmp(record->name, name, sizeof(record->name)) == 0)
			return record;
		if (record->name[0] == '\0' && !unused)
			unused = record;
	}
	if (!unused)
		unused = account_append(a);
	if (!unused)
		return NULL;
	*unused = (struct account){.worst_permille = 1000};
	(void)strncpy(unused->name, name, NAME_LENGTH_MAX);
	return unused;
}

void accounts_keep(struct accounts *a, bool (*is_kept)(const char *name, void *data), void *data)
{
	for (size_t i = 0; i < a->count; i++) {
		struct account *record = &a->records[i];

		record->name[NAME_LENGTH_MAX] = '\0';
		if (record->name[0] != '\0' && !is_kept(record->name, data))
			*record = (struct account){.periods = 0};
	}
}

void account_add(struct account *record, uint64_t target_milli, uint64_t delivered_milli)
{
	uint64_t permille;

	if (target_milli == 0)
		return;
	permille = delivered_milli >= target_milli ? 1000 : delivered_milli * 1000 / target_milli;
	record->periods++;
	record->kept += permille >= KEPT_PERMILLE;
	if (permille < record->worst_permille)
		record->worst_permille = permille;
	record->histogram[permille / BUCKET_PERMILLE]++;
}

int accounts_read(const struct settings *s, const char *name, struct account *ret, struct err *e)
{
	_cleanup_fd_ int fd = -EBADF;
	struct account record;
	char path[PATHS_MAX];

	(void)paths_run(s, "accounts", path);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, -errno, "cannot open %s", path);
	for (size_t i = 0; i < ACCOUNTS_MAX; i++) {
		ssize_t n = pread(fd, &record, sizeof(record), (off_t)(i * sizeof(record)));

		if (n != (ssize_t)sizeof(record))
			break;
		record.name[NAME_LENGTH_MAX] = '\0';
		if (strcmp(record.name, name) == 0) {
			*ret = record;
			return 0;
		}
	}
	return err_set(e, ERR_HOST, -ENOENT, "there is no account of machine %s yet", name);
}
