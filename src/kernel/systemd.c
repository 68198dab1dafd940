/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/systemd.h"

#include "base/cleanup.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_USEC UINT64_C(10000000)

#define MANAGER \
	"org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager"

/* One row per function of libsystemd that is called here: name and type, nothing linked. */
#define BUS_FUNCTIONS(row)                   \
	row(sd_bus_open_system);             \
	row(sd_bus_flush_close_unref);       \
	row(sd_bus_set_method_call_timeout); \
	row(sd_bus_match_signal);            \
	row(sd_bus_message_new_method_call); \
	row(sd_bus_message_append);          \
	row(sd_bus_message_open_container);  \
	row(sd_bus_message_close_container); \
	row(sd_bus_message_read);            \
	row(sd_bus_message_unref);           \
	row(sd_bus_call);                    \
	row(sd_bus_call_method);             \
	row(sd_bus_process);                 \
	row(sd_bus_wait);                    \
	row(sd_bus_error_free)

#define DECLARE(f) __typeof__(&f) f##_
static struct {
	void *library; /* loaded once, for the life of the program */
	BUS_FUNCTIONS(DECLARE);
} bus;

static int load(struct err *e)
{
	void *library;

	if (bus.library)
		return 0;
	library = dlopen("libsystemd.so.0", RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return err_set(e, ERR_HOST, -ENOSYS,
			       "systemd runs here, but libsystemd.so.0 cannot be loaded: install "
			       "libsystemd0");
#define RESOLVE(f)                                                                          \
	do {                                                                                \
		*(void **)&bus.f##_ = dlsym(library, #f);                                   \
		if (!bus.f##_)                                                              \
			return err_set(e, ERR_HOST, -ENOSYS, "libsystemd.so.0 has no " #f); \
	} while (0)
	BUS_FUNCTIONS(RESOLVE);
	bus.library = library;
	return 0;
}

struct connection {
	sd_bus *bus;
	sd_bus_slot *slot;
	sd_bus_message *request;
	sd_bus_message *answer;
	sd_bus_error error;
	const char *job; /* its object path: borrowed from the answer */
	int job_result;	 /* 1: not known yet */
};

static void connection_done(struct connection *c)
{
	if (!c->bus)
		return;
	bus.sd_bus_error_free_(&c->error);
	bus.sd_bus_message_unref_(c->request);
	bus.sd_bus_message_unref_(c->answer);
	/* The match is floating: it goes with the connection. */
	bus.sd_bus_flush_close_unref_(c->bus);
}
#define _cleanup_connection_ __attribute__((cleanup(connection_done)))
#define CONNECTION_INIT ((struct connection){.bus = NULL, .job_result = 1})

/* JobRemoved(u id, o job, s unit, s result). */
static int job_removed(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct connection *c = data;
	const char *job, *unit, *result;
	uint32_t id;

	(void)error;
	if (bus.sd_bus_message_read_(m, "uoss", &id, &job, &unit, &result) < 0)
		return 0;
	if (c->job && strcmp(job, c->job) == 0)
		c->job_result = strcmp(result, "done") == 0 ? 0 : -EIO;
	return 0;
}

static int connection_open(struct connection *c, struct err *e)
{
	int r = load(e);

	if (r < 0)
		return r;
	r = bus.sd_bus_open_system_(&c->bus);
	if (r < 0)
		return err_sys(e, r, "connecting to the system bus");
	(void)bus.sd_bus_set_method_call_timeout_(c->bus, TIMEOUT_USEC);
	/* Before the call: the job may be over when its answer arrives. */
	r = bus.sd_bus_match_signal_(c->bus, NULL, MANAGER, "JobRemoved", job_removed, c);
	if (r < 0)
		return err_sys(e, r, "listening to systemd's jobs");
	r = bus.sd_bus_call_method_(c->bus, MANAGER, "Subscribe", &c->error, NULL, NULL);
	if (r < 0)
		return err_sys(e, r, "subscribing to systemd's jobs");
	return 0;
}

static uint64_t now_usec(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int wait_job(struct connection *c, const char *unit, struct err *e)
{
	uint64_t deadline = now_usec() + TIMEOUT_USEC;

	while (c->job_result > 0) {
		uint64_t now = now_usec();
		int r = bus.sd_bus_process_(c->bus, NULL);

		if (r == 0 && now >= deadline)
			return err_sys(e, -ETIMEDOUT, "systemd's job for %s", unit);
		if (r == 0)
			r = bus.sd_bus_wait_(c->bus, deadline - now);
		if (r < 0 && r != -EINTR)
			return err_sys(e, r, "waiting for systemd's job for %s", unit);
	}
	if (c->job_result < 0)
		return err_set(e, ERR_HOST, c->job_result,
			       "systemd's job for %s failed: see 'journalctl -u %s'", unit, unit);
	return 0;
}

/* Signals that arrive during the call are queued by sd-bus and dispatched by wait_job(). */
static int call(struct connection *c, const char *what, const char *unit, struct err *e)
{
	int r = bus.sd_bus_call_(c->bus, c->request, TIMEOUT_USEC, &c->error, &c->answer);

	if (r < 0)
		return err_sys(e, r, "systemd: %s %s: %s", what, unit,
			       c->error.message ? c->error.message : c->error.name);
	r = bus.sd_bus_message_read_(c->answer, "o", &c->job);
	return r < 0 ? err_sys(e, r, "systemd: answer to %s %s", what, unit) : 0;
}

bool systemd_is_running(void)
{
	return access("/run/systemd/system/", F_OK) == 0;
}

static int append_scope(sd_bus_message *m, const char *slice, const char *description, pid_t pid)
{
	int r = bus.sd_bus_message_open_container_(m, SD_BUS_TYPE_ARRAY, "(sv)");

	if (r >= 0)
		r = bus.sd_bus_message_append_(m, "(sv)", "Description", "s", description);
	if (r >= 0)
		r = bus.sd_bus_message_append_(m, "(sv)", "Slice", "s", slice);
	if (r >= 0)
		r = bus.sd_bus_message_append_(m, "(sv)", "Delegate", "b", 1);
	if (r >= 0)
		r = bus.sd_bus_message_append_(m, "(sv)", "CollectMode", "s", "inactive-or-failed");
	if (r >= 0)
		r = bus.sd_bus_message_append_(m, "(sv)", "PIDs", "au", 1, (uint32_t)pid);
	if (r >= 0)
		r = bus.sd_bus_message_close_container_(m);
	/* No auxiliary units. */
	if (r >= 0)
		r = bus.sd_bus_message_append_(m, "a(sa(sv))", 0);
	return r;
}

int systemd_scope_start(const char *unit, const char *slice, const char *description, pid_t pid,
			struct err *e)
{
	_cleanup_connection_ struct connection c = CONNECTION_INIT;
	int r = connection_open(&c, e);

	if (r < 0)
		return r;
	r = bus.sd_bus_message_new_method_call_(c.bus, &c.request, MANAGER, "StartTransientUnit");
	if (r >= 0)
		r = bus.sd_bus_message_append_(c.request, "ss", unit, "fail");
	if (r >= 0)
		r = append_scope(c.request, slice, description, pid);
	if (r < 0)
		return err_sys(e, r, "the request for %s", unit);
	r = call(&c, "StartTransientUnit", unit, e);
	return r < 0 ? r : wait_job(&c, unit, e);
}

static int append_properties(sd_bus_message *m, const struct systemd_property *p, size_t count)
{
	int r = bus.sd_bus_message_open_container_(m, SD_BUS_TYPE_ARRAY, "(sv)");

	for (size_t i = 0; r >= 0 && i < count; i++)
		r = bus.sd_bus_message_append_(m, "(sv)", p[i].name, "t", p[i].value);
	return r < 0 ? r : bus.sd_bus_message_close_container_(m);
}

int systemd_unit_set(const char *unit, const struct systemd_property *properties, size_t count,
		     struct err *e)
{
	_cleanup_connection_ struct connection c = CONNECTION_INIT;
	int r = connection_open(&c, e);

	if (r < 0)
		return r;
	r = bus.sd_bus_message_new_method_call_(c.bus, &c.request, MANAGER, "SetUnitProperties");
	if (r >= 0)
		r = bus.sd_bus_message_append_(c.request, "sb", unit, 1);
	if (r >= 0)
		r = append_properties(c.request, properties, count);
	if (r < 0)
		return err_sys(e, r, "the request for %s", unit);
	r = bus.sd_bus_call_(c.bus, c.request, TIMEOUT_USEC, &c.error, &c.answer);
	return r < 0 ? err_sys(e, r, "systemd: SetUnitProperties %s: %s", unit,
			       c.error.message ? c.error.message : "no answer")
		     : 0;
}

int systemd_scope_stop(const char *unit, struct err *e)
{
	_cleanup_connection_ struct connection c = CONNECTION_INIT;
	int r = connection_open(&c, e);

	if (r < 0)
		return r;
	r = bus.sd_bus_message_new_method_call_(c.bus, &c.request, MANAGER, "StopUnit");
	if (r >= 0)
		r = bus.sd_bus_message_append_(c.request, "ss", unit, "replace");
	if (r < 0)
		return err_sys(e, r, "the request for %s", unit);
	r = call(&c, "StopUnit", unit, e);
	if (r < 0 && c.error.name &&
	    strcmp(c.error.name, "org.freedesktop.systemd1.NoSuchUnit") == 0) {
		if (e)
			*e = ERR_INIT;
		return 0;
	}
	return r < 0 ? r : wait_job(&c, unit, e);
}
