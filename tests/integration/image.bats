#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images: what is hostile is refused or harmless, what fails leaves nothing, what is kept is kept.

load helper

setup() {
	instance_setup
	canary=$instance/canary
	mkdir "$canary"
	echo whole >"$canary/canary"
	images=$BULKHEAD_ROOT/images
}
teardown() { instance_teardown; }

archive() { python3 "$BATS_TEST_DIRNAME/hostile_archive.py" "$1" "$instance/$1.tar" "$canary"; }

# Nothing outside was touched, nothing of a failed import is left.
untouched() {
	[ "$(ls -A "$canary")" = canary ]
	[ "$(cat "$canary/canary")" = whole ]
	[ "$(stat -c %a:%h:%u "$canary")" = 755:2:0 ]
	[ "$(stat -c %h "$canary/canary")" = 1 ]
	[ ! -e "$instance/made" ]
	[ ! -e "$BULKHEAD_ROOT/made" ]
	[ ! -e "$images/made" ]
}
no_images() { [ -z "$(ls -A "$images" 2>/dev/null)" ]; }

# refused NAME TEXT: the import fails as a wrong input and says TEXT.
refused() {
	archive "$1"
	run bulkhead image import --name hostile "$instance/$1.tar"
	echo "$1: status $status: $output"
	[ "$status" -eq 2 ]
	[[ $output == *"$2"* ]]
	[[ $output != *$'\e'* ]]
	untouched
	no_images
}

taken() {
	archive "$1"
	bulkhead image import --name taken "$instance/$1.tar"
	root=$images/taken/rootfs
	untouched
}

@test "an archive cannot name what is outside of the image" {
	refused absolute "absolute name"
	refused parent 'by ".."'
	refused parent-inside 'by ".."'
	refused escapes 'by ".."'
}

@test "an archive cannot write through its own links" {
	refused through-link "goes through a link"
	refused through-link-deep "goes through a link"
	refused through-link-relative "goes through a link"
	refused through-inner-link "goes through a link"
	refused directory-over-link "something else already"
	refused link-over-directory "would replace a directory"
	refused file-as-directory "goes through a link or a file"
	refused root-is-file "is not a directory"
	refused root-is-link "is not a directory"
}

@test "hard links stay inside" {
	refused hard-link-absolute "outside of the image"
	refused hard-link-parent "outside of the image"
	refused hard-link-through-link "does not have"
	refused hard-link-absent "does not have"
	refused hard-link-root "outside of the image"
	taken hard-link-to-link
	[ "$(readlink "$root/stolen")" = "$canary/canary" ]
}

@test "counts and sizes have limits" {
	refused deep "deeper than 128"
	refused long-component "longer than 255"
	refused long-name "longer than 4095"
	refused huge-name ""
	refused attributes "extended attributes"
	refused owner "outside of 0 to 65535"
	refused group "outside of 0 to 65535"
}

@test "what is not a root file system is refused" {
	refused wrapped "not a root file system"
	echo text >"$instance/text"
	run bulkhead image import --name x "$instance/text"
	[ "$status" -eq 2 ]
	run bulkhead image import --name x /dev/null
	[ "$status" -eq 2 ]
	run bulkhead image import --name x "$instance/absent"
	[ "$status" -eq 2 ]
	no_images
}

@test "a damaged archive leaves nothing" {
	archive none
	head -c 100000 /dev/urandom >"$instance/random"
	tar -C "$instance" --transform 's,^random,bin/random,' -rf "$instance/none.tar" random
	gzip -k "$instance/none.tar"
	head -c 60000 "$instance/none.tar.gz" >"$instance/cut.tar.gz"
	run bulkhead image import --name cut "$instance/cut.tar.gz"
	echo "$output"
	[ "$status" -eq 2 ]
	no_images
	bulkhead image import --name whole "$instance/none.tar.gz"
	cmp "$instance/random" "$images/whole/rootfs/bin/random"
}

@test "a file replaces a link instead of following it" {
	taken link-then-file
	[ -f "$root/file" ]
	[ ! -L "$root/file" ]
	[ "$(cat "$root/file")" = evil ]
}

