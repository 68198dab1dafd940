/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct {
	bool raw;
	bool registered;
	int fd;
	pid_t owner; /* a forked child that exits leaves the terminal alone */
	struct termios saved;
	struct termios set;
} terminal = {.fd = -EBADF};

void terminal_restore(void)
{
	if (!terminal.raw || terminal.owner != getpid())
		return;
	(void)tcsetattr(terminal.fd, TCSADRAIN, &terminal.saved);
	terminal.raw = false;
}

int terminal_raw(int fd, struct err *e)
{
	if (tcgetattr(fd, &terminal.saved) < 0)
		return err_sys(e, -errno, "cannot read the settings of the terminal");
	terminal.set = terminal.saved;
	cfmakeraw(&terminal.set);
	terminal.fd = fd;
	terminal.owner = getpid();
	if (!terminal.registered && atexit(terminal_restore) == 0)
		terminal.registered = true;
	if (tcsetattr(fd, TCSADRAIN, &terminal.set) < 0)
		return err_sys(e, -errno, "cannot make the terminal raw");
	terminal.raw = true;
	return 0;
}

void terminal_raw_again(void)
{
	if (terminal.raw)
		(void)tcsetattr(terminal.fd, TCSADRAIN, &terminal.set);
}

bool terminal_size(int fd, uint16_t *ret_rows, uint16_t *ret_columns)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		return false;
	*ret_rows = size.ws_row;
	*ret_columns = size.ws_col;
	return size.ws_row > 0 && size.ws_col > 0;
}
