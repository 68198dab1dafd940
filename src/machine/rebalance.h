/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Static weights of all started machines, for as long as no governor recomputes them (design,
 * section 2.1: every floor holds without it).
 */
#pragma once

#include "model/grant.h"
#include "model/host.h"
#include "model/settings.h"

/* The weight of one machine among `ledger`, which need not contain it yet. Pure. */
uint32_t machine_static_weight(const struct host *host, const struct ledger *ledger,
			       const struct grant *grant);

/* Rewrites the weights of all; does nothing while a governor runs. Best effort: a machine that
 * ends meanwhile is passed over. */
void machine_rebalance(const struct settings *s, const struct host *host);
