#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every operation fails in turn, and the host is as it was. Needs a build with -Dfaults=true.

load helper

setup() {
	instance_setup
	image_busybox
}

teardown() { instance_teardown; }

fail_at() { echo "$1" >"$BULKHEAD_RUN/fault"; }

# try_every COMMAND...: until it succeeds with the fault behind its last operation.
try_every() {
	local n before after
	before=$(host_state)
	for ((n = 0; n < 200; n++)); do
		fail_at "$n"
		if "$@" >"$instance/out" 2>&1; then
			rm "$BULKHEAD_RUN/fault"
			faults=$n
			return 0
		fi
		grep -q "injected fault at operation $n" "$instance/out" ||
			{ echo "fault $n: not the injected one:"; cat "$instance/out"; return 1; }
		after=$(host_state)
		[ "$before" = "$after" ] ||
			{ echo "fault $n left something:"; diff <(echo "$before") <(echo "$after"); return 1; }
	done
	return 1
}

@test "fault: each operation of a create" {
	try_every bulkhead create web busybox sleep 100
	[ "$faults" -ge 4 ]
	bulkhead show web
}

@test "fault: each operation of a start, with console" {
	bulkhead create --pids 50 --memory limit=64M --cpu reserve=0.2,limit=1 web busybox sleep 100
	bulkhead capacity >/dev/null
	bulkhead start web && bulkhead stop --timeout 0 web
	try_every bulkhead start web
	[ "$faults" -ge 40 ]
	bulkhead exec web true
	bulkhead stop --timeout 0 web
}

@test "fault: each operation of a start with the caller's stdio" {
	bulkhead create web busybox true
	bulkhead run --name warm busybox true
	try_every bulkhead run --name other busybox true
	[ "$faults" -ge 4 ]
}
