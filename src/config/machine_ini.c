/* SPDX-License-Identifier: Apache-2.0 */
#include "config/machine_ini.h"

#include "config/ini_text.h"
#include "config/keys.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

static_assert(MACHINE_INI_MAX_BYTES == INI_TEXT_MAX_BYTES, "what is printed can be read");

void spec_set_defaults(struct spec *spec, struct arena *a)
{
	*spec = (struct spec){.name = "", .image = "", .stdio = SPEC_STDIO_CONSOLE};
	config_table_set_defaults(&config_machine_keys, spec, a);
}

int machine_ini_parse(const char *file, const char *text, size_t bytes, struct arena *a,
		      struct spec *ret_spec, struct err *e)
{
	const struct config_source source = {.file = file, .text = text, .bytes = bytes};
	struct spec spec;
	int r;

	spec_set_defaults(&spec, a);
	r = config_table_parse(&config_machine_keys, &source, &spec, a, e);
	if (r < 0)
		return r;
	r = spec_check_relations(&spec, e);
	if (r < 0)
		return e ? err_wrap(e, "%s", file) : r;
	*ret_spec = spec;
	return 0;
}

void machine_ini_print(const struct spec *spec, struct strbuf *out)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct spec defaults;

	spec_set_defaults(&defaults, &a);
	config_table_print(&config_machine_keys, spec, &defaults, out);
}

static int set(const struct config_key *key, const char *value, struct spec *spec, struct arena *a,
	       struct err *e)
{
	if (strlen(value) >= MACHINE_INI_MAX_BYTES)
		return err_set(e, ERR_INPUT, -E2BIG, "%s: longer than %d bytes", key->full,
			       MACHINE_INI_MAX_BYTES - 1);
	if (value[0] == '\0' && !key->is_list)
		value = key->fallback;
	return key->type->parse(key, value, spec, a, e);
}

int machine_key_set(struct spec *spec, struct arena *a, const char *key, const char *value,
		    struct err *e)
{
	const struct config_key *row;
	int r = config_key_find(key, &row, e);

	return r < 0 ? r : set(row, value, spec, a, e);
}

int machine_key_change(struct spec *spec, struct arena *a, const char *key, const char *value,
		       struct err *e)
{
	const struct config_key *row;
	int r = config_key_find(key, &row, e);

	if (r < 0)
		return r;
	if (row->when == CONFIG_CREATE)
		return err_set(e, ERR_INPUT, -EPERM,
			       "%s is fixed when a machine is created: create another one",
			       row->full);
	return set(row, value, spec, a, e);
}

/* The row that an item of an option's list is about: its KEY, or the section's bare key. */
static int find_item(const char *section, char *item, const struct config_key **ret_key,
		     const char **ret_value, struct err *e)
{
	char *equals = strchr(item, '=');
	size_t count;
	const struct config_key *rows = config_keys(&count);
	int r = config_table_check_section(&config_machine_keys, section, e);

	if (r < 0)
		return r;
	if (equals) {
		*equals = '\0';
		*ret_value = equals + 1;
		return config_table_find(&config_machine_keys, section, item, ret_key, e);
	}
	for (size_t i = 0; i < count; i++) {
		if (rows[i].is_bare && strcmp(rows[i].section, section) == 0) {
			*ret_key = &rows[i];
			*ret_value = item;
			return 0;
		}
	}
	return err_set(e, ERR_INPUT, -EINVAL, "--%s: '%.40s' is not KEY=VALUE", section, item);
}

/* Cuts the next item off. A comma belongs to the value when no key follows it: cpus=0-3,8. */
static char *next_item(char **list)
{
	char *item = *list, *comma = item;

	if (!item)
		return NULL;
	while ((comma = strchr(comma, ',')) != NULL) {
		size_t key = strcspn(comma + 1, "=,");

		if (comma[1 + key] == '=' || !strchr(item, '=') || key == 0)
			break;
		comma++;
	}
	if (comma)
		*comma++ = '\0';
	*list = comma;
	return item;
}

int machine_key_set_list(struct spec *spec, struct arena *a, const char *section, const char *list,
			 struct err *e)
{
	uint64_t seen = 0;
	char *rest, *item;

	if (strlen(list) >= MACHINE_INI_MAX_BYTES)
		return err_set(e, ERR_INPUT, -E2BIG, "--%s: longer than %d bytes", section,
			       MACHINE_INI_MAX_BYTES - 1);
	rest = arena_strdup(a, list);
	while ((item = next_item(&rest)) != NULL) {
		const struct config_key *key;
		const char *value = "";
		uint64_t bit;
		int r = find_item(section, item, &key, &value, e);

		if (r < 0)
			return r;
		bit = UINT64_C(1) << (key - config_machine_keys.keys);
		if (seen & bit && !key->is_list)
			return err_set(e, ERR_INPUT, -EEXIST, "--%s: '%s' is given twice", section,
				       key->name);
		seen |= bit;
		r = set(key, value, spec, a, e);
		if (r < 0)
			return r;
	}
	return 0;
}
