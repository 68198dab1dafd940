/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The entry point and the system call of each processor, for a program without libc.
 */
#pragma once

#if defined(__x86_64__)

__asm__(".text\n.globl _start\n.type _start,@function\n"
	"_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall init_main\n\thlt\n"
	".section .note.GNU-stack,\"\",@progbits\n.text\n");

static inline long system_call(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}

#elif defined(__aarch64__)

__asm__(".text\n.globl _start\n.type _start,%function\n"
	"_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tand sp, x0, #-16\n\tbl init_main\n"
	".section .note.GNU-stack,\"\",%progbits\n.text\n");

static inline long system_call(long number, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}

#else
#error "bulkhead-init: a processor without its entry point and system call; add them here"
#endif
