/* SPDX-License-Identifier: Apache-2.0 */
#include "security/security.h"

#include <linux/filter.h>
#include <string.h>

#include "seccomp_programs.h"

#define LENGTH(a) (unsigned short)(sizeof(a) / sizeof((a)[0]))

/* The kernel only reads, but its struct says otherwise; they are never written through. */
union instructions {
	const struct sock_filter *made;
	struct sock_filter *given;
};

static struct sock_fprog programs[2];

static const struct {
	const char *name;
	const struct sock_filter *instructions;
	unsigned short count;
} profiles[] = {
	{"default", default_instructions, LENGTH(default_instructions)},
	{"system", system_instructions, LENGTH(system_instructions)},
};

const void *seccomp_program(const char *profile)
{
	for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		union instructions u = {.made = profiles[i].instructions};

		if (strcmp(profiles[i].name, profile) != 0)
			continue;
		programs[i] = (struct sock_fprog){.len = profiles[i].count, .filter = u.given};
		return &programs[i];
	}
	return NULL;
}

const void *seccomp_default_program(void)
{
	return seccomp_program("default");
}

const char *seccomp_profile_for(enum spec_init init)
{
	return init == SPEC_INIT_SYSTEMD || init == SPEC_INIT_SYSV ? "system" : "default";
}
