/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/spec_options.h"
#include "cli/verb.h"

#include <string.h>

#define MACHINES "Machines"
#define INSIDE "Commands and consoles"
#define LOOK "Looking at machines"
#define HOST "The host"
#define IMAGES "Images"

#define END                  \
	{                    \
		.name = NULL \
	}

const struct option_row global_options[] = {
	{'\0', "root", OPTION_VALUE, "DIR",
	 "Persistent state: images and machines (default $BULKHEAD_ROOT or /var/lib/bulkhead)"},
	{'\0', "run", OPTION_VALUE, "DIR",
	 "Runtime state (default $BULKHEAD_RUN or /run/bulkhead)"},
	{'\0', "json", OPTION_FLAG, NULL, "Print one JSON document instead of text"},
	{'q', "quiet", OPTION_FLAG, NULL, "No progress, no warnings; lists print names only"},
	{'\0', "debug", OPTION_FLAG, NULL, "Say on standard error what is being done, and when"},
	{'h', "help", OPTION_FLAG, NULL, "Print this help"},
	{'V', "version", OPTION_FLAG, NULL, "Print the version"},
	END,
};

static const struct option_row run_options[] = {
	{'\0', "name", OPTION_VALUE, "NAME", "Name of the machine (default: run-XXXXXXXX)"},
	{'\0', "keep", OPTION_FLAG, NULL, "Keep the machine when it has ended"},
	{'\0', "rm", OPTION_FLAG, NULL, "Delete the machine when it has ended (the default)"},
	{'d', "detach", OPTION_FLAG, NULL, "Print the name and leave it running"},
	{'t', "tty", OPTION_BOOL, "BOOL",
	 "A terminal for the command (default: when standard input and output are terminals)"},
	{'i', "interactive", OPTION_BOOL, "BOOL",
	 "Pass standard input on (default: yes; no: it reads as empty)"},
	END,
};

static const struct option_row stop_options[] = {
	{'t', "timeout", OPTION_VALUE, "TIME",
	 "Then kill it (default: the machine's stop-timeout; 0: at once)"},
	END,
};

static const struct option_row kill_options[] = {
	{'s', "signal", OPTION_VALUE, "SIGNAL", "Signal by name or number (default: KILL)"},
	{'\0', "init", OPTION_FLAG, NULL, "To the first process only (the default is all of them)"},
	END,
};

static const struct option_row delete_options[] = {
	{'f', "force", OPTION_FLAG, NULL,
	 "Kill it first when it runs; no error when there is none"},
	END,
};

static const struct option_row enter_options[] = {
	{'u', "user", OPTION_VALUE, "USER", "User inside: name or id, with :GROUP (default: 0)"},
	{'w', "workdir", OPTION_VALUE, "DIR", "Directory inside (default: the user's home)"},
	{'e', "env", OPTION_VALUE, "KEY=VALUE", "Variable; KEY alone passes on our own"},
	{'\0', "env-file", OPTION_VALUE, "FILE", "Variables from a file, one per line"},
	END,
};

static const struct option_row exec_options[] = {
	{'u', "user", OPTION_VALUE, "USER",
	 "User inside: name or id, with :GROUP (default: the machine's)"},
	{'w', "workdir", OPTION_VALUE, "DIR", "Directory inside (default: the machine's)"},
	{'e', "env", OPTION_VALUE, "KEY=VALUE", "Variable; KEY alone passes on our own"},
	{'\0', "env-file", OPTION_VALUE, "FILE", "Variables from a file, one per line"},
	{'t', "tty", OPTION_BOOL, "BOOL",
	 "A terminal for the command (default: when standard input and output are terminals)"},
	{'i', "interactive", OPTION_BOOL, "BOOL",
	 "Pass standard input on (default: yes; no: it reads as empty)"},
	{'d', "detach", OPTION_FLAG, NULL, "Do not wait for it"},
	END,
};

