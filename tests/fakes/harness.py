# SPDX-License-Identifier: LGPL-2.1-or-later
"""A private bus, a fake-bluez on it, and clients, for tests in Python.

Nothing here sleeps: wait_until() runs the main loop until something is true, or fails
after a deadline."""

import os
import subprocess
import time

from gi.repository import Gio, GLib

DEADLINE_S = 20
PACE_MS = 20
AGENT_XML = """<node><interface name="org.bluez.Agent1">
<method name="Release"/><method name="Cancel"/>
<method name="RequestPasskey"><arg type="o" direction="in"/><arg type="u" direction="out"/></method>
<method name="DisplayPasskey"><arg type="o" direction="in"/><arg type="u" direction="in"/>
<arg type="q" direction="in"/></method>
<method name="RequestConfirmation"><arg type="o" direction="in"/><arg type="u" direction="in"/></method>
</interface></node>"""


def wait_until(what, predicate, within_s=DEADLINE_S):
    """Runs the main loop until predicate() is true, and returns what it returned.

    A predicate that asks another process is not woken by what happens there: hence the pace.
    """
    expired = []
    sources = [GLib.timeout_add_seconds(within_s, lambda: expired.append(1) or True),
               GLib.timeout_add(PACE_MS, lambda: True)]
    try:
        while True:
            result = predicate()
            if result:
                return result
            if expired:
                raise AssertionError(f"never happened: {what}")
            GLib.MainContext.default().iteration(True)
    finally:
        for source in sources:
            GLib.source_remove(source)


