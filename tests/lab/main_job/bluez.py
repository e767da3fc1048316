# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the real bluetoothd says of itself: the judge of what was left behind."""

from gi.repository import Gio, GLib

NAME = "org.bluez"
DEVICE = "org.bluez.Device1"
ADAPTER = "org.bluez.Adapter1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
DEADLINE_S = 20


class Bluez:
    """org.bluez, asked afresh every time."""

    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)

    def call(self, path, interface, method, arguments=None):
        return self.bus.call_sync(NAME, path, interface, method, arguments, None,
                                  Gio.DBusCallFlags.NO_AUTO_START, DEADLINE_S * 1000, None)

    def objects(self, interface, adapter=""):
        found = self.call("/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects").unpack()[0]
        return {path: interfaces[interface] for path, interfaces in found.items()
                if interface in interfaces and path.startswith(f"/org/bluez/{adapter}")}

    def bonds(self, adapter="hci0"):
        return [path for path, device in self.objects(DEVICE, adapter).items()
                if device.get("Bonded") or device.get("Paired")]

    def links(self, adapter="hci0"):
        return [path for path, device in self.objects(DEVICE, adapter).items()
                if device.get("Connected")]

    def scans(self):
        return [path for path, adapter in self.objects(ADAPTER).items()
                if adapter.get("Discovering")]

    def acquired(self, adapter="hci0"):
        """Characteristics whose values go to a socket. bluetoothd follows the battery for itself."""
        return [path for path, state in self.objects(CHARACTERISTIC, adapter).items()
                if state.get("NotifyAcquired")]

    def power(self, adapter, on):
        self.call(f"/org/bluez/{adapter}", "org.freedesktop.DBus.Properties", "Set",
                  GLib.Variant("(ssv)", (ADAPTER, "Powered", GLib.Variant("b", on))))

    def forget_all(self, adapter):
        for path in self.objects(DEVICE, adapter):
            self.call(f"/org/bluez/{adapter}", ADAPTER, "RemoveDevice",
                      GLib.Variant("(o)", (path,)))

    def is_there(self):
        return self.bus.call_sync("org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                  "NameHasOwner", GLib.Variant("(s)", (NAME,)), None, 0, -1,
                                  None).unpack()[0]

    def wait_until(self, what, check, within_s=DEADLINE_S):
        """Looks again at every signal of org.bluez until check() holds."""
        context = GLib.MainContext.default()
        late = []
        timer = GLib.timeout_add(int(within_s * 1000), lambda: late.append(True))
        signals = self.bus.signal_subscribe(NAME, None, None, None, None,
                                            Gio.DBusSignalFlags.NONE, lambda *_: None)
        try:
            while not check():
                assert not late, f"not within {within_s} s: {what}"
                context.iteration(True)
        finally:
            self.bus.signal_unsubscribe(signals)
            if not late:
                GLib.source_remove(timer)
