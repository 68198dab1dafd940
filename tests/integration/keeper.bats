# SPDX-License-Identifier: Apache-2.0
# bulkheadd: whichever of its processes is killed when, nothing is lost.

load helper

setup() {
	instance_setup
	PATH=$build/src/keeper:$PATH
	image_busybox
}

teardown() { instance_teardown; }

keeper_pid() { bulkheadd --ping | cut -d' ' -f2; }
governor_pid() { bulkheadd --ping | cut -d' ' -f4; }

# Both processes answer for and neither is the given one.
is_whole_without() {
	local k g
	read -r _ k _ g < <(bulkheadd --ping)
	[ -n "$g" ] && [ "$k" != "$1" ] && [ "$g" != "$1" ] && [ -d "/proc/$k" ] && [ -d "/proc/$g" ]
}

# kill_one keeper|governor: and waits until there are two again.
kill_one() {
	local victim
	victim=$("${1}_pid")
	kill -9 "$victim"
	eventually 5 is_whole_without "$victim"
}

kill_both() {
	local k g
	read -r _ k _ g < <(bulkheadd --ping)
	# Stopped first: between two kills the second would bring back the first.
	kill -STOP "$k" "$g"
	kill -9 "$k" "$g"
	eventually 5 is_gone "$k" "$g"
}

is_gone() {
	local pid
	for pid in "$@"; do
		[ ! -d "/proc/$pid" ] || [ "$(awk '/^State/ {print $2}' "/proc/$pid/status")" = Z ] || return 1
	done
}

is_reaped() { [ ! -d "/proc/$1" ]; }

state_of() { bulkhead list --json | jq -r --arg n "$1" '.machines[] | select(.name == $n) | .state'; }
is_stopped() { [ "$(state_of "$1")" = stopped ]; }
is_running() { [ "$(state_of "$1")" = running ]; }

console() { cat "$BULKHEAD_ROOT/machines/$1/console.log.1" "$BULKHEAD_ROOT/machines/$1/console.log" 2>/dev/null | tr -d '\r'; }

# Every line "line 0", "line 1", ... once and in order; prints how many.
count_lines() {
	console "$1" | awk '
		!/^line [0-9]+ / { print "foreign: " $0; exit 1 }
		$2 != NR - 1 { print "line " NR - 1 " reads " $0; exit 1 }
		END { print NR }'
}

# create_writer NAME LINES CODE: writes numbered lines, some every few ms, then exits with CODE.
create_writer() {
	bulkhead create "$1" busybox /bin/sh -c "
		i=0
		while [ \$i -lt $2 ]; do
			echo \"line \$i ........................\"
			i=\$((i + 1))
			[ \$((i % 10)) != 0 ] || usleep 3000
		done
		exit $3"
}

@test "kill -9 of keeper and governor in turn: no line lost, exit code right" {
	create_writer writer 8000 42
	bulkhead start writer
	for _ in 1 2 3 4 5 6; do
		kill_one keeper
		kill_one governor
		kill_one keeper
	done
	is_running writer # else the kills came too late to prove anything
	[ "$(bulkhead wait writer --json | jq -r '.. | .code? // empty')" = 42 ] ||
		bulkhead list --json | jq -e '.machines[0].exit.code == 42'
	[ "$(count_lines writer)" = 8000 ]
}

@test "the log is rotated while the keeper is killed: no line lost, two files" {
	create_writer writer 48000 3
	bulkhead start writer
	while is_running writer; do
		kill_one keeper
	done
	[ "$(count_lines writer)" = 48000 ]
	[ "$(stat -c %s "$BULKHEAD_ROOT/machines/writer/console.log.1")" -ge 1048576 ]
	[ "$(stat -c %s "$BULKHEAD_ROOT/machines/writer/console.log.1")" -le 1400000 ]
	[ ! -e "$BULKHEAD_ROOT/machines/writer/console.log.new" ]
}