@test "a later entry wins" {
	taken twice
	[ "$(cat "$root/file")" = new ]
}

@test "names with dots and slashes are understood" {
	taken dotted
	[ -f "$root/etc/dotted" ]
	[ -f "$root/usr/share/x" ]
	[ "$(stat -c %a "$root/etc")" = 755 ]
}

@test "device nodes stay out, fifos come in" {
	taken devices
	[ ! -e "$root/null" ]
	[ ! -e "$root/disk" ]
	[ ! -e "$root/whiteout" ]
	[ -p "$root/fifo" ]
}

@test "attributes of overlayfs stay out, those of users come in" {
	taken overlay
	run python3 -c 'import os,sys; print(sorted(os.listxattr(sys.argv[1])))' "$root/dir"
	[ "$output" = "['user.kept']" ]
}

@test "owners and setuid bits are kept, and the host's users do not reach them" {
	taken setuid
	[ "$(stat -c %a:%u "$root/su")" = 4755:0 ]
	[ "$(stat -c %a:%u:%g "$root/mail")" = 2755:8:12 ]
	[ "$(stat -c %a "$root/tmp")" = 1777 ]
	run setpriv --reuid 65534 --clear-groups "$root/su"
	echo "$status $output"
	[ "$status" -ne 0 ]
	[[ $output == *"ermission denied"* ]]
}

@test "all compressions, from a file and from standard input" {
	local tool
	archive none
	for tool in gzip bzip2 xz zstd; do
		type "$tool" >/dev/null || continue
		"$tool" -c "$instance/none.tar" >"$instance/c"
		bulkhead image import --name "c-$tool" - <"$instance/c"
		cat "$instance/c" | bulkhead image import --name "p-$tool" -
		[ -f "$images/c-$tool/rootfs/bin/sh" ]
		[ -f "$images/p-$tool/rootfs/bin/sh" ]
	done
}

@test "a directory is copied with all that belongs to it" {
	local from=$instance/from
	mkdir -p "$from/bin" "$from/a/b"
	cp /bin/true "$from/bin/sh"
	echo text >"$from/a/b/file"
	ln "$from/a/b/file" "$from/a/hard"
	ln -s "$canary" "$from/out"
	truncate -s 10M "$from/sparse"
	echo end >>"$from/sparse"
	chown 33:44 "$from/a"
	chmod 4711 "$from/a/hard"
	setcap cap_net_raw+ep "$from/bin/sh"
	touch -d 2001-01-01 "$from/a"
	bulkhead image import --name copy "$from"
	root=$images/copy/rootfs
	[ "$(stat -c %u:%g:%Y "$root/a")" = "33:44:$(stat -c %Y "$from/a")" ]
	[ "$(stat -c %i "$root/a/hard")" = "$(stat -c %i "$root/a/b/file")" ]
	[ "$(stat -c %a "$root/a/b/file")" = 4711 ]
	[ "$(readlink "$root/out")" = "$canary" ]
	cmp "$from/sparse" "$root/sparse"
	[ "$(stat -c %b "$root/sparse")" -lt 100 ]
	[ "$(getcap "$root/bin/sh")" = "$root/bin/sh cap_net_raw=ep" ]
	untouched
}

@test "a directory that holds the images is not copied into itself" {
	run bulkhead image import --name loop "$instance"
	[ "$status" -eq 2 ]
	[[ $output == *"holds the images themselves"* ]]
}

@test "an image that is there is replaced only on request, and not while it is used" {
	image_busybox
	archive none
	run bulkhead image import --name busybox "$instance/none.tar"
	[ "$status" -eq 2 ]
	[[ $output == *"exists already"* ]]
	bulkhead create web busybox
	run bulkhead image import --replace --name busybox "$instance/none.tar"
	[ "$status" -eq 2 ]
	[[ $output == *"machine web"* ]]
	run bulkhead image delete busybox
	[ "$status" -eq 2 ]
	[[ $output == *"machine web"* ]]
	[ -x "$images/busybox/rootfs/bin/busybox" ]
	bulkhead delete web
	bulkhead image import --replace --name busybox "$instance/none.tar"
	[ ! -e "$images/busybox/rootfs/bin/busybox" ]
	bulkhead image delete busybox
	no_images
}

