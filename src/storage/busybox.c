/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/busybox.h"

#include "base/cleanup.h"
#include "base/io.h"
#include "storage/child.h"
#include "storage/entry_name.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#define BUSYBOX_MAX_BYTES (64u << 20)
#define APPLETS_MAX_BYTES 65536

static const char *const programs[] = {"/bin/busybox", "/usr/bin/busybox",
				       "/usr/lib/busybox/busybox-static"};

static const struct {
	const char *path;
	mode_t mode;
} directories[] = {
	{"bin", 0755},	    {"sbin", 0755},	{"usr", 0755},	{"usr/bin", 0755},
	{"usr/sbin", 0755}, {"etc", 0755},	{"dev", 0755},	{"proc", 0755},
	{"sys", 0755},	    {"run", 0755},	{"tmp", 01777}, {"root", 0700},
	{"home", 0755},	    {"mnt", 0755},	{"var", 0755},	{"var/log", 0755},
	{"var/lib", 0755},  {"var/tmp", 01777},
};

static const struct {
	const char *path;
	mode_t mode;
	const char *text;
} files[] = {
	{"etc/passwd", 0644,
	 "root:x:0:0:root:/root:/bin/sh\n"
	 "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
	 "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n"
	 "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"},
	{"etc/group", 0644,
	 "root:x:0:\ndaemon:x:1:\ntty:x:5:\nwww-data:x:33:\nusers:x:100:\nnogroup:x:65534:\n"},
	{"etc/shadow", 0640, "root:*:20000:0:99999:7:::\n"},
	{"etc/hosts", 0644, "127.0.0.1\tlocalhost\n::1\tlocalhost\n"},
	{"etc/nsswitch.conf", 0644, "passwd: files\ngroup: files\nhosts: files dns\n"},
	{"etc/profile", 0644,
	 "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
	 "export PS1='\\u@\\h:\\w\\$ '\n"},
	{"etc/os-release", 0644, "ID=busybox\nNAME=BusyBox\nPRETTY_NAME=\"BusyBox\"\n"},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* elf(5): a program header of type PT_INTERP names the dynamic loader. */
static bool is_static(const char *program, size_t bytes)
{
	Elf64_Ehdr header;

	if (bytes < sizeof(header))
		return false;
	memcpy(&header, program, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64)
		return false;
	for (size_t i = 0; i < header.e_phnum; i++) {
		size_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
		Elf64_Phdr segment;

		if (at > bytes || bytes - at < sizeof(segment))
			return false;
		memcpy(&segment, program + at, sizeof(segment));
		if (segment.p_type == PT_INTERP)
			return false;
	}
	return true;
}

static int find_program(char **ret_program, size_t *ret_bytes, const char **ret_path, struct err *e)
{
	for (size_t i = 0; i < COUNT(programs); i++) {
		_cleanup_free_ char *program = NULL;
		size_t bytes;

		if (io_read_file(AT_FDCWD, programs[i], BUSYBOX_MAX_BYTES, &program, &bytes, NULL) <
			    0 ||
		    !is_static(program, bytes))
			continue;
		*ret_program = TAKE_PTR(program);
		*ret_bytes = bytes;
		*ret_path = programs[i];
		return 0;
	}
	return err_set(e, ERR_HOST, -ENOENT,
		       "no static busybox on this host: 'apt-get install busybox-static'");
}

static int write_file(int rootfs, const char *path, mode_t mode, const void *data, size_t bytes)
{
	_cleanup_fd_ int fd =
		openat(rootfs, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = io_write_all(fd, data, bytes);
	return r == 0 && fchmod(fd, mode) < 0 ? -errno : r;
}

static int make_skeleton(int rootfs, uint64_t *bytes, struct err *e)
{
	for (size_t i = 0; i < COUNT(directories); i++) {
		if (mkdirat(rootfs, directories[i].path, 0700) < 0 ||
		    fchmodat(rootfs, directories[i].path, directories[i].mode, 0) < 0)
			return err_sys(e, -errno, "directory /%s", directories[i].path);
	}
	for (size_t i = 0; i < COUNT(files); i++) {
		size_t n = strlen(files[i].text);
		int r = write_file(rootfs, files[i].path, files[i].mode, files[i].text, n);

		if (r < 0)
			return err_sys(e, r, "file /%s", files[i].path);
		*bytes += n;
	}
	return 0;
}

/* No /sbin/init: the machine's first process is its command, below Bulkhead's small init. */
static bool is_wanted(const char *applet)
{
	return strcmp(applet, "sbin/init") != 0 && strcmp(applet, "linuxrc") != 0 &&
	       strcmp(applet, "bin/busybox") != 0;
}

static int link_applets(int rootfs, const char *busybox, struct err *e)
{
	const char *const argv[] = {busybox, "--list-full", NULL};
	_cleanup_free_ char *applets = NULL;
	char *save = NULL;
	int r = child_output(argv, APPLETS_MAX_BYTES, &applets, e);

	if (r < 0)
		return r;
	for (char *a = strtok_r(applets, "\n", &save); a; a = strtok_r(NULL, "\n", &save)) {
		char path[ENTRY_PATH_MAX];
		const char *reason;

		if (entry_name_clean(a, path, &reason) < 0)
			return err_set(e, ERR_HOST, -EBADMSG, "applet of %s %s", busybox, reason);
		if (is_wanted(path) && symlinkat("/bin/busybox", rootfs, path) < 0 &&
		    errno != EEXIST)
			return err_sys(e, -errno, "applet /%s", path);
	}
	return 0;
}

int busybox_make(int rootfs, uint64_t *ret_bytes, struct err *e)
{
	_cleanup_free_ char *program = NULL;
	const char *path = NULL;
	uint64_t total = 0;
	size_t bytes = 0;
	int r = find_program(&program, &bytes, &path, e);

	if (r == 0)
		r = make_skeleton(rootfs, &total, e);
	if (r < 0)
		return r;
	r = write_file(rootfs, "bin/busybox", 0755, program, bytes);
	if (r < 0)
		return err_sys(e, r, "file /bin/busybox");
	r = link_applets(rootfs, path, e);
	if (r < 0)
		return r;
	*ret_bytes = total + bytes;
	return 0;
}
