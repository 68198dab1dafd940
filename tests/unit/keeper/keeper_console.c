/* SPDX-License-Identifier: Apache-2.0 */
/* The pump on a real pty, and what a successor finds of a predecessor that died in the middle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"
#include "keeper/console.h"
#include "kernel/channel.h"

struct fixture {
	struct settings settings;
	struct table *t;
	int slave, link_end;
};

static struct fixture f;
static struct holdings h;

static int pty_make(void)
{
	h.slot[0].master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (h.slot[0].master < 0 || grantpt(h.slot[0].master) < 0 || unlockpt(h.slot[0].master) < 0)
		return -1;
	f.slave = open(ptsname(h.slot[0].master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	return f.slave < 0 ? -1 : 0;
}

static int setup(void **state)
{
	char template[] = "/tmp/bulkhead-console-XXXXXX", path[HOST_PATH_MAX + 32];
	struct termios raw;
	int link[2], r;

	(void)state;
	if (!mkdtemp(template))
		return -1;
	(void)snprintf(f.settings.root, sizeof(f.settings.root), "%s", template);
	(void)snprintf(path, sizeof(path), "%s/machines/web", template);
	r = io_mkdir_parents(path, 0755, NULL);
	if (r == 0)
		r = table_new(&f.settings, &h.table, &f.t, NULL);
	if (r == 0)
		r = pty_make();
	if (r == 0)
		r = console_open_log(&f.settings, "web", &h.slot[0].log, NULL);
	if (r == 0)
		r = channel_pair(link);
	if (r < 0 || pipe2(h.pump, O_CLOEXEC) < 0 || tcgetattr(f.slave, &raw) < 0)
		return -1;
	cfmakeraw(&raw);
	(void)tcsetattr(f.slave, TCSANOW, &raw);
	(void)fcntl(h.slot[0].master, F_SETFL, O_RDWR | O_NONBLOCK);
	(void)fcntl(link[0], F_SETFL, O_NONBLOCK);
	h.link = link[0];
	f.link_end = link[1];
	f.t->header.high = 1;
	*table_slot(f.t, 0) = (struct table_slot){
		.state = SLOT_RUNNING, .name = "web", .console = 1, .log_max_bytes = 1 << 20};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	held_drop(&h.slot[0]);
	held_close(&f.slave);
	held_close(&f.link_end);
	held_close(&h.link);
	held_close(&h.pump[0]);
	held_close(&h.pump[1]);
	held_close(&h.table);
	(void)munmap(f.t, sizeof(*f.t));
	return io_remove_tree(AT_FDCWD, f.settings.root, NULL);
}

static void log_is(const char *file, const char *text)
{
	char path[HOST_PATH_MAX + 64], *read;

	(void)snprintf(path, sizeof(path), "%s/machines/web/%s", f.settings.root, file);
	assert_int_equal(io_read_file(AT_FDCWD, path, 1 << 22, &read, NULL, NULL), 0);
	assert_string_equal(read, text);
	free(read);
}

static void machine_writes(const char *text)
{
	assert_int_equal(io_write_all(f.slave, text, strlen(text)), 0);
}

static enum console_state pump(void)
{
	size_t moved;

	return console_pump(&h, f.t, 0, 1 << 20, &moved);
}

static void test_bytes_reach_the_log(void **state)
{
	(void)state;
	machine_writes("one\n");
	assert_int_equal(pump(), CONSOLE_EMPTY);
	log_is("console.log", "one\n");
	assert_int_equal(table_slot(f.t, 0)->log_bytes, 4);
	/* The last slave is closed: what was written is still there, then it has hung up. */
	machine_writes("two\n");
	held_close(&f.slave);
	assert_int_equal(pump(), CONSOLE_HUNG_UP);
	log_is("console.log", "one\ntwo\n");
}

