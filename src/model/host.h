/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What there is: facts about this host, asked once per command by host/, or read from a fixture
 * (config/host_json.h) so that plans can be made and compared without the host. Plain data.
 *
 * For cgroups there is no mode of the host. Each controller is looked up by itself: a hierarchy is
 * a mount, and a controller is on exactly one of them or nowhere.
 */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>

enum cgroup_controller {
	CGROUP_CPU = 0,
	CGROUP_CPUACCT, /* v2: part of cpu */
	CGROUP_CPUSET,
	CGROUP_MEMORY,
	CGROUP_PIDS,
	CGROUP_DEVICES, /* v2: BPF, always there */
	CGROUP_FREEZER, /* v2: core, always there */
	CGROUP_IO,	/* v1: blkio */
	CGROUP_TREE,	/* not a controller: the hierarchy that holds the processes for tracking and
			   kill: the v2 mount wherever there is one, else name=systemd, else none */
	CGROUP_CONTROLLER_MAX
};

enum cgroup_version { CGROUP_ABSENT = 0, CGROUP_V1, CGROUP_V2 };

#define HOST_PATH_MAX 256

/* Where one controller lives. `mount` is the mount point, `own` our cgroup below it. */
struct host_controller {
	enum cgroup_version version;
	char mount[HOST_PATH_MAX];  /* "/sys/fs/cgroup/cpu" */
	char parent[HOST_PATH_MAX]; /* the cgroup, below mount, under which machines are made: ""
				       for the root; found from /proc/self/cgroup only where the
				       root is not ours (inside a container) */
};

struct host_cgroups {
	struct host_controller controller[CGROUP_CONTROLLER_MAX];
	bool systemd;	     /* PID 1 is systemd: units are made through its D-Bus interface */
	bool can_kill;	     /* cgroup.kill on the tree hierarchy (5.14) */
	bool can_clone_into; /* CLONE_INTO_CGROUP works on the tree hierarchy */
};

struct host_capacity {
	uint64_t cpu_millicpus; /* online and allowed, stolen time subtracted */
	uint64_t cpu_reserved;	/* the host's own part, of these */
	uint64_t memory_bytes;
	uint64_t memory_reserved; /* the host's own part, of these */
	cpu_set_t cpus;		  /* the CPUs that machines may use */
};

struct host_kernel {
	uint32_t release;   /* KERNEL_VERSION(6, 1, 0) as in linux/version.h; for messages only */
	bool idmap_overlay; /* overlay over an idmapped lower layer, probed */
	bool overlay_fd;    /* FSCONFIG "lowerdir+" takes a descriptor */
	bool time_namespace;
	bool pidfd_exit_info; /* PIDFD_GET_INFO tells the exit status after reaping (6.15) */
	bool seccomp_notify;
	bool memory_swap; /* swap can be limited */
	bool cpu_burst;
	bool may_raise_rlimits; /* CAP_SYS_RESOURCE */
};

struct host {
	struct host_cgroups cgroups;
	struct host_capacity capacity;
	struct host_kernel kernel;
};
