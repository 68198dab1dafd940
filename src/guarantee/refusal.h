/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside guarantee/: the one line that says why a promise does not fit.
 */
#pragma once

#include "base/err.h"
#include "base/units.h"
#include "guarantee/admission.h"

struct refusal {
	const char *name;     /* of the machine */
	const char *resource; /* "cpu", "memory" */
	const char *noun;     /* " CPUs" behind an amount, or "" */
	const char *where;    /* " on CPUs 0-1", or "" */
	enum unit unit;
	uint64_t asked;
	struct admission_room room;
	uint64_t (*held)(const struct grant *grant);
};

/* ERR_REFUSED, -ENOSPC. */
int refusal_set(const struct refusal *refusal, const struct ledger *ledger, struct err *e);
