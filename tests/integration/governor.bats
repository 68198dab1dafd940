# SPDX-License-Identifier: Apache-2.0
# The governor: weights follow who wants something. Ratios, not absolute figures: the host may be
# busy with other things. bench/ measures exactly.

load helper

setup() {
	instance_setup
	PATH=$build/src/keeper:$PATH
	# Not to be held up by the hogs that are measured; machines do not inherit it.
	renice -n -20 "$BASHPID" >/dev/null || true
	image_busybox
}

teardown() { instance_teardown; }

hog='for i in 1 2 3; do while :; do :; done & done; wait'

# within PERCENT VALUE EXPECTED
within() { awk -v p="$1" -v v="$2" -v e="$3" 'BEGIN { print v, "expected", e; exit !(v >= e * (1 - p / 100) && v <= e * (1 + p / 100)) }'; }

# "NAME USED" of each machine, all of one moment.
sample() { bulkhead show --json "$@" | jq -r '.machines[] | "\(.name) \(.cpu.used)"'; }

# judge NAME:RESERVE:SHARE...: for 2 s. What they had together is what the host left for them; of
# that each must have had its reservation and its share of the rest, within 15 %.
judge() {
	local seconds=$EPOCHREALTIME words=("$@") names=("${@%%:*}") before
	before=$(sample "${names[@]}")
	sleep 2
	sample "${names[@]}" | awk -v words="${words[*]}" -v before="$before" \
		-v began="$seconds" -v ended="$EPOCHREALTIME" '
		BEGIN {
			n = split(before, f, /[ \n]/)
			for (i = 1; i < n; i += 2) was[f[i]] = f[i + 1]
			n = split(words, w, " ")
			for (i = 1; i <= n; i++) {
				split(w[i], f, ":")
				reserve[f[1]] = f[2]; share[f[1]] = f[3]
				reserves += f[2]; shares += f[3]
			}
		}
		{ had[$1] = ($2 - was[$1]) / (ended - began); all += had[$1] }
		END {
			for (m in had) {
				due = reserve[m] + (all - reserves) * share[m] / shares
				print m, "had", had[m], "due", due
				bad = bad || had[m] < due * 0.85 || had[m] > due * 1.15
			}
			# Another load on this host: nothing that can be judged.
			exit all < 1.6 ? 77 : bad
		}'
}

# The host may do something else in a bad moment.
judge_fairly() {
	local try code
	for try in 1 2 3; do
		code=0
		judge "$@" || code=$?
		[ "$code" != 0 ] || return 0
	done
	[ "$code" != 77 ] || skip "the host is busy with other things"
	return 1
}

@test "the excess splits by shares, also when a machine is idle" {
	[ "$(nproc)" -ge 2 ] || skip "needs two CPUs"
	awk -v n="$(nproc)" '{ exit $1 > 2 * n }' /proc/loadavg || skip "the host is busy with other things"
	bulkhead create --cpu reserve=0.5,share=1,cpus=0-1 a busybox /bin/sh -c "$hog"
	bulkhead create --cpu reserve=0.3,share=2,cpus=0-1 b busybox /bin/sh -c "$hog"
	bulkhead create --cpu share=1,cpus=0-1 c busybox /bin/sh -c "$hog"
	bulkhead start a b c
	sleep 1
	judge_fairly a:0.5:1 b:0.3:2 c:0:1
	bulkhead pause b
	sleep 1
	judge_fairly a:0.5:1 c:0:1
	# And back: b is hungry at once.
	bulkhead resume b
	sleep 1
	judge_fairly a:0.5:1 b:0.3:2 c:0:1
	bulkhead show --json a b | jq -e '[.machines[].cpu.periods | .kept / .total > 0.9] | all'
}

weight_of() {
	local file
	for file in $(find /sys/fs/cgroup -maxdepth 4 \( -path "*/$(instance_cgroup)/$1/cpu.shares" \
		-o -path "*/$(instance_cgroup)/$1/cpu.weight" \)); do
		cat "$file"
		return
	done
}

weight_is_not() { [ "$(weight_of "$1")" != "$2" ]; }

@test "killed, it leaves the weights, and is back with the same" {
	bulkhead create --cpu reserve=0.5,share=1 a busybox /bin/sh -c "$hog"
	bulkhead create --cpu share=1 b busybox /bin/sleep 1000
	bulkhead start a b
	sleep 3
	local before idle governor
	before=$(weight_of a)
	idle=$(weight_of b)
	governor=$(bulkheadd --ping | cut -d' ' -f4)
	kill -9 "$governor"
	within 10 "$(weight_of a)" "$before"
	eventually 5 governor_is_not "$governor"
	sleep 1
	within 25 "$(weight_of a)" "$before"
	# It governs: what is set shows in the weights.
	bulkhead set a cpu.reserve=0.1
	bulkhead set b cpu.reserve=0.6
	eventually 5 weight_is_not b "$idle"
}

governor_is_not() {
	local now
	now=$(bulkheadd --ping | cut -d' ' -f4)
	[ -n "$now" ] && [ "$now" != "$1" ]
}

@test "twenty idle machines cost the governor next to nothing" {
	local i governor before after
	for i in $(seq 1 20); do
		bulkhead create "m$i" busybox /bin/sleep 1000 >/dev/null
	done
	bulkhead start $(seq -f 'm%g' 1 20)
	sleep 1
	governor=$(bulkheadd --ping | cut -d' ' -f4)
	before=$(awk '{print $1}' "/proc/$governor/schedstat")
	sleep 2
	after=$(awk '{print $1}' "/proc/$governor/schedstat")
	# ns in 2 s: 0.5 % of one CPU.
	echo "$((after - before)) ns"
	[ $((after - before)) -lt 10000000 ]
}
