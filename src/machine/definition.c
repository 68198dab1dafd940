/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine's definition: created, loaded, listed.
 */
#include "base/cleanup.h"
#include "base/io.h"
#include "config/machine_ini.h"
#include "config/record_json.h"
#include "engine/apply.h"
#include "engine/resolve.h"
#include "engine/transaction.h"
#include "host/facts.h"
#include "machine/lifecycle.h"
#include "machine/recover.h"
#include "model/paths.h"
#include "state/event.h"
#include "state/exit.h"
#include "state/idrange.h"
#include "state/lock.h"
#include "storage/image.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool machine_exists(const struct settings *s, const char *name)
{
	char path[PATHS_MAX];

	return access(paths_machine(s, name, "machine.ini", path), F_OK) == 0;
}

int machine_load(const struct settings *s, const char *name, struct arena *a, struct spec *ret_spec,
		 struct err *e)
{
	_cleanup_free_ char *text = NULL;
	char path[PATHS_MAX];
	struct spec spec;
	size_t bytes;
	int r = name_check("machine", name, e);

	if (r < 0)
		return r;
	paths_machine(s, name, "machine.ini", path);
	r = io_read_file(AT_FDCWD, path, MACHINE_INI_MAX_BYTES, &text, &bytes, e);
	if (r == -ENOENT)
		return err_set(e, ERR_INPUT, r,
			       "no machine %s: 'bulkhead list' shows what there is", name);
	if (r == 0)
		r = machine_ini_parse(path, text, bytes, a, &spec, e);
	if (r < 0)
		return r;
	spec.name = arena_strdup(a, name);
	*ret_spec = spec;
	return 0;
}

static void create_plan(const struct settings *s, const struct spec *spec, const char *text,
			struct plan *plan)
{
	char rootfs[PATHS_MAX];

	if (spec->user_namespace)
		PLAN_ADD(plan, OP_STAGE_HOST, OP_IDRANGE_TAKE, .subject = spec->name,
			 .number = spec->idmap.base);
	PLAN_ADD(plan, OP_STAGE_HOST, OP_MACHINEDIR_MAKE, .subject = spec->name);
	PLAN_ADD(plan, OP_STAGE_HOST, OP_LAYER_MAKE, .subject = spec->name,
		 .source = paths_image(s, spec->image, "rootfs", rootfs),
		 .number = spec->idmap.base, .flags = spec->ephemeral);
	PLAN_ADD(plan, OP_STAGE_HOST, OP_DEFINITION_WRITE, .subject = spec->name, .value = text,
		 .flags = spec->ephemeral);
}

static int create_transaction(const struct plan *plan, const char *name, struct op_context *ctx,
			      struct err *e)
{
	_cleanup_record_ struct record record = RECORD_INIT;
	int r;

	record.transaction = RECORD_CREATE;
	memcpy(record.name, name, strlen(name) + 1);
	ctx->plan = plan;
	r = transaction_begin(plan, &record, ctx, e);
	if (r == 0)
		r = plan_apply(plan, ctx, e);
	if (r == 0)
		r = transaction_commit(&record, ctx, e);
	if (r < 0)
		(void)transaction_undo(&record, ctx, NULL);
	return r;
}

/* What is wrong with it is said now, not at its first start. */
static int check_resolved(const struct spec *asked, const struct image *image, struct arena *a,
			  struct err *e)
{
	struct spec spec = *asked;
	int r = spec_resolve(&spec, image, a, e);

	return r < 0 ? r : spec_check(&spec, e);
}

/* The base is chosen under the registry's lock, which is held until it is taken. */
static int create_locked(const struct spec *asked, const struct image *image,
			 struct op_context *ctx, struct err *e)
{
	_cleanup_arena_ struct arena a = ARENA_INIT;
	_cleanup_strbuf_ struct strbuf text = STRBUF_INIT;
	_cleanup_plan_ struct plan plan = PLAN_INIT;
	struct spec spec = *asked;
	int r = 0;

	if (spec.user_namespace) {
		r = lock_idrange(ctx->settings, &ctx->idrange_lock, e);
		if (r == 0)
			r = idrange_choose(ctx->settings, &spec.idmap.base, e);
		spec.idmap.count = IDRANGE_COUNT;
	}
	if (r == 0)
		r = check_resolved(&spec, image, &a, e);
	if (r < 0)
		return r;
	ctx->spec = &spec;
	machine_ini_print(&spec, &text);
	create_plan(ctx->settings, &spec, strbuf_text(&text), &plan);
	return create_transaction(&plan, spec.name, ctx, e);
}

int machine_create(const struct settings *s, const struct spec *spec, struct err *e)
{
	_cleanup_op_context_ struct op_context ctx = OP_CONTEXT_INIT;
	_cleanup_arena_ struct arena a = ARENA_INIT;
	struct image image;
	struct host host;
	int r = paths_make(s, e);

	if (r == 0)
		r = image_load(s, spec->image, &a, &image, e);
	if (r == 0)
		r = host_facts_get(s, &host, e);
	if (r == 0)
		r = machine_begin(s, &host, spec->name, &ctx, e);
	if (r < 0)
		return r;
	if (machine_exists(s, spec->name))
		return err_set(e, ERR_INPUT, -EEXIST,
			       "machine %s exists: delete it with 'bulkhead delete %s', or take "
			       "another name",
			       spec->name, spec->name);
	r = create_locked(spec, &image, &ctx, e);
	if (r == 0)
		event_append(s, spec->name, "create", spec->image);
	return r;
}

int machine_foreach(const struct settings *s, int (*each)(const char *name, void *data), void *data,
		    struct err *e)
{
	_cleanup_dir_ DIR *machines = NULL;
	const struct dirent *entry;
	char path[PATHS_MAX];
	int r = 0;

	machines = opendir(paths_root(s, "machines", path));
	if (!machines)
		return errno == ENOENT ? 0 : err_sys(e, -errno, "read %s", path);
	while (r == 0 && (entry = readdir(machines))) {
		if (name_is_valid(entry->d_name) && machine_exists(s, entry->d_name))
			r = each(entry->d_name, data);
	}
	return r;
}

int machine_delete(const struct settings *s, const char *name, bool force, struct err *e)
{
	_cleanup_op_context_ struct op_context ctx = OP_CONTEXT_INIT;
	_cleanup_record_ struct record record = RECORD_INIT;
	struct host host;
	int r = host_facts_get(s, &host, e);

	if (r == 0 && force)
		r = machine_stop(s, name, 0, e);
	if (r == -ENOENT && machine_exists(s, name))
		r = 0; /* it did not run */
	if (r == 0)
		r = machine_begin(s, &host, name, &ctx, e);
	if (r < 0)
		return r;
	if (machine_running_record(s, name, &record, NULL) == 0)
		return err_set(e, ERR_INPUT, -EBUSY,
			       "machine %s is running: stop it first, or use --force", name);
	if (!machine_exists(s, name))
		return err_set(e, ERR_INPUT, -ENOENT,
			       "no machine %s: 'bulkhead list' shows what there is", name);
	return machine_delete_locked(name, &ctx, e);
}