@test "keeper killed while machines start and end: every exit code arrives" {
	local i pids=() failed=0
	bulkheadd
	(while sleep 0.05; do kill_one keeper || true; done) 3>&- &
	local killer=$!
	for i in $(seq 1 30); do
		bulkhead run busybox /bin/sh -c "exit $i" 3>&- &
		pids+=($!)
		[ $((i % 5)) != 0 ] || wait "${pids[-1]}" || true
	done
	for i in $(seq 1 30); do
		local code=0
		wait "${pids[$((i - 1))]}" || code=$?
		[ "$code" = "$i" ] || { echo "run $i gave $code"; failed=1; }
	done
	kill "$killer"
	wait "$killer" || true
	[ "$failed" = 0 ]
	[ -z "$(bulkhead list -q)" ]
}

@test "both killed at once: the machine lives, the next command takes it over" {
	bulkhead create web busybox /bin/sh -c 'while [ ! -e /end ]; do echo tick; usleep 10000; done; exit 5'
	bulkhead start web
	local init
	init=$(bulkhead list --json | jq '.machines[0].pid')
	kill_both
	[ -d "/proc/$init" ]
	bulkhead wait web >"$instance/waited" 3>&- &
	eventually 5 bulkheadd --ping
	sleep 0.3
	[ -d "/proc/$init" ]
	grep -q 'is lost until it is started anew' "$BULKHEAD_ROOT/machines/web/console.log"
	bulkhead exec web /bin/touch /end
	wait $!
	# Known where the kernel tells (6.15), else reported as unknown: never guessed.
	bulkhead list | grep -E 'code 5|unknown'
	# A whole machine again.
	bulkhead exec web true && return 1
	rm -f "$BULKHEAD_ROOT/machines/web/upper/end"
	bulkhead start web
	is_running web
}

@test "both killed, then the machine ends: its exit is unknown, not guessed" {
	bulkhead create web busybox /bin/sleep 1000
	bulkhead start web
	local init
	init=$(bulkhead list --json | jq '.machines[0].pid')
	kill_both
	kill -9 "$init"
	local expected=unknown
	# While PID 1 has not reaped it, how it ended is to be seen.
	eventually 5 is_reaped "$init" || expected='signal 9'
	bulkheadd
	eventually 5 is_stopped web
	eventually 5 grep -q "^$expected" "$BULKHEAD_RUN/machines/web/exit"
	bulkhead start web
	is_running web
}

restarts() { grep -c '"event":"restart"' "$BULKHEAD_RUN/events"; }
has_restarted() { [ "$(restarts)" -ge "$1" ]; }

@test "restart on failure, with a back-off that doubles; stop ends it" {
	bulkhead create --restart on-failure bad busybox /bin/sh -c 'exit 1'
	bulkhead start bad
	local begin=$EPOCHREALTIME first second
	eventually 10 has_restarted 1
	first=$EPOCHREALTIME
	eventually 10 has_restarted 2
	second=$EPOCHREALTIME
	awk -v a="$begin" -v b="$first" -v c="$second" 'BEGIN {
		print b - a, c - b
		exit !(b - a >= 0.9 && b - a < 3 && c - b >= 1.8 && c - b < 5) }'
	bulkhead stop bad || true
	local now
	now=$(restarts)
	sleep 5
	[ "$(restarts)" = "$now" ]
}

@test "a killed keeper does not forget a restart that waits" {
	bulkhead create --restart always again busybox /bin/sh -c 'exit 0'
	bulkhead start again
	eventually 5 is_stopped again
	kill_one keeper
	eventually 10 has_restarted 1
}

@test "on-failure does not restart a success; no never does; a stop is no failure" {
	bulkhead create --restart on-failure good busybox /bin/true
	bulkhead create --restart no plain busybox /bin/sh -c 'exit 1'
	bulkhead create --restart always asked busybox /bin/sleep 1000
	bulkhead start good plain asked
	bulkhead stop asked
	sleep 2.5
	[ "$(restarts)" = 0 ]
	is_stopped good
	is_stopped plain
	is_stopped asked
}

