#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The program's face: arguments, help, JSON, exit codes. Needs an instance, but no machine runs.

load helper

setup() { instance_setup; }
teardown() { instance_teardown; }

verbs() {
	printf '%s\n' run create start stop restart kill pause resume set delete enter exec console \
		logs wait list show top ps events capacity 'capacity set' explain 'image build' \
		'image import' 'image list' 'image show' 'image delete'
}

# A root file system that is enough to define machines of.
small_image() {
	mkdir -p "$instance/tree"/{bin,etc,usr,dev,proc,sys,tmp}
	cp "$(command -v busybox)" "$instance/tree/bin/busybox"
	ln -sf busybox "$instance/tree/bin/sh"
	bulkhead image import --name small "$instance/tree"
}

@test "without a verb: exit 2 and a hint" {
	run bulkhead
	[ "$status" -eq 2 ]
	[[ $output == *"bulkhead --help"* ]]
}

@test "--help lists every verb, --version the version" {
	run bulkhead --help
	[ "$status" -eq 0 ]
	while read -r verb; do
		grep -q "^  $verb" <<<"$output" || { echo "missing: $verb"; return 1; }
	done < <(verbs)
	run bulkhead --version
	[[ $output =~ ^bulkhead\ [0-9]+\.[0-9]+ ]]
}

@test "every verb has --help with its own synopsis, and no line has a trailing blank" {
	while read -r verb; do
		# shellcheck disable=SC2086
		run bulkhead $verb --help
		[ "$status" -eq 0 ]
		[[ ${lines[0]} == "Usage: bulkhead $verb [OPTIONS]"* ]]
		[[ $output == *"--json"* ]]
		! grep -n ' $' <<<"$output"
	done < <(verbs)
}

@test "help of a group lists its verbs" {
	run bulkhead image --help
	[ "$status" -eq 0 ]
	[[ $output == *"image build"* && $output == *"image delete"* ]]
	run bulkhead image
	[ "$status" -eq 2 ]
	run bulkhead image bild
	[ "$status" -eq 2 ]
	[[ $output == *"did you mean 'image build'"* ]]
}

@test "an unknown verb and an unknown option suggest the nearest" {
	run bulkhead strat
	[ "$status" -eq 2 ]
	[ "$output" = "bulkhead: unknown verb 'strat'; did you mean 'start'?" ]
	run bulkhead logs --folow x
	[ "$status" -eq 2 ]
	[[ $output == *"did you mean '--follow'"* ]]
	run bulkhead list -x
	[ "$status" -eq 2 ]
	[[ $output == *"unknown option '-x'"* ]]
}

@test "options: abbreviated, ambiguous, without their value, with one too many" {
	run bulkhead list --runn
	[ "$status" -eq 0 ]
	run bulkhead run --re x
	[ "$status" -eq 2 ]
	[[ $output == *ambiguous* ]]
	run bulkhead stop x --timeout
	[ "$status" -eq 2 ]
	[[ $output == *"needs a value"* ]]
	run bulkhead list --json=yes
	[ "$status" -eq 2 ]
	[[ $output == *"takes no value"* ]]
}

@test "words: missing and too many are exit 2 with the usage" {
	for call in start 'create x' 'exec x' 'set x' 'image build'; do
		# shellcheck disable=SC2086
		run bulkhead $call
		[ "$status" -eq 2 ]
		[[ $output == *"usage: bulkhead"* ]]
	done
	run bulkhead console a b
	[ "$status" -eq 2 ]
	[[ $output == *"'b' is one word too many"* ]]
}

@test "what follows the image or the machine belongs to the command" {
	run bulkhead exec nowhere ls --nonsense
	[[ $output != *nonsense* ]]
	[[ $output == *"no machine nowhere"* ]]
}

@test "bad values name the option and what is valid" {
	small_image
	run bulkhead create --cpu reserve=many web small
	[ "$status" -eq 2 ]
	[[ $output == *cpu.reserve* && $output == *many* ]]
	run bulkhead create --cpu resrve=1 web small
	[ "$status" -eq 2 ]
	[[ $output == *reserve* ]]
	run bulkhead create --cap-add flying web small
	[ "$status" -eq 2 ]
	run bulkhead create --env =x web small
	[ "$status" -eq 2 ]
	run bulkhead create --seccomp maybe web small
	[ "$status" -eq 2 ]
	run bulkhead create --no-new-privs=maybe web small
	[ "$status" -eq 2 ]
	run bulkhead create UPPER small
	[ "$status" -eq 2 ]
	[[ $output == *"a-z, 0-9"* ]]
	run bulkhead kill --signal NOSUCH web
	[ "$status" -eq 2 ]
	run bulkhead list --quiet
	[ -z "$output" ]
}

