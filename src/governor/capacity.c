/* SPDX-License-Identifier: Apache-2.0 */
#include "governor/capacity.h"

#include "base/cleanup.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define EVERY_USEC 1000000u
/* A mean moves by a quarter of the difference: it is made of about the last four values. */
#define MEAN_DIVISOR 4

enum cpu_field { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, FIELD_COUNT };

static int ticks_read(const struct capacity *c, uint64_t *ret_busy, uint64_t *ret_stolen)
{
	uint64_t f[FIELD_COUNT];
	char text[256];
	ssize_t n = pread(c->stat, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return -EIO;
	text[n] = '\0';
	if (sscanf(text,
		   "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
		   " %" SCNu64 " %" SCNu64,
		   &f[USER], &f[NICE], &f[SYSTEM], &f[IDLE], &f[IOWAIT], &f[IRQ], &f[SOFTIRQ],
		   &f[STEAL]) != FIELD_COUNT)
		return -EBADMSG;
	*ret_busy = f[USER] + f[NICE] + f[SYSTEM] + f[IRQ] + f[SOFTIRQ];
	*ret_stolen = f[STEAL];
	return 0;
}

int capacity_open(uint64_t total_milli, struct capacity *ret, struct err *e)
{
	long hz = sysconf(_SC_CLK_TCK);
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, -errno, "cannot open /proc/stat");
	*ret = (struct capacity){.stat = fd,
				 .total_milli = total_milli,
				 .ticks_usec = 1000000u / (uint64_t)(hz > 0 ? hz : 100)};
	return 0;
}

void capacity_close(struct capacity *c)
{
	c->stat = fd_close(c->stat);
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static uint64_t mean_move(uint64_t mean, uint64_t value)
{
	if (value > mean)
		return mean + (value - mean) / MEAN_DIVISOR;
	return mean - (mean - value) / MEAN_DIVISOR;
}

static void lost_update(struct capacity *c, uint64_t now_usec)
{
	uint64_t busy, stolen, lost_usec;

	if (now_usec - c->read_usec < EVERY_USEC || ticks_read(c, &busy, &stolen) < 0)
		return;
	if (c->read_usec != 0) {
		lost_usec = less(less(busy, c->busy_ticks) * c->ticks_usec, c->machines_usec) +
			    less(stolen, c->stolen_ticks) * c->ticks_usec;
		c->lost_milli =
			mean_move(c->lost_milli, lost_usec * 1000 / (now_usec - c->read_usec));
	}
	c->read_usec = now_usec;
	c->busy_ticks = busy;
	c->stolen_ticks = stolen;
	c->machines_usec = 0;
}

void capacity_update(struct capacity *c, const struct capacity_sample *s)
{
	uint64_t had = s->machines_usec * 1000 / s->elapsed_usec;

	c->machines_usec += s->machines_usec;
	lost_update(c, s->now_usec);
	if (!s->is_hungry)
		c->had_milli = 0;
	else if (c->had_milli == 0)
		c->had_milli = less(c->total_milli, c->lost_milli) + 1;
	else
		c->had_milli = mean_move(c->had_milli, had) + 1;
}

uint64_t capacity_milli(const struct capacity *c, uint64_t reserved_milli)
{
	uint64_t left = c->had_milli ? c->had_milli : less(c->total_milli, c->lost_milli);

	left = left < c->total_milli ? left : c->total_milli;
	return left > reserved_milli ? left : reserved_milli;
}
