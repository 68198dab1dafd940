# SPDX-License-Identifier: Apache-2.0
# Shared by the benchmarks. Each has an instance of Bulkhead of its own and leaves nothing.
#
#   . "$(dirname "$0")/lib.bash"
#   bench_begin "what it is" "$@"
#   row "what was measured" "the bar" "the figure" ok|missed|info
#   bench_end
#
# Calls: bench/NAME [--quick]. $quick is not empty when times and counts should be short: to see
# that the benchmark works; its figures say little.
set -u -o pipefail

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
project=$(dirname "$bench")
build=${BULKHEAD_BUILD:-$project/build}
tools=$build/bench
rows=0 missed=0 quick='' scratch='' runtime=''

fail() {
	echo "$(basename "$0"): $*" >&2
	exit 2
}

# The progress of a long step: where nobody looks at a terminal, nothing.
note() { [ ! -t 2 ] || printf '\r\033[K%s' "${*:+  $* ...}" >&2; }

bench_begin() {
	local title=$1
	shift
	case ${1:-} in
	--quick) quick=1 ;;
	'') ;;
	*) fail "usage: bench/$(basename "$0") [--quick]" ;;
	esac
	[ "$(id -u)" = 0 ] || fail "needs root"
	command -v jq >/dev/null || fail "needs jq: tools/packages bench"
	[ -x "$build/src/cli/bulkhead" ] || fail "not built: meson setup build && ninja -C build"
	ninja -C "$build" bench-tools >/dev/null || fail "cannot build the programs of bench/"
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/bulkhead-bench.XXXXXX")
	chmod 755 "$scratch"
	trap bench_clean EXIT
	trap 'exit 130' INT TERM HUP
	runtime=$(mktemp -d "$(memory_directory)/bulkhead-bench.XXXXXX")
	export BULKHEAD_ROOT=$scratch/root BULKHEAD_RUN=$runtime/run
	export BULKHEADD=$build/src/keeper/bulkheadd
	PATH=$build/src/cli:$tools:$PATH
	make_image
	printf '== %s%s\n' "$title" "${quick:+ (quick: the figures say little)}"
	printf '%-58s %-14s %-14s %s\n' MEASURED BAR FIGURE ''
}

# /run, where the runtime state is unless told otherwise, is in memory on every Debian host; not so
# in a container that stands in for one.
memory_directory() {
	local dir
	for dir in /run /dev/shm; do
		[ "$(stat -f -c %T $dir 2>/dev/null)" != tmpfs ] || { echo $dir; return; }
	done
	echo "$scratch"
}

# An image with our own programs in it, of the host's busybox.
make_image() {
	bulkhead --quiet image build --name busybox busybox >/dev/null || fail "cannot make an image"
	cp -a "$BULKHEAD_ROOT/images/busybox/rootfs" "$scratch/rootfs"
	cp "$tools/hog" "$scratch/rootfs/bin/hog"
	bulkhead --quiet image import --name bench "$scratch/rootfs" >/dev/null ||
		fail "cannot make an image"
}

bench_clean() {
	local name
	note
	for name in $(bulkhead --quiet list 2>/dev/null); do
		bulkhead --quiet delete --force "$name" >/dev/null 2>&1
	done
	"$BULKHEADD" --shutdown >/dev/null 2>&1
	rm -rf --one-file-system "$scratch" ${runtime:+"$runtime"}
}

row() {
	local mark=$4
	note
	rows=$((rows + 1))
	[ "$mark" != missed ] || missed=$((missed + 1))
	[ "$mark" != info ] || mark=''
	printf '%-58s %-14s %-14s %s\n' "$1" "$2" "$3" "$mark"
}

bench_end() {
	[ "$rows" -gt 0 ] || fail "nothing was measured"
	[ "$missed" = 0 ] || exit 1
	exit 0
}

# judge EXPRESSION: ok when it is true, with awk's arithmetic.
judge() { awk "BEGIN {print ($*) ? \"ok\" : \"missed\"}"; }
calc() { awk "BEGIN {printf \"%.4f\", $*}"; }
# format FORMAT EXPRESSION
format() { awk "BEGIN {printf \"$1\", $2}"; }
# Of numbers, one on each line.
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
highest() { sort -n | tail -n 1; }

machine() {
	bulkhead --quiet create "$@" >/dev/null && bulkhead --quiet start "$(machine_name "$@")" ||
		fail "cannot start a machine: $*"
}

# The name in a call of create: the first word that is neither an option nor its value.
machine_name() {
	while [ "${1#--}" != "$1" ]; do
		shift 2
	done
	echo "$1"
}

# The kernel's own count of a machine's CPU time: cpu.stat in the tree of cgroup v2.
stat_of() {
	local pid path
	pid=$(bulkhead --json show "$1" | jq '.machines[0].pid')
	path=$(sed -n 's/^0:://p' "/proc/$pid/cgroup") || fail "$1 has no cgroup"
	# A machine's own init may have moved below the machine's cgroup.
	path=$(sed -E "s#/(bulkhead-)?$1(\.scope)?(/.*)?\$#/\1$1\2#" <<<"$path")
	if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
		echo "/sys/fs/cgroup$path/cpu.stat"
	else
		echo "/sys/fs/cgroup/unified$path/cpu.stat"
	fi
}

# A machine that runs nothing of its own; hogs come and go in it.
idle_machine() { machine "$@" bench /bin/sleep 1d; }

# Runs a job of bench/hog.c in a machine, without waiting for it.
hog_in() {
	bulkhead exec --detach "$1" /bin/hog "${@:2}" >/dev/null || fail "cannot run 'hog ${*:2}' in $1"
}

# Ends all jobs in idle machines, and waits until nothing of them is left.
hogs_end() {
	local m
	for m; do
		timeout 30 bulkhead exec "$m" /bin/sh -c \
			'while killall -q -9 hog || pidof hog >/dev/null; do sleep 0.05; done' ||
			fail "cannot end the hogs in $m"
	done
}

# Pids of this instance's bulkheadd, and of its process of a role ("keeper", "governor").
daemon_pids() { "$BULKHEADD" --ping | grep -oE '[0-9]+'; }

# crowd COUNT: as many idle machines, m1 m2 ...; their names are in the array `crowd`.
crowd() {
	local i
	crowd=()
	for ((i = 1; i <= $1; i++)); do
		note "$i of $1 machines"
		bulkhead --quiet create "m$i" bench /bin/hog idle >/dev/null || fail "cannot create m$i"
		crowd+=("m$i")
	done
	note "starting $1 machines"
	bulkhead --quiet start "${crowd[@]}" >/dev/null || fail "cannot start $1 machines"
}
