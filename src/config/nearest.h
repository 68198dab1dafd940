/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Did you mean": how far two words are apart, for suggestions. Pure.
 */
#pragma once

#include <stddef.h>

/*
 * Insertions, deletions, replacements and swaps of neighbours that make `b` of `a`; upper and lower
 * case count as the same. Words above 63 bytes are (size_t)-1 apart.
 */
size_t nearest_distance(const char *a, const char *b);

/* The furthest that still is a suggestion for `word`: a third of its length, at least 1. */
size_t nearest_limit(const char *word);
