#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a command on a terminal and plays a person: terminal.py STEP... -- COMMAND...

Steps: expect:TEXT  send:TEXT (C escapes)  resize:ROWSxCOLUMNS  signal:NAME  sleep:SECONDS
Prints what the command wrote, then "termios: same" or "termios: changed". Exits with the command's
code, 128+N after a signal, 124 when something expected did not come within 15 s."""
import fcntl, os, pty, select, signal, struct, sys, termios, time

TIMEOUT = 15


class Terminal:
    def __init__(self, command):
        self.output = b""
        self.seen = 0
        self.master, self.slave = pty.openpty()
        self.resize("24x80")
        self.before = termios.tcgetattr(self.slave)
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for fd in range(3):
                os.dup2(self.slave, fd)
            os.closerange(3, 100)
            os.execvp(command[0], command)

    def resize(self, size):
        rows, columns = map(int, size.split("x"))
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            self.output += os.read(self.master, 65536)
            return True
        return False

    def expect(self, text):
        end = time.monotonic() + TIMEOUT
        while text.encode() not in self.output[self.seen:]:
            if time.monotonic() > end:
                self.fail("expected %r" % text)
            self.read(0.1)
        self.seen = self.output.index(text.encode(), self.seen) + len(text.encode())

    def fail(self, why):
        sys.stdout.write(self.output.decode(errors="replace") + "\n" + why + "\n")
        os.kill(self.pid, signal.SIGKILL)
        sys.exit(124)

    def finish(self):
        end = time.monotonic() + TIMEOUT
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > end:
                self.fail("it did not end")
            self.read(0.05)
        while self.read(0.05):
            pass
        same = termios.tcgetattr(self.slave) == self.before
        sys.stdout.write(self.output.decode(errors="replace"))
        print("\ntermios:", "same" if same else "changed")
        if os.WIFSIGNALED(status):
            return 128 + os.WTERMSIG(status)
        return os.WEXITSTATUS(status)


def main():
    at = sys.argv.index("--")
    terminal = Terminal(sys.argv[at + 1:])
    for step in sys.argv[1:at]:
        what, _, text = step.partition(":")
        if what == "expect":
            terminal.expect(text)
        elif what == "send":
            os.write(terminal.master, text.encode().decode("unicode_escape").encode("latin-1"))
        elif what == "resize":
            terminal.resize(text)
        elif what == "signal":
            os.kill(terminal.pid, getattr(signal, "SIG" + text))
        elif what == "sleep":
            terminal.read(float(text))
        else:
            sys.exit("unknown step " + step)
    sys.exit(terminal.finish())


main()
