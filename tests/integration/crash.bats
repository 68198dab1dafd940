#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The starting process is killed at random points; the next command finds the host as it was.

load helper

setup() {
	instance_setup
	image_busybox
}

teardown() { instance_teardown; }

# At once, or as soon as bulkheadd's own worker has cleaned up what it is cleaning up.
same_state() {
	is_state() { [ "$1" = "$(host_state)" ]; }
	is_state "$1" || eventually 10 is_state "$1"
}

@test "crash: a start killed at 200 random points leaves nothing" {
	local i before killed=0
	bulkhead create --pids 50 --memory limit=64M --cpu reserve=0.2 web busybox sleep 100
	bulkhead start web
	bulkhead stop --timeout 0 web
	before=$(host_state)
	RANDOM=4711
	for ((i = 0; i < 200; i++)); do
		! "$build/tests/integration/kill_worker" $((RANDOM % 15000)) \
			"$(daemon_pids | paste -sd,)" bulkhead start web >"$instance/out" 2>&1 ||
			killed=$((killed + 1))
		bulkhead list >/dev/null
		if [ "$(bulkhead --json list | jq -r '.machines[0].state')" = running ]; then
			bulkhead stop --timeout 0 web || true # its init may just have ended
		fi
		same_state "$before" ||
			{ echo "kill $i left something:"; diff <(echo "$before") <(host_state); false; }
	done
	echo "killed $killed of 200" >&3
	[ "$killed" -ge 50 ]
}

@test "crash: a create killed at random points leaves nothing, or a whole machine" {
	local i before
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
		same_state "$before" ||
			{ echo "kill $i left something:"; diff <(echo "$before") <(host_state); false; }
	done
}
