#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Attempts to get out of a machine, or to see or change what is the host's. Each must be refused;
# where that would prove nothing (there is no such thing on this host), the test says so.

bats_require_minimum_version 1.5.0
load helper

setup() {
	instance_setup
	image_busybox
	rootfs=$BULKHEAD_ROOT/images/busybox/rootfs
	cp "$build/tests/integration/attack" "$rootfs/attack"
	victims=()
}
teardown() {
	for victim in "${victims[@]}"; do kill -9 "$victim" 2>/dev/null || true; done
	instance_teardown
}

# Options of `run` for a full system: its init is a script, the attack.
system=(--init sysv)

# refused [OPTION...] -- ATTEMPT[,ARGUMENT]...: all of them in one machine.
refused() {
	local options=() attempt
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	run -0 bulkhead run "${options[@]}" busybox sh -c \
		'for a; do /attack "${a%%,*}" "${a#*,}"; echo "= $?"; done' attack "$@"
	echo "${options[*]}: $output"
	[ "$(grep -cx '= 10' <<<"$output")" -eq $# ]
}

# As a command, without its filter, and as a full system with and without the filter.
refused_everywhere() {
	refused -- "$@"
	refused --seccomp off -- "$@"
	refused "${system[@]}" -- "$@"
	refused "${system[@]}" --seccomp off -- "$@"
}

# A machine in which root is the host's root: same attempts, fewer barriers.
without_user_namespace() {
	bulkhead create "$1" busybox sleep 1000
	sed -i 's/^base = .*/base = 0/; s/^count = .*/count = 0/' "$BULKHEAD_ROOT/machines/$1/machine.ini"
	chown 0:0 "$BULKHEAD_ROOT/machines/$1/upper"
	bulkhead start "$1"
}

inside() { bulkhead run busybox sh -c "$1"; }

@test "the kernel's helpers, sysrq and module loading cannot be changed" {
	refused_everywhere core-pattern modprobe sysrq uevent-helper kexec module
	[[ $(cat /proc/sys/kernel/core_pattern) != *attack* ]]
}

@test "clocks, ports, logs, counters and programs of the kernel cannot be reached" {
	refused_everywhere clock io-ports kernel-log perf
	refused -- bpf vsock
	refused "${system[@]}" -- bpf vsock
}

@test "no device node can be made, opened or mounted" {
	local disk
	disk=$(findmnt -no MAJ:MIN / | tr -d ' ')
	mknod "$rootfs/disk" b "${disk%:*}" "${disk#*:}"
	mknod "$rootfs/null" c 1 3
	chmod 666 "$rootfs/disk" "$rootfs/null"
	refused_everywhere "make-device,$disk" open-device,/disk mount-device,/disk \
		open-device,/null
}

@test "files of the host cannot be opened by handle" {
	refused_everywhere file-handle
}

@test "processes of the host cannot be seen, traced or signalled" {
	sleep 1000 3>&- &
	victims+=($!)
	refused_everywhere "trace,$!" "kill,$!"
	run -0 inside 'kill -9 -1; echo killed all'
	kill -0 "${victims[0]}"
	run -0 inside 'ls -d /proc/[0-9]* | wc -l'
	[ "$output" -le 6 ]
}

@test "the file of PID 1 cannot be overwritten (CVE-2019-5736)" {
	local before
	before=$(sha256sum <"$build/src/init/bulkhead-init")
	# In a system the first is the image's own file, which is the machine's to write.
	refused -- exe-overwrite,/proc/1/exe
	refused --seccomp off --cap-add ALL -- exe-overwrite,/proc/1/exe
	[ "$(sha256sum <"$build/src/init/bulkhead-init")" = "$before" ]
	[ "$(stat -c %a "$build/src/init/bulkhead-init")" = 755 ]
}

@test "a command without a user namespace gets no further" {
	local disk attempt marker=$instance/marker
	disk=$(findmnt -no MAJ:MIN / | tr -d ' ')
	mknod "$rootfs/disk" b "${disk%:*}" "${disk#*:}"
	echo secret >"$marker"
	without_user_namespace plain
	[ "$(bulkhead exec plain cat /proc/self/uid_map | tr -s ' ')" = " 0 0 4294967295" ]
	for attempt in core-pattern modprobe sysrq kexec module clock io-ports kernel-log \
		"make-device $disk" "open-device /disk" file-handle "exe-overwrite /proc/1/exe" \
		"release-agent memory" user-namespace "unmask /proc/sysrq-trigger" \
		"unmask /proc/kcore" "old-root $marker" "trace $$" "capability 21"; do
		run bulkhead exec plain /attack $attempt
		echo "$output"
		[ "$status" -eq 10 ]
	done
	[ "$(stat -c %u:%a "$build/src/init/bulkhead-init")" = 0:755 ]
}

@test "no release agent can be set" {
	refused_everywhere release-agent,memory release-agent,cpu release-agent,pids \
		release-agent,rdma release-agent,systemd
}

@test "keys of the host are not possessed, found or read" {
	# The daemon is started within that session, so it possesses the key.
	local attack=$build/tests/integration/attack
	daemons_end
	run -0 "$attack" with-key "$attack host-key bulkhead-test-key || exit 1
		for option in off default; do
			$build/src/cli/bulkhead run --seccomp \$option busybox /attack host-key bulkhead-test-key
			echo = \$?
			$build/src/cli/bulkhead run --seccomp \$option busybox /attack read-key \$KEY
			echo = \$?
		done"
	echo "$output"
	[ "$(grep -cx '= 10' <<<"$output")" -eq 4 ]
	run -0 inside 'cat /proc/keys'
	[ -z "$output" ]
}

@test "a command cannot make namespaces or mounts" {
	refused -- user-namespace
	run ! inside 'mount -t tmpfs none /tmp'
	run ! inside 'unshare -m true'
}

@test "what is masked reads as empty, what is read-only stays so" {
	for path in /proc/kcore /proc/keys /proc/timer_list /proc/interrupts; do
		run -0 inside "[ ! -e $path ] || cat $path | wc -c"
		[ "${output:-0}" = 0 ]
	done
	for path in /sys/firmware /proc/acpi /proc/scsi; do
		run -0 inside "[ ! -e $path ] || ls -A $path"
		[ -z "$output" ]
	done
	refused_everywhere unmask,/proc/sysrq-trigger unmask,/proc/sys/kernel/core_pattern \
		unmask,/proc/kcore
	run ! inside 'mkdir /sys/fs/cgroup/new'
	run ! inside 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

@test "the old root is not reachable, and nothing of it is in the mount table" {
	local marker=$instance/marker
	echo secret >"$marker"
	refused_everywhere "old-root,$marker"
	refused_everywhere "unmount-root,$marker"
	# Of the host's file systems there are six nodes of /dev, each alone.
	run -0 inside 'cat /proc/1/mountinfo'
	echo "$output"
	[[ $output != *"$instance"* ]]
	while read -r _ _ _ root place _; do
		case $root:$place in
		/:* | /null:* | /zero:/dev/zero | /full:/dev/full | /random:/dev/random | \
			/urandom:/dev/urandom | /tty:/dev/tty | /[0-9]*:/dev/console | \
			/bus:/proc/bus | /fs:/proc/fs | /irq:/proc/irq | /sys:/proc/sys | \
			/sysrq-trigger:/proc/sysrq-trigger) ;;
		*)
			echo "unexpected: $root on $place"
			false
			;;
		esac
	done <<<"$output"
	run -0 inside 'grep -cE " - (ext4|xfs|btrfs|9p) " /proc/1/mountinfo || true'
	[ "$output" = 0 ]
}

