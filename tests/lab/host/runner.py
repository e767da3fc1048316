# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs one job in a guest: passes its streams on, watches its health, and decides how it ended."""

import collections
import os
import selectors
import socket
import sys
import time

from . import errors, health
from .errors import LabError
from .machine import Machine
from .output import LineWatch, Output
from .terminal import RawTerminal

CHUNK = 65536
END_OF_TRANSMISSION = b"\x04"  # Ctrl-D: the end of input on a terminal
LOG_LINES = 400  # kept of each log, for reports
BOOT_S = 60  # it takes 4 to 8; now and then an emulated kernel hangs before it has started anything


class Runner:
    """One run. `run ()` returns the exit status of the command or raises LabError."""

    def __init__(self, options, kernel, initramfs, marker):
        self.options = options
        self.started = time.monotonic()
        self.phase = ("power-on", self.started)
        self.status = None
        self.failure = None
        self.logs = {"kernel": collections.deque(maxlen=LOG_LINES),
                     "log": collections.deque(maxlen=LOG_LINES)}
        self.rest = {"kernel": b"", "log": b"", "control": b""}
        self.keep = open(options.keep_log, "wb") if options.keep_log else None
        watch = LineWatch(options.power_cut_on) if options.power_cut_on else None
        self.watches = {"stdout": watch, "stderr": watch and LineWatch(options.power_cut_on)}
        if options.interactive:
            self.outputs = {"terminal": Output(1, marker)}
        else:
            self.outputs = {"stdout": Output(1, marker), "stderr": Output(2, marker)}
        self.machine = Machine(kernel, initramfs, options)
        self.selector = selectors.PollSelector()  # unlike epoll it takes files as well

    def run(self):
        try:
            with RawTerminal(0 if self.options.interactive else None):
                self._register()
                self._loop()
        finally:
            said = self.machine.end()
            if self.keep:
                self.keep.close()
        for output in self.outputs.values():
            output.give_up()
        self._judge(said)
        return self.status

    def _register(self):
        for name, stream in self.machine.streams.items():
            self.selector.register(stream, selectors.EVENT_READ, name)

    def _loop(self):
        """Until the command is done and all it wrote has come, or something went wrong."""
        while not self._done():
            for key, _ in self.selector.select(self._time_left()):
                self._read(key.data, key.fileobj)

    def _time_left(self):
        """Seconds until the guest has to be up or the time is over; None: for ever."""
        now = time.monotonic() - self.started
        limit = self.options.time_limit
        if limit and now >= limit:
            raise LabError(errors.TIME_LIMIT, f"time limit of {limit:g} s reached, after: "
                           f"{self.phase[0]}{self._tail()}")
        if self.phase[0] != "power-on":
            return limit - now if limit else None
        if now >= BOOT_S:
            raise errors.NeverUp(errors.GUEST_LOST, f"the guest was not up within {BOOT_S} s"
                                 + self._tail())
        return min(limit or BOOT_S, BOOT_S) - now

    def _done(self):
        if self.failure:
            return True
        if "kernel" not in self.machine.streams:
            return True
        return self.status is not None and all(out.ended for out in self.outputs.values())

    def _read(self, name, stream):
        if name == "our-input":
            self._pass_input_on()
            return
        try:
            data = stream.recv(CHUNK)
        except (ConnectionResetError, BlockingIOError):
            data = b""
        if not data:  # QEMU is gone
            self.selector.unregister(stream)
            self.machine.streams.pop(name).close()
        elif name in self.outputs:
            written = self.outputs[name].take(data)
            if self.watches.get(name) and self.watches[name].sees(written):
                self.failure = LabError(errors.POWER_CUT, "power cut, as asked")
        else:
            self._take_lines(name, data)

    def _pass_input_on(self):
        data = os.read(0, CHUNK)
        terminal = self.options.interactive
        stream = self.machine.streams.get("terminal" if terminal else "input")
        if not data:
            self.selector.unregister(0)
        if not stream:
            return
        if data or terminal:
            stream.setblocking(True)
            stream.sendall(data or END_OF_TRANSMISSION)
            stream.setblocking(False)
        else:
            # Not closed: QEMU would drop what it has not read yet.
            stream.shutdown(socket.SHUT_WR)

    def _take_lines(self, name, data):
        if name in self.logs and self.keep:
            self.keep.write(data)
        lines = (self.rest[name] + data).split(b"\n")
        self.rest[name] = lines.pop()
        for line in lines:
            text = line.decode(errors="replace").rstrip("\r")
            if name == "control":
                self._obey(text)
            else:
                self.logs[name].append(text)

    def _obey(self, line):
        word, _, rest = line.partition(" ")
        if word == "status":
            self._mark("done")
            self.status = int(rest)
        elif word == "failed":
            self.failure = LabError(errors.GUEST_LOST, f"in the guest: {rest}{self._tail()}")
        elif word == "bluetoothd-crashed":
            self._bluetoothd_crashed(rest)
        else:
            self._mark(word)
            if word == "command-started" and (self.options.interactive or self.options.stdin):
                self.selector.register(0, selectors.EVENT_READ, "our-input")

    def _bluetoothd_crashed(self, how):
        text = health.bluetoothd_report(how, self.logs["log"])
        if self.options.tolerate_bluetoothd_crash:
            note(text + "\n(tolerated)")
        else:
            self.failure = LabError(errors.BLUETOOTHD_CRASHED, text)

    def _mark(self, phase):
        now = time.monotonic()
        if self.options.verbose:
            note(f"{now - self.started:6.2f} s  {phase} (+{now - self.phase[1]:.2f})")
        self.phase = (phase, now)

    def _judge(self, said):
        """The reasons for a bad end, the most telling first."""
        crash = health.kernel_crash(self.logs["kernel"])
        if crash:
            raise LabError(errors.KERNEL_CRASHED, "the guest's kernel crashed:\n" + crash)
        if self.failure:
            raise self.failure
        if self.status is None:
            raise LabError(errors.GUEST_LOST, f"the guest went away, after: {self.phase[0]}"
                           + (f"\nQEMU said: {said.strip()}" if said.strip() else "")
                           + self._tail())

    def _tail(self):
        """The last of the logs, while the fault may be the lab's own."""
        if self.phase[0] == "command-started":
            return ""
        lines = list(self.logs["kernel"])[-10:] + list(self.logs["log"])[-10:]
        return "".join("\n  | " + line for line in lines)


def note(text):
    """A line of the lab's own, apart from what the command says."""
    sys.stderr.write("".join(f"lab: {line}\n" for line in text.splitlines()))
    sys.stderr.flush()
