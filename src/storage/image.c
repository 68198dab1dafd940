/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "config/machine_ini.h"
#include "model/name.h"
#include "model/paths.h"
#include "storage/image_make.h"

#include <fcntl.h>
#include <string.h>

#define IMAGE_INI_MAX_BYTES 65536

static int foreach_name(const char *path, int (*each)(const char *name, void *data), void *data,
			struct err *e)
{
	_cleanup_dir_ DIR *dir = opendir(path);
	const struct dirent *d;

	if (!dir)
		return errno == ENOENT ? 0 : err_sys(e, -errno, "%s", path);
	for (;;) {
		int r;

		errno = 0;
		d = readdir(dir);
		if (!d)
			return errno ? err_sys(e, -errno, "%s", path) : 0;
		/* Names that begin with a dot are images in the making. */
		if (!name_is_valid(d->d_name))
			continue;
		r = each(d->d_name, data);
		if (r != 0)
			return r;
	}
}

int image_foreach(const struct settings *s, int (*each)(const char *name, void *data), void *data,
		  struct err *e)
{
	char path[PATHS_MAX];

	return foreach_name(paths_root(s, "images", path), each, data, e);
}

static int append_name(const char *name, void *data)
{
	struct strbuf *names = data;

	/* A message has room for a few. */
	if (names->length < 400)
		strbuf_printf(names, "%s%s", names->length > 0 ? ", " : "", name);
	return 0;
}

static int no_such_image(const struct settings *s, const char *name, struct err *e)
{
	_cleanup_strbuf_ struct strbuf names = STRBUF_INIT;

	(void)image_foreach(s, append_name, &names, NULL);
	return err_set(e, ERR_INPUT, -ENOENT, "no image %s: %s%s", name,
		       names.length > 0 ? "there are "
					: "there are none; make one with 'bulkhead image build'",
		       strbuf_text(&names));
}

int image_load(const struct settings *s, const char *name, struct arena *a, struct image *ret,
	       struct err *e)
{
	char path[PATHS_MAX];
	_cleanup_free_ char *text = NULL;
	struct image image;
	size_t bytes;
	int r = name_check("image", name, e);

	if (r < 0)
		return r;
	r = io_read_file(AT_FDCWD, paths_image(s, name, "image.ini", path), IMAGE_INI_MAX_BYTES,
			 &text, &bytes, e);
	if (r == -ENOENT)
		return no_such_image(s, name, e);
	if (r == 0)
		r = image_ini_parse(path, text, bytes, a, &image, e);
	if (r < 0)
		return r;
	image.name = arena_strdup(a, name);
	*ret = image;
	return 0;
}

struct user_search {
	const struct settings *settings;
	const char *image;
	struct err *e;
};

static int is_used_by(const char *machine, void *data)
{
	const struct user_search *search = data;
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_free_ char *text = NULL;
	char path[PATHS_MAX];
	struct spec spec;
	size_t bytes;
	int r = io_read_file(AT_FDCWD,
			     paths_machine(search->settings, machine, "machine.ini", path),
			     MACHINE_INI_MAX_BYTES, &text, &bytes, search->e);

	/* Being created or deleted: no definition, so no machine. */
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = machine_ini_parse(path, text, bytes, &a, &spec, search->e);
	if (r < 0)
		return err_wrap(search->e, "image %s may be used by machine %s", search->image,
				machine);
	if (!spec.image || strcmp(spec.image, search->image) != 0)
		return 0;
	return err_set(search->e, ERR_INPUT, -EBUSY,
		       "image %s is used by machine %s; 'bulkhead delete %s' first", search->image,
		       machine, machine);
}

int image_check_unused(const struct settings *s, const char *name, struct err *e)
{
	struct user_search search = {.settings = s, .image = name, .e = e};
	char path[PATHS_MAX];

	return foreach_name(paths_root(s, "machines", path), is_used_by, &search, e);
}

int image_delete(const struct settings *s, const char *name, struct err *e)
{
	char path[PATHS_MAX];
	int r = name_check("image", name, e);

	if (r < 0)
		return r;
	if (access(paths_image(s, name, NULL, path), F_OK) < 0 && errno == ENOENT)
		return no_such_image(s, name, e);
	r = image_check_unused(s, name, e);
	return r < 0 ? r : staging_remove_image(s, name, e);
}