static void test_a_successor_finishes_what_is_in_the_pipe(void **state)
{
	ssize_t n;

	(void)state;
	machine_writes("half");
	/* The predecessor's first splice; then it is killed. */
	f.t->header.pump_slot = 0;
	n = splice(h.slot[0].master, NULL, h.pump[1], NULL, 65536, SPLICE_F_NONBLOCK);
	assert_int_equal(n, 4);
	log_is("console.log", "");
	console_resume(&h, f.t);
	machine_writes(" more");
	(void)pump();
	log_is("console.log", "half more");
	assert_int_equal(table_slot(f.t, 0)->log_bytes, 9);
}

static void test_it_rotates_at_the_end_of_a_line(void **state)
{
	(void)state;
	table_slot(f.t, 0)->log_max_bytes = 8;
	machine_writes("12345678");
	(void)pump(); /* full, but within a line */
	log_is("console.log", "12345678");
	machine_writes("\n");
	(void)pump();
	log_is("console.log.1", "12345678\n");
	log_is("console.log", "");
	machine_writes("next");
	(void)pump();
	log_is("console.log", "next");
	assert_int_equal(h.slot[0].log_next, 0);
}

/* Dies at each step of a rotation; the successor has the same two files in the end. */
static void rotation_dies_after(int step)
{
	struct table_slot *slot = table_slot(f.t, 0);
	char path[HOST_PATH_MAX + 64];
	int directory;

	machine_writes("old\n");
	(void)pump();
	(void)snprintf(path, sizeof(path), "%s/machines/web", f.settings.root);
	directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	h.slot[0].log_next =
		openat(directory, "console.log.new", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	slot->log_phase = LOG_ROTATING;
	if (step >= 1)
		assert_int_equal(linkat(directory, "console.log", directory, "console.log.1", 0),
				 0);
	if (step >= 2)
		assert_int_equal(renameat(directory, "console.log.new", directory, "console.log"),
				 0);
	if (step >= 3)
		slot->log_phase = LOG_SWITCHED;
	console_resume(&h, f.t);
	machine_writes("new\n");
	(void)pump();
	log_is("console.log.1", "old\n");
	log_is("console.log", "new\n");
	assert_int_equal(faccessat(directory, "console.log.new", F_OK, 0), -1);
	assert_int_equal(slot->log_phase, LOG_STEADY);
	assert_int_equal(slot->log_bytes, 4);
	held_close(&directory);
}

static void test_rotation_dies_before_its_link(void **state)
{
	(void)state;
	rotation_dies_after(0);
}

static void test_rotation_dies_before_its_rename(void **state)
{
	(void)state;
	rotation_dies_after(1);
}

static void test_rotation_dies_after_its_rename(void **state)
{
	(void)state;
	rotation_dies_after(2);
}

static void test_rotation_dies_at_its_very_end(void **state)
{
	(void)state;
	rotation_dies_after(3);
}

static void test_a_log_that_takes_nothing_holds_up_nobody(void **state)
{
	(void)state;
	held_close(&h.slot[0].log);
	h.slot[0].log = open("/dev/full", O_WRONLY | O_CLOEXEC);
	machine_writes("lost");
	assert_int_equal(pump(), CONSOLE_EMPTY);
	assert_int_equal(table_slot(f.t, 0)->log_dropped, 4);
}

#define CONSOLE_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONSOLE_TEST(test_bytes_reach_the_log),
		CONSOLE_TEST(test_a_successor_finishes_what_is_in_the_pipe),
		CONSOLE_TEST(test_it_rotates_at_the_end_of_a_line),
		CONSOLE_TEST(test_rotation_dies_before_its_link),
		CONSOLE_TEST(test_rotation_dies_before_its_rename),
		CONSOLE_TEST(test_rotation_dies_after_its_rename),
		CONSOLE_TEST(test_rotation_dies_at_its_very_end),
		CONSOLE_TEST(test_a_log_that_takes_nothing_holds_up_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