@test "on the host's network nothing of the host's mounts comes along" {
	run -0 bulkhead run --network host busybox cat /proc/1/mountinfo
	echo "$output"
	[[ $output != *"$instance"* ]]
	! grep -E ' - (ext4|xfs|btrfs|9p|debugfs|tracefs|securityfs) ' <<<"$output"
	run ! bulkhead run --network host busybox ip link set lo down
	run ! bulkhead run --network host busybox sh -c 'echo 1 >/sys/class/net/lo/mtu'
	run -0 bulkhead run --network host busybox ls /sys/class/net
	[ -n "$output" ]
}

@test "a command's privileges are what the documentation says" {
	run -0 inside 'grep -E "^(Cap|NoNewPrivs|Seccomp:|Groups)" /proc/self/status'
	echo "$output"
	[ "$(awk '/CapEff/ {print $2}' <<<"$output")" = 00000000a00425fb ]
	[ "$(awk '/CapBnd/ {print $2}' <<<"$output")" = 00000000a00425fb ]
	[ "$(awk '/CapInh/ {print $2}' <<<"$output")" = 0000000000000000 ]
	[ "$(awk '/CapAmb/ {print $2}' <<<"$output")" = 0000000000000000 ]
	[ "$(awk '/NoNewPrivs/ {print $2}' <<<"$output")" = 1 ]
	[ "$(awk '/Seccomp:/ {print $2}' <<<"$output")" = 2 ]
	[ "$(awk '/Groups/ {print $2}' <<<"$output")" = "" ]
	refused -- capability,21 capability,12
	run -0 bulkhead run --user 1000:1000 busybox sh -c 'id -u; grep CapEff /proc/self/status'
	[ "${lines[0]}" = 1000 ]
	[[ ${lines[1]} == *0000000000000000 ]]
}

