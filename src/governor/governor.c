/* SPDX-License-Identifier: Apache-2.0 */
#include "governor/governor.h"

#include "base/cleanup.h"
#include "base/units.h"
#include "governor/accounts.h"
#include "governor/capacity.h"
#include "governor/demand.h"
#include "governor/host_part.h"
#include "guarantee/entitlement.h"
#include "guarantee/weights.h"
#include "model/paths.h"
#include "resource/cgroup.h"
#include "state/ledger.h"
#include "state/lock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

/* A weight that differs by less is left as it is. */
#define WEIGHT_TOLERANCE 100u
/* How much more a machine weighs that is entitled to all that its limit lets it have. */
#define LIMITED_FACTOR 2u
/* After so long without a sample (a suspended host) the counters only start anew. */
#define PERIOD_MAX_USEC 2000000u

/* One machine that has been promised something. */
struct governed {
	char name[NAME_LENGTH_MAX + 1];
	struct claim claim;
	struct cgroup_meter meter;
	int pressure; /* cpu.pressure, where there is one */
	bool is_open; /* its cgroup is there; it is made after the promise */
	bool is_sampled;
	bool is_judged; /* a whole period of it has been seen: before that its weight stays */
	uint64_t used_usec, waited_usec; /* counters at the last sample */
	uint64_t used_milli;		 /* in the last period */
	struct demand demand;
	uint64_t entitled_milli;
	uint32_t weight_ppm;
	struct account *account;
};

struct governor {
	const struct settings *settings;
	const struct host *host;
	struct settings settings_room;
	struct host host_room;
	int lock;
	struct governed *machines; /* sorted by name, as the ledger */
	size_t count;
	struct contender *contenders; /* of each, and for the weights */
	struct contender *weighed;
	uint32_t *ppm;
	struct accounts accounts;
	struct capacity capacity;
	struct cgroup_meter parent; /* of all machines */
	bool has_parent;
	uint32_t parent_ppm;
	struct timespec ledger_mtime;
	ino_t ledger_inode;
	uint64_t sampled_usec;
};

static void machine_close(struct governed *m)
{
	if (m->is_open)
		cgroup_meter_close(&m->meter);
	m->pressure = fd_close(m->pressure);
	m->is_open = false;
	m->is_sampled = false;
	m->is_judged = false;
}