static const struct option_row logs_options[] = {
	{'f', "follow", OPTION_FLAG, NULL, "Go on as lines are written, until the machine ends"},
	{'n', "tail", OPTION_VALUE, "N", "Only the last N lines"},
	END,
};

static const struct option_row events_options[] = {
	{'f', "follow", OPTION_FLAG, NULL, "Go on as they happen"},
	{'\0', "since", OPTION_VALUE, "TIME",
	 "Only since: 90s or 2h ago, HH:MM, YYYY-MM-DD[ HH:MM[:SS]]"},
	END,
};

static const struct option_row list_options[] = {
	{'\0', "running", OPTION_FLAG, NULL, "Only machines that run or are paused"},
	END,
};

static const struct option_row show_options[] = {
	{'\0', "oci", OPTION_FLAG, NULL, "As the config.json of an OCI bundle"},
	END,
};

static const struct option_row top_options[] = {
	{'1', "once", OPTION_FLAG, NULL, "Print it once, after one interval"},
	{'n', "interval", OPTION_VALUE, "TIME", "Between two looks (default: 1s)"},
	{'s', "sort", OPTION_VALUE, "cpu|memory|pids|name", "Order (default: cpu)"},
	END,
};

static const struct option_row capacity_options[] = {
	{'\0', "facts", OPTION_FLAG, NULL, "All that is known about this host, as JSON"},
	END,
};

static const struct option_row explain_options[] = {
	{'\0', "facts", OPTION_VALUE, "FILE", "Facts about a host from FILE instead of this one's"},
	{'\0', "file", OPTION_VALUE, "FILE", "A definition from FILE instead of a machine's"},
	END,
};

static const struct option_row image_make_options[] = {
	{'\0', "name", OPTION_VALUE, "NAME", "Name of the image (default: from the source)"},
	{'\0', "replace", OPTION_FLAG, NULL, "Replace an image of that name"},
	END,
};

static const struct option_row image_build_options[] = {
	{'\0', "name", OPTION_VALUE, "NAME", "Name of the image (default: from the source)"},
	{'\0', "replace", OPTION_FLAG, NULL, "Replace an image of that name"},
	{'p', "package", OPTION_VALUE, "PACKAGE", "Install this one as well; may be repeated"},
	END,
};

