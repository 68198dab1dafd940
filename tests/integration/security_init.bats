#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bulkhead-init by itself: as PID 1 of a pid namespace, and as any other process.

bats_require_minimum_version 1.5.0
load helper

setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	init=$build/src/init/bulkhead-init
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/bulkhead-test.XXXXXX")
}
teardown() {
	[ -z "${outer:-}" ] || kill -9 "$outer" 2>/dev/null || true
	rm -rf "$scratch"
}

first() { unshare --pid --fork --mount-proc "$init" "$@"; }

# Starts it as PID 1 in the background; `pid` is what the host calls it.
first_in_background() {
	unshare --pid --fork --mount-proc --kill-child "$init" "$@" 3>&- &
	outer=$!
	eventually 5 pgrep -P "$outer" >/dev/null
	pid=$(pgrep -P "$outer")
	eventually 5 test -e "$scratch/ready"
}

@test "the command's exit code is its own" {
	for code in 0 1 42 255; do
		run first sh -c "exit $code"
		[ "$status" -eq "$code" ]
		run "$init" sh -c "exit $code"
		[ "$status" -eq "$code" ]
	done
}

@test "killed by a signal: 128+N as PID 1, the same signal as another process" {
	run first sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
	run first sh -c 'kill -KILL $$'
	[ "$status" -eq 137 ]
	run python3 -c 'import subprocess, sys
print(subprocess.call(sys.argv[1:]))' "$init" sh -c 'kill -TERM $$'
	[ "$output" = -15 ]
}

@test "what cannot be executed is 127 or 126, with its name" {
	run -127 first no-such-command-here
	[ "$status" -eq 127 ]
	[[ $output == *no-such-command-here*"not found"* ]]
	run -127 first /no/such/file
	[ "$status" -eq 127 ]
	run first /etc/passwd
	[ "$status" -eq 126 ]
	run -127 first ""
	[ "$status" -eq 127 ]
	run -127 first
	[ "$status" -eq 127 ]
	printf '#!/bin/sh\nexit 7\n' >"$scratch/found"
	chmod 755 "$scratch/found"
	mkdir "$scratch/first"
	cp "$scratch/found" "$scratch/first/"
	chmod 644 "$scratch/first/found"
	PATH=$scratch/first:$scratch:$PATH run first found
	[ "$status" -eq 7 ]
	PATH=$scratch/first:$PATH run first found
	[ "$status" -eq 126 ]
}

@test "orphans are reaped" {
	run first sh -c 'i=0; while [ $i -lt 50 ]; do (sh -c "sleep 0.1 & exit 0" &); i=$((i+1)); done
		sleep 1; grep -l "^State:.Z" /proc/[0-9]*/status | wc -l'
	[ "$status" -eq 0 ]
	[ "$output" = 0 ]
}

@test "signals are passed on to the command" {
	for signal in TERM HUP INT QUIT USR1 USR2 WINCH RTMIN+3 PWR CONT; do
		rm -f "$scratch/ready"
		cat >"$scratch/command" <<-EOF
			import signal, sys
			signal.signal(int(sys.argv[1]), lambda *a: sys.exit(42))
			open("$scratch/ready", "w").write("x")
			while True: signal.pause()
		EOF
		number=$(kill -l "$signal" 2>/dev/null)
		[ "$signal" != CONT ] || number=18
		first_in_background python3 "$scratch/command" "$number"
		kill "-$number" "$pid"
		code=0
		wait "$outer" || code=$?
		echo "$signal ($number): $code"
		[ "$code" -eq 42 ]
	done
	outer=
}

@test "the command starts with default signals, unblocked" {
	run python3 -c 'import signal, subprocess, sys
for s in (signal.SIGPIPE, signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
    signal.signal(s, signal.SIG_IGN)
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 60))
sys.exit(subprocess.call(sys.argv[1:], restore_signals=False))' \
		"$init" grep -E '^Sig(Blk|Ign)' /proc/self/status
	[ "$status" -eq 0 ]
	[ "$(grep -c 0000000000000000 <<<"$output")" -eq 2 ]
}

@test "keys of the terminal reach the command, its hang-up does not" {
	cat >"$scratch/terminal.py" <<-'EOF'
		import os, pty, signal, sys, time
		init, scratch = sys.argv[1:]
		ready, hup = scratch + "/ready", scratch + "/hup"
		script = f"trap 'exit 43' INT; trap 'touch {hup}' HUP; touch {ready}; while :; do sleep 0.05; done"

		def start():
		    if os.path.exists(ready): os.unlink(ready)
		    pid, master = pty.fork()
		    if pid == 0:
		        os.execv(init, [init, "sh", "-c", script])
		    for i in range(100):
		        if os.path.exists(ready): break
		        time.sleep(0.05)
		    return pid, master

		pid, master = start()
		os.write(master, b"\x03")
		print("interrupt:", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
		os.close(master)

		pid, master = start()
		os.close(master)
		time.sleep(0.5)
		print("alive:", os.waitpid(pid, os.WNOHANG)[0] == 0, "told:", os.path.exists(hup))
		os.kill(pid, signal.SIGHUP)
		time.sleep(0.5)
		print("told by somebody:", os.path.exists(hup))
		os.kill(pid, signal.SIGINT)
		print("end:", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	EOF
	run timeout 30 python3 "$scratch/terminal.py" "$init" "$scratch"
	echo "$output"
	[ "${lines[0]}" = "interrupt: 43" ]
	[ "${lines[1]}" = "alive: True told: False" ]
	[ "${lines[2]}" = "told by somebody: True" ]
	[ "${lines[3]}" = "end: 43" ]
}

@test "an instance owns at most 24 KiB" {
	first_in_background sh -c "touch $scratch/ready; exec sleep 100"
	private=$(awk '/^Private/ {sum += $2} END {print sum}' "/proc/$pid/smaps_rollup")
	echo "$private KiB"
	[ "$private" -le 24 ]
	[ "$(awk '/^VmData/ {print $2}' "/proc/$pid/status")" -lt 300 ]
	[ "$(cat "/proc/$pid/comm")" = bulkhead-init ]
}
