/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After the death of both processes: the machines that run are taken in from their records. Their
 * consoles are lost, and said to be in their logs; how those ended that are gone is unknown. At the
 * start only, before there is a keeper.
 */
#pragma once

#include "base/err.h"
#include "keeper/holdings.h"
#include "keeper/table.h"

int adopt_machines(struct holdings *h, struct table *t, struct err *e);