/* clang-format off */
const struct verb verb_table[] = {
	{"run", verb_run, "IMAGE [COMMAND [ARG...]]",
	 "Create a machine, start it, pass its exit code on, delete it", MACHINES,
	 run_options, spec_options, 1, -1, VERB_STOP_AT_WORD | VERB_PASSES_CODE},
	{"create", verb_create, "NAME IMAGE [COMMAND [ARG...]]",
	 "Define a machine", MACHINES, NULL, spec_options, 2, -1, VERB_STOP_AT_WORD},
	{"start", verb_start, "NAME...",
	 "Start machines, if what they are promised fits", MACHINES, NULL, NULL, 1, -1, 0},
	{"stop", verb_stop, "NAME...",
	 "Ask machines to end; kill them when they do not", MACHINES, stop_options, NULL, 1, -1, 0},
	{"restart", verb_restart, "NAME...",
	 "Stop machines and start them again", MACHINES, stop_options, NULL, 1, -1, 0},
	{"kill", verb_kill, "NAME...",
	 "Send a signal to the processes of machines", MACHINES, kill_options, NULL, 1, -1, 0},
	{"pause", verb_pause, "NAME...",
	 "Freeze all processes of machines", MACHINES, NULL, NULL, 1, -1, 0},
	{"resume", verb_resume, "NAME...",
	 "Let paused machines go on", MACHINES, NULL, NULL, 1, -1, 0},
	{"set", verb_set, "NAME KEY=VALUE...",
	 "Change a machine, running or not: cpu.reserve=0.75", MACHINES, NULL, NULL, 2, -1, 0},
	{"delete", verb_delete, "NAME...",
	 "Delete machines with all that they wrote", MACHINES, delete_options, NULL, 1, -1, 0},

	{"enter", verb_enter, "NAME",
	 "A shell in a machine", INSIDE,
	 enter_options, NULL, 1, 1, VERB_PASSES_CODE},
	{"exec", verb_exec, "NAME COMMAND [ARG...]",
	 "Run a command in a machine", INSIDE,
	 exec_options, NULL, 2, -1, VERB_STOP_AT_WORD | VERB_PASSES_CODE},
	{"console", verb_console, "NAME",
	 "Attach to the console of a machine; ctrl-p ctrl-q detaches", INSIDE, NULL, NULL, 1, 1, 0},
	{"logs", verb_logs, "NAME",
	 "Print what a machine wrote to its console", INSIDE, logs_options, NULL, 1, 1, 0},
	{"wait", verb_wait, "NAME...",
	 "Wait until machines have ended and print how", INSIDE, NULL, NULL, 1, -1, 0},

	{"list", verb_list, "[NAME...]",
	 "List machines", LOOK, list_options, NULL, 0, -1, 0},
	{"show", verb_show, "NAME...",
	 "Show machines: promised, delivered, used", LOOK, show_options, NULL, 1, -1, 0},
	{"top", verb_top, "[NAME...]",
	 "A live screen of what is promised and delivered", LOOK, top_options, NULL, 0, -1, 0},
	{"ps", verb_ps, "[NAME...]",
	 "List the processes of machines", LOOK, NULL, NULL, 0, -1, 0},
	{"events", verb_events, "[NAME...]",
	 "Print what happened to machines", LOOK, events_options, NULL, 0, -1, 0},

	{"capacity", verb_capacity, "",
	 "Show what this host can promise, and to whom it is promised", HOST,
	 capacity_options, NULL, 0, 0, 0},
	{"capacity set", verb_capacity_set, "KEY=VALUE...",
	 "Declare capacity and the host's own part: host-cpu=0.2", HOST, NULL, NULL, 1, -1, 0},
	{"explain", verb_explain, "[NAME]",
	 "Print what a start would do, and do nothing", HOST,
	 explain_options, NULL, 0, 1, VERB_NO_STATE},

	{"image build", verb_image_build, "DISTRIBUTION:RELEASE|busybox",
	 "Build an image from a distribution's packages: debian:12", IMAGES,
	 image_build_options, NULL, 1, 1, 0},
	{"image import", verb_image_import, "FILE|DIR|-",
	 "Make an image of an archive, a directory or standard input", IMAGES,
	 image_make_options, NULL, 1, 1, 0},
	{"image list", verb_image_list, "[IMAGE...]",
	 "List images", IMAGES, NULL, NULL, 0, -1, 0},
	{"image show", verb_image_show, "IMAGE...",
	 "Show images: command, environment, source", IMAGES, NULL, NULL, 1, -1, 0},
	{"image delete", verb_image_delete, "IMAGE...",
	 "Delete images that no machine uses", IMAGES, NULL, NULL, 1, -1, 0},
	END,
};
/* clang-format on */

/* Length of `first` when `name` is "first second". */
static bool is_two_words(const char *name, const char *first, const char *second)
{
	size_t length = strlen(first);

	return strncmp(name, first, length) == 0 && name[length] == ' ' &&
	       (!second || strcmp(name + length + 1, second) == 0);
}

const struct verb *verb_find(const char *first, const char *second, int *ret_used)
{
	const struct verb *found = NULL;

	for (const struct verb *v = verb_table; v->name; v++) {
		if (second && is_two_words(v->name, first, second)) {
			*ret_used = 2;
			return v;
		}
		if (strcmp(v->name, first) == 0)
			found = v;
	}
	*ret_used = 1;
	return found;
}

bool verb_is_group(const char *first)
{
	for (const struct verb *v = verb_table; v->name; v++) {
		if (is_two_words(v->name, first, NULL))
			return true;
	}
	return false;
}
