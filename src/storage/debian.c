/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/debian.h"

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "storage/child.h"

#include <stdbool.h>
#include <string.h>

#define TARGETS_MAX_BYTES (1u << 20)
#define KEYRING "/usr/share/keyrings/debian-archive-keyring.gpg"

static const struct {
	const char *number, *suite;
} releases[] = {
	{"11", "bullseye"}, {"12", "bookworm"},	 {"13", "trixie"},
	{"14", "forky"},    {"unstable", "sid"},
};

#define RELEASES (sizeof(releases) / sizeof(releases[0]))

int debian_suite(const char *release, const char **ret_suite, struct err *e)
{
	_cleanup_strbuf_ struct strbuf known = STRBUF_INIT;

	for (size_t i = 0; i < RELEASES; i++) {
		if (strcmp(release, releases[i].number) == 0 ||
		    strcmp(release, releases[i].suite) == 0) {
			*ret_suite = releases[i].suite;
			return 0;
		}
		strbuf_printf(&known, "%s%s (%s)", i > 0 ? ", " : "", releases[i].number,
			      releases[i].suite);
	}
	return err_set(e, ERR_INPUT, -EINVAL, "no Debian release %.40s: known are %s", release,
		       strbuf_text(&known));
}

/* "bookworm-updates": which release, and the "-updates" that may follow. */
static bool split_release(const char *release, const char **ret_suite, const char **ret_rest)
{
	for (size_t i = 0; i < RELEASES; i++) {
		size_t n = strlen(releases[i].suite);

		if (strncmp(release, releases[i].suite, n) == 0 &&
		    (release[n] == '\0' || strcmp(release + n, "-updates") == 0 ||
		     strcmp(release + n, "-security") == 0)) {
			*ret_suite = releases[i].suite;
			*ret_rest = release + n;
			return true;
		}
	}
	return false;
}

static bool has_line(const char *const *lines, const char *line)
{
	for (; lines && *lines; lines++) {
		if (strcmp(*lines, line) == 0)
			return true;
	}
	return false;
}

/* One target; what is not Debian's own archive is passed over. */
static const char *target_line(char *target, const char *suite, struct arena *a)
{
	const char *word[5] = {NULL}, *host_suite, *rest;
	char *save = NULL;

	for (size_t i = 0; i < 5; i++)
		word[i] = strtok_r(i == 0 ? target : NULL, " \t", &save);
	if (!word[3] || strcmp(word[2], "main") != 0 || strcmp(word[3], "Packages") != 0)
		return NULL;
	/* Known only once apt has fetched the repository's release file. */
	if (word[4] && word[4][0] != '$' && strcmp(word[4], "Debian") != 0)
		return NULL;
	if (!split_release(word[1], &host_suite, &rest))
		return NULL;
	/* sid has neither updates nor security. */
	if (strcmp(suite, "sid") == 0 && *rest != '\0')
		return NULL;
	return arena_printf(a, "deb %s%s %s%s main",
			    access(KEYRING, R_OK) == 0 ? "[signed-by=" KEYRING "] " : "", word[0],
			    suite, rest);
}

int debian_sources(const char *targets, const char *suite, struct arena *a, const char ***ret_lines,
		   struct err *e)
{
	_cleanup_free_ char *text = strdup(targets);
	const char **lines = NULL;
	char *save = NULL;

	if (!text)
		return err_sys(e, -ENOMEM, "sources of apt");
	for (char *t = strtok_r(text, "\n", &save); t; t = strtok_r(NULL, "\n", &save)) {
		const char *line = target_line(t, suite, a);

		if (line && !has_line(lines, line))
			lines = arena_strv_push(a, lines, line);
	}
	if (!lines)
		return err_set(
			e, ERR_HOST, -ENOENT,
			"apt on this host has no mirror of Debian with component main; add one "
			"to /etc/apt/sources.list, or use 'bulkhead image build busybox'");
	*ret_lines = lines;
	return 0;
}

int debian_host_sources(const char *suite, struct arena *a, const char ***ret_lines, struct err *e)
{
	static const char *const argv[] = {"apt-get", "indextargets", "--format",
					   DEBIAN_TARGETS_FORMAT, NULL};
	_cleanup_free_ char *targets = NULL;
	int r = child_output(argv, TARGETS_MAX_BYTES, &targets, e);

	return r < 0 ? r : debian_sources(targets, suite, a, ret_lines, e);
}

int debian_check_package(const char *name, struct err *e)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789+.-");

	if (n >= 2 && n <= 128 && name[n] == '\0' && strchr("+.-", name[0]) == NULL)
		return 0;
	return err_set(e, ERR_INPUT, -EINVAL, "%.80s is not the name of a Debian package", name);
}