@test "two imports of one name: one is done, one is told" {
	local one two done=0
	archive none
	(bulkhead image import --name same "$instance/none.tar") & one=$!
	(bulkhead image import --name same "$instance/none.tar") & two=$!
	wait "$one" && done=$((done + 1))
	wait "$two" && done=$((done + 1))
	[ "$done" -eq 1 ]
	[ "$(ls -A "$images")" = same ]
}

@test "an import that is killed leaves nothing after the next one" {
	archive none
	mkfifo "$instance/fifo"
	"$build/src/cli/bulkhead" image import --name killed - <"$instance/fifo" & pid=$!
	exec 7>"$instance/fifo"
	head -c 1024 "$instance/none.tar" >&7
	eventually 10 sh -c "ls -A '$images' | grep -q '^\.killed'"
	eventually 10 sh -c "pgrep -P $pid >/dev/null"
	child=$(pgrep -P "$pid")
	kill -9 "$pid"
	wait "$pid" || true
	eventually 10 sh -c "! [ -d /proc/$child ] || grep -q 'State:.Z' /proc/$child/status"
	exec 7>&-
	bulkhead image import --name next "$instance/none.tar"
	[ "$(ls -A "$images")" = next ]
}

@test "the unpacker is confined" {
	mkfifo "$instance/fifo"
	"$build/src/cli/bulkhead" image import --name jailed - <"$instance/fifo" 7>&- & pid=$!
	exec 7>"$instance/fifo"
	eventually 10 sh -c "pgrep -P $pid >/dev/null"
	child=$(pgrep -P "$pid")
	eventually 10 grep -q '^Seccomp:.2' "/proc/$child/status"
	cat "/proc/$child/status"
	# chown, dac_override, fowner, fsetid, setfcap
	grep -q '^CapEff:.000000008000001b$' "/proc/$child/status"
	grep -q '^CapBnd:.000000008000001b$' "/proc/$child/status"
	grep -q '^NoNewPrivs:.1$' "/proc/$child/status"
	[ "$(ls -A "/proc/$child/root")" = target ]
	[ "$(readlink "/proc/$child/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]
	# The archive, standard error, the target's mount, the pipe for reports: nothing else.
	ls -l "/proc/$child/fd"
	[ "$(ls "/proc/$child/fd" | wc -l)" -le 5 ]
	exec 7>&-
	run wait "$pid"
	no_images
}

@test "a full disk is an error, and leaves nothing" {
	archive none
	head -c 3000000 /dev/zero >"$instance/zero"
	tar -C "$instance" -rf "$instance/none.tar" zero
	mkdir "$instance/small"
	run unshare --mount sh -c '
		mount -t tmpfs -o size=2m none "$0/small" &&
		"$1" --root "$0/small" image import --name full "$0/none.tar"
		echo "status $?"
		ls -A "$0/small/images"' "$instance" "$build/src/cli/bulkhead"
	echo "$output"
	[[ $output == *"No space left on device"* ]]
	[[ $output == *"status 1" ]]
}

@test "a busybox image is made without any mirror" {
	image_busybox
	root=$images/busybox/rootfs
	[ "$(chroot "$root" /bin/sh -c 'id -un; ls / | tr "\n" " "' | head -1)" = root ]
	[ -L "$root/bin/sh" ]
	[ ! -e "$root/sbin/init" ]
	bulkhead image list | grep -q busybox
	bulkhead --json image show busybox | jq -e '.. | objects | select(.name? == "busybox")' >/dev/null
	bulkhead image delete busybox
	no_images
}

@test "builds that cannot be are told" {
	run bulkhead image build debian:7
	[ "$status" -eq 2 ]
	[[ $output == *bookworm* ]]
	run bulkhead image build plan9
	[ "$status" -eq 2 ]
	run bulkhead image build --package=-oDebug=1 debian:12
	[ "$status" -eq 2 ]
	[[ $output == *"not the name of a Debian package"* ]]
	run bulkhead image build --package nginx busybox
	[ "$status" -eq 2 ]
	no_images
}
