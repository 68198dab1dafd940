/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fault.h"

#include "build_config.h"

#include <errno.h>

#if BULKHEAD_FAULTS

#include "base/io.h"
#include "model/paths.h"

#include <fcntl.h>
#include <stdlib.h>

static size_t chosen = (size_t)-1;

void fault_load(const struct settings *s)
{
	char path[PATHS_MAX];
	char text[32];

	chosen = (size_t)-1;
	if (io_read_small(AT_FDCWD, paths_run(s, "fault", path), text, sizeof(text), NULL) == 0)
		chosen = strtoul(text, NULL, 10);
}

int fault_check(size_t index, struct err *e)
{
	if (index != chosen)
		return 0;
	return err_set(e, ERR_HOST, -EIO, "injected fault at operation %zu", index);
}

#else

void fault_load(const struct settings *s)
{
	(void)s;
}

int fault_check(size_t index, struct err *e)
{
	(void)index;
	(void)e;
	return 0;
}

#endif
