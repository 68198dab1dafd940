/* SPDX-License-Identifier: Apache-2.0 */
#include "guarantee/cpu_flow.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * Dinic's algorithm on two rows of nodes. Machines with the same CPUs are one source; CPUs that
 * the same sources may use are one atom. On a host where everybody may run everywhere that is one
 * source and one atom.
 *
 * Amounts are millicpus times the number of CPUs, so that a CPU's part of the supply is whole.
 */
struct source {
	cpu_set_t cpus;
	uint64_t rest; /* not yet placed */
	uint32_t level;
	uint32_t next; /* Dinic's current arc: atoms before it are done in this phase */
};

struct atom {
	int cpu; /* one of its CPUs stands for all */
	uint64_t room;
	uint32_t level;
	uint32_t next; /* as above, over sources, for giving flow back */
};

struct network {
	struct source *sources;
	struct atom *atoms;
	uint64_t *flow; /* [source][atom] */
	uint32_t *queue;
	uint32_t source_count, atom_count;
};

#define LEVEL_NONE UINT32_MAX

static void *zeroed(size_t count, size_t size)
{
	void *p = calloc(count + 1, size);

	if (!p)
		abort();
	return p;
}

static bool may_use(const struct network *n, uint32_t source, uint32_t atom)
{
	return CPU_ISSET((size_t)n->atoms[atom].cpu, &n->sources[source].cpus);
}

static uint64_t *flow_at(const struct network *n, uint32_t source, uint32_t atom)
{
	return &n->flow[(size_t)source * n->atom_count + atom];
}

static int demand_compare(const void *a, const void *b)
{
	const struct cpu_demand *const *x = a, *const *y = b;

	return memcmp(&(*x)->cpus, &(*y)->cpus, sizeof(cpu_set_t));
}

/* Sorted by their sets, equal ones become one source. */
static void add_sources(struct network *n, const struct cpu_demand *demands, size_t count,
			uint64_t scale)
{
	const struct cpu_demand **sorted = zeroed(count, sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		sorted[i] = &demands[i];
	qsort(sorted, count, sizeof(*sorted), demand_compare);
	n->sources = zeroed(count, sizeof(*n->sources));
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || !CPU_EQUAL(&sorted[i - 1]->cpus, &sorted[i]->cpus))
			n->sources[n->source_count++].cpus = sorted[i]->cpus;
		n->sources[n->source_count - 1].rest += sorted[i]->reserve * scale;
	}
	free(sorted);
}

static bool are_alike(const struct network *n, int a, int b)
{
	for (uint32_t i = 0; i < n->source_count; i++) {
		if (!CPU_ISSET((size_t)a, &n->sources[i].cpus) !=
		    !CPU_ISSET((size_t)b, &n->sources[i].cpus))
			return false;
	}
	return true;
}

static void add_atoms(struct network *n, const cpu_set_t *cpus, uint64_t room_per_cpu)
{
	n->atoms = zeroed(CPU_SETSIZE, sizeof(*n->atoms));
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		uint32_t a = 0;

		if (!CPU_ISSET((size_t)cpu, cpus))
			continue;
		while (a < n->atom_count && !are_alike(n, n->atoms[a].cpu, cpu))
			a++;
		if (a == n->atom_count)
			n->atoms[n->atom_count++].cpu = cpu;
		n->atoms[a].room += room_per_cpu;
	}
}

static void visit_atoms(struct network *n, uint32_t source, uint32_t *queued)
{
	for (uint32_t a = 0; a < n->atom_count; a++) {
		if (n->atoms[a].level != LEVEL_NONE || !may_use(n, source, a))
			continue;
		n->atoms[a].level = n->sources[source].level + 1;
		n->queue[(*queued)++] = n->source_count + a;
	}
}