@test "no descriptor but three is passed on, and the working directory is the machine's" {
	run -0 inside 'ls /proc/1/fd /proc/self/cwd/ | tr "\n" " "; readlink /proc/1/cwd'
	echo "$output"
	[[ $output == *"/proc/1/fd: 0 1 2 "* ]]
	[[ $output == *"/" ]]
	run bulkhead run --workdir /proc/self/fd/7 busybox pwd
	[ "$status" -ne 0 ]
	run bulkhead run --workdir /no/such/place busybox pwd
	[ "$status" -ne 0 ]
	[[ $output == *"/no/such/place"* ]]
}

@test "links of a hostile image are not followed" {
	local place
	for place in proc sys dev; do
		rm -rf "${rootfs:?}/$place"
		ln -s /tmp "$rootfs/$place"
		run bulkhead run busybox true
		echo "$place: $output"
		[ "$status" -eq 125 ] || [ "$status" -eq 2 ] || [ "$status" -eq 1 ]
		[[ $output == *"/$place"*"link"* ]]
		rm "$rootfs/$place"
		mkdir "$rootfs/$place"
	done
	# What is below Bulkhead's own mounts is Bulkhead's.
	ln -s /tmp "$rootfs/dev/pts"
	mkdir "$rootfs/sys/fs"
	ln -s /tmp "$rootfs/sys/fs/cgroup"
	run -0 bulkhead run busybox sh -c 'grep -q " /dev/pts .* devpts " /proc/self/mountinfo && grep -c " /tmp " /proc/self/mountinfo || echo none'
	[[ $output == *none || $output == 0 ]]
	[ -L "$rootfs/dev/pts" ]
}

@test "a hostile passwd file is refused, and does not hang" {
	rm -f "$rootfs/etc/passwd"
	mkfifo "$rootfs/etc/passwd"
	run timeout 20 "$build/src/cli/bulkhead" run --user www-data busybox true
	echo "$output"
	[ "$status" -ne 0 ] && [ "$status" -ne 124 ]
	rm "$rootfs/etc/passwd"
	ln -s /proc/1/root/etc/passwd "$rootfs/etc/passwd"
	run bulkhead run --user root busybox true
	[ "$status" -ne 0 ]
	rm "$rootfs/etc/passwd"
	echo 'hostonly:x:0:0::/:/bin/sh' >"$instance/passwd"
	ln -s "../../../../../../../..$instance/passwd" "$rootfs/etc/passwd"
	run bulkhead run --user hostonly busybox true
	[ "$status" -ne 0 ]
}

@test "a full system has its own: mounts, namespaces, host name, network keys" {
	local forward
	forward=$(cat /proc/sys/net/ipv4/ip_forward)
	[ "$forward" = 0 ] || skip "the host forwards, so a machine that did too would show nothing"
	cat >"$rootfs/first" <<-'EOF'
		#!/bin/sh
		set -e
		mount -t tmpfs none /mnt || { mkdir -p /mnt; mount -t tmpfs none /mnt; }
		hostname other
		unshare -m true
		echo 1 >/proc/sys/net/ipv4/ip_forward
		cat /proc/sys/net/ipv4/ip_forward
		mkdir /sys/fs/cgroup/unified/mine 2>/dev/null || mkdir /sys/fs/cgroup/mine
		touch /run/here
		echo fine
	EOF
	chmod 755 "$rootfs/first"
	run -0 bulkhead run "${system[@]}" busybox /first
	echo "$output"
	[ "${lines[0]}" = 1 ]
	[ "${lines[1]}" = fine ]
	[ "$(cat /proc/sys/net/ipv4/ip_forward)" = "$forward" ]
}
