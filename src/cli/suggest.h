/* SPDX-License-Identifier: Apache-2.0 */
/* "Did you mean": the nearest of the words offered, by edit distance. Pure. */
#pragma once

#include <stddef.h>

struct suggestion {
	const char *word;
	const char *best; /* NULL: nothing is near */
	size_t distance;
};

struct suggestion suggestion_start(const char *word);
void suggestion_offer(struct suggestion *s, const char *candidate);