@test "relative --root is refused" {
	run bulkhead --root here list
	[ "$status" -eq 2 ]
	[[ $output == *--root* ]]
}

@test "create, list, show, set, delete agree with each other" {
	small_image
	run bulkhead create --cpu reserve=0.5,share=2,limit=1.5 --memory limit=64M --pids 50 \
		--env A=1 --env-file <(printf '# no\nB=2\n') --user 1000:1000 --workdir /tmp \
		--restart on-failure --hostname inner web small /bin/sh -c 'exit 3'
	[ "$status" -eq 0 ]
	[ "$output" = web ]
	run bulkhead create web small
	[ "$status" -eq 2 ]
	[[ $output == *exists* ]]

	bulkhead show --json web >"$instance/show.json"
	jq -e '.machines[0] | .name == "web" and .state == "stopped" and .cpu.reserve == 0.5
		and .cpu.share == 2 and .cpu.limit == 1.5 and .memory.limit == 67108864
		and .counts.pids.limit == 50 and .process.user == "1000:1000"
		and .process.directory == "/tmp" and .restart == "on-failure"
		and .hostname == "inner" and .process.command == ["/bin/sh", "-c", "exit 3"]
		and (.process.environment | contains(["A=1", "B=2"]))
		and (.process.capabilities | length) > 0' "$instance/show.json"

	bulkhead set web cpu.reserve=0.75 restart=no
	[ "$(bulkhead --json show web | jq .machines[0].cpu.reserve)" = 0.75 ]
	run bulkhead set web cpu.reserve
	[ "$status" -eq 2 ]
	run bulkhead set web cpu.reserv=1
	[ "$status" -eq 2 ]
	[[ $output == *cpu.reserve* ]]
	[ "$(bulkhead --json show web | jq .machines[0].cpu.reserve)" = 0.75 ]

	[ "$(bulkhead list --quiet)" = web ]
	bulkhead list | grep -q '^web  *stopped  *small '
	bulkhead show --oci web | jq -e '.process.args == ["/bin/sh", "-c", "exit 3"]'
	bulkhead delete web
	[ -z "$(bulkhead list --quiet)" ]
}

@test "several names: each failure is a line, the others are done, the exit code is the worst" {
	small_image
	bulkhead create a small
	bulkhead create b small
	run bulkhead delete a nowhere b
	[ "$status" -eq 2 ]
	[ "${#lines[@]}" -eq 1 ]
	[[ $output == "bulkhead: delete nowhere: "* ]]
	[ -z "$(bulkhead list --quiet)" ]
	run bulkhead delete --force nowhere
	[ "$status" -eq 0 ]
}

@test "--json is valid before and after the verb, for all that is printed" {
	small_image
	bulkhead create web small
	for call in list 'show web' ps events capacity 'explain web' 'image list' \
		'image show small' 'top --interval 100ms'; do
		# shellcheck disable=SC2086
		bulkhead --json $call | jq -e 'type == "object"'
		# shellcheck disable=SC2086
		bulkhead $call --json | jq -e 'type == "object"'
	done
	bulkhead capacity --facts | jq -e 'type == "object"'
	bulkhead delete web
}

@test "explain needs neither root nor a machine" {
	small_image
	bulkhead create --cpu reserve=0.5 web small
	bulkhead explain web >"$instance/as-machine"
	cp "$BULKHEAD_ROOT/machines/web/machine.ini" "$instance/machine.ini"
	bulkhead capacity --facts >"$instance/facts.json"
	chmod 644 "$instance/machine.ini" "$instance/facts.json"
	bulkhead delete web
	cp "$build/src/cli/bulkhead" "$instance/bulkhead"
	su nobody -s /bin/sh -c "cd / && $instance/bulkhead explain --json \
		--file $instance/machine.ini --facts $instance/facts.json" |
		jq -e '.operations | length > 20 and all(has("stage") and has("operation"))'
	su nobody -s /bin/sh -c "$instance/bulkhead list" && return 1
	grep -q '^host  *cgroup-make' "$instance/as-machine"
}

@test "explain names what is wrong with a definition, with the line" {
	printf '[machine]\nimage = x\ncommand = true\n[cpu]\nreserv = 1\n' >"$instance/bad.ini"
	run bulkhead explain --file "$instance/bad.ini"
	[ "$status" -eq 2 ]
	[[ $output == *"bad.ini:5"* && $output == *reserve* ]]
	run bulkhead explain
	[ "$status" -eq 2 ]
}

