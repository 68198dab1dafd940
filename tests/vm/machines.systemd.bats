#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A host whose PID 1 is systemd: machines are scopes below a slice of ours, made over D-Bus; and a
# Debian with systemd as its own PID 1 is one of them.

load ../integration/helper

setup_file() {
	export BATS_INSTANCE=$(mktemp -d "$TMPDIR/bulkhead-sd.XXXXXX")
	chmod 755 "$BATS_INSTANCE"
	export BULKHEAD_ROOT=$BATS_INSTANCE/root BULKHEAD_RUN=$BATS_INSTANCE/run
	mkdir -p "$BULKHEAD_ROOT" "$BULKHEAD_RUN"
	"$build/src/cli/bulkhead" image build --name busybox busybox >/dev/null
}

teardown_file() {
	instance=$BATS_INSTANCE instance_teardown
}

setup() {
	instance=$BATS_INSTANCE
	PATH=$build/src/cli:$PATH
}

teardown() {
	for name in $(ls "$BULKHEAD_ROOT/machines" 2>/dev/null); do
		timeout 90 bulkhead delete --force "$name" || true
	done
}

field() { bulkhead --json show "$1" | jq -r ".machines[0]$2"; }
is() { [ "$(field "$1" .state)" = "$2" ]; }
scope_of() {
	local line
	line=$(head -1 "/proc/$(field "$1" .pid)/cgroup")
	grep -o '[^/]*\.scope' <<<"$line"
}
cgroup_of() { echo "/sys/fs/cgroup$(systemctl show -P ControlGroup "$1")"; }

@test "systemd: a machine is a delegated scope in our slice, with its limits in place" {
	[ "$(cat /proc/1/comm)" = systemd ]
	bulkhead create --cpu reserve=0.3,limit=1.5 --memory reserve=32M,limit=128M --pids 40 web busybox sleep 1000
	bulkhead start web
	scope=$(scope_of web)
	echo "scope $scope"
	systemctl is-active "$scope"
	[ "$(systemctl show -P Delegate "$scope")" = yes ]
	slice=$(systemctl show -P Slice "$scope")
	[[ $slice == bulkhead*.slice ]]
	at=$(cgroup_of "$scope")
	[ "$(cat "$at/memory.max")" = $((128 << 20)) ]
	[ "$(cat "$at/memory.min")" = $((32 << 20)) ]
	[ "$(cat "$at/../memory.min")" = $((32 << 20)) ]
	[ "$(cat "$at/cpu.max")" = "150000 100000" ]
	[ "$(cat "$at/pids.max")" = 40 ]
	[ "$(bulkhead exec web echo inside)" = inside ]
	bulkhead set web memory.limit=96M
	[ "$(cat "$at/memory.max")" = $((96 << 20)) ]
	bulkhead stop --timeout 0 web
	! systemctl is-active -q "$scope"
	[ "$(systemctl show -P LoadState "$scope")" = not-found ]
	[ ! -d "$at" ]
}

@test "systemd: daemon-reload loses no limit" {
	bulkhead create --cpu reserve=0.3,limit=1.5 --memory reserve=32M,limit=128M --pids 40 web busybox sleep 1000
	bulkhead start web
	at=$(cgroup_of "$(scope_of web)")
	limits() { cat "$at/memory.max" "$at/memory.min" "$at/cpu.max" "$at/pids.max" "$at/../memory.min"; }
	before=$(limits)
	systemctl daemon-reload
	sleep 1
	[ "$(limits)" = "$before" ] || { diff <(echo "$before") <(limits); false; }
	# What systemd does with siblings must not reset it, either.
	systemd-run --quiet --scope --slice=system.slice true
	[ "$(limits)" = "$before" ]
}

@test "systemd: systemctl stop of the scope ends the machine, and its end is known" {
	bulkhead create web busybox sleep 1000
	bulkhead start web
	scope=$(scope_of web)
	systemctl stop "$scope"
	eventually 30 is web stopped
	[ "$(field web .exit.known)" = true ]
	[ "$(systemctl show -P LoadState "$scope")" = not-found ]
	bulkhead start web
	is web running
	bulkhead delete --force web
	[ "$(systemctl show -P LoadState "$scope")" = not-found ]
	[ -z "$(systemctl list-units --all --plain --no-legend 'bulkhead*.scope')" ]
}

@test "systemd: run gives output and exit code, and leaves no unit" {
	[ "$(bulkhead run busybox echo hello)" = hello ]
	run bulkhead run busybox sh -c 'exit 7'
	[ "$status" -eq 7 ]
	run bulkhead run --cpu reserve=50 busybox true
	[ "$status" -eq 3 ]
	[ -z "$(systemctl list-units --all --plain --no-legend 'bulkhead*.scope')" ]
}

inside_is_up() {
	local got
	got=$(bulkhead exec deb systemctl is-system-running 2>&1)
	echo "is-system-running: $got" >"$instance/last"
	[ "$got" = running ] || [ "$got" = degraded ]
}

@test "a Debian 12 with systemd as PID 1 reaches 'running', is entered, and stops by its signal" {
	[ -n "$BULKHEAD_SYSTEMD_IMAGE" ] || skip "no image: no Debian mirror answered when it was to be made"
	bulkhead image import --name debian "$BULKHEAD_SYSTEMD_IMAGE"
	bulkhead create --memory limit=512M --cpu reserve=0.5 deb debian
	[ "$(field deb .init)" = systemd ]
	bulkhead start deb
	eventually 300 inside_is_up || { cat "$instance/last"; bulkhead logs --tail 40 deb; false; }
	bulkhead exec deb systemctl --failed --plain --no-legend >"$instance/failed" 2>&1
	if [ -s "$instance/failed" ]; then
		cat "$instance/failed"
		bulkhead exec deb journalctl -b -p warning --no-pager | tail -40
	fi
	[ "$(bulkhead exec deb systemctl is-system-running)" = running ]
	[ "$(bulkhead exec deb cat /proc/1/comm)" = systemd ]
	# It has its own cgroup tree and puts its services there.
	bulkhead exec deb systemctl is-active systemd-journald dbus
	bulkhead exec deb systemd-run --quiet --wait -p MemoryMax=64M sh -c 'grep -q run- /proc/self/cgroup'
	run python3 "$project/tests/integration/terminal.py" expect:'# ' \
		send:'stty size; cat /proc/1/comm\n' expect:'24 80' expect:systemd \
		send:'exit 3\n' -- bulkhead enter deb
	echo "$output"
	[ "$status" -eq 3 ]
	scope=$(scope_of deb)
	bulkhead stop --timeout 120s deb
	is deb stopped
	# Not killed: systemd powered off by itself.
	[ "$(field deb .exit.signal)" != 9 ]
	bulkhead logs --tail 30 deb
	[ "$(systemctl show -P LoadState "$scope")" = not-found ]
}
