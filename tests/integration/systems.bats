#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Machines that are real systems: a Debian 12 with sysvinit, nginx and PostgreSQL from its packages.
# The image is built once and kept in $BULKHEAD_TEST_CACHE (/var/cache/bulkhead-test).

load helper
bats_require_minimum_version 1.5.0

cache=${BULKHEAD_TEST_CACHE:-/var/cache/bulkhead-test}

setup_file() {
	local work=$cache/build.$$
	[ "$(id -u)" = 0 ] && [ ! -d "$cache/images/services" ] || return 0
	mkdir -p "$work" "$cache/images"
	BULKHEAD_ROOT=$work BULKHEAD_RUN=$work/run timeout 900 "$build/src/cli/bulkhead" image build \
		--name services --package sysvinit-core --package nginx-light --package postgresql \
		--package curl debian:12 >"$cache/build.log" 2>&1 &&
		mv "$work/images/services" "$cache/images/" || true
	rm -rf --one-file-system "$work"
}

setup() {
	instance_setup
	[ -d "$cache/images/services" ] ||
		skip "no image of Debian 12: $(tail -n 1 "$cache/build.log" 2>/dev/null)"
	mkdir -p "$BULKHEAD_ROOT/images"
	# An image is never written to: links are as good as copies.
	cp -al "$cache/images/services" "$BULKHEAD_ROOT/images/" 2>/dev/null ||
		cp -a "$cache/images/services" "$BULKHEAD_ROOT/images/"
}

teardown() { instance_teardown; }

# How it ended is written a moment after it has: ended NAME .exit.code 0
ended() { [ "$(field "$1" "$2")" = "$3" ]; }
field() { bulkhead --json show "$1" | jq -r ".machines[0]$2"; }
page() { [ "$(bulkhead exec "$1" curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1/)" = 200 ]; }
sql() { bulkhead exec --user postgres --workdir /tmp "$1" psql -Atqc "$2"; }
answers() { [ "$(sql "$1" 'select 1' 2>/dev/null)" = 1 ]; }
runlevel_is() { [ "$(bulkhead exec "$1" runlevel 2>/dev/null)" = "N $2" ]; }

# What a person would do with a data base.
use_database() {
	sql "$1" 'create table ships (name text primary key, holds int)'
	sql "$1" "insert into ships select 'ship ' || n, n % 13 from generate_series(1, 1000) n"
	[ "$(sql "$1" 'select count(*), sum(holds) from ships')" = "1000|6006" ]
	bulkhead exec --user postgres --workdir /tmp "$1" pgbench -q -i -s 1 postgres
	bulkhead exec --user postgres --workdir /tmp "$1" pgbench -c 4 -t 100 postgres >"$instance/pgbench"
	grep -q 'number of failed transactions: 0' "$instance/pgbench"
	grep -q 'actually processed: 400/400' "$instance/pgbench"
}

@test "systems: nginx and PostgreSQL in a machine whose command is no init" {
	bulkhead create --memory limit=512M --pids 200 web services sleep infinity
	bulkhead start web
	bulkhead exec web nginx
	eventually 30 page web
	bulkhead exec web pg_ctlcluster 15 main start
	eventually 60 answers web
	use_database web
	# Its data is in its own layer, with its own ids, and outlives a restart.
	[ "$(stat -c %u "$BULKHEAD_ROOT/machines/web/upper/var/lib/postgresql/15/main")" -gt 65535 ]
	bulkhead exec web pg_ctlcluster 15 main stop
	bulkhead restart --timeout 10s web
	bulkhead exec web pg_ctlcluster 15 main start
	eventually 60 answers web
	[ "$(sql web 'select count(*) from ships')" = 1000 ]
}

@test "systems: sysvinit boots to runlevel 2 with its services, and stop is its own shutdown" {
	bulkhead create --memory limit=512M sys services
	[ "$(field sys .init)" = sysv ]
	bulkhead start sys
	eventually 120 runlevel_is sys 2
	eventually 60 page sys
	eventually 60 answers sys
	use_database sys
	[ "$(bulkhead exec sys cat /proc/1/comm)" = init ]
	bulkhead stop --timeout 120s sys
	[ "$(field sys .state)" = stopped ]
	# It halted: init ended by the signal that reboot(2) gives in a pid namespace, not by SIGKILL.
	eventually 10 ended sys .exit.signal 2
	bulkhead logs sys >"$instance/log"
	grep -q 'INIT: Switching to runlevel: 0' "$instance/log"
	grep -q 'Stopping PostgreSQL' "$instance/log"
	# PostgreSQL was shut down, not cut off: nothing is recovered at the next start.
	bulkhead start sys
	eventually 120 answers sys
	[ "$(sql sys 'select count(*) from ships')" = 1000 ]
	! bulkhead exec sys grep -q 'was not properly shut down' /var/log/postgresql/postgresql-15-main.log
	bulkhead stop --timeout 120s sys
}

@test "systems: a package is installed inside, with scripts, users and files of its own" {
	local tree=$instance/hull
	mkdir -p "$tree/DEBIAN" "$tree/usr/bin" "$tree/var/lib/hull"
	printf 'Package: hull\nVersion: 1\nArchitecture: all\nMaintainer: t <t@example.org>\nDescription: t\n' \
		>"$tree/DEBIAN/control"
	printf '#!/bin/sh\nuseradd --system --home-dir /var/lib/hull hull && chown hull: /var/lib/hull\n' \
		>"$tree/DEBIAN/postinst"
	printf '#!/bin/sh\necho tight\n' >"$tree/usr/bin/hull"
	chmod 755 "$tree/DEBIAN/postinst" "$tree/usr/bin/hull"
	dpkg-deb --root-owner-group -b "$tree" "$instance/hull.deb" >/dev/null
	bulkhead create --network host web services sleep infinity
	bulkhead start web
	bulkhead exec web sh -c 'cat >/root/hull.deb' <"$instance/hull.deb"
	bulkhead exec web apt-get install -y -q /root/hull.deb
	[ "$(bulkhead exec web hull)" = tight ]
	[ "$(bulkhead exec web stat -c %U /var/lib/hull)" = hull ]
	[ "$(bulkhead exec --user hull web id -un)" = hull ]
	bulkhead exec web dpkg --purge hull
	run -127 bulkhead exec web hull
}
