#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Bad input and bad luck: a clear error, nothing half done, nothing lost.

load helper

setup() {
	instance_setup
	image_busybox
}

teardown() {
	[ -z "${tiny:-}" ] || umount "$tiny" 2>/dev/null || true
	instance_teardown
}

definition() { printf '%s\n' "[machine]" "image = busybox" "command = sleep 1000" "$@" >"$instance/bad.ini"; }
ini() { echo "$BULKHEAD_ROOT/machines/$1/machine.ini"; }

@test "input: unknown keys and sections, with file and line, by explain and by start" {
	definition "[cpu]" "reserve = 0.5" "resreve = 0.5"
	run bulkhead explain --file "$instance/bad.ini"
	[ "$status" -eq 2 ]
	[[ $output == *"bad.ini:6"*resreve*reserve* ]]
	definition "[cpuu]" "reserve = 0.5"
	run bulkhead explain --file "$instance/bad.ini"
	[ "$status" -eq 2 ]
	[[ $output == *"bad.ini:"*cpuu* ]]
	bulkhead create web busybox sleep 1000
	printf '[memory]\nlimt = 1G\n' >>"$(ini web)"
	before=$(host_state)
	run bulkhead start web
	echo "$output"
	[ "$status" -eq 2 ]
	[[ $output == *"machine.ini:"*limt* ]]
	[ "$before" = "$(host_state)" ]
	# It can be mended, and then it starts.
	sed -i 's/^limt/limit/' "$(ini web)"
	bulkhead start web
}

@test "input: values out of range name key, value and what is valid" {
	for bad in 'cpu reserve = -1' 'cpu reserve = 1e99' 'cpu limit = 0' 'cpu share = x' \
		'memory limit = 12Q' 'memory limit = 99999999999G' 'memory reserve = -5M' \
		'counts pids = 0' 'counts pids = many' 'machine restart = often' \
		'machine network = wifi' 'machine stop-timeout = -3' 'cpu reserve'; do
		read -r section line <<<"$bad"
		definition "[$section]" "$line"
		[ "$section" != machine ] || printf '[machine]\nimage = busybox\ncommand = x\n%s\n' "$line" >"$instance/bad.ini"
		run bulkhead explain --file "$instance/bad.ini"
		echo "$bad: $status $output"
		[ "$status" -eq 2 ]
		[[ $output == *"bad.ini"* ]]
		[ "${#lines[@]}" -eq 1 ]
	done
	for bad in cpu.reserve=2,limit=1 cpu.share=-1 memory.reserve=2G,limit=1G; do
		run bulkhead create "--${bad%%.*}" "${bad#*.}" web busybox true
		echo "$bad: $status $output"
		[ "$status" -eq 2 ]
	done
	[ -z "$(bulkhead list --quiet)" ]
	[ -z "$(ls "$BULKHEAD_ROOT/machines" 2>/dev/null)" ]
}

@test "input: an image that is not there, or was taken away, or is no root file system" {
	before=$(host_state)
	run bulkhead create web nowhere true
	[ "$status" -eq 2 ]
	[[ $output == *nowhere*busybox* ]]
	mkdir -p "$instance/tree/some/where"
	echo text >"$instance/tree/readme"
	run bulkhead image import --name empty "$instance/tree"
	echo "$output"
	[ "$status" -eq 2 ]
	tar -C "$instance/tree" -cf "$instance/tree.tar" .
	run bulkhead image import --name empty "$instance/tree.tar"
	[ "$status" -eq 2 ]
	head -c 100000 /dev/urandom >"$instance/noise.tar"
	run bulkhead image import --name empty "$instance/noise.tar"
	[ "$status" -eq 2 ]
	run bulkhead image import --name empty "$instance/none.tar"
	[ "$status" -ne 0 ]
	[[ $output == *none.tar* ]]
	[ "$(bulkhead image list --quiet)" = busybox ]
	[ "$before" = "$(host_state)" ]
	bulkhead create web busybox sleep 1000
	run bulkhead image delete busybox
	[ "$status" -eq 2 ]
	[[ $output == *web* ]]
	mv "$BULKHEAD_ROOT/images/busybox" "$instance/away"
	before=$(host_state)
	run bulkhead start web
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *busybox* ]]
	[ "$before" = "$(host_state)" ]
	mv "$instance/away" "$BULKHEAD_ROOT/images/busybox"
	bulkhead start web
}

@test "input: a truncated record or ledger is said, never half believed, and touches nobody else" {
	bulkhead create web busybox sleep 1000
	bulkhead create other busybox sleep 1000
	bulkhead start web other
	pid=$(bulkhead --json show web | jq .machines[0].pid)
	record=$(grep -lr '"web"' "$BULKHEAD_RUN/journal" | head -1)
	[ -n "$record" ]
	cp "$record" "$instance/record"
	truncate -s $(($(stat -c %s "$record") / 2)) "$record"
	run bulkhead list
	echo "$output"
	[[ $output == *web*broken* ]]
	[[ $output == *other*running* ]]
	run bulkhead stop --timeout 0 web
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *damaged* ]]
	run bulkhead start web
	[ "$status" -ne 0 ]
	[ -e "/proc/$pid" ]
	bulkhead exec other true
	cp "$instance/record" "$record"
	bulkhead exec web true
	bulkhead stop --timeout 0 web
	cp "$BULKHEAD_RUN/ledger" "$instance/ledger"
	truncate -s 20 "$BULKHEAD_RUN/ledger"
	run bulkhead start web
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *ledger* ]]
	cp "$instance/ledger" "$BULKHEAD_RUN/ledger"
	bulkhead start web
}

