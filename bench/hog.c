/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machines of the benchmarks do. Static, so that it runs in any image.
 *
 *   hog spin PROCESSES SECONDS                  as much CPU as there is
 *   hog pulse PROCESSES PERIOD_MS BUSY_MS SECONDS
 *                                               spins for BUSY_MS at every multiple of PERIOD_MS of
 *                                               the wall clock, so that others know when it wakes
 *   hog rate                                    prints the units of work in one CPU second
 *   hog work SECONDS RATE                       prints the units of work done and the CPU seconds
 *                                               that they took; RATE: units wanted each second, in
 *                                               pieces of 20 ms, what is late is caught up with;
 *                                               0: as many as it can
 *   hog fork SECONDS                            a fork bomb
 *   hog memory SECONDS                          touches memory until it is killed, and again
 *   hog idle                                    nothing
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NSEC INT64_C(1000000000)
#define PIECE_NSEC (20 * INT64_C(1000000))
#define PROCESSES_MAX 1024
#define BITE_BYTES ((size_t)1 << 20)
#define PAGE_BYTES 4096

static int64_t now_nsec(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * NSEC + t.tv_nsec;
}

static int64_t after(int64_t seconds)
{
	return now_nsec(CLOCK_MONOTONIC) + seconds * NSEC;
}

static bool is_over(int64_t end)
{
	return now_nsec(CLOCK_MONOTONIC) >= end;
}

static void sleep_until(clockid_t clock, int64_t nsec)
{
	struct timespec t = {.tv_sec = nsec / NSEC, .tv_nsec = nsec % NSEC};

	while (clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* The same work each time, in registers only: about 20 microseconds. */
static void do_unit(void)
{
	uint64_t x = 88172645463325252u;

	for (int i = 0; i < 10000; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	__asm__ volatile("" : : "r"(x));
}

/* Makes `count` processes less one; each returns, and ends with the first. */
static void multiply(int64_t count)
{
	pid_t parent = getpid();

	for (int64_t i = 1; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("hog: fork");
			exit(1);
		}
		if (pid > 0)
			continue;
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		return;
	}
}

static int spin(const int64_t *n)
{
	int64_t end = after(n[1]);

	multiply(n[0]);
	while (!is_over(end))
		do_unit();
	return 0;
}

static int pulse(const int64_t *n)
{
	int64_t period = n[1] * 1000000, busy = n[2] * 1000000, end = after(n[3]);

	multiply(n[0]);
	while (!is_over(end)) {
		int64_t wake = (now_nsec(CLOCK_REALTIME) / period + 1) * period;

		sleep_until(CLOCK_REALTIME, wake);
		while (now_nsec(CLOCK_REALTIME) < wake + busy)
			do_unit();
	}
	return 0;
}

/* The best of ten, for what interrupts only makes it slower. */
static int rate(const int64_t *n)
{
	int64_t best = 0;

	(void)n;
	for (int i = 0; i < 10; i++) {
		int64_t start = now_nsec(CLOCK_PROCESS_CPUTIME_ID), used, units = 0;

		do {
			do_unit();
			units++;
			used = now_nsec(CLOCK_PROCESS_CPUTIME_ID) - start;
		} while (used < NSEC / 20);
		if (units * NSEC / used > best)
			best = units * NSEC / used;
	}
	return printf("%lld\n", (long long)best) < 0;
}

static int64_t work_freely(int64_t end)
{
	int64_t units = 0;

	for (; !is_over(end); units++)
		do_unit();
	return units;
}

static int64_t work_paced(int64_t end, int64_t wanted_each_second)
{
	int64_t start = now_nsec(CLOCK_MONOTONIC), units = 0;

	for (int64_t piece = 1; !is_over(end); piece++) {
		int64_t due = piece * (wanted_each_second * PIECE_NSEC / NSEC);

		for (; units < due && !is_over(end); units++)
			do_unit();
		if (start + piece * PIECE_NSEC < end)
			sleep_until(CLOCK_MONOTONIC, start + piece * PIECE_NSEC);
	}
	return units;
}

static int work(const int64_t *n)
{
	int64_t end = after(n[0]);
	int64_t units = n[1] == 0 ? work_freely(end) : work_paced(end, n[1]);
	double used = (double)now_nsec(CLOCK_PROCESS_CPUTIME_ID) / (double)NSEC;

	return printf("%lld %.6f\n", (long long)units, used) < 0;
}

/* Every process of it makes more until none can be made, and goes on to try. */
static int fork_bomb(const int64_t *n)
{
	int64_t end = after(n[0]);

	(void)signal(SIGCHLD, SIG_IGN);
	while (!is_over(end))
		(void)fork();
	return 0;
}

static _Noreturn void eat(int64_t end)
{
	while (!is_over(end)) {
		char *bite = mmap(NULL, BITE_BYTES, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (bite == MAP_FAILED)
			_exit(1);
		for (size_t i = 0; i < BITE_BYTES; i += PAGE_BYTES)
			bite[i] = 1;
	}
	_exit(0);
}

static int memory_bomb(const int64_t *n)
{
	int64_t end = after(n[0]);

	while (!is_over(end)) {
		pid_t pid = fork();

		if (pid == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			eat(end);
		}
		if (pid > 0)
			(void)waitpid(pid, NULL, 0);
	}
	return 0;
}

static int idle(const int64_t *n)
{
	(void)n;
	return pause();
}

static const struct job {
	const char *name;
	int numbers;
	int (*run)(const int64_t *numbers);
} jobs[] = {
	{"spin", 2, spin}, {"pulse", 4, pulse},	   {"rate", 0, rate},	       {"work", 2, work},
	{"idle", 0, idle}, {"fork", 1, fork_bomb}, {"memory", 1, memory_bomb},
};

static const struct job *find_job(const char *name, int numbers)
{
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		if (strcmp(jobs[i].name, name) == 0 && jobs[i].numbers == numbers)
			return &jobs[i];
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const struct job *job = argc > 1 ? find_job(argv[1], argc - 2) : NULL;
	int64_t numbers[4] = {0};

	if (!job) {
		(void)fprintf(stderr, "hog: no such job; see the head of bench/hog.c\n");
		return 2;
	}
	for (int i = 0; i < job->numbers; i++) {
		char *end;

		numbers[i] = strtoll(argv[i + 2], &end, 10);
		if (*end != '\0' || numbers[i] < 0 || numbers[i] > 1000000000) {
			(void)fprintf(stderr, "hog: '%s' is not a number that makes sense\n",
				      argv[i + 2]);
			return 2;
		}
	}
	return job->run(numbers);
}
