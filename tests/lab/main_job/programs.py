# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that a case starts and speaks to: what they print is waited for, never slept for."""

import os
import pty
import re
import select
import subprocess
import threading
import time

DEADLINE_S = 45


class Program:
    """A program that prints lines on either output, and may be told some."""

    def __init__(self, *arguments):
        self.arguments = [str(argument) for argument in arguments]
        self.lines = []
        self.ended = False
        self.seen = 0  # lines that expect() has gone past
        self.changed = threading.Condition()
        self.process = self.popen(stdin=subprocess.PIPE, text=True, bufsize=1,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read, daemon=True).start()

    def popen(self, **streams):
        # pylint: disable-next=consider-using-with
        return subprocess.Popen(self.arguments, **streams)

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def _find(self, beginning):
        for number in range(self.seen, len(self.lines)):
            if self.lines[number].startswith(beginning):
                self.seen = number + 1
                return self.lines[number]
        return None

    def expect(self, beginning, within_s=DEADLINE_S):
        """The next line that begins so; other lines go by."""
        found = None

        def look():
            nonlocal found
            found = self._find(beginning)
            return found is not None or self.ended

        with self.changed:
            self.changed.wait_for(look, timeout=within_s)
        assert found is not None, f"never said '{beginning}': {self.transcript()}"
        return found

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def finish(self, within_s=DEADLINE_S):
        return self.process.wait(within_s)

    def wait_lines(self):
        """All that it has printed, once it has closed its output."""
        with self.changed:
            self.changed.wait_for(lambda: self.ended, timeout=DEADLINE_S)
        return self.lines

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def transcript(self):
        name = os.path.basename(self.arguments[0])
        return "\n".join([f"{name} {' '.join(self.arguments[1:])}", *self.lines])


class Terminal:
    """A person at a terminal: reads what a command shows, and types."""

    def __init__(self, *command):
        self.command = command
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            # One that is not known to curses: the picker is numbered lines, which can be read.
            os.environ["TERM"] = "typewriter"
            os.execv(command[0], command)
        self.shown = b""
        self.unread = ""
        self.status = None

    def read_until(self, pattern, within_s=DEADLINE_S):
        end = time.monotonic() + within_s
        while not (match := re.search(pattern, self.unread)):
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            if not ready or not self._read():
                raise AssertionError(f"never showed '{pattern}': {self.transcript()}")
        self.unread = self.unread[match.end():]
        return match

    def _read(self):
        try:
            data = os.read(self.fd, 4096)
        except OSError:  # the other side is closed
            return False
        self.shown += data
        self.unread += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)

    def type(self, text):
        os.write(self.fd, (text + "\n").encode())

    def finish(self, within_s=DEADLINE_S):
        """The exit status, once the terminal is closed."""
        end = time.monotonic() + within_s
        while self.status is None:
            ready, _, _ = select.select([self.fd], [], [], max(0, end - time.monotonic()))
            assert ready, f"it does not end: {self.transcript()}"
            if not self._read():
                self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def kill(self):
        if self.status is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
            self.status = -9
        os.close(self.fd)

    def transcript(self):
        return f"{' '.join(self.command)}\n{self.shown.decode(errors='backslashreplace')}"


class Outcome:
    """A command that has run, with nobody at a terminal."""

    def __init__(self, *command, stdin=b""):
        begun = time.monotonic()
        done = subprocess.run(command, input=stdin, capture_output=True, check=False,
                              timeout=120)
        self.seconds = time.monotonic() - begun
        self.command = command
        self.status = done.returncode
        self.output = done.stdout
        self.errors = done.stderr

    @property
    def text(self):
        return self.output.decode()

    @property
    def error_text(self):
        return self.errors.decode()

    def expect(self, status):
        assert self.status == status, f"{status} was wanted: {self}"
        return self

    def __str__(self):
        return f"{self.command} ended with {self.status}: {self.output} {self.errors}"
