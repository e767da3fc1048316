# SPDX-License-Identifier: LGPL-2.1-or-later
"""A world for a test of the broker: a bus, a radio, blepickd with a store of its own, and
the clients and accessories that the test wants.

BLEPICK_TEST_RADIO says which radio: `fake` (tests/fakes/fake-bluez on a private bus) or
`lab` (the real bluetoothd on the system bus of the lab's guest, with
tests/lab/virtual-accessory). BLEPICK_TEST_BUILD is the build tree. Nothing here sleeps.
"""

import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import unicodedata
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from gi.repository import Gio, GLib  # noqa: E402

from broker.clients import (  # noqa: E402
    App, Client, Failure, PAIRED_STRAP, Presenter, ROOT, STRAP, vardict)
from fakes.harness import DEADLINE_S, Fake, wait_until  # noqa: E402

HELPER = "org.blepick.Session"  # whom the broker takes for blepick-session
FLATPAK_EXPORTS = "exports/share/blepick/apps"
RADIO = os.environ.get("BLEPICK_TEST_RADIO", "fake")
BUILD = pathlib.Path(os.environ["BLEPICK_TEST_BUILD"])
SYSTEM_BUS = "unix:path=/run/dbus/system_bus_socket"


class PrivateBus:
    """A dbus-daemon of the test's own."""

    def __init__(self, directory):
        self.path = f"{directory}/bus"
        self.address = f"unix:path={self.path}"
        self.process = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1",
             f"--address={self.address}"], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)
        self.process.stdout.readline()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


class Events:
    """The lines that a program writes, as lists of words."""

    def __init__(self, stream):
        self._stream = stream
        self._partial = b""
        self.lines = []
        os.set_blocking(stream.fileno(), False)
        self._watch = GLib.io_add_watch(
            stream.fileno(), GLib.PRIORITY_DEFAULT,
            GLib.IOCondition.IN | GLib.IOCondition.HUP, self._on_readable)

    def _on_readable(self, _fd, _condition):
        octets = self._stream.read()
        if not octets:
            self._watch = 0
            return False
        *lines, self._partial = (self._partial + octets).split(b"\n")
        self.lines += [line.decode(errors="replace").split() for line in lines]
        return True

    def take(self, *words, within_s=DEADLINE_S):
        def find():
            for line in self.lines:
                if line[:len(words)] == list(words):
                    self.lines.remove(line)
                    return [line]
            return None
        return wait_until(f"{' '.join(words)}; saw {self.lines}", find, within_s)[0][len(words):]

    def close(self):
        if self._watch:
            GLib.source_remove(self._watch)
        self._stream.close()


class FakeAccessory:
    def __init__(self, fake, name, words):
        self._fake, self._name = fake, name
        fake.add(name, *words)

    def send(self, command):
        verb, _, rest = command.partition(" ")
        self._fake.command(f"{verb} {self._name} {rest}".rstrip())

    def expect(self, event, *words):
        return self._fake.wait_event(event, self._name, *words)

    def stop(self):
        pass

    def drop(self):
        self._fake.command(f"quit {self._name}")


