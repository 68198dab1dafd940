/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/suggest.h"

#include "config/nearest.h"

#include <string.h>

struct suggestion suggestion_start(const char *word)
{
	return (struct suggestion){.word = word, .distance = nearest_limit(word) + 1};
}

void suggestion_offer(struct suggestion *s, const char *candidate)
{
	size_t d = nearest_distance(s->word, candidate);

	if (d < s->distance && d < strlen(candidate)) {
		s->distance = d;
		s->best = candidate;
	}
}
