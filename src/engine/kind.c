/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/kind.h"

#include "engine/container.h"
#include "engine/enter.h"
#include "engine/spawn.h"

#include <assert.h>

static const struct kind kinds[SPEC_KIND_MAX] = {
	[SPEC_KIND_CONTAINER] =
		{
			.name = "container",
			.plan = container_plan,
			.spawn = spawn_apply,
			.signal = container_signal,
			.enter = enter_start,
			.usage = container_usage,
		},
};

const struct kind *kind_get(enum spec_kind kind)
{
	assert(kind > SPEC_KIND_UNSET && kind < SPEC_KIND_MAX);
	return &kinds[kind];
}
