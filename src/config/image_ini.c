/* SPDX-License-Identifier: Apache-2.0 */
#include "config/image_ini.h"

#include "config/keys.h"
#include "config/values.h"

#define KEY(name_) .section = "image", .name = (name_), .full = "image." name_
#define FIELD(member) .offset = offsetof(struct image, member)

static const struct config_key keys[] = {
	{
		KEY("source"),
		FIELD(source),
		.type = &config_text,
		.check = config_check_line,
		.fallback = "",
		.valid = "where the image came from",
	},
	{
		KEY("created"),
		FIELD(created_usec),
		.type = &config_time,
		.fallback = "1970-01-01T00:00:00Z",
		.valid = "a moment as 2026-11-21T00:05:40.123456Z",
	},
	{
		KEY("size"),
		FIELD(size_bytes),
		.type = &config_quantity,
		.unit = UNIT_BYTES,
		.max = UINT64_C(1) << 60,
		.fallback = "0",
		.valid = "bytes: 512M, 1.5G",
	},
	{
		KEY("init"),
		FIELD(init),
		.type = &config_choice,
		.choices = config_init_choices,
		.fallback = "auto",
		.valid = "auto, command, systemd, sysv",
	},
	{
		KEY("command"),
		FIELD(command),
		.type = &config_command,
		.fallback = "",
		.valid = "a program and its arguments, split at blanks; quotes group",
	},
	{
		KEY("argument"),
		FIELD(command),
		.type = &config_argument,
		.is_list = true,
		.fallback = "",
		.valid = "one argument",
	},
	{
		KEY("user"),
		FIELD(user),
		.type = &config_text,
		.check = config_check_user,
		.fallback = "",
		.valid = "USER or USER:GROUP",
	},
	{
		KEY("directory"),
		FIELD(cwd),
		.type = &config_text,
		.check = config_check_directory,
		.fallback = "",
		.valid = "an absolute path",
	},
	{
		KEY("environment"),
		FIELD(env),
		.type = &config_environment,
		.is_list = true,
		.fallback = "",
		.valid = "KEY=VALUE, one variable per line",
	},
};

static const struct config_table table = {
	.keys = keys,
	.count = sizeof(keys) / sizeof(*keys),
};

int image_ini_parse(const char *file, const char *text, size_t bytes, struct arena *a,
		    struct image *ret_image, struct err *e)
{
	const struct config_source source = {.file = file, .text = text, .bytes = bytes};
	struct image image = {.name = NULL};
	int r;

	config_table_set_defaults(&table, &image, a);
	r = config_table_parse(&table, &source, &image, a, e);
	if (r < 0)
		return r;
	*ret_image = image;
	return 0;
}

void image_ini_print(const struct image *image, struct strbuf *out)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct image defaults = {.name = NULL};

	config_table_set_defaults(&table, &defaults, &a);
	config_table_print(&table, image, &defaults, out);
}