class Fake:
    """The process, its events as lists of words."""

    def __init__(self, program, bus_address, *options):
        environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=bus_address)
        self.process = subprocess.Popen(
            [program, *options], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.events = []
        self._partial = b""
        self._watch = GLib.io_add_watch(
            self.process.stdout.fileno(), GLib.PRIORITY_DEFAULT,
            GLib.IOCondition.IN | GLib.IOCondition.HUP, self._on_readable)
        self.wait_event("ready")

    def _on_readable(self, _fd, _condition):
        octets = self.process.stdout.read()
        if not octets:
            self._watch = 0
            return False
        *lines, self._partial = (self._partial + octets).split(b"\n")
        self.events += [line.decode().split() for line in lines]
        return True

    def command(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def has_event(self, *words):
        while GLib.MainContext.default().iteration(False):
            pass
        return any(event[:len(words)] == list(words) for event in self.events)

    def wait_event(self, *words):
        """Takes the first event that begins with these words, and returns its other words."""
        def find():
            for event in self.events:
                if event[:len(words)] == list(words):
                    self.events.remove(event)
                    return [event]
            return None
        return wait_until(" ".join(words), find)[0][len(words):]

    def add(self, accessory, *words):
        adapter = [] if any(word.startswith("adapter=") for word in words) else ["adapter=hci0"]
        self.command(" ".join(["add", accessory, *adapter, *words]))
        self.wait_event("ready", accessory)

    def stats(self):
        self.command("stats")
        return {key: int(value) for key, value in
                (word.split("=") for word in self.wait_event("stats"))}

    def wait_stats(self, name, value):
        """Asks until the answer is this one: what a client leaves behind goes a little later."""
        deadline = time.monotonic() + DEADLINE_S
        while (seen := self.stats()[name]) != value:
            if time.monotonic() > deadline:
                raise AssertionError(f"never happened: {name} is {seen}, not {value}")

    def quit(self):
        self.process.stdin.close()
        status = self.process.wait(DEADLINE_S)
        if self._watch:
            GLib.source_remove(self._watch)
        self.process.stdout.close()
        return status


class Failure(Exception):
    """An error reply: its name, without org.bluez.Error, and its text."""

    def __init__(self, error):
        name = Gio.DBusError.get_remote_error(error) or "none"
        text = error.message.removeprefix(f"GDBus.Error:{name}: ")
        super().__init__(name.replace("org.bluez.Error.", ""), text)


class Client:
    """One connection to the bus, and what it has seen of org.bluez."""

    def __init__(self, bus_address):
        self.connection = Gio.DBusConnection.new_for_address_sync(
            bus_address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
            Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.signals = []  # (path, member, values)
        self.connection.signal_subscribe(
            "org.bluez", None, None, None, None, Gio.DBusSignalFlags.NONE,
            lambda _c, _s, path, _i, member, values: self.signals.append(
                (path, member, values.unpack())))

    def close(self):
        self.connection.close_sync(None)

    def start(self, path, method, arguments=None):
        """Begins a call; the answer comes in the list that is returned: values or Failure."""
        answers = []
        interface, member = method.rsplit(".", 1)
        if "." not in interface:
            interface = "org.bluez." + interface

        def on_answered(connection, result):
            try:
                values, fds = connection.call_with_unix_fd_list_finish(result)
                unpacked = values.unpack()
                answers.append((*unpacked, *(fds.steal_fds() if fds else ())))
            except GLib.Error as error:
                answers.append(Failure(error))

        self.connection.call_with_unix_fd_list(
            "org.bluez", path, interface, member, arguments, None, Gio.DBusCallFlags.NONE,
            DEADLINE_S * 1000, None, None, on_answered)
        return answers

    def call(self, path, method, arguments=None):
        answers = self.start(path, method, arguments)
        answer = wait_until(f"answer of {method}", lambda: answers)[0]
        if isinstance(answer, Failure):
            raise answer
        return answer

    def get(self, path, name, interface="Device1"):
        return self.call(path, "org.freedesktop.DBus.Properties.Get",
                         GLib.Variant("(ss)", ("org.bluez." + interface, name)))[0]

    def set(self, path, name, value, interface="Device1"):
        self.call(path, "org.freedesktop.DBus.Properties.Set",
                  GLib.Variant("(ssv)", ("org.bluez." + interface, name, value)))

    def objects(self):
        return self.call("/", "org.freedesktop.DBus.ObjectManager.GetManagedObjects")[0]

    def wait_signal(self, path, member, *contains):
        """Takes the first such signal whose text contains all of these."""
        def find():
            for signal in self.signals:
                if signal[0] == path and signal[1] == member and all(
                        text in repr(signal[2]) for text in contains):
                    self.signals.remove(signal)
                    return [signal[2]]
            return None
        return wait_until(f"{member} of {path} with {contains}", find)[0]

    def wait_property(self, path, name, value, interface="Device1"):
        """Waits for the PropertiesChanged that brings this value."""
        def find():
            return any(
                signal[0] == path and signal[1] == "PropertiesChanged" and
                signal[2][0] == "org.bluez." + interface and signal[2][1].get(name) == value
                for signal in self.signals)
        wait_until(f"{name} of {path} to be {value}", find)

    def device(self, name="Virtual strap"):
        """The path of the device of that name, once it is there."""
        def find():
            for path, interfaces in self.objects().items():
                if interfaces.get("org.bluez.Device1", {}).get("Name") == name:
                    return path
            return None
        return find() or wait_until(f"device {name}", find)

    def attribute(self, device, uuid):
        """The path of the characteristic or descriptor with this 16-bit UUID."""
        for path, interfaces in self.objects().items():
            for properties in interfaces.values():
                if path.startswith(device + "/") and properties.get("UUID", "")[4:8] == uuid:
                    return path
        raise AssertionError(f"no attribute {uuid}")

    def connect(self, device):
        self.call(device, "Device1.Connect")
        wait_until("services", lambda: self.get(device, "ServicesResolved"))


class Agent:
    """An agent on a client's connection; answers are set beforehand, or given later."""

    def __init__(self, client, capability="KeyboardDisplay", default=False):
        self.calls = []  # (method, arguments)
        self.pending = []  # invocations that wait
        node = Gio.DBusNodeInfo.new_for_xml(AGENT_XML)
        client.connection.register_object("/agent", node.interfaces[0], self._on_call, None, None)
        client.call("/org/bluez", "AgentManager1.RegisterAgent",
                    GLib.Variant("(os)", ("/agent", capability)))
        if default:
            client.call("/org/bluez", "AgentManager1.RequestDefaultAgent",
                        GLib.Variant("(o)", ("/agent",)))

    def _on_call(self, _connection, _sender, _path, _interface, method, arguments, invocation):
        self.calls.append((method, arguments.unpack()))
        if method.startswith("Request"):
            self.pending.append(invocation)
        else:
            invocation.return_value(None)

    def wait_call(self, method):
        def find():
            for call in self.calls:
                if call[0] == method:
                    self.calls.remove(call)
                    return [call[1]]
            return None
        return wait_until(f"agent call {method}", find)[0]

    def answer(self, values=None):
        self.pending.pop(0).return_value(values)

    def reject(self):
        self.pending.pop(0).return_dbus_error("org.bluez.Error.Rejected", "no")