@test "input: a full disk while a definition is written leaves the old one whole" {
	tiny=$instance/tiny
	mkdir "$tiny"
	truncate -s 16M "$instance/tiny.img"
	mkfs.ext4 -q -m 0 "$instance/tiny.img"
	mount -o loop "$instance/tiny.img" "$tiny" || skip "no loop device"
	cp -a "$BULKHEAD_ROOT/." "$tiny/"
	export BULKHEAD_ROOT=$tiny
	bulkhead create web busybox sleep 1000
	cat /dev/zero >"$tiny/ballast" 2>/dev/null || true
	sync -f "$tiny"
	# What the file system keeps back from the large is given to the small.
	for ((i = 0; i < 500; i++)); do
		head -c 4096 /dev/zero 2>/dev/null >"$tiny/ballast.$i" || break
	done
	sync -f "$tiny"
	before=$(cat "$(ini web)")
	ids=$(cat "$tiny/ids")
	words=$(head -c 30000 /dev/zero | tr '\0' x)
	run bulkhead set web "machine.command=echo $words"
	[ "$status" -ne 0 ]
	[[ $output == *"No space left"* ]]
	[ "$(cat "$(ini web)")" = "$before" ]
	run bulkhead create more busybox echo "$words"
	echo "${output:0:300}"
	[ "$status" -ne 0 ]
	[ "$(cat "$tiny/ids")" = "$ids" ]
	[ "$(ls "$tiny/machines")" = web ]
	rm "$tiny"/ballast*
	bulkhead start web
	bulkhead delete --force web
	umount "$tiny"
}

@test "input: two commands race on one machine, and one of them says so" {
	bulkhead create web busybox sleep 1000
	before=$(host_state)
	for round in 1 2 3; do
		bulkhead start web >"$instance/1" 2>&1 3>&- &
		first=$!
		bulkhead start web >"$instance/2" 2>&1 3>&- &
		second=$!
		codes=()
		for client in $first $second; do
			code=0
			wait "$client" || code=$?
			codes+=("$code")
		done
		echo "${codes[*]}: $(cat "$instance/1" "$instance/2")"
		[ "$(printf '%s\n' "${codes[@]}" | grep -cx 0)" = 1 ]
		bulkhead delete --force web >"$instance/1" 2>&1 3>&- &
		first=$!
		code=0
		bulkhead set web cpu.share=3 >"$instance/2" 2>&1 || code=$?
		wait "$first"
		[ "$code" = 0 ] || grep -q web "$instance/2"
		[ -z "$(bulkhead list --quiet)" ]
		bulkhead create web busybox sleep 1000
		after=$(host_state)
		[ "$before" = "$after" ] || { diff <(echo "$before") <(echo "$after"); false; }
	done
}

@test "input: an init that dies at once, that is no program, that is not there" {
	bulkhead create --restart no dies busybox sh -c 'exit 9'
	bulkhead start dies
	bulkhead wait dies
	gone() { [ "$(host_state | head -n 2 | tr -d "\n")" = cgroups:processes: ]; }
	eventually 20 gone
	before=$(host_state)
	bulkhead start dies
	[ "$(timeout 30 bulkhead wait dies)" = 9 ]
	for command in /nothing /etc/passwd; do
		bulkhead create "bad" busybox "$command"
		run bulkhead start bad
		echo "$command: $status $output"
		[ "$status" -eq 0 ] || [[ $output == *"$command"* ]]
		eventually 20 bash -c '[ "$(bulkhead --json show bad | jq -r .machines[0].state)" = stopped ]'
		bulkhead delete bad
	done
	eventually 20 gone
	after=$(host_state)
	[ "$before" = "$after" ] || { diff <(echo "$before") <(echo "$after"); false; }
}

@test "input: a host without a controller is told what does not hold; --require makes it an error" {
	hosts=$project/tests/golden/hosts
	printf '[machine]\nimage = busybox\ncommand = sleep 1\n[memory]\nreserve = 64M\nlimit = 128M\n' >"$instance/web.ini"
	run bulkhead explain --facts "$hosts/v1-no-memory-5.15.json" --file "$instance/web.ini" web
	[ "$status" -eq 0 ]
	# Nothing is pretended: no file of a controller that is not there is in the plan.
	! grep -q 'memory\.' <<<"$output"
	sed -i "s/^command/require = yes\ncommand/" "$instance/web.ini"
	run bulkhead explain --facts "$hosts/v1-no-memory-5.15.json" --file "$instance/web.ini" web
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *memory* ]]
	run bulkhead explain --facts "$hosts/v2-6.1.json" --file "$instance/web.ini" web
	[ "$status" -eq 0 ]
}
