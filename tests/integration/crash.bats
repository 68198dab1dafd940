#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The starting process is killed at random points; the next command finds the host as it was.

load helper

setup() {
	instance_setup
	image_busybox
}

teardown() { instance_teardown; }

keeper_pid() {
	local pid
	for pid in $(daemon_pids); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = bulkheadd ] && echo "$pid" && return
	done
}

# Kills the keeper's worker MICROSECONDS after it appeared: kill_worker KEEPER MICROSECONDS
kill_worker() {
	local children deadline=$((SECONDS + 5))
	until read -r children <"/proc/$1/task/$1/children" && [ -n "$children" ]; do
		[ $SECONDS -lt $deadline ] || return 1
	done
	for child in $children; do
		[ "$(cat "/proc/$child/comm" 2>/dev/null)" = bulkhead-worker ] || continue
		sleep "0.$(printf %06d "$2")"
		kill -9 "$child" 2>/dev/null
		return 0
	done
	return 1
}

@test "crash: a start killed at 200 random points leaves nothing" {
	local i keeper before after client killed=0
	bulkhead create --pids 50 --memory limit=64M --cpu reserve=0.2 web busybox sleep 100
	bulkhead start web
	bulkhead stop --timeout 0 web
	before=$(host_state)
	RANDOM=4711
	for ((i = 0; i < 200; i++)); do
		keeper=$(keeper_pid)
		bulkhead start web >"$instance/out" 2>&1 &
		client=$!
		! kill_worker "$keeper" $((RANDOM % 30000)) || killed=$((killed + 1))
		wait "$client" || true
		bulkhead list >/dev/null
		if [ "$(bulkhead --json list | jq -r '.machines[0].state')" = running ]; then
			bulkhead stop --timeout 0 web
		fi
		after=$(host_state)
		[ "$before" = "$after" ] ||
			{ echo "kill $i left something:"; diff <(echo "$before") <(echo "$after"); false; }
	done
	echo "killed $killed of 200" >&3
	[ "$killed" -ge 100 ]
}

@test "crash: a create killed at random points leaves nothing, or a whole machine" {
	local i before after
	bulkhead create web busybox true && bulkhead delete web
	before=$(host_state)
	RANDOM=4712
	for ((i = 0; i < 50; i++)); do
		bulkhead create web busybox true &
		sleep "0.$(printf %06d $((RANDOM % 12000)))"
		kill -9 $! 2>/dev/null || true
		wait $! 2>/dev/null || true
		bulkhead list >/dev/null
		bulkhead delete web 2>/dev/null || true
		after=$(host_state)
		[ "$before" = "$after" ] ||
			{ echo "kill $i left something:"; diff <(echo "$before") <(echo "$after"); false; }
	done
}
