#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Limits of real machines under real load: CPU, memory, processes; changed live; paused; ended.

load helper

setup() {
	instance_setup
	image_busybox
}

teardown() { instance_teardown; }

# A number of `show`: value web .cpu.used
value() { bulkhead --json show "$1" | jq -r ".machines[0]$2"; }

# start NAME OPTIONS... -- COMMAND...
start() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	bulkhead create "${options[@]}" "$name" busybox "$@"
	bulkhead start "$name"
}

# CPUs that a machine used over SECONDS: used_over web 2
used_over() {
	local before after start end
	before=$(value "$1" .cpu.used)
	start=$EPOCHREALTIME
	sleep "$2"
	after=$(value "$1" .cpu.used)
	end=$EPOCHREALTIME
	awk -v a="$after" -v b="$before" -v e="$end" -v s="$start" 'BEGIN {print (a - b) / (e - s)}'
}

within() { awk -v x="$1" -v low="$2" -v high="$3" 'BEGIN {exit !(x >= low && x <= high)}'; }

hogs='while :; do :; done & while :; do :; done & while :; do :; done'

@test "cpu.limit holds for three hogs, and follows set" {
	start web --cpu limit=0.5 -- sh -c "$hogs"
	used=$(used_over web 2)
	echo "limit 0.5: $used"
	within "$used" 0.30 0.55
	[ "$(value web .cpu.hits)" -gt 0 ]
	bulkhead set web cpu.limit=0.2
	used=$(used_over web 2)
	echo "limit 0.2: $used"
	within "$used" 0.10 0.24
	bulkhead set web cpu.limit=0.01
	used=$(used_over web 2)
	echo "limit 0.01: $used"
	within "$used" 0 0.03
	# With so little CPU time it still ends at once.
	start=$SECONDS
	bulkhead kill --signal KILL web
	eventually 5 sh -c '[ "$(bulkhead --json show web | jq -r ".machines[0].state")" != running ]'
}

@test "counts.pids holds against a fork bomb, which can be deleted" {
	start web --pids 20 --cpu limit=0.3 -- \
		sh -c 'sh -c "while :; do sleep 1000 & done"; sleep 1000'
	eventually 10 sh -c '[ "$(bulkhead --json show web | jq -r .machines[0].counts.pids.hits)" -gt 0 ]'
	within "$(value web .counts.pids.current)" 15 20
	within "$(value web .counts.pids.maximum)" 15 20
	bulkhead delete --force web
	[ -z "$(instance_cgroups)" ]
}

@test "memory.limit kills what does not fit, and only in its machine" {
	start other -- sleep 1000
	run bulkhead run --memory limit=24M,swap=0 busybox \
		sh -c 'x=0123456789abcdef; while :; do x=$x$x; done'
	echo "$status: $output"
	[ "$status" -ne 0 ]
	[ "$(value other .state)" = running ]
	start web --memory limit=24M,swap=0 -- \
		sh -c 'while :; do (x=0123456789abcdef; while :; do x=$x$x; done); sleep 0.1; done'
	eventually 10 sh -c '[ "$(bulkhead --json show web | jq -r .machines[0].memory.hits)" -gt 0 ]'
	within "$(value web .memory.maximum)" 1000000 $((24 << 20))
}

@test "memory.limit is raised and lowered live, with swap, in the right order" {
	start web --memory limit=64M,swap=0 -- sleep 1000
	for limit in 128M 32M none 16M; do
		bulkhead set web memory.limit=$limit
	done
	[ "$(value web .memory.limit)" = $((16 << 20)) ]
	bulkhead set web memory.limit=64M memory.swap=8M
	bulkhead set web memory.limit=32M memory.swap=64M
	bulkhead set web memory.swap=0
	[ "$(value web .memory.limit)" = $((32 << 20)) ]
}

@test "a paused machine uses no CPU time, and goes on" {
	start web --cpu limit=0.5 -- sh -c "$hogs"
	bulkhead pause web
	used=$(used_over web 1)
	echo "paused: $used"
	within "$used" 0 0.005
	bulkhead resume web
	used=$(used_over web 1)
	echo "resumed: $used"
	within "$used" 0.2 0.6
}

@test "a command that is executed counts against its machine" {
	start web --pids 10 -- sleep 1000
	before=$(value web .counts.pids.current)
	bulkhead exec web sleep 5 &
	eventually 5 sh -c "[ \$(bulkhead --json show web | jq -r .machines[0].counts.pids.current) -gt $before ]"
	run bulkhead exec web sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1 & done; wait'
	echo "$output"
	[ "$(value web .counts.pids.hits)" -gt 0 ]
	within "$(value web .counts.pids.maximum)" 9 10
}
