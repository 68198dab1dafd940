#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The verbs on machines that run: exit codes, standard input and output, terminals, signals.

bats_require_minimum_version 1.5.0
load helper

setup() {
	instance_setup
	bulkhead image build --quiet busybox
}
teardown() { instance_teardown; }

# terminal STEP... -- ARG...: bulkhead on a terminal, with a person at it (terminal.py).
terminal() { python3 "$BATS_TEST_DIRNAME/terminal.py" "$@"; }

# Exactly this machine is there.
test_only() { [ "$(bulkhead list --quiet)" = "$1" ]; }

@test "run passes on output, both ways, and the exit code" {
	run bulkhead run busybox sh -c 'echo out; echo err >&2; exit 7'
	[ "$status" -eq 7 ]
	[[ $output == *out* && $output == *err* ]]
	[ "$(bulkhead run busybox sh -c 'echo out; echo err >&2' 2>/dev/null)" = out ]
	[ "$(seq 1 100000 | bulkhead run busybox wc -l)" = 100000 ]
	[ "$(bulkhead run busybox seq 1 100000 | tail -1)" = 100000 ]
	[ "$(echo secret | bulkhead run -i=no busybox cat)" = "" ]
	# Closed descriptors are not taken by files of ours.
	[ "$(bulkhead run busybox readlink /proc/self/fd/0 <&-)" = /dev/null ]
	[ -z "$(bulkhead list --quiet)" ]
}

@test "run, exec and enter: 126, 127, 128+N, and 125 when it is not the command" {
	run -127 bulkhead run busybox no-such-program
	[ "$status" -eq 127 ]
	run bulkhead run busybox /etc/passwd
	[ "$status" -eq 126 ]
	run bulkhead run busybox sh -c 'kill -KILL $$'
	[ "$status" -eq 137 ]
	bulkhead create web busybox sleep 1000
	run bulkhead exec web true
	[ "$status" -eq 125 ]
	bulkhead start web
	run -127 bulkhead exec web no-such-program
	[ "$status" -eq 127 ]
	run bulkhead exec web /etc/passwd
	[ "$status" -eq 126 ]
	run bulkhead exec web sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
	run bulkhead exec web sh -c 'exit 9'
	[ "$status" -eq 9 ]
	run bulkhead enter web <<<'exit 11'
	[ "$status" -eq 11 ]
}

@test "run: --name and --keep, --detach, environment, user, directory" {
	run bulkhead run --name kept --keep busybox sh -c 'echo x >/root/file; exit 2'
	[ "$status" -eq 2 ]
	[ "$(bulkhead --json show kept | jq .machines[0].exit.code)" = 2 ]
	run bulkhead run --name kept busybox true
	[ "$status" -eq 2 ]
	name=$(bulkhead run --detach busybox sleep 1)
	[[ $name == run-???????? ]]
	[ "$(bulkhead wait "$name")" = 0 ]
	eventually 10 test_only kept
	run bulkhead run --env A=1 --user 1000:1001 --workdir /tmp --hostname inner busybox \
		sh -c 'echo $A $(id -u) $(id -g) $(pwd) $(hostname)'
	[ "$output" = "1 1000 1001 /tmp inner" ]
}

@test "a signal to run is the machine's" {
	bulkhead run busybox sh -c 'trap "exit 42" TERM; echo ready; while :; do sleep 0.1; done' \
		>"$instance/out" 3>&- &
	pid=$!
	eventually 10 grep -q ready "$instance/out"
	kill -TERM "$pid"
	code=0
	wait "$pid" || code=$?
	[ "$code" -eq 42 ]
}

@test "run on a terminal: raw while it runs, resized, put back, nothing lost" {
	run terminal 'expect:# ' 'send:tty; stty size\n' 'expect:24 80' 'resize:40x100' 'sleep:0.5' \
		'send:stty size\n' 'expect:40 100' 'send:exit 6\n' -- bulkhead run busybox sh
	[ "$status" -eq 6 ]
	[[ $output == *"/dev/pts/"* ]]
	[[ $output == *"termios: same"* ]]
	run terminal -- bulkhead run busybox sh -c 'seq 1 30000; echo end; exit 5'
	[ "$status" -eq 5 ]
	[[ $output == *30000*end* ]]
	[ "$(tr -d '\r' <<<"$output" | grep -cE '^[0-9]+$')" -eq 30000 ]
	run terminal 'expect:ready' 'send:\x03' -- bulkhead run busybox sh -c 'echo ready; sleep 100'
	[ "$status" -eq 130 ]
	[[ $output == *"termios: same"* ]]
	run terminal 'expect:ready' 'signal:TERM' -- bulkhead run busybox sh -c 'echo ready; sleep 100'
	[ "$status" -eq 143 ]
	[[ $output == *"termios: same"* ]]
	[ -z "$(bulkhead list --quiet)" ]
}

