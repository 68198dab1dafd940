/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiled profiles, twice: by interpreting the program for every call of every architecture,
 * and by the kernel, in a child that asks for what must not be.
 */
#include "tests/unit/helper.h"

#include "kernel/credentials.h"
#include "security/security.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define ENOSYS_ACTION (SECCOMP_RET_ERRNO | ENOSYS)
#define EPERM_ACTION (SECCOMP_RET_ERRNO | EPERM)

static bool jumps(const struct sock_filter *s, uint32_t a)
{
	switch (BPF_OP(s->code)) {
	case BPF_JEQ:
		return a == s->k;
	case BPF_JGE:
		return a >= s->k;
	case BPF_JSET:
		return (a & s->k) != 0;
	default:
		fail_msg("instruction 0x%x", s->code);
		return false;
	}
}

/* The verdict; every run ends, as jumps only go forward. */
static uint32_t interpret(const struct sock_fprog *p, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < p->len; pc++) {
		const struct sock_filter *s = &p->filter[pc];

		if (BPF_CLASS(s->code) == BPF_RET)
			return s->k;
		if (BPF_CLASS(s->code) == BPF_LD)
			memcpy(&a, (const char *)data + s->k, sizeof(a));
		else if (BPF_CLASS(s->code) == BPF_ALU)
			a &= s->k;
		else if (BPF_OP(s->code) == BPF_JA)
			pc += s->k;
		else
			pc += jumps(s, a) ? s->jt : s->jf;
	}
	fail_msg("ran off the program's end");
	return 0;
}

static uint32_t verdict(const char *profile, uint32_t arch, const char *call, uint64_t argument)
{
	struct seccomp_data data = {.args = {argument}};

	data.nr = seccomp_syscall_resolve_name_arch(arch, call);
	data.arch = arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch;
	return interpret(seccomp_program(profile), &data);
}

#if defined(__x86_64__)
static const uint32_t architectures[] = {SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32};
#elif defined(__aarch64__)
static const uint32_t architectures[] = {SCMP_ARCH_AARCH64, SCMP_ARCH_ARM};
#else
static const uint32_t architectures[] = {SCMP_ARCH_NATIVE};
#endif
#define ARCHITECTURES (sizeof(architectures) / sizeof(architectures[0]))

struct expectation {
	const char *call;
	uint64_t argument;
	uint32_t by_default, by_system;
};

#define ALLOW SECCOMP_RET_ALLOW

static const struct expectation expectations[] = {
	{"read", 0, ALLOW, ALLOW},
	{"execve", 0, ALLOW, ALLOW},
	{"openat2", 0, ALLOW, ALLOW},
	{"futex_waitv", 0, ALLOW, ALLOW},
	{"clone", SIGCHLD, ALLOW, ALLOW},
	{"clone", CLONE_NEWUSER | SIGCHLD, EPERM_ACTION, ALLOW},
	{"clone", CLONE_NEWNET, EPERM_ACTION, ALLOW},
	{"clone", CLONE_NEWCGROUP, EPERM_ACTION, ALLOW},
	{"clone3", 0, ENOSYS_ACTION, ALLOW},
	{"unshare", 0, EPERM_ACTION, ALLOW},
	{"setns", 0, EPERM_ACTION, ALLOW},
	{"mount", 0, EPERM_ACTION, ALLOW},
	{"open_tree", 0, EPERM_ACTION, ALLOW},
	{"pivot_root", 0, EPERM_ACTION, ALLOW},
	{"reboot", 0, EPERM_ACTION, ALLOW},
	{"socket", AF_INET, ALLOW, ALLOW},
	{"socket", 40, EPERM_ACTION, EPERM_ACTION},
	/* The kernel looks at 32 bits of it. */
	{"socket", 40 | UINT64_C(1) << 32, EPERM_ACTION, EPERM_ACTION},
	{"personality", 0, ALLOW, ALLOW},
	{"personality", 8, ALLOW, ALLOW},
	{"personality", 0x20008, ALLOW, ALLOW},
	{"personality", 0xffffffff, ALLOW, ALLOW},
	{"personality", ADDR_NO_RANDOMIZE, EPERM_ACTION, EPERM_ACTION},
	{"io_uring_setup", 0, ENOSYS_ACTION, ENOSYS_ACTION},
	{"keyctl", 0, EPERM_ACTION, EPERM_ACTION},
	{"add_key", 0, EPERM_ACTION, EPERM_ACTION},
	{"request_key", 0, EPERM_ACTION, EPERM_ACTION},
	{"bpf", 0, EPERM_ACTION, EPERM_ACTION},
	{"perf_event_open", 0, EPERM_ACTION, EPERM_ACTION},
	{"userfaultfd", 0, EPERM_ACTION, EPERM_ACTION},
	{"open_by_handle_at", 0, EPERM_ACTION, EPERM_ACTION},
	{"kexec_load", 0, EPERM_ACTION, EPERM_ACTION},
	{"init_module", 0, EPERM_ACTION, EPERM_ACTION},
	{"finit_module", 0, EPERM_ACTION, EPERM_ACTION},
	{"delete_module", 0, EPERM_ACTION, EPERM_ACTION},
	{"swapon", 0, EPERM_ACTION, EPERM_ACTION},
	{"settimeofday", 0, EPERM_ACTION, EPERM_ACTION},
	{"clock_settime", 0, EPERM_ACTION, EPERM_ACTION},
	{"acct", 0, EPERM_ACTION, EPERM_ACTION},
	{"quotactl", 0, EPERM_ACTION, EPERM_ACTION},
	{"syslog", 0, EPERM_ACTION, EPERM_ACTION},
	{"iopl", 0, EPERM_ACTION, EPERM_ACTION},
	{"ioperm", 0, EPERM_ACTION, EPERM_ACTION},
	{"move_pages", 0, EPERM_ACTION, EPERM_ACTION},
	{"nfsservctl", 0, EPERM_ACTION, EPERM_ACTION},
	{"lookup_dcookie", 0, EPERM_ACTION, EPERM_ACTION},
	{"vhangup", 0, EPERM_ACTION, ALLOW},
	{"sethostname", 0, EPERM_ACTION, ALLOW},
};

