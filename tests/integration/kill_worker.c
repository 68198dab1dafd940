/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command of bulkhead, and kills the worker that bulkheadd forks for it a given time after
 * it appeared. Exit code 0: it was killed; 1: it was faster.
 *
 *   kill_worker MICROSECONDS PID[,PID...] COMMAND...     the pids of bulkheadd's processes
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define DAEMONS_MAX 8

static char children[DAEMONS_MAX][64];
static size_t daemons;

static void add_daemons(char *list)
{
	for (char *pid = strtok(list, ","); pid && daemons < DAEMONS_MAX; pid = strtok(NULL, ","))
		(void)snprintf(children[daemons++], sizeof(children[0]),
			       "/proc/%s/task/%s/children", pid, pid);
}

static bool read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, size - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static bool is_worker(pid_t pid)
{
	char path[64], comm[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	return read_text(path, comm, sizeof(comm)) && strcmp(comm, "bulkhead-worker\n") == 0;
}

static pid_t find_worker(void)
{
	char list[4096], *rest;

	for (size_t i = 0; i < daemons; i++) {
		if (!read_text(children[i], list, sizeof(list)))
			continue;
		for (char *word = strtok_r(list, " ", &rest); word;
		     word = strtok_r(NULL, " ", &rest)) {
			pid_t pid = (pid_t)strtol(word, NULL, 10);

			if (pid > 0 && is_worker(pid))
				return pid;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	pid_t client, worker = 0;
	int status;

	if (argc < 4)
		return 2;
	add_daemons(argv[2]);
	client = fork();
	if (client == 0) {
		(void)execvp(argv[3], &argv[3]);
		_exit(127);
	}
	while (worker == 0) {
		worker = find_worker();
		if (worker == 0 && waitpid(client, &status, WNOHANG) == client)
			return 1;
	}
	(void)usleep((useconds_t)strtoul(argv[1], NULL, 10));
	if (!is_worker(worker) || kill(worker, SIGKILL) < 0)
		worker = 0;
	(void)waitpid(client, &status, 0);
	return worker > 0 ? 0 : 1;
}