static void machine_open(const struct governor *g, struct governed *m)
{
	_cleanup_fd_ int tree = -EBADF;
	char path[HOST_PATH_MAX];

	(void)cgroup_path(g->settings, g->host, m->name, path);
	if (cgroup_meter_open(path, g->host, &m->meter, NULL) < 0)
		return;
	m->is_open = true;
	m->weight_ppm = 0;
	m->demand = (struct demand){.at = 0};
	if (cgroup_open_tree(path, g->host, &tree, NULL) == 0)
		m->pressure = openat(tree, "cpu.pressure", O_RDONLY | O_CLOEXEC);
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=123": Documentation/accounting/psi.rst. */
static bool pressure_read(int fd, uint64_t *ret_usec)
{
	char text[128];
	const char *total;
	ssize_t n = fd >= 0 ? pread(fd, text, sizeof(text) - 1, 0) : -1;

	if (n <= 0)
		return false;
	text[n] = '\0';
	total = strstr(text, "total=");
	return total && sscanf(total, "total=%" SCNu64, ret_usec) == 1;
}

/* Reads the counters; true when there is a period to judge. The pressure costs more than the usage,
 * so that of idle machines is not read. */
static bool machine_sample(struct governed *m, uint64_t elapsed_usec, struct demand_sample *ret)
{
	uint64_t used, waited = 0;
	bool was_sampled = m->is_sampled, has_pressure;

	if (cgroup_meter_cpu(&m->meter, &used, NULL) < 0 || used < m->used_usec) {
		machine_close(m);
		m->used_usec = 0;
		return false;
	}
	m->is_sampled = true;
	if (was_sampled && used == m->used_usec && !m->demand.awake && !m->demand.hungry) {
		m->used_milli = 0;
		*ret = (struct demand_sample){.entitled_milli = m->entitled_milli};
		m->waited_usec = UINT64_MAX;
		return true;
	}
	has_pressure = pressure_read(m->pressure, &waited);
	*ret = (struct demand_sample){
		.used_milli = (used - m->used_usec) * 1000 / elapsed_usec,
		.entitled_milli = m->entitled_milli,
		.waited_milli = has_pressure && waited >= m->waited_usec
					? (waited - m->waited_usec) * 1000 / elapsed_usec
					: DEMAND_WAIT_UNKNOWN,
	};
	m->used_milli = ret->used_milli;
	m->used_usec = used;
	m->waited_usec = waited;
	return was_sampled;
}

static uint64_t minimum(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What it wanted of its reservation; in the period in which it woke it cannot have had it. */
static void machine_account(struct governed *m, bool was_awake)
{
	uint64_t target = minimum(m->claim.reserve, m->claim.limit);

	if (!m->account)
		return;
	m->account->entitled_milli = m->entitled_milli;
	m->account->delivered_milli = m->used_milli;
	if (!m->demand.hungry)
		target = minimum(target, m->used_milli);
	if (was_awake && m->demand.awake)
		account_add(m->account, target, m->used_milli);
}

/* Fills the contenders; what all machines had. */
static void sample_all(struct governor *g, struct capacity_sample *had)
{
	for (size_t i = 0; i < g->count; i++) {
		struct governed *m = &g->machines[i];
		struct demand_sample sample;
		uint64_t before = m->used_usec;
		bool was_awake = m->demand.awake;

		g->contenders[i] = (struct contender){.claim = m->claim};
		if (!m->is_open)
			machine_open(g, m);
		if (!m->is_open || !machine_sample(m, had->elapsed_usec, &sample))
			continue;
		m->is_judged = true;
		had->machines_usec += m->used_usec - before;
		g->contenders[i].demand = demand_next(&m->demand, &sample);
		had->is_hungry = had->is_hungry || m->demand.hungry;
		machine_account(m, was_awake);
	}
}

static uint64_t reserved_sum(const struct governor *g)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < g->count; i++)
		sum += g->machines[i].claim.reserve;
	return sum;
}

/*
 * What its quota holds back cannot take from others, and what it is late with in one period of its
 * quota is lost to it: it goes first.
 */
static bool is_at_limit(const struct contender *c)
{
	return c->claim.limit != UNIT_NONE && c->entitled >= c->claim.limit;
}

/* A hungry one, on whose scale the others' weights are. */
static const struct contender *scale_find(const struct governor *g, uint32_t *ret_ppm)
{
	for (size_t i = 0; i < g->count; i++) {
		if (g->contenders[i].demand == UNIT_NONE && g->contenders[i].entitled > 0 &&
		    !is_at_limit(&g->contenders[i])) {
			*ret_ppm = g->ppm[i];
			return &g->contenders[i];
		}
	}
	return NULL;
}

/*
 * The hungry split what is left by their entitlements. A limited machine does not use more than it
 * wants whatever its weight, so it keeps the weight of an idle one where that is more: what it
 * wants suddenly, up to its floor, it has at once.
 */
static void weights_fill(struct governor *g, uint64_t capacity)
{
	const struct contender *scale;
	uint32_t scale_ppm = 0;

	for (size_t i = 0; i < g->count; i++) {
		g->weighed[i] = g->contenders[i];
		if (g->contenders[i].demand != UNIT_NONE)
			g->weighed[i].demand = 0;
	}
	weights_dynamic(capacity, g->weighed, g->ppm, g->count);
	scale = scale_find(g, &scale_ppm);
	for (size_t i = 0; i < g->count && scale; i++) {
		const struct contender *c = &g->contenders[i];
		uint64_t ppm = c->entitled * scale_ppm / scale->entitled;

		if (is_at_limit(c))
			ppm *= LIMITED_FACTOR;
		if ((c->demand != UNIT_NONE || is_at_limit(c)) && ppm > g->ppm[i])
			g->ppm[i] = (uint32_t)minimum(ppm, 1000000);
	}
}

