/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/view.h"

#include "base/units.h"
#include "engine/resolve.h"
#include "governor/governor.h"
#include "storage/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct name_list {
	struct arena *arena;
	const char **names;
	size_t count;
};

static int collect_name(const char *name, void *data)
{
	struct name_list *list = data;

	list->names = arena_strv_push(list->arena, list->names, arena_strdup(list->arena, name));
	list->count++;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int all_names(struct call *c, struct arena *a, const char *const **ret, struct err *e)
{
	struct name_list list = {.arena = a};
	int r = machine_foreach(&c->settings, collect_name, &list, e);

	if (r < 0)
		return r;
	if (list.count)
		qsort(list.names, list.count, sizeof(*list.names), compare_names);
	*ret = list.names ? list.names : (const char *const *)arena_strv_dup(a, NULL);
	return 0;
}

static int view_load(struct call *c, struct arena *a, const char *name, struct view *ret,
		     struct err *e)
{
	const struct host *host;
	int r = call_host(c, &host, e);

	if (r < 0)
		return r;
	*ret = (struct view){.name = name};
	r = machine_view(&c->settings, host, name, a, &ret->machine, e);
	if (r < 0)
		return r;
	ret->accounted =
		view_is_up(ret) && accounts_read(&c->settings, name, &ret->account, NULL) == 0;
	return 0;
}

static size_t count_names(const char *const *names)
{
	size_t n = 0;

	while (names[n])
		n++;
	return n;
}

int view_list_load(struct call *c, struct arena *a, const char *const *names, struct view_list *ret,
		   struct err *e)
{
	struct view_list list = {.views = NULL};
	bool all = !names[0];
	int r;

	if (all) {
		r = all_names(c, a, &names, e);
		if (r < 0)
			return r;
	}
	list.views = ARENA_ARRAY(a, struct view, count_names(names));
	for (; *names; names++) {
		struct err failure = ERR_INIT;

		r = view_load(c, a, *names, &list.views[list.count], &failure);
		/* Deleted since it was listed. */
		if (r == -ENOENT && all)
			continue;
		if (r < 0) {
			*e = failure;
			return r;
		}
		list.count++;
	}
	*ret = list;
	return 0;
}

void view_resolve(struct call *c, struct view *v)
{
	struct spec spec = v->machine.spec;
	struct image image;

	if (v->machine.state == MACHINE_BROKEN ||
	    image_load(&c->settings, spec.image, &c->arena, &image, NULL) < 0 ||
	    spec_resolve(&spec, &image, &c->arena, NULL) < 0)
		return;
	v->machine.spec = spec;
}

bool view_is_up(const struct view *v)
{
	return v->machine.state == MACHINE_RUNNING || v->machine.state == MACHINE_PAUSED;
}

const char *view_claim(struct arena *a, const struct claim *claim)
{
	char reserve[UNIT_TEXT_MAX], share[UNIT_TEXT_MAX], limit[UNIT_TEXT_MAX];

	return arena_printf(a, "%s/%s/%s", unit_print(UNIT_CPU, claim->reserve, reserve),
			    unit_print(UNIT_SHARE, claim->share_milli, share),
			    claim->limit == UNIT_NONE ? "-"
						      : unit_print(UNIT_CPU, claim->limit, limit));
}

const char *view_memory(struct arena *a, const struct spec_memory *memory)
{
	char reserve[UNIT_TEXT_MAX], limit[UNIT_TEXT_MAX];

	return arena_printf(a, "%s/%s",
			    memory->reserve_bytes
				    ? unit_print(UNIT_BYTES, memory->reserve_bytes, reserve)
				    : "-",
			    memory->limit_bytes == UNIT_NONE
				    ? "-"
				    : unit_print(UNIT_BYTES, memory->limit_bytes, limit));
}

const char *view_quality(const struct view *v, const struct grant_promise *promise)
{
	static const char *const names[GRANT_QUALITY_MAX] = {
		[GRANT_QUALITY_UNSET] = "-",
		[GRANT_KEPT] = "kept",
		[GRANT_BEST_EFFORT] = "best-effort",
		[GRANT_UNSUPPORTED] = "unsupported",
	};

	return v->machine.granted ? names[promise->quality] : "-";
}

const char *view_network_name(enum spec_network network)
{
	static const char *const names[SPEC_NETWORK_MAX] = {[SPEC_NETWORK_UNSET] = "none",
							    [SPEC_NETWORK_NONE] = "none",
							    [SPEC_NETWORK_HOST] = "host"};

	return names[network];
}

const char *view_restart_name(enum spec_restart restart)
{
	static const char *const names[SPEC_RESTART_MAX] = {[SPEC_RESTART_UNSET] = "no",
							    [SPEC_RESTART_NO] = "no",
							    [SPEC_RESTART_ON_FAILURE] =
								    "on-failure",
							    [SPEC_RESTART_ALWAYS] = "always"};

	return names[restart];
}

const char *view_init_name(enum spec_init init)
{
	static const char *const names[SPEC_INIT_MAX] = {[SPEC_INIT_UNSET] = "auto",
							 [SPEC_INIT_COMMAND] = "command",
							 [SPEC_INIT_SYSTEMD] = "systemd",
							 [SPEC_INIT_SYSV] = "sysv"};

	return names[init];
}
