# SPDX-License-Identifier: LGPL-2.1-or-later
"""A running virtual-accessory: its events as a list to wait on, its commands as a method.

It only moves lines; what they mean is in tests/README.md.
"""

import os
import subprocess

from gi.repository import GLib

from central import Late, wait_until


class Accessory:
    def __init__(self, program, *words, adapter="hci1"):
        self.events = []
        self._rest = b""
        self._process = subprocess.Popen([program, f"adapter={adapter}", *words],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._fd = self._process.stdout.fileno()
        self._source = GLib.unix_fd_add_full(
            GLib.PRIORITY_DEFAULT, self._fd, GLib.IOCondition.IN | GLib.IOCondition.HUP,
            self._on_output)

    def _on_output(self, fd, _condition):
        octets = os.read(fd, 65536)
        lines = (self._rest + octets).split(b"\n")
        self._rest = lines.pop()
        self.events += [line.decode("utf-8", "replace") for line in lines]
        if not octets:
            self._source = None
        return bool(octets)

    def wait(self, event):
        """Takes the first event that is, or starts with, `event` and all before it; returns it."""
        def take():
            for number, line in enumerate(self.events):
                if line == event or line.startswith(event + " "):
                    del self.events[:number + 1]
                    return line
            return None
        try:
            return wait_until(take, f"event '{event}'")
        except Late as error:
            raise Late(f"{error}; events since: {self.events}") from None

    def wait_number(self, event):
        return int(self.wait(event).split()[1])

    def say(self, command):
        self._process.stdin.write(command.encode() + b"\n")
        self._process.stdin.flush()

    def wait_end(self):
        """Its exit status, once it has ended by itself and all its events are here."""
        wait_until(lambda: self._source is None and self._process.poll() is not None,
                   "end of the accessory")
        return self._process.returncode

    def quit(self):
        if self._process.poll() is None:
            self._process.stdin.close()
        status = self.wait_end()
        self._process.stdout.close()
        return status