@test "enter: a shell on a terminal of the machine, as the user, in the user's home" {
	bulkhead create web busybox sleep 1000
	bulkhead start web
	run terminal 'expect:# ' 'send:tty; stty size; pwd; hostname\n' 'expect:24 80' \
		'resize:30x90' 'sleep:0.5' 'send:stty size\n' 'expect:30 90' 'send:exit 4\n' \
		-- bulkhead enter web
	[ "$status" -eq 4 ]
	[[ $output == *"/dev/pts/"* && $output == *"/root"* && $output == *"termios: same"* ]]
	[ "$(echo id -u | bulkhead enter --user 1000 web)" = 1000 ]
}

@test "exec: standard input, user, directory, environment, detached, terminal" {
	bulkhead create --env M=machine web busybox sleep 1000
	bulkhead start web
	[ "$(echo hello | bulkhead exec web cat)" = hello ]
	[ "$(bulkhead exec -u 1000:1001 -w /tmp -e A=1 web sh -c 'echo $A $M $(id -u) $(id -g) $(pwd)')" = \
		"1 machine 1000 1001 /tmp" ]
	bulkhead exec -d web sleep 777
	bulkhead ps web | grep -q 'sleep 777'
	run terminal 'expect:# ' 'send:tty\n' 'expect:/dev/pts/' 'send:exit 3\n' -- bulkhead exec web sh
	[ "$status" -eq 3 ]
	[ "$(terminal -- bulkhead exec -t=no web sh -c 'tty </dev/null || echo none' | head -1 | tr -d '\r')" = \
		"not a tty" ]
}

@test "console: attached twice, typed to, left by ctrl-p ctrl-q, ended with the machine" {
	bulkhead create web busybox sh -c 'while read x; do [ "$x" = end ] && exit 0; echo "<$x>"; done'
	bulkhead start web
	terminal 'expect:detaches' 'expect:<two>' 'send:\x10\x11' -- bulkhead console web \
		>"$instance/second" 3>&- &
	second=$!
	sleep 0.5
	run terminal 'expect:detaches' 'send:one\n' 'expect:<one>' 'send:\x10x\n' 'expect:x>' \
		'send:two\n' 'expect:<two>' 'send:\x10\x11' -- bulkhead console web
	[ "$status" -eq 0 ]
	[[ $output == *"detached from the console of web"* && $output == *"termios: same"* ]]
	wait "$second"
	[ "$(bulkhead --json show web | jq -r .machines[0].state)" = running ]
	run terminal 'expect:detaches' 'send:end\n' 'expect:has ended' -- bulkhead console web
	[ "$status" -eq 0 ]
	[ "$(bulkhead wait web)" = 0 ]
}

@test "logs: tail, follow until the end, over a rotation, without a line lost or twice" {
	bulkhead create web busybox sh -c 'seq 1 400000; sleep 0.5; echo last'
	bulkhead start web
	timeout 60 "$build/src/cli/bulkhead" logs --follow web | tr -d '\r' >"$instance/followed"
	[ "$(tail -1 "$instance/followed")" = last ]
	# What was rotated away before the follower looked is gone, but there is no gap behind it.
	sed '$d' "$instance/followed" | grep -E '^[0-9]+$' >"$instance/numbers"
	first=$(sed -n 2p "$instance/numbers")
	seq "$first" 400000 | cmp - <(sed 1d "$instance/numbers")
	[ -e "$BULKHEAD_ROOT/machines/web/console.log.1" ]
	[ "$(bulkhead logs -n 1 web | tr -d '\r')" = last ]
	[ "$(bulkhead logs -n 3 web | tr -d '\r' | head -1)" = 399999 ]
	[ "$(bulkhead logs -n 0 web)" = "" ]
}

@test "wait: a code, a signal, for several, and of a machine that never ran" {
	bulkhead create a busybox sh -c 'sleep 0.5; exit 3'
	bulkhead create b busybox sleep 1000
	run bulkhead wait a
	[ "$status" -ne 0 ]
	[[ $output == *"never ran"* ]]
	bulkhead start a b
	(sleep 1; bulkhead kill b) 3>&- &
	[ "$(bulkhead wait a b | tr '\n' ' ')" = "3 137 " ]
	bulkhead wait --json a | jq -e '.machines[0].exit | .known and .code == 3'
	wait
}