static void visit_sources(struct network *n, uint32_t atom, uint32_t *queued)
{
	for (uint32_t s = 0; s < n->source_count; s++) {
		if (n->sources[s].level != LEVEL_NONE || *flow_at(n, s, atom) == 0)
			continue;
		n->sources[s].level = n->atoms[atom].level + 1;
		n->queue[(*queued)++] = s;
	}
}

/* Breadth first from all sources with a rest. True when an atom with room is reached. */
static bool find_levels(struct network *n)
{
	uint32_t queued = 0;
	bool is_reached = false;

	for (uint32_t a = 0; a < n->atom_count; a++) {
		n->atoms[a].level = LEVEL_NONE;
		n->atoms[a].next = 0;
	}
	for (uint32_t s = 0; s < n->source_count; s++) {
		n->sources[s].level = n->sources[s].rest ? 0 : LEVEL_NONE;
		n->sources[s].next = 0;
		if (n->sources[s].rest)
			n->queue[queued++] = s;
	}
	for (uint32_t i = 0; i < queued; i++) {
		if (n->queue[i] < n->source_count) {
			visit_atoms(n, n->queue[i], &queued);
		} else {
			uint32_t atom = n->queue[i] - n->source_count;

			is_reached |= n->atoms[atom].room > 0;
			visit_sources(n, atom, &queued);
		}
	}
	return is_reached;
}

static uint64_t push_from_source(struct network *n, uint32_t source, uint64_t amount);

/* Places up to `amount` in an atom: into its room, or by moving others' flow out of it. */
static uint64_t push_into_atom(struct network *n, uint32_t atom, uint64_t amount)
{
	struct atom *a = &n->atoms[atom];
	uint64_t placed = amount < a->room ? amount : a->room;

	a->room -= placed;
	while (placed < amount && a->next < n->source_count) {
		uint64_t *back = flow_at(n, a->next, atom);
		uint64_t most = amount - placed < *back ? amount - placed : *back;
		uint64_t moved = 0;

		if (most > 0 && n->sources[a->next].level == a->level + 1)
			moved = push_from_source(n, a->next, most);
		*back -= moved;
		placed += moved;
		if (placed < amount)
			a->next++;
	}
	return placed;
}

/* Depth is at most the number of levels: twice the number of atoms, 2048. */
static uint64_t push_from_source(struct network *n, uint32_t source, uint64_t amount)
{
	struct source *s = &n->sources[source];
	uint64_t placed = 0;

	while (placed < amount && s->next < n->atom_count) {
		uint32_t atom = s->next;
		uint64_t pushed = 0;

		if (may_use(n, source, atom) && n->atoms[atom].level == s->level + 1)
			pushed = push_into_atom(n, atom, amount - placed);
		*flow_at(n, source, atom) += pushed;
		placed += pushed;
		if (placed < amount)
			s->next++;
	}
	return placed;
}

static uint64_t flow_rest(struct network *n)
{
	uint64_t rest = 0;

	while (find_levels(n)) {
		for (uint32_t s = 0; s < n->source_count; s++) {
			struct source *source = &n->sources[s];

			if (source->rest)
				source->rest -= push_from_source(n, s, source->rest);
		}
	}
	for (uint32_t s = 0; s < n->source_count; s++)
		rest += n->sources[s].rest;
	return rest;
}

uint64_t cpu_flow_missing(uint64_t supply, const cpu_set_t *cpus, const struct cpu_demand *demands,
			  size_t count)
{
	uint64_t scale = (uint64_t)CPU_COUNT(cpus);
	struct network n = {.source_count = 0};
	uint64_t rest;

	if (scale == 0)
		scale = 1;
	add_sources(&n, demands, count, scale);
	add_atoms(&n, cpus, supply);
	n.flow = zeroed((size_t)n.source_count * n.atom_count, sizeof(*n.flow));
	n.queue = zeroed((size_t)n.source_count + n.atom_count, sizeof(*n.queue));
	rest = flow_rest(&n);
	free(n.sources);
	free(n.atoms);
	free(n.flow);
	free(n.queue);
	return (rest + scale - 1) / scale;
}