@test "capacity set is written, validated, and taken back" {
	before=$(bulkhead --json capacity | jq .cpu.host)
	bulkhead capacity set host-cpu=0.2 host-memory=512M
	[ "$(bulkhead --json capacity | jq .cpu.host)" = 0.2 ]
	[ "$(bulkhead --json capacity | jq .memory.host)" = 536870912 ]
	run bulkhead capacity set host-cpu=lots
	[ "$status" -eq 2 ]
	run bulkhead capacity set nonsense=1
	[ "$status" -eq 2 ]
	[ "$(bulkhead --json capacity | jq .cpu.host)" = 0.2 ]
	bulkhead capacity set host-cpu= host-memory=
	[ "$(bulkhead --json capacity | jq .cpu.host)" = "$before" ]
}

@test "events are told in order, filtered by name and time" {
	small_image
	bulkhead create a small
	bulkhead create b small
	bulkhead delete a b
	bulkhead --json events a | jq -e '[.events[] | .machine] | unique == ["a"]'
	bulkhead events | head -1 | grep -q ' a .*create'
	run bulkhead events --since 2099-01-01
	[ -z "$output" ]
	run bulkhead events --since yesterday
	[ "$status" -eq 2 ]
}

@test "a broken definition is listed as broken and keeps nobody else from being listed" {
	small_image
	bulkhead create a small
	bulkhead create b small
	printf '[cpu]\nreserve = x\n' >"$BULKHEAD_ROOT/machines/a/machine.ini"
	bulkhead list | grep -q '^a  *broken'
	bulkhead list | grep -q '^b  *stopped'
	bulkhead --json list | jq -e '.machines | length == 2'
}

@test "output that cannot be written is a failure" {
	small_image
	run bash -c "'$build/src/cli/bulkhead' image list >/dev/full"
	[ "$status" -eq 1 ]
	[[ $output == *"standard output"* ]]
}

@test "run: a wrong call is 2, and leaves no machine" {
	small_image
	run bulkhead run --cpu reserve=x small true
	[ "$status" -eq 2 ]
	run bulkhead run nowhere true
	[ "$status" -ne 0 ]
	[ -z "$(bulkhead list --quiet)" ]
}

@test "enter, exec, console, logs, wait, kill of what does not run say so" {
	small_image
	bulkhead create web small
	for call in 'exec web true' 'enter web' 'console web' 'kill web' 'stop web' 'wait web'; do
		# shellcheck disable=SC2086
		run timeout 20 bulkhead $call </dev/null
		echo "$call: $status $output"
		[ "$status" -ne 124 ]
		case $call in stop*) continue ;; esac
		[ "$status" -ne 0 ]
		[[ $output == *web* ]]
	done
	bulkhead delete web
}

@test "the program loads libc and nothing else" {
	libraries=$(ldd "$build/src/cli/bulkhead" | grep -vcE 'linux-vdso|ld-linux|libc\.so|lib[a-z]*san') || true
	[ "$libraries" -eq 0 ]
}

@test "man pages are there for every verb and are clean roff" {
	command -v groff >/dev/null || skip "needs groff"
	while read -r verb; do
		page=$build/src/cli/generate/bulkhead-${verb// /-}.1
		[ -s "$page" ]
		grep -q '^.SH DESCRIPTION' "$page"
		grep -q '^.SH EXAMPLES' "$page"
		[ -z "$(groff -man -Tutf8 -ww "$page" 2>&1 >/dev/null)" ]
	done < <(verbs)
	for page in bulkhead.1 machine.ini.5 bulkheadd.8; do
		[ -z "$(groff -man -Tutf8 -ww "$build/src/cli/generate/$page" 2>&1 >/dev/null)" ]
	done
}

# complete WORD...: what would be offered for the last word.
complete_line() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_bulkhead
	printf '%s\n' "${COMPREPLY[@]}"
}

@test "completion offers verbs, options, machines, images, keys" {
	small_image
	bulkhead create web small
	# shellcheck disable=SC1091
	source "$build/src/cli/generate/bulkhead"
	complete_line bulkhead st | grep -qx start
	complete_line bulkhead image '' | grep -qx build
	complete_line bulkhead logs --fo | grep -qx -- --follow
	complete_line bulkhead stop w | grep -qx web
	complete_line bulkhead run s | grep -qx small
	complete_line bulkhead create x s | grep -qx small
	complete_line bulkhead set web cpu.res | grep -qx cpu.reserve=
	complete_line bulkhead run --network h | grep -qx host
	complete_line bulkhead --json li | grep -qx list
	bulkhead delete web
}
