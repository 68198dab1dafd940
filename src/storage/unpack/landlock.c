/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/unpack/landlock.h"

#include "base/cleanup.h"

#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>

static const uint64_t reads = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t writes = LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE |
			       LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
			       LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_FIFO |
			       LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER;
/* All of version 2: what is handled and not allowed below is forbidden. */
static const uint64_t handled = (LANDLOCK_ACCESS_FS_REFER << 1) - 1;

static int allow(int ruleset, int directory, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = {.allowed_access = access,
						     .parent_fd = directory};

	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) < 0
		       ? -errno
		       : 0;
}

int landlock_enter(int target, int source)
{
	const struct landlock_ruleset_attr attributes = {.handled_access_fs = handled};
	_cleanup_fd_ int ruleset = -EBADF;
	int r;

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 2)
		return 0;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	if (ruleset < 0)
		return -errno;
	r = allow(ruleset, target, writes);
	if (r == 0 && source >= 0)
		r = allow(ruleset, source, reads);
	if (r < 0)
		return r;
	return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
}
