# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a case plays on: a bluetoothd without bonds, a broker without permissions, and
whatever straps and programs it starts, all of which end with it."""

import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from .bluez import Bluez
from .programs import DEADLINE_S, Outcome, Program, Terminal

BLEPICK = "/usr/bin/blepick"
BLEPICKD = "/usr/libexec/blepickd"
STATE = pathlib.Path("/var/lib/blepick")
LEAVE_S = 5


def install(build):
    """Three apps that are one program: identity is a matter of whose file runs."""
    for app in ("runner", "stranger", "other"):
        target = f"/usr/local/bin/{app}"
        shutil.copy(build / "tests/lab/stranger", target)
        os.chown(target, 0, 0)
        os.chmod(target, 0o755)


class Stage:
    """One case's world. Leaving it checks that the broker leaves in order."""

    def __init__(self, build):
        self.build = build
        self.here = pathlib.Path(__file__).resolve().parent.parent
        self.bluez = Bluez()
        self.broker = None
        self.started = []
        self.figures = []

    def __enter__(self):
        subprocess.run(["lab-bluetoothd", "fresh"], check=True)
        shutil.rmtree(STATE, ignore_errors=True)
        STATE.mkdir(mode=0o700)
        return self

    def __exit__(self, kind, _error, _trace):
        try:
            if self.broker:
                self.stop_broker()
        finally:
            self._end_all(kind is not None)

    def _end_all(self, failed):
        if failed:
            for program in self.started:
                print("".join(f"# {line}\n" for line in program.transcript().splitlines()), end="",
                      flush=True)
        # bluetoothd 5.66 may crash when a GATT application leaves it just after a link broke, and when
        # it ends in order after its adapter was switched off: it goes first, and at once.
        subprocess.run(["lab-bluetoothd", "kill"], check=True)
        for program in self.started:
            program.kill()

    def figure(self, text):
        """A measurement that the result shows."""
        self.figures.append(text)

    def _add(self, program):
        self.started.append(program)
        return program

    def change_controllers(self):
        """A controller that went off in the middle of a pairing keeps a half of it."""
        subprocess.run(["lab-controllers", "stop"], check=True)
        subprocess.run(["lab-controllers", "start", os.environ["LAB_CONTROLLERS"]], check=True)
        subprocess.run(["lab-wait-adapters", os.environ["LAB_CONTROLLERS"]], check=True)

    def start_broker(self):
        self.broker = self._add(Program(BLEPICKD, "--state-directory", STATE))
        subprocess.run(["gdbus", "wait", "--system", "--timeout", "30", "org.blepick.Broker1"],
                       check=True)

    def stop_broker(self):
        """Asks it to leave, and sees to it that it does so well. Returns the seconds."""
        broker, self.broker = self.broker, None
        alive = self.bluez.is_there()
        begun = time.monotonic()
        broker.signal(signal.SIGTERM)
        status = broker.finish(LEAVE_S)
        seconds = time.monotonic() - begun
        assert status == 0, f"blepickd ended with {status}: {broker.transcript()}"
        if alive:
            assert self.bluez.is_there(), "bluetoothd went with blepickd"
            assert not self.bluez.acquired(), "a notify socket stayed"
            assert not self.bluez.scans(), "a scan stayed"
        assert self.rows("pendings") == 0, "a pairing is still noted as under way"
        return seconds

    @staticmethod
    def rows(table):
        with sqlite3.connect(STATE / "permissions.db") as store:
            return store.execute(f"SELECT count (*) FROM {table}").fetchone()[0]

    def strap(self, *words, adapter="hci1", name=r"Virtual\sStrap", rate_ms=200):
        strap = self._add(Program(self.build / "tests/lab/virtual-accessory", f"adapter={adapter}",
                                  f"name={name}", f"rate-ms={rate_ms}", *words))
        strap.expect("ready")
        return strap

    def other_strap(self, adapter, name):
        # A strap has no BR/EDR; with it bluetoothd looks for services there, for half a minute.
        self.bluez.power(adapter, False)
        subprocess.run(["btmgmt", "--index", adapter[-1], "bredr", "off"], check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.bluez.power(adapter, True)
        strap = self._add(Program(self.here / "other-peripheral", adapter, name))
        strap.expect("ready")
        return strap

    def start(self, *command):
        return self._add(Program(*command))

    def terminal(self, *arguments):
        return self._add(Terminal(BLEPICK, *arguments))

    def choose(self, *options, name="Virtual Strap"):
        """A person at `blepick pick` who takes that line."""
        person = self.terminal(*options, "pick")
        person.type(person.read_until(rf"(?m)^ *(\d+)  {re.escape(name)}").group(1))
        return person

    @staticmethod
    def blepick(*arguments):
        return Outcome(BLEPICK, *arguments)

    def accessories(self):
        return json.loads(self.blepick("--json", "list").expect(0).text)["accessories"]

    def pair(self, name="Virtual Strap", *options):
        return self.blepick(*options, "pair", name, "--accept-unverified").expect(0)

    def values(self, count, *arguments):
        """That many values as the command prints them for programs."""
        outcome = self.blepick("--json", "monitor", "--count", str(count), "--for", "40s",
                               *arguments).expect(0)
        lines = [json.loads(line) for line in outcome.text.splitlines()]
        values = [line for line in lines if line["bpm"] is not None]
        assert len(values) == count, f"{count} values were wanted: {outcome}"
        return values

    @staticmethod
    def _expect_line(monitor, is_beat):
        end = time.monotonic() + DEADLINE_S
        while (json.loads(monitor.expect('{"format":1'))["bpm"] is not None) != is_beat:
            assert time.monotonic() < end, monitor.transcript()

    def expect_beat(self, monitor):
        """`blepick --json monitor` prints a value."""
        self._expect_line(monitor, True)

    def expect_gap(self, monitor):
        """It says that there are none now."""
        self._expect_line(monitor, False)

    def expect_nothing_left(self, adapter="hci0"):
        """Of a pairing that failed."""
        assert not self.bluez.bonds(adapter), f"a bond stayed: {self.bluez.bonds(adapter)}"
        assert not self.bluez.scans(), "a scan stayed"
        assert self.accessories() == [], "an accessory was granted"

    def expect_failure(self, status, cause, words, *arguments):
        """The command as given says so to people, and with --json to programs."""
        plain = self.blepick(*arguments).expect(status)
        last = plain.error_text.splitlines()[-1]
        assert last.startswith("blepick: ") and last.endswith(f"({cause})"), plain
        assert words in last, f"'{words}' was wanted: {plain}"
        assert plain.output == b"", plain

        coded = self.blepick("--json", *arguments).expect(status)
        assert coded.errors.count(b"\n") == 1, f"one line was wanted: {coded}"
        fault = json.loads(coded.errors)
        assert fault["type"] == "error" and fault["format"] == 1, coded
        assert (fault["cause"], fault["exit"]) == (cause, status), coded
        assert words in fault["hint"] and isinstance(fault["retryable"], bool), coded
        assert coded.output == b"", coded