@test "stop, start, restart, kill, pause, resume on several at once" {
	for name in a b c; do
		bulkhead create "$name" busybox sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
	done
	bulkhead start a b c
	[ "$(bulkhead list --running --quiet | wc -l)" -eq 3 ]
	run bulkhead start a
	[ "$status" -ne 0 ]
	bulkhead pause a b
	[ "$(bulkhead --json list | jq -r '[.machines[].state] | join(" ")')" = "paused paused running" ]
	bulkhead resume a b
	old=$(bulkhead --json show a | jq .machines[0].pid)
	bulkhead restart a
	[ "$(bulkhead --json show a | jq .machines[0].pid)" != "$old" ]
	bulkhead kill --init --signal TERM b
	[ "$(bulkhead wait b)" = 0 ]
	bulkhead stop a c
	[ -z "$(bulkhead list --running --quiet)" ]
	bulkhead stop --timeout 0 a || true
	bulkhead delete a b c
}

@test "delete refuses a running machine, and kills it with --force" {
	bulkhead create web busybox sleep 1000
	bulkhead start web
	run bulkhead delete web
	[ "$status" -ne 0 ]
	[[ $output == *"--force"* ]]
	bulkhead delete --force web
	[ -z "$(bulkhead list --quiet)" ]
}

@test "admission: start, run and set are refused with 3, and capacity says who has it" {
	total=$(bulkhead --json capacity | jq '.cpu.left * 1000 | floor')
	half=$((total * 6 / 10))m
	bulkhead create --cpu reserve=$half a busybox sleep 1000
	bulkhead create --cpu reserve=$half b busybox sleep 1000
	bulkhead start a
	run bulkhead start b
	[ "$status" -eq 3 ]
	[[ $output == "bulkhead: start b: cpu reserve "*refused*"(a "* ]]
	run bulkhead run --cpu reserve=$half busybox true
	[ "$status" -eq 3 ]
	run bulkhead set a cpu.reserve=1000
	[ "$status" -eq 3 ]
	bulkhead --json capacity | jq -e --argjson half "${half%m}" \
		'.cpu.promised * 1000 == $half and .machines[0].name == "a"'
	bulkhead set a cpu.reserve=0.1
	bulkhead start b
	[ "$(bulkhead --json capacity | jq '.machines | length')" -eq 2 ]
}

@test "ps shows pids and users as the machine sees them" {
	bulkhead create web busybox sleep 1000
	bulkhead start web
	bulkhead exec -d -u 1234 web sleep 555
	bulkhead --json ps web >"$instance/ps"
	jq -e '[.processes[] | select(.command == "sleep 555")][0]
		| .uid == 1234 and .pid > 1 and .pid != ."host-pid"' "$instance/ps"
	jq -e '[.processes[].pid] | contains([1])' "$instance/ps"
	# A machine's process may call itself anything; the terminal does not hear of it.
	bulkhead exec -d web sh -c "$(printf 'sleep 444; : \033[2J')"
	eventually 10 bash -c "'$build/src/cli/bulkhead' ps web | grep -q 444"
	! bulkhead ps web | grep -q "$(printf '\033')"
}

@test "top: once, as JSON, live, and on a terminal that nobody knows" {
	bulkhead create --cpu reserve=0.3,limit=0.4 hog busybox sh -c 'while :; do :; done'
	bulkhead start hog
	bulkhead top --once --interval 1s | grep -qE '^hog  *running  *0\.3 '
	bulkhead --json top --interval 1s | jq -e '.machines[0].cpu.delivered > 0.1'
	TERM=vt100 run terminal 'expect:hog' 'send:m' 'expect:memory' 'send:q' -- bulkhead top
	[ "$status" -eq 0 ]
	[[ $output == *"termios: same"* ]]
	TERM=nonsense run terminal -- bulkhead top
	[ "$status" -eq 1 ]
	[[ $output == *"--once"* ]]
	run bulkhead top
	[ "$status" -eq 2 ]
}

@test "events --follow tells of a start while it watches" {
	timeout 30 "$build/src/cli/bulkhead" events --follow --json >"$instance/events" 3>&- &
	watcher=$!
	sleep 0.3
	bulkhead run busybox true
	eventually 10 grep -q '"event":"start"' "$instance/events"
	kill "$watcher"
	wait "$watcher" || true
	jq -es 'all(has("time") and has("machine"))' "$instance/events"
}

@test "set changes a running machine, and the definition with it" {
	bulkhead create --memory limit=64M web busybox sleep 1000
	bulkhead start web
	bulkhead set web memory.limit=32M cpu.limit=0.5 counts.pids=20
	bulkhead --json show web | jq -e '.machines[0] | .memory.limit == 33554432
		and .cpu.limit == 0.5 and .counts.pids.limit == 20'
	run bulkhead set web memory.limit=16M cpu.limit=bad
	[ "$status" -eq 2 ]
	[ "$(bulkhead --json show web | jq .machines[0].memory.limit)" = 33554432 ]
}
