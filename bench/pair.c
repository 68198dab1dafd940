/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times commands against each other, in turns (A B C A B C ...), so that what else the host does
 * hits all of them alike.
 *
 *   pair ROUNDS WARMUP LABEL COMMAND... [-- LABEL COMMAND...]...
 *
 * Prints a line for each: LABEL, then minimum, median and 9th decile in microseconds. A command
 * that fails ends it: what failed is not worth timing. "%" in a command stands for the number of
 * the round.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define ROUNDS_MAX 10000
#define WORDS_MAX 64

extern char **environ;

struct command {
	const char *label;
	char **argv;
	double *usec; /* one for each round */
};

static double now_usec(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "pair: %s: %s\n", what, why);
	exit(1);
}

static void *allocate(size_t size)
{
	void *p = calloc(1, size);

	if (!p)
		die("memory", strerror(ENOMEM));
	return p;
}

/* What it prints is of no interest, its complaints are. */
static void prepare(posix_spawn_file_actions_t *files)
{
	if (posix_spawn_file_actions_init(files) != 0 ||
	    posix_spawn_file_actions_addopen(files, 0, "/dev/null", O_RDONLY, 0) != 0 ||
	    posix_spawn_file_actions_addopen(files, 1, "/dev/null", O_WRONLY, 0) != 0)
		die("files", strerror(ENOMEM));
}

static char *number_word(char *word, int round)
{
	char *percent = strchr(word, '%'), *text = NULL;

	if (!percent)
		return word;
	if (asprintf(&text, "%.*s%d%s", (int)(percent - word), word, round, percent + 1) < 0)
		die("memory", strerror(ENOMEM));
	return text;
}

static double run_once(const struct command *c, const posix_spawn_file_actions_t *files, int round)
{
	char *argv[WORDS_MAX + 1] = {NULL};
	double start, end;
	int status = 0, r;
	pid_t pid;

	for (size_t i = 0; c->argv[i]; i++)
		argv[i] = number_word(c->argv[i], round);
	start = now_usec();
	r = posix_spawnp(&pid, argv[0], files, NULL, argv, environ);
	if (r != 0)
		die(c->label, strerror(r));
	if (waitpid(pid, &status, 0) != pid || status != 0)
		die(c->label, "it failed, see above");
	end = now_usec();
	for (size_t i = 0; c->argv[i]; i++) {
		if (argv[i] != c->argv[i])
			free(argv[i]);
	}
	return end - start;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print_result(const struct command *c, int rounds)
{
	qsort(c->usec, (size_t)rounds, sizeof(double), compare);
	(void)printf("%s %.0f %.0f %.0f\n", c->label, c->usec[0], c->usec[rounds / 2],
		     c->usec[rounds * 9 / 10]);
}

/* Splits at "--"; returns how many. */
static int take_commands(char **argv, struct command commands[static COMMANDS_MAX], int rounds)
{
	int count = 0;

	while (*argv) {
		struct command *c = &commands[count++];
		size_t words = 0;

		c->label = *argv++;
		c->argv = argv;
		while (argv[words] && strcmp(argv[words], "--") != 0)
			words++;
		if (words == 0 || words > WORDS_MAX || count == COMMANDS_MAX)
			die(c->label, "no command, or too many words or commands");
		c->usec = allocate((size_t)rounds * sizeof(double));
		argv += words;
		if (*argv)
			*argv++ = NULL;
	}
	return count;
}

int main(int argc, char **argv)
{
	struct command commands[COMMANDS_MAX] = {0};
	posix_spawn_file_actions_t files;
	int rounds = argc > 4 ? atoi(argv[1]) : 0;
	int warmup = argc > 4 ? atoi(argv[2]) : 0;
	int count;

	if (rounds < 1 || rounds > ROUNDS_MAX || warmup < 0) {
		(void)fprintf(stderr, "usage: pair ROUNDS WARMUP LABEL COMMAND... [-- ...]\n");
		return 2;
	}
	count = take_commands(argv + 3, commands, rounds);
	prepare(&files);
	for (int round = -warmup; round < rounds; round++) {
		for (int i = 0; i < count; i++) {
			double usec = run_once(&commands[i], &files, round + warmup);

			if (round >= 0)
				commands[i].usec[round] = usec;
		}
	}
	for (int i = 0; i < count; i++)
		print_result(&commands[i], rounds);
	return 0;
}
