#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A pure cgroup v2 host with Debian's 6.1: what the kernel was really told, and that it holds.
# fork and exec are slow here, so each test does much, and nothing is timed.

load ../integration/helper
bats_require_minimum_version 1.5.0

setup_file() {
	# One image for all.
	export BATS_INSTANCE=$(mktemp -d "$TMPDIR/bulkhead-v2.XXXXXX")
	chmod 755 "$BATS_INSTANCE"
	BULKHEAD_ROOT=$BATS_INSTANCE BULKHEAD_RUN=$BATS_INSTANCE/run \
		"$build/src/cli/bulkhead" image build --name busybox busybox >/dev/null
}

setup() {
	instance_setup
	mv "$BATS_INSTANCE/images" "$BULKHEAD_ROOT/images"
	base=/sys/fs/cgroup/$(instance_cgroup)
}

teardown() {
	local images=$BULKHEAD_ROOT/images
	for name in $(ls "$BULKHEAD_ROOT/machines" 2>/dev/null); do
		timeout 60 "$build/src/cli/bulkhead" delete --force "$name" >/dev/null 2>&1 || true
	done
	mv "$images" "$BATS_INSTANCE/images"
	instance_teardown
}

# started [OPTIONS] NAME busybox [COMMAND...]
started() {
	local words=("$@") i
	bulkhead create "$@"
	for ((i = 0; i < ${#words[@]}; i++)); do
		[ "${words[i]}" != busybox ] || { bulkhead start "${words[i - 1]}"; return; }
	done
}
# How it ended is written a moment after it has: ended NAME .exit.code 0
ended() { [ "$(field "$1" "$2")" = "$3" ]; }
field() { bulkhead --json show "$1" | jq -r ".machines[0]$2"; }
state() { field "$1" .state; }
is() { [ "$(state "$1")" = "$2" ]; }
has() {
	local got
	got=$(cat "$base/$1")
	[ "$got" = "$2" ] || { echo "$1 is '$got', not '$2'"; return 1; }
}
key() { awk -v k="$2" '$1 == k {print $2}' "$base/$1"; }
more_than() { [ "$(key "$1" "$2")" -gt "$3" ]; }
keeper() { "$build/src/keeper/bulkheadd" --ping 2>/dev/null | cut -d' ' -f2; }

@test "this host is what the test is for: cgroup v2 only, no exit information from a pidfd" {
	[ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]
	! grep -q ' cgroup ' /proc/mounts
	bulkhead capacity --facts | jq -e '[.cgroups.controllers[].version] | index("v1") == null and index("v2") != null'
	[[ $(uname -r) == 6.1.* ]]
}

@test "run: output, exit codes, a cgroup namespace, nothing left" {
	[ "$(bulkhead run busybox echo hello)" = hello ]
	[ "$(bulkhead run busybox cat /proc/self/cgroup)" = "0::/" ]
	run bulkhead run busybox sh -c 'exit 7'
	[ "$status" -eq 7 ]
	run bulkhead run busybox sh -c 'kill -9 $$'
	[ "$status" -eq 137 ]
	run -127 bulkhead run busybox nothing
	[ "$status" -eq 127 ]
	[ -z "$(instance_cgroups)" ]
	[ -z "$(instance_leftovers | grep -v "$BULKHEAD_ROOT/images")" ]
}

@test "the contract is in the kernel: min on the whole path, max, weight, pids; set changes it" {
	started --cpu reserve=0.5,limit=1.5 --memory reserve=64M,limit=256M,swap=0 --pids 50 web busybox sleep 1000
	has web/memory.min $((64 << 20))
	has memory.min $((64 << 20))
	has web/memory.max $((256 << 20))
	has web/memory.swap.max 0
	has web/cpu.max "150000 100000"
	has web/pids.max 50
	[ "$(cat "$base/cpu.weight")" -gt 100 ]
	[ "$(field web .memory.quality)" = kept ]
	started --memory reserve=32M --cpu reserve=0.2 more busybox sleep 1000
	has memory.min $((96 << 20))
	[ "$(cat "$base/web/cpu.weight")" -gt "$(cat "$base/more/cpu.weight")" ]
	bulkhead set web memory.reserve=100M cpu.limit=0.7 counts.pids=40 memory.limit=200M
	has web/memory.min $((100 << 20))
	has memory.min $((132 << 20))
	has web/cpu.max "70000 100000"
	has web/pids.max 40
	has web/memory.max $((200 << 20))
	bulkhead stop --timeout 0 web
	has memory.min $((32 << 20))
	bulkhead stop --timeout 0 more
	[ -z "$(instance_cgroups)" ]
}

@test "admission: refused with 3, naming resource, asked, left and who holds the rest" {
	started --cpu reserve=1.5 holder busybox sleep 1000
	bulkhead create --cpu reserve=1 asks busybox sleep 1000
	run bulkhead start asks
	echo "$output"
	[ "$status" -eq 3 ]
	[[ $output == *cpu* && $output == *1* && $output == *holder* ]]
	run bulkhead run --memory reserve=100G busybox true
	echo "$output"
	[ "$status" -eq 3 ]
	run bulkhead set holder cpu.reserve=1.99
	[ "$status" -eq 3 ]
	[ "$(field holder .cpu.reserve)" = 1.5 ]
	bulkhead stop --timeout 0 holder
	bulkhead start asks
}

@test "memory.max: what is killed is inside, the neighbour and the host live" {
	started neighbour busybox sleep 1000
	bulkhead create --memory limit=24M,swap=0 bomb busybox \
		sh -c 'while :; do (x=0123456789abcdef; while :; do x=$x$x; done); sleep 0.2; done'
	bulkhead start bomb
	eventually 60 more_than bomb/memory.events oom_kill 1
	is bomb running
	is neighbour running
	[ "$(field bomb .memory.hits)" -gt 0 ]
	[ "$(key neighbour/memory.events oom_kill)" = 0 ]
	[ "$(field bomb .memory.maximum)" -le $((24 << 20)) ]
}

@test "pids.max holds a fork bomb, which ends at once" {
	bulkhead create --pids 20 bomb busybox sh -c 'sh -c "while :; do sleep 1000 & done"; sleep 1000'
	bulkhead start bomb
	eventually 60 more_than bomb/pids.events max 0
	[ "$(cat "$base/bomb/pids.current")" -le 20 ]
	bulkhead kill bomb
	eventually 30 is bomb stopped
	[ -z "$(instance_cgroups)" ]
}

@test "pause freezes, resume goes on, kill and stop end a frozen machine" {
	started web busybox sh -c 'while :; do echo x >>/tick; sleep 0.2; done'
	eventually 30 bulkhead exec web test -s /tick
	bulkhead pause web
	is web paused
	[ "$(key web/cgroup.events frozen)" = 1 ]
	before=$(wc -c <"$BULKHEAD_ROOT/machines/web/upper/tick")
	sleep 1.5
	[ "$(wc -c <"$BULKHEAD_ROOT/machines/web/upper/tick")" = "$before" ]
	bulkhead resume web
	[ "$(key web/cgroup.events frozen)" = 0 ]
	is web running
	bulkhead pause web
	bulkhead kill web
	eventually 30 is web stopped
	eventually 10 ended web .exit.signal 9
}

@test "exec: into the machine's cgroup, code, user; a command has no hands on cgroups" {
	started web busybox sleep 1000
	run bulkhead exec web sh -c 'exit 42'
	[ "$status" -eq 42 ]
	[ "$(bulkhead exec web id -u)" = 0 ]
	[ "$(echo text | bulkhead exec web cat)" = text ]
	bulkhead exec web sleep 100 3>&- &
	two() { [ "$(cat "$base/web/pids.current")" -ge 2 ]; }
	eventually 30 two
	run bulkhead exec web mkdir /sys/fs/cgroup/mine
	[ "$status" -ne 0 ]
	bulkhead set web memory.limit=64M
	run bulkhead exec web sh -c 'echo max >/sys/fs/cgroup/memory.max'
	[ "$status" -ne 0 ]
	has web/memory.max $((64 << 20))
	bulkhead delete --force web
	[ -z "$(instance_cgroups)" ]
}

@test "kill -9 of the keeper: the exit status is known all the same (process connector)" {
	started web busybox sh -c 'while [ ! -e /end ]; do sleep 0.2; done; exit 6'
	keeper=$(keeper)
	[ -n "$keeper" ]
	kill -9 "$keeper"
	another() { now=$(keeper) && [ -n "$now" ] && [ "$now" != "$keeper" ]; }
	eventually 30 another
	is web running
	bulkhead exec web touch /end
	[ "$(timeout 60 bulkhead wait web)" = 6 ]
	[ "$(bulkhead run busybox echo again)" = again ]
}

@test "kill -9 of both at once: no machine is lost, and what nobody knows is unknown" {
	started web busybox sh -c 'while [ ! -e /end ]; do sleep 0.2; done; exit 6'
	daemons_end
	is web running
	bulkhead exec web true
	daemons_end
	pid=$(field web .pid)
	daemons_end
	kill -9 "$pid"
	gone() { [ ! -e "/proc/$pid" ]; }
	eventually 30 gone
	is web stopped
	run bulkhead wait web
	echo "$output"
	[ "$output" = unknown ]
	bulkhead start web
	bulkhead delete --force web
	[ -z "$(instance_cgroups)" ]
}

@test "kill -9 of a worker: the next command finds the host as it was" {
	started --memory reserve=16M web busybox sleep 1000
	bulkhead stop --timeout 0 web
	started other busybox sleep 1000
	before=$(host_state)
	for delay in 0.02 0.1 0.25; do
		keeper=$(keeper)
		bulkhead start web >/dev/null 2>&1 3>&- &
		client=$!
		worker() { worker=$(pgrep -P "$keeper" bulkhead-worker); }
		if eventually 10 worker; then
			sleep "$delay"
			kill -9 $worker 2>/dev/null || true
		fi
		wait "$client" || true
		bulkhead list >/dev/null
		[ "$(state web)" != running ] || bulkhead stop --timeout 0 web
		after=$(host_state)
		[ "$before" = "$after" ] || { diff <(echo "$before") <(echo "$after"); false; }
	done
	is other running
}
