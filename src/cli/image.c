/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/image.h"

#include "cli/format.h"
#include "cli/json.h"
#include "cli/many.h"
#include "cli/report.h"
#include "cli/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {
	{"NAME", false}, {"INIT", false},   {"SIZE", true},
	{"MADE", false}, {"SOURCE", false}, {"COMMAND", false},
};

static struct image_request make_request(struct call *c)
{
	return (struct image_request){
		.name = call_value(c, "name"),
		.source = c->words[0],
		.replace = call_has(c, "replace"),
		.progress = report_progress,
		.progress_data = c,
	};
}

int verb_image_build(struct call *c, struct err *e)
{
	struct image_request request = make_request(c);
	const char **packages = NULL;
	size_t cursor = 0;

	for (const char *p = call_next(c, "package", &cursor); p;
	     p = call_next(c, "package", &cursor))
		packages = arena_strv_push(&c->arena, packages, p);
	request.packages = packages;
	return image_build(&c->settings, &request, e);
}

int verb_image_import(struct call *c, struct err *e)
{
	const struct image_request request = make_request(c);

	return image_import(&c->settings, &request, e);
}

static int action_image_delete(struct call *c, const char *name, struct err *e)
{
	return image_delete(&c->settings, name, e);
}

int verb_image_delete(struct call *c, struct err *e)
{
	return many_run(c, c->words, action_image_delete, e);
}

struct image_names {
	struct arena *arena;
	const char **names;
	size_t count;
};

static int collect(const char *name, void *data)
{
	struct image_names *list = data;

	list->names = arena_strv_push(list->arena, list->names, arena_strdup(list->arena, name));
	list->count++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The images named, or all of them. */
static int load_images(struct call *c, struct image **ret, size_t *ret_count, struct err *e)
{
	struct image_names list = {.arena = &c->arena};
	const char *const *names = c->words;
	struct image *images;
	size_t count = 0;
	int r = 0;

	if (c->word_count == 0) {
		r = image_foreach(&c->settings, collect, &list, e);
		if (r < 0)
			return r;
		if (list.count)
			qsort(list.names, list.count, sizeof(*list.names), compare);
		names = (const char *const *)list.names;
	}
	images = ARENA_ARRAY(&c->arena, struct image, c->word_count + list.count + 1);
	for (; names && *names; names++) {
		r = image_load(&c->settings, *names, &c->arena, &images[count], e);
		/* Deleted since it was listed. */
		if (r == -ENOENT && c->word_count == 0)
			continue;
		if (r < 0)
			return r;
		images[count].name = *names;
		count++;
	}
	*ret = images;
	*ret_count = count;
	return 0;
}

static void print_json(const struct image *images, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		(void)json_array_append_new(array, json_image(&images[i]));
	json_print_wrapped("images", array);
}

static void print_table(struct call *c, const struct image *images, size_t count)
{
	struct table t;

	table_init(&t, &c->arena, columns, sizeof(columns) / sizeof(columns[0]));
	for (size_t i = 0; i < count; i++) {
		char text[FORMAT_MAX];

		table_add(&t, images[i].name);
		table_add(&t, view_init_name(images[i].init));
		table_add(&t, format_bytes(images[i].size_bytes, text));
		table_add(&t, format_time(images[i].created_usec, text));
		table_add(&t, images[i].source);
		table_add(&t, format_command(&c->arena, images[i].command));
	}
	table_print(&t, stdout);
}

int verb_image_list(struct call *c, struct err *e)
{
	struct image *images;
	size_t count;
	int r = load_images(c, &images, &count, e);

	if (r < 0)
		return r;
	if (c->json) {
		print_json(images, count);
	} else if (c->quiet) {
		for (size_t i = 0; i < count; i++)
			(void)printf("%s\n", images[i].name);
	} else {
		print_table(c, images, count);
	}
	return 0;
}

static void field(struct call *c, const char *label, const char *text)
{
	if (text && *text)
		(void)printf("  %-12s %s\n", label, format_safe(&c->arena, text));
}

static void print_image(struct call *c, const struct image *image)
{
	char text[FORMAT_MAX];

	(void)printf("%s\n", image->name);
	field(c, "source", image->source);
	field(c, "made", format_time(image->created_usec, text));
	field(c, "size", format_bytes(image->size_bytes, text));
	field(c, "init", view_init_name(image->init));
	field(c, "command", format_command(&c->arena, image->command));
	field(c, "user", image->user);
	field(c, "directory", image->cwd);
	for (size_t i = 0; image->env && image->env[i]; i++)
		field(c, i ? "" : "environment", image->env[i]);
}

int verb_image_show(struct call *c, struct err *e)
{
	struct image *images;
	size_t count;
	int r = load_images(c, &images, &count, e);

	if (r < 0)
		return r;
	if (c->json) {
		print_json(images, count);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		(void)printf("%s", i ? "\n" : "");
		print_image(c, &images[i]);
	}
	return 0;
}
