/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/generate/generate.h"

#include "base/cleanup.h"
#include "base/io.h"

#include <fcntl.h>
#include <string.h>

#define TEXT_MAX_BYTES 65536

static int usage(void)
{
	(void)fputs("usage: bulkhead-generate completion SCRIPT\n"
		    "       bulkhead-generate verb NAME-OF-VERB TEXT\n"
		    "       bulkhead-generate program|keys TEXT\n"
		    "       bulkhead-generate plain NAME SECTION TEXT\n",
		    stderr);
	return 2;
}

/* Dashes of file names are blanks of verbs. */
static const struct verb *find(const char *name)
{
	char words[64];

	(void)snprintf(words, sizeof(words), "%s", name);
	for (char *s = words; *s; s++)
		*s = *s == '-' ? ' ' : *s;
	for (const struct verb *v = verb_table; v->name; v++) {
		if (strcmp(v->name, words) == 0)
			return v;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	_cleanup_free_ char *text = NULL;
	const char *what = argc > 1 ? argv[1] : "";
	struct err e = ERR_INIT;

	if (argc < 3)
		return usage();
	if (io_read_file(AT_FDCWD, argv[argc - 1], TEXT_MAX_BYTES, &text, NULL, &e) < 0) {
		(void)fprintf(stderr, "bulkhead-generate: %s\n", e.message);
		return 1;
	}
	if (argc == 4 && strcmp(what, "verb") == 0 && find(argv[2]))
		manpage_print_verb(find(argv[2]), text, stdout);
	else if (argc == 3 && strcmp(what, "completion") == 0)
		completion_print(text, stdout);
	else if (argc == 3 && strcmp(what, "program") == 0)
		manpage_print_program(text, stdout);
	else if (argc == 3 && strcmp(what, "keys") == 0)
		manpage_print_keys(text, stdout);
	else if (argc == 5 && strcmp(what, "plain") == 0)
		manpage_print_plain(argv[2], argv[3], text, stdout);
	else
		return usage();
	return 0;
}