class LabAccessory:
    def __init__(self, words):
        self._process = subprocess.Popen(
            [BUILD / "tests/lab/virtual-accessory", *words] if any(
                word.startswith("adapter=") for word in words) else
            [BUILD / "tests/lab/virtual-accessory", "adapter=hci1", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._events = Events(self._process.stdout)
        self._events.take("ready")

    def send(self, command):
        self._process.stdin.write(command.encode() + b"\n")
        self._process.stdin.flush()

    def expect(self, event, *words, within_s=DEADLINE_S):
        return self._events.take(event, *words, within_s=within_s)

    def forget_events(self):
        """What comes from here on is expected, and nothing that came before."""
        self._events.lines.clear()

    def stop(self):
        self._process.stdin.close()
        self._process.wait(DEADLINE_S)
        self._events.close()

    def drop(self):
        self.stop()


class LabRadio:
    """The real bluetoothd: what the fake says by `stats`, and clean adapters for each test."""

    def __init__(self):
        self._bus = Gio.DBusConnection.new_for_address_sync(
            SYSTEM_BUS, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)

    def _call(self, path, interface, method, arguments=None):
        return self._bus.call_sync("org.bluez", path, interface, method, arguments, None,
                                   Gio.DBusCallFlags.NONE, DEADLINE_S * 1000, None)

    def _objects(self, interface):
        objects = self._call("/", "org.freedesktop.DBus.ObjectManager",
                             "GetManagedObjects").unpack()[0]
        return {path: interfaces[interface] for path, interfaces in objects.items()
                if interface in interfaces}

    def stats(self):
        devices = self._objects("org.bluez.Device1").values()
        return {
            "scans": sum(a["Discovering"] for a in self._objects("org.bluez.Adapter1").values()),
            "links": sum(d["Connected"] for d in devices
                         if d["Adapter"] == "/org/bluez/hci0"),
            "bonds": sum(d["Paired"] for d in devices if d["Adapter"] == "/org/bluez/hci0"),
            "subscriptions": sum(
                c.get("Notifying", False) or c.get("NotifyAcquired", False)
                for c in self._objects("org.bluez.GattCharacteristic1").values()),
        }

    def quit(self):
        subprocess.run(["lab-bluetoothd", "fresh"], check=True)
        self._bus.close_sync(None)


class Broker:
    """A running blepickd."""

    def __init__(self, address, state_directory, *options):
        environment = dict(os.environ, BLEPICK_BUS=address)
        environment.pop("STATE_DIRECTORY", None)
        self._log = tempfile.TemporaryFile()
        # Python ignores SIGXFSZ, and so shall the broker: see break_store().
        self.process = subprocess.Popen(
            [BUILD / "tests/broker/blepickd-test", "--state-directory", state_directory,
             *options],
            env=environment, restore_signals=False, stderr=self._log)

    def break_store(self):
        """From here on no file of the broker can grow, as on a full disk."""
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def mend_store(self):
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE,
                         (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def stop(self, how=signal.SIGTERM):
        if self.process.returncode is None:
            self.process.send_signal(how)
        status = self.process.wait(DEADLINE_S)
        self._check_log()
        return status

    def _check_log(self):
        """Passes on what the journal would have: no control character in it, whoever named what."""
        if self._log.closed:
            return
        self._log.seek(0)
        text = self._log.read().decode(errors="replace")
        self._log.close()
        sys.stderr.write(text)
        sys.stderr.flush()
        forged = [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")]
        if forged:
            raise AssertionError(f"{forged} in what blepickd logged: {text!r}")


class World:
    """Everything a test needs. Use as a context."""

    def __init__(self, fake_options=()):
        self._fake_options = fake_options
        self._cleanups = []
        self._directory = tempfile.TemporaryDirectory(prefix="blepick-")
        self.add_cleanup(self._directory.cleanup)
        self.state_directory = f"{self._directory.name}/state"
        os.mkdir(self.state_directory, 0o700)
        self.manifests = pathlib.Path(self._directory.name, "apps")
        self.packages, self.snaps = (pathlib.Path(self._directory.name, name) for name in ("packages", "snaps"))
        for folder in (self.manifests, self.packages, self.snaps):
            folder.mkdir()
        self.flatpak = pathlib.Path(self._directory.name, "flatpak")
        for folder in ("app", FLATPAK_EXPORTS):
            self.flatpak.joinpath(folder).mkdir(parents=True)
        self.policy_directory = f"{self._directory.name}/policy.d"
        os.mkdir(self.policy_directory, 0o755)
        self.broker = self._presenter = None
        self._n_accessories = 0
        self._accessories = []
        try:
            self._start_radio()
            self.watcher = Client(self, None)
            self.start_broker()
        except BaseException:
            self.__exit__()
            raise

    def _start_radio(self):
        if RADIO == "lab":
            self.bus_address = SYSTEM_BUS
            self.radio = LabRadio()
        else:
            bus = PrivateBus(self._directory.name)
            self.add_cleanup(bus.stop)
            self.bus_address = bus.address
            self.radio = Fake(BUILD / "tests/fakes/fake-bluez", bus.address, "--advert-ms", "50", *self._fake_options)
        self.bus_path = self.bus_address.partition("path=")[2].partition(",")[0]
        self.add_cleanup(self.radio.quit)

    def start_broker(self, *options):
        self.broker = Broker(self.bus_address, self.state_directory, "--manifests", self.manifests,
                             "--flatpak", self.flatpak, "--packages", self.packages, "--snaps", self.snaps,
                             "--user-helper", f"scope:{HELPER}", "--policy-directory", self.policy_directory, *options)
        self.add_cleanup(self._stop_broker, self.broker)
        wait_until("the broker", self.has_broker)

    def forget_presenter(self):
        """Of a broker that is no more: the next presenter is another."""
        if self._presenter is not None:
            self._presenter.client.leave()
        self._presenter = None

    def has_broker(self):
        return self._ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
                         GLib.Variant("(s)", ("org.blepick.Broker1",)))[0]

    def _stop_broker(self, broker):
        status = broker.stop()
        if status not in (0, -signal.SIGKILL):
            raise AssertionError(f"blepickd ended with status {status}")

    def add_cleanup(self, function, *arguments):
        self._cleanups.append((function, arguments))

    def __enter__(self):
        return self

    def __exit__(self, *_details):
        if RADIO == "lab" and self._cleanups and self.broker is not None:
            # bluetoothd serves both sides, and may crash when an accessory leaves while a link ends: it goes first.
            self.broker.stop()
            self.kill_bluetoothd()
        while self._cleanups:
            function, arguments = self._cleanups.pop()
            function(*arguments)

    # ---- who is there ----

    def app(self, app_id="org.example.A", login="", fingerprint="", uid=None):
        """A program: of that app (flatpak:ID is sandboxed), of that login and publisher,
        and of another user where @uid says so."""
        return App(self, app_id, login, fingerprint, uid)

    def write_manifest(self, text, app_id="org.example.A", folder=None):
        """What comes with a host app, or with what was put into another folder."""
        manifest = pathlib.Path(folder or self.manifests, f"{app_id}.accessory")
        manifest.write_text(text if text.startswith("[") or not text
                            else f"[Accessory Setup]\n{text}\n")
        return manifest

    def install_flatpak(self, manifest, app_id="org.example.A", root=None):
        """For everybody on this computer, or in another installation."""
        root = root or self.flatpak
        root.joinpath("app", app_id).mkdir(parents=True)
        root.joinpath(FLATPAK_EXPORTS).mkdir(parents=True, exist_ok=True)
        self.write_manifest(manifest, app_id, root.joinpath(FLATPAK_EXPORTS))

    def install_flatpak_unexported(self, manifest, app_id="org.example.A", root=None):
        """As Flatpak 1.14 does it, which exports no manifests."""
        active = (root or self.flatpak).joinpath("app", app_id, "current/active/files/share/blepick/apps")
        active.mkdir(parents=True)
        self.write_manifest(manifest, app_id, active)

    def remove_flatpak(self, app_id="org.example.A", root=None):
        root = root or self.flatpak
        root.joinpath(FLATPAK_EXPORTS, f"{app_id}.accessory").unlink()
        root.joinpath("app", app_id).rmdir()

    def accessory(self, *words):
        self._n_accessories += 1
        if RADIO == "lab":
            accessory = LabAccessory(words)
        else:
            accessory = FakeAccessory(self.radio, f"acc{self._n_accessories}", words)
        self.add_cleanup(accessory.stop)
        self._accessories.append(accessory)
        return accessory

    def drop_accessories(self):
        """Off the air, all of them."""
        while self._accessories:
            accessory = self._accessories.pop()
            self._cleanups.remove((accessory.stop, ()))
            accessory.drop()

    def presenter(self):
        """The presenter of everybody's pickers."""
        if self._presenter is None:
            self._presenter = Presenter(self.app("org.example.Presenter"))
        return self._presenter

    def stats(self):
        return self.radio.stats()

    # ---- what may go in the middle ----

    def kill_bluetoothd(self):
        if RADIO == "lab":
            subprocess.run(["lab-bluetoothd", "kill"], check=True)
        else:
            self.radio.command("die")

    def raise_bluetoothd(self):
        """Returns when the broker has a powered adapter again. It has to know first that it had none."""
        wait_until("no Bluetooth", lambda: not self.has_bluetooth())
        if RADIO == "lab":
            subprocess.run(["lab-bluetoothd", "start"], check=True)
        else:
            self.radio.command("rise")
        wait_until("Bluetooth", self.has_bluetooth)

    def forget_devices(self):
        """bluetoothd knows nothing any more of what it has heard, or is bonded to."""
        for path, device in self._bluez_devices().items():
            self._ask("org.bluez", device["Adapter"], "org.bluez.Adapter1", "RemoveDevice", GLib.Variant("(o)", (path,)))

    def has_bluetooth(self):
        return self.watcher.get(ROOT, "org.blepick.Broker1", "BluetoothState") == "powered-on"

    def _ask(self, name, path, interface, method, arguments=None):
        return self.watcher.connection.call_sync(name, path, interface, method, arguments, None,
                                                 Gio.DBusCallFlags.NONE, DEADLINE_S * 1000, None).unpack()

    def _bluez_devices(self):
        objects = self._ask("org.bluez", "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")[0]
        return {path: interfaces["org.bluez.Device1"] for path, interfaces in objects.items()
                if "org.bluez.Device1" in interfaces}

    def bonded_addresses(self):
        """What bluetoothd says, which an app could have asked before there was a broker."""
        return [device["Address"] for device in self._bluez_devices().values()
                if device["Paired"] and device["Adapter"] == "/org/bluez/hci0"]

    def wait_stats(self, **wanted):
        """Waits until the radio says so."""
        def fits():
            stats = self.stats()
            return all(stats[key] == value for key, value in wanted.items())
        wait_until(f"stats {wanted}; now {self.stats()}", fits)

    # ---- what many tests begin with ----

    def pick(self, session, items=None, lifetime="always", name=None, **options):
        """Shows a picker, picks what it finds, and returns the accessory's id."""
        presenter = self.presenter()
        request = session.show_picker(items, **options)
        picker = presenter.take("Present")[0]
        row = presenter.take_row(picker, name)
        presenter.choose(picker, row, lifetime=lifetime)
        response, results = session.take_response(request)
        if response != 0:
            raise AssertionError(f"the pick failed: {results}")
        return results["accessory"]

    def picked(self, *words, items=None):
        """An app, its session, an accessory of these words, and its id."""
        accessory = self.accessory(*words)
        app = self.app()
        session = app.open_session()
        return app, session, accessory, self.pick(session, items)


class Case(unittest.TestCase):
    """A test with a world of its own."""

    fake_options = ()

    def setUp(self):
        self.world = World(self.fake_options)
        self.addCleanup(self.world.__exit__)

    def refused(self, name, cause, function, *arguments, **options):
        """Calls @function, which must fail in exactly this way."""
        with self.assertRaises(Failure) as caught:
            function(*arguments, **options)
        self.assertEqual((caught.exception.name, caught.exception.cause), (name, cause),
                         caught.exception.text)

    def figure(self, text):
        """A measured figure, for the log."""
        print(f"# {text}", flush=True)


class TapResult(unittest.TestResult):
    """Prints TAP, with the names as sentences."""

    def __init__(self):
        super().__init__()
        self._number = 0
        self._in_parts = []

    def _print(self, verdict, test, detail=""):
        self._number += 1
        name = test.id().rpartition(".")[2].removeprefix("test_").replace("_", " ")
        print(f"{verdict} {self._number} - {name}")
        for line in detail.splitlines():
            print(f"# {line}")
        sys.stdout.flush()

    def addSuccess(self, test):
        self._print("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._print("not ok", test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._print("not ok", test, self.errors[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            kept = self.failures if issubclass(err[0], test.failureException) else self.errors
            self._in_parts.append(f"{subtest.id()}\n{kept[-1][1]}")

    def stopTest(self, test):
        """A test whose parts failed says so once: unittest calls neither of the above for it."""
        super().stopTest(test)
        if self._in_parts:
            self._print("not ok", test, "\n".join(self._in_parts))
            self._in_parts.clear()

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._number += 1
        print(f"ok {self._number} - {test.id()} # SKIP {reason}", flush=True)


def main():
    """Runs the tests of the program that was started. Arguments choose some by a part of their name."""
    loader = unittest.TestLoader()
    if sys.argv[1:]:
        loader.testNamePatterns = [f"*{part}*" for part in sys.argv[1:]]
    suite = loader.loadTestsFromModule(sys.modules["__main__"])
    print(f"1..{suite.countTestCases()}", flush=True)
    result = TapResult()
    suite.run(result)
    sys.exit(0 if result.wasSuccessful() else 1)


__all__ = ["App", "Case", "Client", "DEADLINE_S", "Events", "Failure", "PAIRED_STRAP", "Presenter", "RADIO", "ROOT",
           "STRAP", "World", "main", "vardict", "wait_until"]
