/* SPDX-License-Identifier: Apache-2.0 */
#include "config/values.h"
#include "model/name.h"
#include "model/spec.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define HOSTNAME_MAX 64 /* sethostname(2) */
#define USER_MAX 256
#define LINE_MAX_BYTES 4096

const char *const config_init_choices[] = {
	[SPEC_INIT_UNSET] = "auto",	 [SPEC_INIT_COMMAND] = "command",
	[SPEC_INIT_SYSTEMD] = "systemd", [SPEC_INIT_SYSV] = "sysv",
	[SPEC_INIT_MAX] = NULL,
};

int config_check_image(const char *what, const char *text, struct err *e)
{
	int r = name_check("image", text, e);

	return r < 0 && e ? err_wrap(e, "%s", what) : r;
}

int config_check_hostname(const char *what, const char *text, struct err *e)
{
	size_t length = strlen(text);

	if (length <= HOSTNAME_MAX && strspn(text, LETTERS DIGITS "-.") == length &&
	    strspn(text, "-.") == 0)
		return 0;
	return err_set(e, ERR_INPUT, -EINVAL,
		       "%s: '%.80s' is not valid: 1 to %d letters, digits, '-' and '.', not "
		       "starting with '-' or '.'",
		       what, text, HOSTNAME_MAX);
}

int config_check_line(const char *what, const char *text, struct err *e)
{
	if (strlen(text) >= LINE_MAX_BYTES)
		return err_set(e, ERR_INPUT, -ENAMETOOLONG, "%s: longer than %d bytes", what,
			       LINE_MAX_BYTES - 1);
	for (const char *s = text; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return err_set(e, ERR_INPUT, -EINVAL, "%s: has a control character", what);
	}
	return 0;
}

int config_check_directory(const char *what, const char *text, struct err *e)
{
	int r = config_check_line(what, text, e);

	if (r == 0 && text[0] != '/')
		r = err_set(e, ERR_INPUT, -EINVAL,
			    "%s: '%.80s' is not an absolute path in the machine", what, text);
	return r;
}

/* A name or number; passwd(5) forbids less than useradd(8), so more than that is accepted here. */
static bool user_part(const char *text, size_t length)
{
	static const char valid[] = LETTERS DIGITS "_.-+@$";

	return length > 0 && text[0] != '-' && strspn(text, valid) >= length;
}

int config_check_user(const char *what, const char *text, struct err *e)
{
	size_t user = strcspn(text, ":");
	const char *group = text[user] ? text + user + 1 : NULL;

	if (strlen(text) <= USER_MAX && user_part(text, user) &&
	    (!group || (user_part(group, strlen(group)))))
		return 0;
	return err_set(e, ERR_INPUT, -EINVAL,
		       "%s: '%.80s' is not valid: USER or USER:GROUP, each a name or a number",
		       what, text);
}
