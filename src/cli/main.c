/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bulkhead: the verbs of the design's section 3. What is asked is parsed by tables, done by
 * machine/, engine/ and storage/, and printed here.
 */
#include "build_config.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/suggest.h"
#include "cli/usage.h"
#include "cli/verb.h"
#include "machine/lifecycle.h"
#include "model/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_OURS = 125 };

/* The value of a global option, or NULL: these are not in the verb's own tables. */
static const char *global_value(const struct call *c, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < c->value_count; i++) {
		if (strcmp(c->values[i].row->name, name) == 0)
			value = c->values[i].value;
	}
	return value;
}

static int unknown_verb(const struct call *c, const char *name, struct err *e)
{
	struct suggestion s = suggestion_start(name);

	for (const struct verb *v = verb_table; v->name; v++)
		suggestion_offer(&s, v->name);
	if (s.best)
		return err_set(e, ERR_INPUT, -EINVAL, "unknown verb '%.80s'; did you mean '%s'?",
			       name, s.best);
	return err_set(e, ERR_INPUT, -EINVAL,
		       "unknown verb '%.80s'; 'bulkhead%s%s --help' lists them", name,
		       verb_is_group(c->words[0]) ? " " : "",
		       verb_is_group(c->words[0]) ? c->words[0] : "");
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int find_group(struct call *c, struct err *e)
{
	const char *first = c->words[0];
	const char *second = c->words[1];

	if (second && is_help(second)) {
		c->group = first;
		return 0;
	}
	if (second)
		return unknown_verb(c, arena_printf(&c->arena, "%s %s", first, second), e);
	return err_set(e, ERR_INPUT, -EINVAL,
		       "'%s' needs a verb of its own; 'bulkhead %s --help' lists them", first,
		       first);
}

static int find_verb(struct call *c, size_t *at, struct err *e)
{
	int used;

	c->verb = verb_find(c->words[0], c->words[1], &used);
	if (c->verb) {
		*at += (size_t)used;
		return 0;
	}
	if (verb_is_group(c->words[0]))
		return find_group(c, e);
	return unknown_verb(c, c->words[0], e);
}

static int check_words(const struct call *c, struct err *e)
{
	const struct verb *v = c->verb;
	char synopsis[USAGE_SYNOPSIS_MAX];

	if (c->word_count < (size_t)v->words_min)
		return err_set(e, ERR_INPUT, -EINVAL, "%s; usage: %s",
			       c->word_count ? "words are missing" : "a word is missing",
			       usage_synopsis(v, synopsis));
	if (v->words_max >= 0 && c->word_count > (size_t)v->words_max)
		return err_set(e, ERR_INPUT, -EINVAL, "'%.80s' is one word too many; usage: %s",
			       c->words[v->words_max], usage_synopsis(v, synopsis));
	return 0;
}

/* Global options, the verb, its options, in this order on the command line. */
static int parse(struct call *c, const char *const *argv, struct err *e)
{
	size_t at = 0;
	int r;

	r = options_parse(c, &(struct options_input){.argv = argv, .stop_at_word = true}, &at, e);
	if (r < 0 || c->word_count == 0)
		return r;
	if (global_value(c, "help") || global_value(c, "version"))
		return 0;
	r = find_verb(c, &at, e);
	if (r < 0 || c->group)
		return r;
	return options_parse(c,
			     &(struct options_input){
				     .argv = argv + at,
				     .stop_at_word = c->verb->flags & VERB_STOP_AT_WORD,
			     },
			     NULL, e);
}

/* True when that was all that was wanted. */
static bool print_help(const struct call *c)
{
	if (global_value(c, "version")) {
		(void)printf("bulkhead %s\n", BULKHEAD_VERSION);
		return true;
	}
	if (!global_value(c, "help") && !c->group)
		return false;
	if (c->verb)
		usage_print_verb(c->verb, stdout);
	else if (c->group)
		usage_print_group(c->group, stdout);
	else
		usage_print_program(stdout);
	return true;
}

static int run_verb(struct call *c, struct err *e)
{
	int r;

	r = paths_settings(global_value(c, "root"), global_value(c, "run"), &c->settings, e);
	if (r < 0)
		return r;
	if (!(c->verb->flags & VERB_NO_STATE)) {
		if (geteuid() != 0)
			return err_set(e, ERR_HOST, -EPERM,
				       "needs root, for namespaces, mounts and control groups");
		r = paths_make(&c->settings, e);
		if (r == 0)
			r = machine_recover_all(&c->settings, e);
		if (r < 0)
			return r;
		report_debug(c, "recovered");
	}
	return c->verb->run(c, e);
}

/* Of a command's own codes, 125 and above are ours: what failed there was not the command. */
static int failure_code(const struct call *c, const struct err *e)
{
	int code = err_exit_code(e);

	if (c->verb && (c->verb->flags & VERB_PASSES_CODE) && code == 1)
		return c->exit_code ? c->exit_code : EXIT_OURS;
	return code ? code : 1;
}

/* The machine that the call is about, when it is about one: it stands in the error. */
static const char *subject(const struct call *c)
{
	const char *words = c->verb ? c->verb->words : "";

	if (strncmp(words, "NAME", 4) != 0 || !c->word_count)
		return NULL;
	return words[4] != '.' || c->word_count == 1 ? c->words[0] : NULL;
}

static int flush_output(struct call *c)
{
	struct err e = ERR_INIT;

	if (fflush(stdout) == 0 && !ferror(stdout))
		return c->exit_code;
	if (errno == EPIPE)
		return c->exit_code ? c->exit_code : 1;
	(void)err_sys(&e, errno ? -errno : -EIO, "cannot write to standard output");
	report_error(c, NULL, &e);
	return failure_code(c, &e);
}

static int main_call(struct call *c, const char *const *argv)
{
	struct err e = ERR_INIT;
	int r;

	r = parse(c, argv, &e);
	c->json = global_value(c, "json") != NULL;
	c->quiet = global_value(c, "quiet") != NULL;
	c->debug = global_value(c, "debug") != NULL;
	if (r == 0 && print_help(c))
		return flush_output(c);
	if (r == 0 && !c->verb)
		r = err_set(&e, ERR_INPUT, -EINVAL, "no verb; 'bulkhead --help' lists them");
	if (r == 0)
		r = check_words(c, &e);
	if (r < 0) {
		report_error(c, NULL, &e);
		return failure_code(c, &e);
	}
	r = run_verb(c, &e);
	if (r < 0) {
		(void)fflush(stdout);
		report_error(c, subject(c), &e);
		return failure_code(c, &e);
	}
	report_progress_end(c);
	return flush_output(c);
}

/* A closed descriptor among the first three would be taken by the next file that is opened, and
 * handed to a machine as its standard input or output. */
static void open_standard_descriptors(void)
{
	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(EXIT_OURS);
	}
}

static void on_sigpipe(int signal_number)
{
	(void)signal_number;
}

int main(int argc, char **argv)
{
	struct timespec now;
	struct call c = {.arena = ARENA_INIT};
	int code;

	(void)argc;
	open_standard_descriptors();
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	c.started_usec = (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
	/* A closed pipe is an error of write(2), so that no machine is left half watched. A handler
	 * is not passed on to the programs that we execute, SIG_IGN would be. */
	(void)signal(SIGPIPE, on_sigpipe);
	code = main_call(&c, (const char *const *)argv + 1);
	arena_done(&c.arena);
	return code;
}