static bool weight_differs(uint32_t was, uint32_t is)
{
	uint32_t difference = was > is ? was - is : is - was;

	return difference > is / WEIGHT_TOLERANCE || was == 0;
}

static void weights_write(struct governor *g)
{
	for (size_t i = 0; i < g->count; i++) {
		struct governed *m = &g->machines[i];

		m->entitled_milli = g->contenders[i].entitled;
		if (!m->is_judged || !weight_differs(m->weight_ppm, g->ppm[i]))
			continue;
		/* It may have ended: the next sample finds out. */
		if (cgroup_meter_set_weight(&m->meter, g->ppm[i], NULL) == 0)
			m->weight_ppm = g->ppm[i];
	}
}

static void parent_close(struct governor *g)
{
	if (g->has_parent)
		cgroup_meter_close(&g->parent);
	g->has_parent = false;
	g->parent_ppm = 0;
}

/* It goes with the last machine and comes with the next one. */
static void parent_adjust(struct governor *g, const struct capacity_sample *had)
{
	const struct host_capacity *c = &g->host->capacity;
	const struct host_part_sample sample = {
		.is_hungry = had->is_hungry,
		.had_milli = had->machines_usec * 1000 / had->elapsed_usec,
		.promised_milli = c->cpu_millicpus - minimum(c->cpu_reserved, c->cpu_millicpus),
		.base_ppm = cgroup_parent_weight(g->host),
	};

	if (g->count == 0)
		parent_close(g);
	else if (!g->has_parent)
		g->has_parent =
			cgroup_meter_open_parent(g->settings, g->host, &g->parent, NULL) == 0;
	if (!g->has_parent)
		return;
	g->parent_ppm = host_part_next(g->parent_ppm, &sample);
	if (cgroup_meter_set_weight(&g->parent, g->parent_ppm, NULL) < 0)
		parent_close(g);
}

int governor_step(struct governor *g, uint64_t now_usec, struct err *e)
{
	struct capacity_sample had = {.now_usec = now_usec,
				      .elapsed_usec = now_usec - g->sampled_usec};
	uint64_t capacity;
	int r = governor_refresh(g, e);

	if (r < 0)
		return r;
	if (had.elapsed_usec == 0)
		return 0;
	if (had.elapsed_usec > PERIOD_MAX_USEC) {
		for (size_t i = 0; i < g->count; i++)
			g->machines[i].is_sampled = false;
	}
	g->sampled_usec = now_usec;
	sample_all(g, &had);
	parent_adjust(g, &had);
	capacity_update(&g->capacity, &had);
	capacity = capacity_milli(&g->capacity, reserved_sum(g));
	entitlement_fill(capacity, g->contenders, g->count);
	weights_fill(g, capacity);
	weights_write(g);
	return 0;
}

static int governed_compare(const void *key, const void *element)
{
	const struct governed *m = element;

	return strcmp(key, m->name);
}

static struct governed *governed_find(const struct governor *g, const char *name)
{
	return g->count ? bsearch(name, g->machines, g->count, sizeof(*g->machines),
				  governed_compare)
			: NULL;
}

static bool account_is_kept(const char *name, void *data)
{
	return governed_find(data, name) != NULL;
}

static void *array_make(size_t count, size_t size)
{
	void *p = calloc(count + 1, size);

	if (!p)
		abort();
	return p;
}

static void arrays_free(struct governor *g)
{
	free(g->machines);
	free(g->contenders);
	free(g->weighed);
	free(g->ppm);
}

