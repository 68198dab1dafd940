/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Build-time program: turns the table into BPF for the machine that is built for, as C arrays.
 *
 *   seccomp-compile x86_64|aarch64 > seccomp_programs.h
 */
#include "security/seccomp/table.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALL_NUMBER_MAX 511
#define PRIVATE_CALLS 0x0f0000
#define PROLOGUE_MAX 8
#define PROGRAM_BYTES_MAX ((BPF_MAXINSNS - PROLOGUE_MAX) * sizeof(struct sock_filter))

struct family {
	const char *name;
	uint32_t architectures[4]; /* the native one first; 0 ends */
};

static const struct family families[] = {
	{"x86_64", {SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32}},
	{"aarch64", {SCMP_ARCH_AARCH64, SCMP_ARCH_ARM}},
	{"riscv64", {SCMP_ARCH_RISCV64}},
};

static _Noreturn void fail(const char *what, int r)
{
	(void)fprintf(stderr, "seccomp-compile: %s: %s\n", what, strerror(-r));
	exit(1);
}

static void check(const char *what, int r)
{
	if (r < 0)
		fail(what, r);
}

static int add_rule(scmp_filter_ctx filter, uint32_t action, const struct seccomp_row *row,
		    int number)
{
	switch (row->test) {
	case TEST_NONE:
		return seccomp_rule_add(filter, action, number, 0);
	case TEST_EQUAL:
		/* Personalities are 32 bits; what is above does not count. */
		return seccomp_rule_add(
			filter, action, number, 1,
			SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ, 0xffffffff, row->value));
	case TEST_NOT_EQUAL:
		return seccomp_rule_add(filter, action, number, 1,
					SCMP_CMP(row->argument, SCMP_CMP_NE, row->value));
	case TEST_MASK_CLEAR:
		return seccomp_rule_add(filter, action, number, 1,
					SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ, row->value, 0));
	}
	return -EINVAL;
}

static void add_row(scmp_filter_ctx filter, const struct seccomp_row *row)
{
	uint32_t action = row->verdict == VERDICT_ALLOW ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(ENOSYS);
	char *calls = strdup(row->calls);
	char *rest = calls;
	char *call;

	if (!calls)
		fail(row->reason, -ENOMEM);
	while ((call = strtok_r(rest, " ", &rest))) {
		int number = seccomp_syscall_resolve_name(call + (*call == '?'));

		if (number == __NR_SCMP_ERROR && *call == '?')
			continue;
		if (number == __NR_SCMP_ERROR)
			fail(call, -ENOENT);
		check(call, add_rule(filter, action, row, number));
	}
	free(calls);
}

/* The highest number that libseccomp knows a name for, of the calls that count up. */
static uint32_t highest_known(uint32_t architecture)
{
	for (int number = CALL_NUMBER_MAX; number > 0; number--) {
		char *name = seccomp_syscall_resolve_num_arch(architecture, number);
		int is_known = name != NULL;

		free(name);
		if (is_known)
			return (uint32_t)number;
	}
	return 0;
}

static scmp_filter_ctx compile(const struct family *f, unsigned int profile)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (!filter)
		fail("seccomp_init", -ENOMEM);
	check("remove native architecture", seccomp_arch_remove(filter, seccomp_arch_native()));
	for (size_t i = 0; i < 4 && f->architectures[i]; i++)
		check("architecture", seccomp_arch_add(filter, f->architectures[i]));
	/* The machine decides about no_new_privs. */
	check("no_new_privs", seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0));
	check("optimise", seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2));
	for (size_t i = 0; i < seccomp_row_count; i++) {
		if (seccomp_rows[i].profiles & profile)
			add_row(filter, &seccomp_rows[i]);
	}
	return filter;
}

/*
 * Before the filter proper: ENOSYS for what is newer than all that the table could name. Not for
 * the numbers of x32 and the private calls of 32-bit ARM, which are far above.
 */
static size_t prologue(const struct family *f, struct sock_filter *program)
{
	const struct sock_filter made[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, f->architectures[0], 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, PRIVATE_CALLS, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, highest_known(f->architectures[0]), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	memcpy(program, made, sizeof(made));
	return sizeof(made) / sizeof(made[0]);
}

static size_t export(scmp_filter_ctx filter, struct sock_filter *program)
{
	FILE *f = tmpfile();
	size_t bytes;

	if (!f)
		fail("temporary file", -errno);
	check("export", seccomp_export_bpf(filter, fileno(f)));
	rewind(f);
	bytes = fread(program, 1, PROGRAM_BYTES_MAX, f);
	(void)fclose(f);
	return bytes / sizeof(*program);
}

static void print(const char *name, const struct sock_filter *program, size_t count)
{
	printf("static const struct sock_filter %s_instructions[] = {\n", name);
	for (size_t i = 0; i < count; i++)
		printf("\t{0x%02x, %u, %u, 0x%08x},\n", program[i].code, program[i].jt,
		       program[i].jf, program[i].k);
	printf("};\n");
}

int main(int argc, char **argv)
{
	static struct sock_filter program[BPF_MAXINSNS];
	static const struct {
		const char *name;
		unsigned int bit;
	} profiles[] = {{"default", PROFILE_DEFAULT}, {"system", PROFILE_SYSTEM}};

	for (size_t f = 0; argc == 2 && f < sizeof(families) / sizeof(families[0]); f++) {
		if (strcmp(families[f].name, argv[1]) != 0)
			continue;
		printf("/* Made from src/security/seccomp/table.c. */\n");
		for (size_t p = 0; p < 2; p++) {
			scmp_filter_ctx filter = compile(&families[f], profiles[p].bit);

			size_t count = prologue(&families[f], program);

			count += export(filter, program + count);
			print(profiles[p].name, program, count);
			seccomp_release(filter);
		}
		return 0;
	}
	(void)fprintf(stderr, "usage: seccomp-compile x86_64|aarch64|riscv64\n");
	return 1;
}
