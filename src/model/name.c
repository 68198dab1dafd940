/* SPDX-License-Identifier: Apache-2.0 */
#include "model/name.h"

#include <errno.h>
#include <string.h>

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool name_is_valid(const char *name)
{
	size_t length = strnlen(name, NAME_LENGTH_MAX + 1);

	if (length == 0 || length > NAME_LENGTH_MAX || !is_lower_alnum(name[0]))
		return false;
	for (size_t i = 1; i < length; i++) {
		if (!is_lower_alnum(name[i]) && name[i] != '-')
			return false;
	}
	return true;
}

int name_check(const char *what, const char *name, struct err *e)
{
	if (name_is_valid(name))
		return 0;
	return err_set(
		e, ERR_INPUT, -EINVAL,
		"%s name '%.80s' is not valid: 1 to %d of a-z, 0-9 and '-', not starting with '-'",
		what, name, NAME_LENGTH_MAX);
}