@test "an upgrade: both execute the new file, the machine does not notice" {
	install "$build/src/keeper/bulkheadd" "$build/src/init/bulkhead-init" "$instance"
	export BULKHEADD=$instance/bulkheadd
	create_writer writer 3000 9
	bulkhead start writer
	local before after pid
	before=$(bulkheadd --ping)
	install "$build/src/keeper/bulkheadd" "$instance/bulkheadd.new"
	mv "$instance/bulkheadd.new" "$instance/bulkheadd"
	for pid in $(keeper_pid) $(governor_pid); do
		readlink "/proc/$pid/exe" | grep -q deleted
	done
	bulkheadd --reexec
	eventually 5 bulkheadd --ping
	eventually 5 runs_new_file
	after=$(bulkheadd --ping)
	[ "$before" = "$after" ]
	is_running writer
	kill_one keeper # the new file's
	kill_one governor
	runs_new_file
	kill -HUP "$(keeper_pid)"
	bulkhead wait writer
	bulkhead list | grep 'code 9'
	[ "$(count_lines writer)" = 3000 ]
}

runs_new_file() {
	local pid
	for pid in $(keeper_pid) $(governor_pid); do
		[ "$(readlink "/proc/$pid/exe")" = "$instance/bulkheadd" ] || return 1
	done
}

has_no_daemon() { [ -z "$(daemon_pids)" ]; }
socket_is_gone() { [ ! -e "$BULKHEAD_RUN/keeper.sock" ]; }

@test "with nothing to keep it ends by itself, and the next command starts it" {
	bulkheadd --idle 1s
	local k g
	read -r _ k _ g < <(bulkheadd --ping)
	bulkhead run busybox /bin/true
	eventually 8 socket_is_gone
	eventually 2 is_gone "$k" "$g"
	bulkhead run busybox /bin/true
	# A machine keeps it.
	bulkheadd --shutdown
	eventually 2 has_no_daemon
	bulkheadd --idle 1s
	bulkhead create web busybox /bin/sleep 1000
	bulkhead start web
	sleep 2
	bulkheadd --ping
}

@test "two instances side by side know nothing of each other" {
	bulkhead create web busybox /bin/sh -c 'echo one; sleep 1000'
	bulkhead start web
	(
		export BULKHEAD_ROOT=$instance/root2 BULKHEAD_RUN=$instance/run2
		bulkhead image build --name busybox busybox >/dev/null
		bulkhead create web busybox /bin/sh -c 'echo two; sleep 1000'
		bulkhead start web
		[ "$(bulkheadd --ping)" != "$(BULKHEAD_RUN=$instance/run bulkheadd --ping)" ]
		eventually 5 grep -q two "$BULKHEAD_ROOT/machines/web/console.log"
		bulkhead delete --force web
		bulkheadd --shutdown
	)
	is_running web
	grep -q one "$BULKHEAD_ROOT/machines/web/console.log"
	bulkheadd --ping
}

@test "a second bulkheadd for the same instance is not one too many" {
	bulkheadd
	local before
	before=$(bulkheadd --ping)
	bulkheadd
	[ "$(bulkheadd --ping)" = "$before" ]
	run bulkheadd --foreground
	[ "$status" = 1 ]
	[[ $output = *"runs already"* ]]
}

@test "a machine that floods its console holds up nobody" {
	bulkhead create flood busybox /bin/sh -c 'yes flood'
	bulkhead start flood
	sleep 1
	local k before after
	k=$(keeper_pid)
	before=$(awk '{print $14 + $15}' "/proc/$k/stat")
	timeout 5 bulkhead run busybox /bin/true
	sleep 2
	after=$(awk '{print $14 + $15}' "/proc/$k/stat")
	# Of 200 ticks and more: a quarter of a CPU.
	[ $((after - before)) -lt 60 ]
	[ "$(du -sk "$BULKHEAD_ROOT/machines/flood" | cut -f1)" -lt 4096 ]
}

@test "a client that hangs up loses nothing that it started" {
	bulkhead create web busybox /bin/sleep 1000
	bulkhead start web 3>&- &
	sleep 0.005
	kill -9 $! 2>/dev/null || true
	# Either it was not asked yet or it runs; then it is known to be running.
	sleep 0.5
	bulkhead start web || is_running web
	is_running web
}