static void test_expectations(void **state)
{
	(void)state;
	for (size_t a = 0; a < ARCHITECTURES; a++) {
		for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++) {
			const struct expectation *x = &expectations[i];

			/* Not there, or a part of socketcall. */
			if (seccomp_syscall_resolve_name_arch(architectures[a], x->call) < 0)
				continue;
			if (verdict("default", architectures[a], x->call, x->argument) !=
				    x->by_default ||
			    verdict("system", architectures[a], x->call, x->argument) !=
				    x->by_system)
				fail_msg("%s(0x%llx) on architecture 0x%x", x->call,
					 (unsigned long long)x->argument, architectures[a]);
		}
	}
}

/* No number is without a verdict; what the default allows, the system's profile allows. */
static void test_every_number(void **state)
{
	size_t allowed = 0;

	(void)state;
	for (size_t a = 0; a < ARCHITECTURES; a++) {
		for (int n = 0; n < 2000; n++) {
			uint32_t bit = architectures[a] == SCMP_ARCH_X32 ? 0x40000000 : 0;
			const struct seccomp_data data = {.nr = n | (int)bit,
							  .arch = bit ? SCMP_ARCH_X86_64
								      : architectures[a]};
			uint32_t d = interpret(seccomp_program("default"), &data);
			uint32_t s = interpret(seccomp_program("system"), &data);

			assert_true(d == ALLOW || d == EPERM_ACTION || d == ENOSYS_ACTION);
			if (d == ALLOW)
				assert_int_equal(s, ALLOW);
			allowed += d == ALLOW;
			if (n > 600)
				assert_int_equal(d, ENOSYS_ACTION);
		}
	}
	assert_true(allowed > 250 * ARCHITECTURES);
}

static void test_foreign_architecture(void **state)
{
	const struct seccomp_data data = {.nr = 0, .arch = AUDIT_ARCH_S390X};

	(void)state;
	assert_int_equal(interpret(seccomp_program("default"), &data), SECCOMP_RET_KILL_PROCESS);
	assert_null(seccomp_program("none"));
}

#define DENIED(code, errno_, ...) CHILD_CHECK(code, syscall(__VA_ARGS__) < 0 && errno == (errno_))

static int under_default(const char *scratch)
{
	(void)scratch;
	CHILD_CHECK(1, no_new_privs_set() == 0);
	CHILD_CHECK(2, seccomp_install(seccomp_default_program()) == 0);
	DENIED(3, EPERM, SYS_unshare, CLONE_NEWUSER);
	DENIED(4, ENOSYS, SYS_clone3, NULL, 0);
	DENIED(5, EPERM, SYS_socket, 40, SOCK_STREAM, 0);
	DENIED(6, EPERM, SYS_socket, 40 | 1L << 32, SOCK_STREAM, 0);
	DENIED(7, EPERM, SYS_keyctl, 0, 0, 0, 0, 0);
	DENIED(8, ENOSYS, SYS_io_uring_setup, 1, NULL);
	DENIED(9, ENOSYS, 1000);
	DENIED(10, EPERM, SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	DENIED(11, EPERM, SYS_open_by_handle_at, -1, NULL, 0);
#if defined(__x86_64__)
	/* By the 32-bit entry: sethostname(2) is 74 there, getpid(2) 20. */
	long r;

	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(74), "b"(0), "c"(0)
			 : "memory", "r8", "r9", "r10", "r11");
	CHILD_CHECK(12, r == -EPERM || r == -ENOSYS);
#endif
	CHILD_CHECK(13, fork() >= 0);
	CHILD_CHECK(14, socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	return 0;
}

static void test_by_the_kernel(void **state)
{
	(void)state;
	in_child(under_default, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_every_number),
		cmocka_unit_test(test_foreign_architecture),
		cmocka_unit_test(test_by_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