/* Its descriptors live on in a copy. */
static void machine_forget(struct governed *m)
{
	m->is_open = false;
	m->pressure = -EBADF;
}

/* What is known of machines that stay goes on; those that left are closed. */
static void machines_take(struct governor *g, const struct ledger *ledger)
{
	struct governor next = *g;

	next.count = ledger->count;
	next.machines = array_make(next.count, sizeof(*next.machines));
	next.contenders = array_make(next.count, sizeof(*next.contenders));
	next.weighed = array_make(next.count, sizeof(*next.weighed));
	next.ppm = array_make(next.count, sizeof(*next.ppm));
	for (size_t i = 0; i < ledger->count; i++) {
		const struct grant *grant = &ledger->entries[i];
		struct governed *known = governed_find(g, grant->name);
		struct governed *m = &next.machines[i];

		*m = known ? *known : (struct governed){.pressure = -EBADF};
		if (known)
			machine_forget(known);
		memcpy(m->name, grant->name, sizeof(m->name));
		m->claim = grant->cpu;
	}
	for (size_t i = 0; i < g->count; i++)
		machine_close(&g->machines[i]);
	arrays_free(g);
	*g = next;
}

static void claims_bound(struct governor *g, const struct ledger *ledger)
{
	for (size_t i = 0; i < g->count; i++) {
		const struct grant *grant = &ledger->entries[i];
		uint64_t pinned = (uint64_t)CPU_COUNT(&grant->cpus) * 1000;

		if (grant->cpu_pinned)
			g->machines[i].claim.limit = minimum(grant->cpu.limit, pinned);
		g->machines[i].account = accounts_get(&g->accounts, grant->name);
	}
	accounts_keep(&g->accounts, account_is_kept, g);
}

int governor_refresh(struct governor *g, struct err *e)
{
	_cleanup_ledger_ struct ledger ledger = {.count = 0};
	struct stat st = {.st_ino = 0};
	char path[PATHS_MAX];
	int r;

	if (stat(paths_run(g->settings, "ledger", path), &st) < 0 && errno != ENOENT)
		return err_sys(e, -errno, "cannot look at %s", path);
	if (st.st_ino == g->ledger_inode && st.st_mtim.tv_sec == g->ledger_mtime.tv_sec &&
	    st.st_mtim.tv_nsec == g->ledger_mtime.tv_nsec)
		return 0;
	r = ledger_load(g->settings, &ledger, e);
	if (r < 0)
		return r;
	g->ledger_inode = st.st_ino;
	g->ledger_mtime = st.st_mtim;
	machines_take(g, &ledger);
	claims_bound(g, &ledger);
	return 0;
}

int governor_new(const struct settings *s, const struct host *host, struct governor **ret_governor,
		 struct err *e)
{
	struct governor *g = array_make(1, sizeof(*g));
	int r;

	g->settings_room = *s;
	g->host_room = *host;
	g->settings = &g->settings_room;
	g->host = &g->host_room;
	g->lock = -EBADF;
	g->capacity.stat = -EBADF;
	g->accounts = ACCOUNTS_INIT;
	/* Not waited for: the caller has more to do than this, and asks again. */
	r = lock_governor(s, LOCK_TRY, &g->lock, e);
	if (r == 0)
		r = accounts_open(s, &g->accounts, e);
	if (r == 0)
		r = capacity_open(host->capacity.cpu_millicpus, &g->capacity, e);
	if (r < 0) {
		governor_free(g);
		return r;
	}
	*ret_governor = g;
	return 0;
}

void governor_free(struct governor *g)
{
	if (!g)
		return;
	parent_close(g);
	for (size_t i = 0; i < g->count; i++)
		machine_close(&g->machines[i]);
	arrays_free(g);
	accounts_close(&g->accounts);
	capacity_close(&g->capacity);
	(void)fd_close(g->lock);
	free(g);
}
