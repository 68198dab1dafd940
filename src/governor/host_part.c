/* SPDX-License-Identifier: Apache-2.0 */
#include "governor/host_part.h"

#define TOP_PPM 1000000u
/* Less than this part of what was promised, in percent, is a breach; noise of a period is not. */
#define BREACH_PERCENT 96u

static uint32_t towards(uint32_t ppm, uint32_t base)
{
	uint32_t step = ppm / 10 + 1;

	return ppm > base + step ? ppm - step : base;
}

uint32_t host_part_next(uint32_t ppm, const struct host_part_sample *s)
{
	if (ppm < s->base_ppm)
		return s->base_ppm;
	if (s->is_hungry && s->had_milli * 100 < s->promised_milli * BREACH_PERCENT)
		return ppm < TOP_PPM - TOP_PPM / 3 ? ppm + ppm / 2 : TOP_PPM;
	if (!s->is_hungry || s->had_milli > s->promised_milli)
		return towards(ppm, s->base_ppm);
	return ppm;
}
