/* SPDX-License-Identifier: Apache-2.0 */
#include "model/hidden_paths.h"

const char *const hidden_paths_masked[HIDDEN_PATHS_MASKED] = {
	"/proc/acpi",
	"/proc/asound",
	"/proc/interrupts",
	"/proc/kcore",
	"/proc/keys",
	"/proc/latency_stats",
	"/proc/sched_debug",
	"/proc/scsi",
	"/proc/timer_list",
	"/proc/timer_stats",
	"/sys/devices/virtual/powercap",
	"/sys/firmware",
};

const char *const hidden_paths_readonly[HIDDEN_PATHS_READONLY] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sysrq-trigger", "/proc/sys",
};
