#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What every verb does with a real machine: its states, ends, streams, terminals and names.

load helper
bats_require_minimum_version 1.5.0

setup() {
	instance_setup
	image_busybox
}

teardown() { instance_teardown; }

state() { bulkhead --json show "$1" | jq -r '.machines[0].state'; }
# How it ended is written a moment after it has: ended NAME .exit.code 0
ended() { [ "$(field "$1" "$2")" = "$3" ]; }
field() { bulkhead --json show "$1" | jq -r ".machines[0]$2"; }
is() { [ "$(state "$1")" = "$2" ]; }
terminal() { python3 "$BATS_TEST_DIRNAME/terminal.py" "$@"; }

# started [OPTIONS] NAME busybox [COMMAND...]
started() {
	local words=("$@") i
	bulkhead create "$@"
	for ((i = 0; i < ${#words[@]}; i++)); do
		[ "${words[i]}" != busybox ] || { bulkhead start "${words[i - 1]}"; return; }
	done
}
says() { bulkhead logs "$1" | tr -d '\r' | grep -qxF -- "$2"; }

@test "run: the command's own exit code; 125, 126, 127; 128+N" {
	for code in 0 7 255; do
		run bulkhead run busybox sh -c "exit $code"
		[ "$status" -eq "$code" ]
	done
	run bulkhead run busybox sh -c 'kill -9 $$'
	[ "$status" -eq 137 ]
	run bulkhead run busybox sh -c 'kill -TERM $$; sleep 1'
	[ "$status" -eq 143 ]
	run -127 bulkhead run busybox no-such-command
	[ "$status" -eq 127 ]
	[[ $output == *no-such-command* ]]
	run bulkhead run busybox /etc/passwd
	[ "$status" -eq 126 ]
	[[ $output == *"/etc/passwd"* ]]
	run bulkhead run nowhere true
	[ "$status" -eq 2 ]
	# The call is right, Bulkhead itself cannot: a directory of state is none.
	run bulkhead --run /proc/bulkhead-nowhere run busybox true
	[ "$status" -eq 125 ]
	[ -z "$(bulkhead list --quiet)" ]
}

@test "run: standard streams are the caller's, all bytes, apart" {
	head -c 3000000 /dev/urandom >"$instance/in"
	bulkhead run -i busybox cat <"$instance/in" >"$instance/out"
	cmp "$instance/in" "$instance/out"
	[ "$(seq 1000 | bulkhead run -i busybox wc -l)" = 1000 ]
	bulkhead run busybox sh -c 'echo out; echo err >&2' >"$instance/out" 2>"$instance/err"
	[ "$(cat "$instance/out")" = out ]
	[ "$(cat "$instance/err")" = err ]
	[ -z "$(echo unread | bulkhead run --interactive=no busybox cat)" ]
}

@test "run: signals go to the command" {
	local signal
	for signal in TERM INT HUP USR1; do
		bulkhead run --name "s-${signal,,}" busybox sh -c \
			"trap 'echo got $signal; exit 9' $signal; echo ready; while :; do sleep 0.1; done" \
			>"$instance/out" 2>&1 3>&- &
		client=$!
		eventually 20 grep -q ready "$instance/out"
		kill "-$signal" "$client"
		code=0
		wait "$client" || code=$?
		echo "$signal: $code $(cat "$instance/out")"
		[ "$code" -eq 9 ]
		grep -q "got $signal" "$instance/out"
	done
	[ -z "$(bulkhead list --quiet)" ]
}

@test "run --detach prints the name; --keep keeps the machine with its exit code" {
	name=$(bulkhead run --detach busybox sleep 100)
	is "$name" running
	bulkhead kill "$name"
	eventually 20 bash -c "! bulkhead list --quiet | grep -q ."
	run bulkhead run --keep --name kept busybox sh -c 'echo mark >/mark; exit 5'
	[ "$status" -eq 5 ]
	is kept stopped
	eventually 10 ended kept .exit.code 5
	run bulkhead wait kept
	[ "$output" = 5 ]
	bulkhead delete kept
}

@test "start, restart and stop: what was written stays, the process is another one" {
	started web busybox sh -c 'echo x >>/count; trap "exit 0" TERM; echo up; while :; do sleep 0.1; done'
	eventually 20 says web up
	first=$(field web .pid)
	run bulkhead start web
	[ "$status" -ne 0 ]
	[[ $output == *already* ]]
	bulkhead restart web
	is web running
	[ "$(field web .pid)" != "$first" ]
	eventually 20 bash -c '[ "$(bulkhead exec web cat /count | wc -l)" = 2 ]'
	bulkhead stop --timeout 20s web
	is web stopped
	# SIGTERM was heard: its own exit code, no signal.
	eventually 10 ended web .exit.code 0
	[ -z "$(instance_cgroups)" ]
	[ "$(field web .pid)" = null ]
	bulkhead start web
	bulkhead delete --force web
	[ -z "$(bulkhead list --quiet)" ]
}

@test "stop: a machine that does not hear is killed after its timeout" {
	started deaf busybox sh -c 'trap "" TERM; echo up; while :; do sleep 0.1; done'
	eventually 20 says deaf up
	bulkhead stop --timeout 1s deaf
	is deaf stopped
	eventually 10 ended deaf .exit.signal 9
	run bulkhead stop nowhere
	[ "$status" -eq 2 ]
}

@test "kill: by name, by number, to all or to the init; what does not exist is named" {
	local hear='trap "echo init" USR1; echo up; while :; do sleep 0.1; done'
	started web busybox sh -c "sh -c 'trap \"echo child\" USR1; while :; do sleep 0.1; done' & $hear"
	eventually 20 says web up
	sleep 0.3
	bulkhead kill --init --signal USR1 web
	eventually 20 says web init
	sleep 0.3
	! says web child
	bulkhead kill -s SIGUSR1 web
	eventually 20 says web child
	bulkhead kill --signal 9 web
	eventually 20 is web stopped
	eventually 10 ended web .exit.signal 9
	run bulkhead kill web
	[ "$status" -ne 0 ]
	run bulkhead kill --signal NONE web
	[ "$status" -eq 2 ]
}

@test "pause and resume: nothing runs between, exec waits, stop works on a paused machine" {
	started web busybox sh -c 'while :; do sleep 0.1; echo x >>/tick; done'
	eventually 20 bulkhead exec web test -s /tick
	bulkhead pause web
	is web paused
	tick=$BULKHEAD_ROOT/machines/web/upper/tick
	before=$(wc -c <"$tick")
	sleep 1
	[ "$(wc -c <"$tick")" = "$before" ]
	bulkhead resume web
	is web running
	grows() { [ "$(wc -c <"$tick")" -gt "$before" ]; }
	eventually 20 grows
	bulkhead pause web
	bulkhead stop --timeout 1s web
	is web stopped
}

@test "wait: until the end, with several names, and the code of the last run" {
	started a busybox sh -c 'sleep 1; exit 4'
	started b busybox sh -c 'sleep 1; kill -9 $$'
	[ "$(timeout 60 bulkhead wait a b | tr '\n' ' ')" = "4 137 " ]
	[ "$(bulkhead wait a)" = 4 ]
	# Its own init lives longer than the command, and tells as a shell does.
	bulkhead --json wait a b | jq -e '[.machines[].exit | .known, .code] == [true, 4, true, 137]'
}

@test "events: each thing once, in order" {
	started web busybox sleep 1000
	bulkhead pause web
	bulkhead resume web
	bulkhead set web cpu.limit=1
	bulkhead stop --timeout 0 web
	bulkhead delete web
	bulkhead --json events web | jq -r '.events[].event' >"$instance/events"
	cat "$instance/events"
	[ "$(grep -vx clean "$instance/events" | tr '\n' ' ')" = \
		"create start pause resume set stop end delete " ]
	bulkhead --json events web | jq -e '[.events[].time] | . == sort'
}

@test "logs: what was written without a client, tail and follow" {
	started web busybox sh -c 'seq 1 200; sleep 2; echo last'
	eventually 20 says web 200
	[ "$(bulkhead logs --tail 3 web | tr -d '\r' | tr '\n' ' ')" = "198 199 200 " ]
	timeout 60 bulkhead logs --follow web | tr -d '\r' >"$instance/follow"
	[ "$(tail -1 "$instance/follow")" = last ]
	[ "$(wc -l <"$instance/follow")" = 201 ]
	# The log outlives the run.
	says web last
}

@test "console: attach, type, see, detach with ctrl-p ctrl-q; the machine runs on" {
	started web busybox sh -c 'while read -r line; do echo "<$line>"; done'
	run terminal sleep:1 send:'hello\n' expect:'<hello>' send:'\x10\x11' -- bulkhead console web
	echo "$output"
	[ "$status" -eq 0 ]
	[[ $output == *"termios: same"* ]]
	is web running
	run terminal sleep:1 send:'again\n' expect:'<again>' send:'\x04' -- bulkhead console web
	echo "$output"
	eventually 20 is web stopped
	says web '<hello>'
}

@test "run and enter have a real terminal; a resize arrives inside" {
	run terminal expect:'# ' send:'stty size; tty\n' expect:'24 80' expect:/dev/ \
		resize:41x132 sleep:0.5 send:'stty size\n' expect:'41 132' send:'exit 3\n' -- \
		bulkhead run busybox sh
	echo "$output"
	[ "$status" -eq 3 ]
	[[ $output == *"termios: same"* ]]
	started web busybox sleep 1000
	run terminal expect:'# ' send:'stty size; echo $$ is $(id -u)\n' expect:'24 80' expect:'is 0' \
		resize:50x99 sleep:0.5 send:'stty size\n' expect:'50 99' \
		send:$'sh -c \'echo sleeps-$((20+3)); exec sleep 100\'\\n' expect:sleeps-23 send:'\x03' \
		expect:'# ' send:'exit 4\n' -- bulkhead enter web
	echo "$output"
	[ "$status" -eq 4 ]
	[[ $output == *"termios: same"* ]]
	is web running
	run terminal expect:'41 x' -- bulkhead exec --tty=yes web sh -c 'test -t 0 && echo 41 x'
	[ "$status" -eq 0 ]
}

@test "exec: code, streams, user, directory, variables" {
	started web busybox sleep 1000
	run bulkhead exec web sh -c 'exit 42'
	[ "$status" -eq 42 ]
	run -127 bulkhead exec web nothing-there
	[ "$status" -eq 127 ]
	run bulkhead exec web /etc/passwd
	[ "$status" -eq 126 ]
	run bulkhead exec web sh -c 'kill -15 $$'
	[ "$status" -eq 143 ]
	[ "$(echo text | bulkhead exec web cat)" = text ]
	[ "$(bulkhead exec --user 1000:2000 --workdir /tmp --env A=b web sh -c 'echo $(id -u):$(id -g) $PWD $A')" = \
		"1000:2000 /tmp b" ]
	run bulkhead exec nowhere true
	[ "$status" -eq 125 ] || [ "$status" -eq 2 ]
}

@test "several names at once: in parallel, each reported, the worst exit code" {
	for name in a b c; do
		bulkhead create "$name" busybox sh -c 'trap "" TERM; sleep 1000'
	done
	bulkhead start a b c
	[ "$(bulkhead list --running --quiet | tr '\n' ' ')" = "a b c " ]
	begin=$(date +%s%N)
	bulkhead stop --timeout 3s a b c
	took=$((($(date +%s%N) - begin) / 1000000))
	echo "took $took ms"
	[ "$took" -lt 8500 ]
	run bulkhead start a nowhere c
	[ "$status" -eq 2 ]
	[[ $output == *nowhere* ]]
	is a running
	is b stopped
	is c running
	bulkhead kill a c
	bulkhead delete --force a b c
}

@test "names: the rule, the longest, and no second machine of a name" {
	longest=$(printf 'a%.0s' $(seq 63))
	for bad in -a A a_b a.b "" ../x "${longest}a" "a b" a/b; do
		run bulkhead create "$bad" busybox true
		echo "'$bad': $status $output"
		[ "$status" -eq 2 ]
	done
	for good in a 0 a-b 0a- "$longest"; do
		bulkhead create "$good" busybox sleep 1000
		bulkhead start "$good"
		bulkhead exec "$good" true
		bulkhead delete --force "$good"
	done
	bulkhead create a busybox true
	run bulkhead create a busybox true
	[ "$status" -eq 2 ]
	[[ $output == *"a"*exists* ]]
}

@test "--json: the words of the contract, for a machine that runs" {
	started --cpu reserve=0.1,share=2,limit=1.5 --memory limit=64M --pids 30 web busybox sleep 1000
	bulkhead --json show web | jq -e '.machines[0] | .state == "running" and .kind == "container"
		and .cpu.reserve == 0.1 and .cpu.share == 2 and .cpu.limit == 1.5
		and (.cpu.used | type == "number") and (.cpu.hits | type == "number")
		and .memory.limit == 67108864 and .memory.reserve == 0
		and (.memory.current | . > 0 and . <= 67108864) and .memory.hits == 0
		and .counts.pids.limit == 30 and .counts.pids.current >= 1
		and (.pid | . > 1) and (.started | . > 1e9) and .exit == null
		and .cpu.quality == "kept"'
	entitled() {
		bulkhead --json show web | jq -e '.machines[0].cpu
			| (.entitled | type == "number") and (.delivered | type == "number")'
	}
	eventually 20 entitled
	bulkhead --json top --once --interval 200ms | jq -e '.machines[0].name == "web"'
	bulkhead --json ps web | jq -e '[.. | .command? // empty] | tostring | test("sleep")'
	bulkhead --json capacity | jq -e '.cpu.total > 0 and .cpu.promised == 0.1'
}

@test "set on a machine that runs is in force at once and after a restart" {
	started --pids 30 web busybox sleep 1000
	bulkhead set web counts.pids=17 cpu.limit=0.5
	[ "$(field web .counts.pids.limit)" = 17 ]
	grep -h . $(instance_cgroups | sed 's,$,/web/pids.max,') /dev/null 2>/dev/null | grep -q 17
	bulkhead restart --timeout 0 web
	[ "$(field web .counts.pids.limit)" = 17 ]
	grep -h . $(instance_cgroups | sed 's,$,/web/pids.max,') /dev/null 2>/dev/null | grep -q 17
}
