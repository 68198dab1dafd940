# SPDX-License-Identifier: Apache-2.0
# Shared by all integration tests: every test has an instance of Bulkhead of its own, and leaves
# nothing, also when it fails. Only what this instance made is looked for and removed.
#
#   load helper
#   setup() { instance_setup; }
#   teardown() { instance_teardown; }

project=${BULKHEAD_PROJECT:-$(cd "$BATS_TEST_DIRNAME/../.." && pwd)}
build=${BULKHEAD_BUILD:-$project/build}

instance_setup() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	instance=$(mktemp -d "${TMPDIR:-/tmp}/bulkhead-test.XXXXXX")
	chmod 755 "$instance"
	export BULKHEAD_ROOT=$instance/root BULKHEAD_RUN=$instance/run
	mkdir -p "$BULKHEAD_ROOT" "$BULKHEAD_RUN"
	PATH=$build/src/cli:$PATH
}

# Names of this instance's cgroups, in every hierarchy.
instance_cgroup() { bulkhead --json capacity 2>/dev/null | jq -r '.cgroup // empty'; }

instance_cgroups() {
	local name
	name=$(cat "$instance/cgroup" 2>/dev/null || instance_cgroup)
	[ -n "$name" ] || return 0
	find /sys/fs/cgroup -maxdepth 4 -type d -name "$name" 2>/dev/null
}

# Every host effect that a machine of this instance could leave, one per line.
instance_leftovers() {
	instance_cgroups
	grep -F "$instance" /proc/self/mountinfo || true
	find "$BULKHEAD_RUN/journal" -type f 2>/dev/null
	find "$BULKHEAD_ROOT/machines" -mindepth 1 -maxdepth 1 2>/dev/null
	[ ! -s "$BULKHEAD_ROOT/ids" ] || cat "$BULKHEAD_ROOT/ids"
	[ ! -e "$BULKHEAD_RUN/ledger" ] || jq -r '.. | .name? // empty' "$BULKHEAD_RUN/ledger"
}

instance_teardown() {
	[ -n "${instance:-}" ] && [ -d "$instance" ] || return 0
	local name pid
	for name in $(ls "$BULKHEAD_ROOT/machines" 2>/dev/null); do
		timeout 60 "$build/src/cli/bulkhead" delete --force "$name" >/dev/null 2>&1 || true
	done
	daemons_end
	rm -rf --one-file-system "$instance"
}

# Each of the two brings the other back, so both are stopped before either is killed.
daemons_end() {
	local signal pid
	while [ -n "$(daemon_pids)" ]; do
		for signal in STOP KILL; do
			for pid in $(daemon_pids); do
				kill "-$signal" "$pid" 2>/dev/null || true
			done
		done
		sleep 0.05
	done
}

# The pids of this instance's bulkheadd processes, found by their own --run argument.
daemon_pids() {
	local file pid
	for file in $(grep -lzxF -- "$BULKHEAD_RUN" /proc/[0-9]*/cmdline 2>/dev/null); do
		pid=${file#/proc/}
		pid=${pid%/cmdline}
		case $(readlink "/proc/$pid/exe" 2>/dev/null) in
		*bulkheadd*) echo "$pid" ;;
		esac
	done
}

# A small image without any mirror; once per instance.
image_busybox() { bulkhead image build --name busybox busybox >/dev/null; }

# Waits until a command succeeds: eventually SECONDS COMMAND...
eventually() {
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

# What the host holds of this instance, as text to compare before and after. With `machines` also
# what a definition that exists holds (its directory, its ids).
host_state() {
	local name
	name=$(instance_cgroup)
	echo "cgroups:" $(instance_cgroups)
	echo "processes:" $(grep -ls "/$name/" /proc/[0-9]*/cgroup 2>/dev/null)
	echo "mounts:" $(grep -cF "$instance" /proc/self/mountinfo)
	echo "journal:" $(find "$BULKHEAD_RUN/journal" -type f 2>/dev/null)
	echo "ledger:" $(jq -r '.. | .name? // empty' "$BULKHEAD_RUN/ledger" 2>/dev/null)
	echo "ids:" $(cat "$BULKHEAD_ROOT/ids" 2>/dev/null)
	echo "files:" $(cd "$BULKHEAD_ROOT" && find machines -mindepth 1 -maxdepth 2 | sort)
}
