/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Build-time program: turns the table into BPF for the machine that is built for, as C arrays.
 *
 *   seccomp-compile x86_64|aarch64|riscv64 > seccomp_programs.h
 *
 * libseccomp gives the numbers of the calls. The program is made here, as a binary tree over ranges
 * of numbers with the same verdict: a quarter of what libseccomp's own would be, and every start of
 * a machine pays for checking and translating it.
 */
#include "security/seccomp/table.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS 1024
#define CALL_NAME_MAX 64
#define X32_BIT 0x40000000u
#define ARM_PRIVATE 0x0f0000u
#define DISTANCE_MAX 255

#define RETURN_ALLOW SECCOMP_RET_ALLOW
#define RETURN_EPERM (SECCOMP_RET_ERRNO | EPERM)
#define RETURN_ENOSYS (SECCOMP_RET_ERRNO | ENOSYS)

/* A native architecture, and another one that shares its numbers but for some. */
struct architecture {
	uint32_t token; /* of libseccomp: AUDIT_ARCH_* */
	uint32_t shared;
	bool has_private_calls; /* of 32-bit ARM: cache flushes and thread pointers */
};

struct family {
	const char *name;
	struct architecture architectures[2]; /* token 0 ends */
};

static const struct family families[] = {
	{"x86_64",
	 {{.token = SCMP_ARCH_X86_64, .shared = SCMP_ARCH_X32}, {.token = SCMP_ARCH_X86}}},
	{"aarch64",
	 {{.token = SCMP_ARCH_AARCH64}, {.token = SCMP_ARCH_ARM, .has_private_calls = true}}},
	{"riscv64", {{.token = SCMP_ARCH_RISCV64}}},
};

struct program {
	struct sock_filter instructions[BPF_MAXINSNS];
	size_t count;
};

/* What is to be returned for a number; 0 for one whose arguments decide. */
struct verdicts {
	unsigned int profile;
	char *names[NUMBERS]; /* of the calls whose arguments decide */
	uint32_t action[NUMBERS];
};

static _Noreturn void fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "seccomp-compile: %s: %s\n", what, why);
	exit(1);
}

static size_t emit(struct program *p, struct sock_filter instruction)
{
	if (p->count == BPF_MAXINSNS)
		fail("program", "too long for the kernel");
	p->instructions[p->count] = instruction;
	return p->count++;
}

static void emit_return(struct program *p, uint32_t action)
{
	(void)emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action));
}

static void emit_load(struct program *p, size_t offset)
{
	(void)emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static size_t emit_jump(struct program *p, uint16_t test, uint32_t value, uint8_t yes, uint8_t no)
{
	return emit(p, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | test | BPF_K), value, yes,
						    no));
}

/* The test of one row: returns, or goes on behind. The low half: these arguments are 32 bits. */
static void emit_test(struct program *p, const struct seccomp_row *row)
{
	emit_load(p, offsetof(struct seccomp_data, args) + row->argument * sizeof(uint64_t));
	switch (row->test) {
	case TEST_EQUAL:
		(void)emit_jump(p, BPF_JEQ, (uint32_t)row->value, 0, 1);
		emit_return(p, RETURN_ALLOW);
		return;
	case TEST_NOT_EQUAL:
		(void)emit_jump(p, BPF_JEQ, (uint32_t)row->value, 1, 0);
		emit_return(p, RETURN_ALLOW);
		return;
	case TEST_MASK_CLEAR:
		(void)emit_jump(p, BPF_JSET, (uint32_t)row->value, 1, 0);
		emit_return(p, RETURN_ALLOW);
		return;
	case TEST_NONE:
		break;
	}
	fail(row->reason, "a test without its code");
}

static bool names_call(const struct seccomp_row *row, const char *name)
{
	size_t length = strlen(name);
	const char *at = row->calls;

	while (*at) {
		size_t n = strcspn(at, " ");

		if (n == length && memcmp(at, name, n) == 0)
			return true;
		at += n + (at[n] == ' ');
	}
	return false;
}

static void emit_verdict(struct program *p, const struct verdicts *v, size_t number)
{
	if (v->action[number]) {
		emit_return(p, v->action[number]);
		return;
	}
	for (size_t i = 0; i < seccomp_row_count; i++) {
		const struct seccomp_row *row = &seccomp_rows[i];

		if (row->profiles & v->profile && names_call(row, v->names[number]))
			emit_test(p, row);
	}
	emit_return(p, RETURN_EPERM);
}

/* A tree over starts[first] .. starts[last - 1], each the first number of a range. */
static void emit_tree(struct program *p, const struct verdicts *v, const size_t *starts,
		      size_t count)
{
	size_t middle = count / 2;
	size_t node, distance;

	if (count == 1) {
		emit_verdict(p, v, starts[0]);
		return;
	}
	node = emit_jump(p, BPF_JGE, (uint32_t)starts[middle], 0, 0);
	emit_tree(p, v, starts, middle);
	distance = p->count - node - 1;
	if (distance > DISTANCE_MAX)
		fail("program", "a jump too long: split the tree");
	p->instructions[node].jt = (uint8_t)distance;
	emit_tree(p, v, starts + middle, count - middle);
}

