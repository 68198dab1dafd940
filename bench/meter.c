/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what the kernel counted for cgroups (cpu.stat of v2, in the tree that every machine has a
 * cgroup in), not what Bulkhead says about it.
 *
 *   meter rate SECONDS CPU_STAT...    prints the CPUs that each used over the time, in one line
 *   meter wake CPU_STAT PERIOD_MS BUSY_MS COUNT FLOOR_MILLICPUS
 *
 * `wake` watches "hog pulse" with the same PERIOD_MS and BUSY_MS, COUNT times. Prints a line for
 * each: after how many milliseconds since the hogs woke it had had its floor over the last 100 ms
 * (-1: never), and the millicpus that it had from 300 ms after it woke on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NSEC INT64_C(1000000000)
#define MSEC INT64_C(1000000)
#define FILES_MAX 64
#define STEP_MSEC 10
#define WINDOW_STEPS 10
#define SETTLED_STEPS 30 /* 300 ms */
#define STEPS_MAX 1000

static int64_t now_nsec(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * NSEC + t.tv_nsec;
}

static void sleep_until(clockid_t clock, int64_t nsec)
{
	struct timespec t = {.tv_sec = nsec / NSEC, .tv_nsec = nsec % NSEC};

	while (clock_nanosleep(clock, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static _Noreturn void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "meter: %s: %s\n", what, why);
	exit(1);
}

static int open_stat(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die(path, strerror(errno));
	return fd;
}

static int64_t read_usec(int fd)
{
	static const char key[] = "usage_usec ";
	char text[512];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n < (ssize_t)sizeof(key))
		die("cpu.stat", "cannot be read: the machine is gone");
	text[n] = '\0';
	if (strncmp(text, key, sizeof(key) - 1) != 0)
		die("cpu.stat", "does not begin with usage_usec");
	return strtoll(text + sizeof(key) - 1, NULL, 10);
}

static int64_t number(const char *text, int64_t max)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (*end != '\0' || n < 1 || n > max)
		die(text, "not a number that makes sense");
	return n;
}

static int rate(int argc, char **argv)
{
	int64_t seconds = argc > 1 ? number(argv[0], 3600) : 0;
	int64_t used[FILES_MAX], at[FILES_MAX];
	int fds[FILES_MAX], count = argc - 1;

	if (count < 1 || count > FILES_MAX)
		return 2;
	for (int i = 0; i < count; i++) {
		fds[i] = open_stat(argv[i + 1]);
		used[i] = read_usec(fds[i]);
		at[i] = now_nsec(CLOCK_MONOTONIC);
	}
	sleep_until(CLOCK_MONOTONIC, at[0] + seconds * NSEC);
	for (int i = 0; i < count; i++) {
		int64_t usec = read_usec(fds[i]) - used[i];

		(void)printf("%.4f%c",
			     (double)usec * 1000 / (double)(now_nsec(CLOCK_MONOTONIC) - at[i]),
			     i + 1 < count ? ' ' : '\n');
	}
	return 0;
}

struct sample {
	int64_t nsec; /* of the wall clock */
	int64_t used_usec;
};

static double millicpus(const struct sample *from, const struct sample *to)
{
	return (double)(to->used_usec - from->used_usec) * 1e6 / (double)(to->nsec - from->nsec);
}

static void print_wake(const struct sample *samples, int count, double floor_milli)
{
	int64_t reached = -1;

	for (int i = WINDOW_STEPS; i < count && reached < 0; i++) {
		if (millicpus(&samples[i - WINDOW_STEPS], &samples[i]) >= floor_milli)
			reached = (samples[i].nsec - samples[0].nsec) / MSEC;
	}
	(void)printf("%lld %.0f\n", (long long)reached,
		     millicpus(&samples[SETTLED_STEPS], &samples[count - 1]));
}

static int wake(int argc, char **argv)
{
	static struct sample samples[STEPS_MAX];
	int64_t period, busy, count, next;
	double floor_milli;
	int fd, steps;

	if (argc != 5)
		return 2;
	fd = open_stat(argv[0]);
	period = number(argv[1], 3600000) * MSEC;
	busy = number(argv[2], STEPS_MAX * STEP_MSEC);
	count = number(argv[3], 10000);
	floor_milli = (double)number(argv[4], 1000000);
	steps = (int)(busy / STEP_MSEC);
	if (steps < 2 * SETTLED_STEPS)
		die(argv[2], "too short a time to see it settle");
	next = (now_nsec(CLOCK_REALTIME) / period + 1) * period;
	for (int64_t i = 0; i < count; i++, next += period) {
		for (int s = 0; s < steps; s++) {
			sleep_until(CLOCK_REALTIME, next + s * STEP_MSEC * MSEC);
			samples[s].nsec = now_nsec(CLOCK_REALTIME);
			samples[s].used_usec = read_usec(fd);
		}
		/* Between the wake-up and the first look nothing is lost: it is counted from here.
		 */
		samples[0].nsec = next;
		print_wake(samples, steps, floor_milli);
		(void)fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	int r = 2;

	if (argc > 2 && strcmp(argv[1], "rate") == 0)
		r = rate(argc - 2, argv + 2);
	else if (argc > 2 && strcmp(argv[1], "wake") == 0)
		r = wake(argc - 2, argv + 2);
	if (r == 2)
		(void)fprintf(stderr, "meter: see the head of bench/meter.c\n");
	return r;
}
