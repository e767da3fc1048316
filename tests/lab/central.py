# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small central straight on org.bluez: scans, pairs with an agent, reads, subscribes.

For tests in the lab that look at an accessory from the other side, without the broker.
It knows nothing of blepick.
"""

import socket
import time

from gi.repository import Gio, GLib

BLUEZ = "org.bluez"
DEVICE = "org.bluez.Device1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
PROPERTIES = "org.freedesktop.DBus.Properties"
AGENT_PATH = "/test/agent"
DEADLINE_S = 30
PACE_MS = 10

AGENT_XML = """<node><interface name='org.bluez.Agent1'>
<method name='Release'/><method name='Cancel'/>
<method name='RequestPasskey'>
 <arg type='o' direction='in'/><arg type='u' direction='out'/></method>
<method name='DisplayPasskey'>
 <arg type='o' direction='in'/><arg type='u' direction='in'/>
 <arg type='q' direction='in'/></method>
<method name='RequestConfirmation'>
 <arg type='o' direction='in'/><arg type='u' direction='in'/></method>
<method name='RequestAuthorization'><arg type='o' direction='in'/></method>
<method name='AuthorizeService'>
 <arg type='o' direction='in'/><arg type='s' direction='in'/></method>
</interface></node>"""


class Late(AssertionError):
    """It did not happen before the deadline."""


def uuid(short):
    return f"0000{short}-0000-1000-8000-00805f9b34fb"


def wait_until(condition, what, deadline_s=DEADLINE_S):
    """Runs the main loop until condition() is true, and returns what it gave.

    A condition that asks over the bus wakes the loop by itself: hence the pace.
    """
    end = time.monotonic() + deadline_s
    context = GLib.MainContext.default()
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Late(f"{what}: not within {deadline_s} s")
        pause = []
        GLib.timeout_add(PACE_MS, lambda done=pause: done.append(True))
        while not pause:
            context.iteration(True)


class Call:
    """A method call under way: `done`, then `value` or `error` (a D-Bus error name)."""

    def __init__(self, bus, path, interface, method, parameters, timeout_s):
        self.done, self.value, self.error, self.text = False, None, None, ""
        self.what = f"{interface}.{method}"
        bus.call_with_unix_fd_list(BLUEZ, path, interface, method, parameters, None,
                                   Gio.DBusCallFlags.NO_AUTO_START, timeout_s * 1000, None,
                                   None, self._on_reply)

    def _on_reply(self, bus, result):
        try:
            self.value, self.fds = bus.call_with_unix_fd_list_finish(result)
        except GLib.Error as error:
            self.error = Gio.DBusError.get_remote_error(error) or error.message
            self.text = error.message
        self.done = True

    def finish(self):
        wait_until(lambda: self.done, self.what)
        return self

    def succeed(self):
        self.finish()
        if self.error:
            raise AssertionError(f"{self.what}: {self.text}")
        return self.value.unpack()


class Central:
    """One adapter and an agent of capability KeyboardDisplay, on a connection of its own.

    `asked` holds what the agent was asked: (method, passkey or None). A passkey is answered
    with `answer(passkey)`; a comparison is confirmed unless `confirms` is false.
    """

    def __init__(self, adapter="hci0"):
        self.path = f"/org/bluez/{adapter}"
        self.asked = []
        self.confirms = True
        self._waiting = None
        address = Gio.dbus_address_get_for_bus_sync(Gio.BusType.SYSTEM, None)
        self.bus = Gio.DBusConnection.new_for_address_sync(
            address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        info = Gio.DBusNodeInfo.new_for_xml(AGENT_XML)
        self.bus.register_object(AGENT_PATH, info.interfaces[0], self._on_agent, None, None)
        self.call("/org/bluez", "org.bluez.AgentManager1", "RegisterAgent",
                  GLib.Variant("(os)", (AGENT_PATH, "KeyboardDisplay"))).succeed()

    def _on_agent(self, _bus, _sender, _path, _interface, method, parameters, invocation):
        arguments = parameters.unpack()
        if method in ("Cancel", "Release"):
            self.asked.append((method, None))
            self._waiting = None
            invocation.return_value(None)
            return
        self.asked.append((method, arguments[1] if len(arguments) > 1 else None))
        if method == "RequestPasskey":
            self._waiting = invocation
        elif method == "RequestConfirmation" and not self.confirms:
            invocation.return_dbus_error("org.bluez.Error.Rejected", "different")
        else:
            invocation.return_value(None)

    def wait_asked(self, method):
        """What came with the agent's `method`."""
        wait_until(lambda: method in dict(self.asked), f"agent asked for {method}")
        return dict(self.asked)[method]

    def answer(self, passkey):
        self.wait_asked("RequestPasskey")
        self._waiting.return_value(GLib.Variant("(u)", (passkey,)))
        self._waiting = None

    def call(self, path, interface, method, parameters=None, timeout_s=60):
        return Call(self.bus, path, interface, method, parameters, timeout_s)

    def objects(self):
        reply = self.call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
        return reply.succeed()[0]

    def get(self, path, interface, name):
        """A property, or None when it or the object is not there."""
        call = self.call(path, PROPERTIES, "Get", GLib.Variant("(ss)", (interface, name)))
        call.finish()
        return None if call.error else call.value.unpack()[0]

    def devices(self):
        return {path: interfaces[DEVICE] for path, interfaces in self.objects().items()
                if path.startswith(self.path + "/") and DEVICE in interfaces}

    def find(self, name, deadline_s=DEADLINE_S):
        """Scans until a device with this name advertises; returns its path."""
        self.call(self.path, "org.bluez.Adapter1", "SetDiscoveryFilter",
                  GLib.Variant("(a{sv})", ({"Transport": GLib.Variant("s", "le")},))).succeed()
        self.call(self.path, "org.bluez.Adapter1", "StartDiscovery").succeed()
        try:
            return wait_until(lambda: next(
                (path for path, device in self.devices().items()
                 if device.get("Name") == name and "RSSI" in device), None), f"found {name!r}", deadline_s)
        finally:
            self.call(self.path, "org.bluez.Adapter1", "StopDiscovery").finish()

    def pair(self, path):
        self.asked.clear()
        return self.call(path, DEVICE, "Pair")

    def connect(self, path):
        self.call(path, DEVICE, "Connect").succeed()
        self.wait_resolved(path)

    def wait_resolved(self, path):
        wait_until(lambda: self.get(path, DEVICE, "ServicesResolved"), "services resolved")

    def wait_disconnected(self, path):
        wait_until(lambda: not self.get(path, DEVICE, "Connected"), "link dropped")

    def forget(self, path):
        self.call(self.path, "org.bluez.Adapter1", "RemoveDevice",
                  GLib.Variant("(o)", (path,))).finish()

    def characteristic(self, path, short):
        return next(child for child, interfaces in self.objects().items()
                    if child.startswith(path + "/")
                    and interfaces.get(CHARACTERISTIC, {}).get("UUID") == uuid(short))

    def read(self, path, short):
        return self.call(self.characteristic(path, short), CHARACTERISTIC, "ReadValue",
                         GLib.Variant("(a{sv})", ({},)))

    def write(self, path, short, octets):
        return self.call(self.characteristic(path, short), CHARACTERISTIC, "WriteValue",
                         GLib.Variant("(aya{sv})", (octets, {})))

    def acquire_notify(self, path, short):
        return self.call(self.characteristic(path, short), CHARACTERISTIC, "AcquireNotify",
                         GLib.Variant("(a{sv})", ({},)))


class Values:
    """The socket of a successful AcquireNotify."""

    def __init__(self, central, path, short):
        call = central.acquire_notify(path, short)
        call.succeed()
        self._central = central
        self._characteristic = central.characteristic(path, short)
        self._socket = socket.socket(fileno=call.fds.get(0))
        self._socket.setblocking(False)

    def _receive(self):
        try:
            return (self._socket.recv(512),)
        except BlockingIOError:
            return None

    def next(self):
        """The next value; b"" at the end of file."""
        return wait_until(self._receive, "a value")[0]

    def close(self):
        """In order: bluetoothd 5.66 may crash when its client just goes."""
        self._socket.shutdown(socket.SHUT_RDWR)
        wait_until(lambda: not self._central.get(self._characteristic, CHARACTERISTIC,
                                                 "NotifyAcquired"), "notify socket let go")
        self._socket.close()