static void emit_ranges(struct program *p, const struct verdicts *v)
{
	static size_t starts[NUMBERS];
	size_t count = 0;

	for (size_t n = 0; n < NUMBERS; n++) {
		if (n == 0 || v->action[n] == 0 || v->action[n] != v->action[n - 1])
			starts[count++] = n;
	}
	emit_tree(p, v, starts, count);
}

/* One call of a row, on one architecture; those that it has not are negative numbers. */
static void set_call(struct verdicts *v, uint32_t token, const struct seccomp_row *row,
		     const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(token, name);

	if (number < 0 || (uint32_t)number >= ARM_PRIVATE + X32_BIT)
		return;
	number &= (int)~X32_BIT;
	if (number >= (int)ARM_PRIVATE)
		return;
	if (number >= NUMBERS)
		fail(name, "a number past the table's end");
	if (row->test == TEST_NONE) {
		v->action[number] = row->verdict == VERDICT_ALLOW ? RETURN_ALLOW : RETURN_ENOSYS;
		return;
	}
	v->action[number] = 0;
	free(v->names[number]);
	v->names[number] = strdup(name);
	if (!v->names[number])
		fail(name, "no memory");
}

static void set_row(struct verdicts *v, uint32_t token, const struct seccomp_row *row)
{
	const char *at = row->calls;

	while (*at) {
		size_t n = strcspn(at, " ");
		bool may_be_new = *at == '?';
		char name[CALL_NAME_MAX];

		if (n >= sizeof(name))
			fail(at, "a name that long");
		memcpy(name, at + may_be_new, n - may_be_new);
		name[n - may_be_new] = '\0';
		if (seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR && !may_be_new)
			fail(name, "libseccomp knows no such call");
		set_call(v, token, row, name);
		at += n + (at[n] == ' ');
	}
}

/* EPERM for what exists and no row allows, ENOSYS for what libseccomp has no name for. */
static void set_known(struct verdicts *v, uint32_t token, uint32_t bit)
{
	for (int n = 0; n < NUMBERS; n++) {
		char *name = seccomp_syscall_resolve_num_arch(token, n | (int)bit);

		if (name)
			v->action[n] = RETURN_EPERM;
		free(name);
	}
}

static void set_verdicts(struct verdicts *v, const struct architecture *a)
{
	for (size_t n = 0; n < NUMBERS; n++)
		v->action[n] = RETURN_ENOSYS;
	set_known(v, a->token, 0);
	if (a->shared)
		set_known(v, a->shared, X32_BIT);
	for (size_t i = 0; i < seccomp_row_count; i++) {
		if (!(seccomp_rows[i].profiles & v->profile))
			continue;
		set_row(v, a->token, &seccomp_rows[i]);
		if (a->shared)
			set_row(v, a->shared, &seccomp_rows[i]);
	}
}

/* One architecture: its own numbers, or on to the next. */
static void emit_architecture(struct program *p, const struct architecture *a, unsigned int profile)
{
	static struct verdicts v;
	size_t skip;

	v.profile = profile;
	set_verdicts(&v, a);
	(void)emit_jump(p, BPF_JEQ, a->token, 1, 0);
	skip = emit(p, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	emit_load(p, offsetof(struct seccomp_data, nr));
	if (a->has_private_calls) {
		(void)emit_jump(p, BPF_JGE, ARM_PRIVATE, 0, 1);
		emit_return(p, RETURN_ALLOW);
	}
	if (a->shared) {
		(void)emit_jump(p, BPF_JGE, X32_BIT, 0, 1);
		(void)emit(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~X32_BIT));
	}
	emit_ranges(p, &v);
	p->instructions[skip].k = (uint32_t)(p->count - skip - 1);
}

static void compile(struct program *p, const struct family *f, unsigned int profile)
{
	p->count = 0;
	emit_load(p, offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < 2 && f->architectures[i].token; i++)
		emit_architecture(p, &f->architectures[i], profile);
	emit_return(p, SECCOMP_RET_KILL_PROCESS);
}

static void print(const char *name, const struct program *p)
{
	printf("static const struct sock_filter %s_instructions[] = {\n", name);
	for (size_t i = 0; i < p->count; i++) {
		const struct sock_filter *s = &p->instructions[i];

		printf("\t{0x%02x, %u, %u, 0x%08x},\n", s->code, s->jt, s->jf, s->k);
	}
	printf("};\n");
}

int main(int argc, char **argv)
{
	static struct program program;

	for (size_t f = 0; argc == 2 && f < sizeof(families) / sizeof(families[0]); f++) {
		if (strcmp(families[f].name, argv[1]) != 0)
			continue;
		printf("/* Made from src/security/seccomp/table.c. */\n");
		compile(&program, &families[f], PROFILE_DEFAULT);
		print("default", &program);
		compile(&program, &families[f], PROFILE_SYSTEM);
		print("system", &program);
		return 0;
	}
	(void)fprintf(stderr, "usage: seccomp-compile x86_64|aarch64|riscv64\n");
	return 1;
}
