/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image_make.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "model/name.h"
#include "model/paths.h"
#include "storage/rootfs.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

void image_tell(const struct image_request *r, const char *what, uint64_t done, uint64_t total)
{
	if (r->progress)
		r->progress(what, done, total, r->progress_data);
}

static size_t length_without_suffix(const char *base)
{
	static const char *const suffixes[] = {".gz",  ".bz2", ".xz",  ".lzma", ".zst",
					       ".lz4", ".tgz", ".txz", ".tar",	NULL};
	size_t length = strlen(base);

	/* In this order "x.tar.gz" loses both. */
	for (size_t i = 0; suffixes[i]; i++) {
		size_t n = strlen(suffixes[i]);

		if (length > n && strncmp(base + length - n, suffixes[i], n) == 0)
			length -= n;
	}
	return length;
}

const char *image_name_from_source(struct arena *a, const char *source)
{
	size_t end = strlen(source), start, used = 0;
	char *name;

	while (end > 0 && source[end - 1] == '/')
		end--;
	for (start = end; start > 0 && source[start - 1] != '/'; start--)
		;
	name = arena_strndup(a, source + start, end - start);
	name[length_without_suffix(name)] = '\0';
	for (const char *c = name; *c != '\0' && used < NAME_LENGTH_MAX; c++) {
		bool good = isascii(*c) && isalnum((unsigned char)*c);

		if (good)
			name[used++] = (char)tolower((unsigned char)*c);
		else if (used > 0 && name[used - 1] != '-')
			name[used++] = '-';
	}
	while (used > 0 && name[used - 1] == '-')
		used--;
	name[used] = '\0';
	return used > 0 ? name : NULL;
}

static int check_free(const struct image_making *m, struct err *e)
{
	char path[PATHS_MAX];

	if (access(paths_image(m->settings, m->name, NULL, path), F_OK) < 0)
		return errno == ENOENT ? 0 : err_sys(e, -errno, "%s", path);
	if (!m->request->replace)
		return err_set(
			e, ERR_INPUT, -EEXIST,
			"image %s exists already: choose another with --name, replace it with "
			"--replace, or 'bulkhead image delete %s'",
			m->name, m->name);
	return image_check_unused(m->settings, m->name, e);
}

int image_make_begin(struct image_making *m, const struct settings *s,
		     const struct image_request *r, struct err *e)
{
	int code;

	m->settings = s;
	m->request = r;
	m->name = r->name ? r->name : image_name_from_source(&m->arena, r->source);
	if (!m->name)
		return err_set(e, ERR_INPUT, -EINVAL, "an image from %s needs a name: --name NAME",
			       strcmp(r->source, "-") == 0 ? "standard input" : r->source);
	code = name_check("image", m->name, e);
	if (code == 0)
		code = paths_make(s, e);
	if (code == 0)
		code = check_free(m, e);
	return code < 0 ? code : staging_open(s, m->name, &m->staging, e);
}

static uint64_t now_usec(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int write_description(struct image_making *m, const struct rootfs_facts *facts,
			     struct err *e)
{
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	const char *const command[] = {facts->command, NULL};
	const struct image image = {
		.name = m->name,
		.command = command,
		.env = (const char *const[]){NULL},
		.init = facts->init,
		.source = m->request->source,
		.created_usec = now_usec(),
		.size_bytes = m->totals.file_bytes,
	};

	image_ini_print(&image, &text);
	return io_replace_file(m->staging.directory, "image.ini", 0644, IO_VOLATILE,
			       strbuf_text(&text), text.length, e);
}

int image_make_finish(struct image_making *m, struct err *e)
{
	struct rootfs_facts facts;
	int r = rootfs_look(m->staging.rootfs, &facts, e);

	if (r < 0)
		return err_wrap(e, "%s", m->request->source);
	r = write_description(m, &facts, e);
	if (r < 0)
		return r;
	image_tell(m->request, "writing to the disk", m->totals.file_bytes, m->totals.file_bytes);
	/* A machine may have been created on the old image meanwhile. */
	if (m->request->replace)
		r = image_check_unused(m->settings, m->name, e);
	return r < 0 ? r : staging_commit(&m->staging, m->name, m->request->replace, e);
}

void image_make_done(struct image_making *m)
{
	staging_done(&m->staging);
	arena_done(&m->arena);
}
