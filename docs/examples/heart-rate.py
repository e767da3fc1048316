#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""heart-rate.py [COUNT]: asks the person for a heart-rate monitor the first time, and prints beats per minute.

Ends with 0 after COUNT values (default: never), 1 when something failed, 2 when nothing was chosen.
BLEPICK_BUS is the address of another bus than the system's, for tests."""

import os
import socket
import sys

from gi.repository import Gio, GLib

NAME = "org.blepick.Broker1"
ROOT = "/org/blepick/Broker1"
STRAP = {"name": GLib.Variant("s", "Heart-rate monitor"),
         "descriptor": GLib.Variant("a{sv}", {
             "service-uuid": GLib.Variant("s", "180d"),
             "support": GLib.Variant("as", ["pairing-le"])})}


def connect():
    address = os.environ.get("BLEPICK_BUS")
    if address is None:
        return Gio.bus_get_sync(Gio.BusType.SYSTEM)
    return Gio.DBusConnection.new_for_address_sync(
        address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)


class HeartRate:
    def __init__(self):
        self.bus = connect()
        (self.session,) = self.call(ROOT, "Broker1", "OpenSession", GLib.Variant("(a{sv})", ({},)))

    def call(self, path, interface, method, arguments):
        return self.bus.call_sync(NAME, path, f"org.blepick.{interface}", method, arguments, None,
                                  Gio.DBusCallFlags.NONE, GLib.MAXINT, None).unpack()

    def find(self):
        """The first accessory that we have, or None."""
        (accessories,) = self.call(self.session, "Session1", "ListAccessories",
                                   GLib.Variant("(a{sv})", ({},)))
        return accessories[0]["id"] if accessories else None

    def pick(self):
        """Shows the picker, and waits for the person. None: the person stopped it."""
        loop, answers = GLib.MainLoop(), []

        def on_response(_bus, _sender, _path, _interface, _signal, values):
            answers.append(values.unpack())
            loop.quit()

        def on_vanished(_bus, _name):
            loop.quit()  # of a service that ends no answer comes any more

        # The path is known beforehand, so the answer cannot be missed.
        sender = self.bus.get_unique_name()[1:].replace(".", "_")
        subscription = self.bus.signal_subscribe(
            NAME, "org.blepick.Request1", "Response", f"{ROOT}/request/{sender}/heart_rate", None,
            Gio.DBusSignalFlags.NONE, on_response)
        watch = Gio.bus_watch_name_on_connection(
            self.bus, NAME, Gio.BusNameWatcherFlags.NONE, None, on_vanished)
        self.call(self.session, "Session1", "ShowPicker", GLib.Variant(
            "(aa{sv}a{sv})", ([STRAP], {"handle_token": GLib.Variant("s", "heart_rate")})))
        loop.run()
        Gio.bus_unwatch_name(watch)
        self.bus.signal_unsubscribe(subscription)
        response, results = answers[0] if answers else (2, {"message": "the service has ended"})
        if response > 1:
            sys.exit(f"heart-rate.py: {results['message']}")
        return results.get("accessory")

    def values(self, accessory):
        """Beats per minute, as they come, until the grant ends."""
        _, descriptors = self.bus.call_with_unix_fd_list_sync(
            NAME, f"{ROOT}/accessory/{accessory}", "org.blepick.Accessory1", "AcquireNotify",
            GLib.Variant("(ssa{sv})", ("180d", "2a37", {"reconnect": GLib.Variant("b", True)})),
            None, Gio.DBusCallFlags.NONE, GLib.MAXINT, None, None)
        with socket.socket(fileno=descriptors.steal_fds()[0]) as stream:
            while value := stream.recv(512):
                # Heart Rate Service 1.0, 3.1.1.1: the first bit says 8 or 16 bits
                yield int.from_bytes(value[1:3 if value[0] & 1 else 2], "little")


def main(count=0):
    app = HeartRate()
    accessory = app.find() or app.pick()
    if accessory is None:
        return 2
    for number, beats in enumerate(app.values(accessory), 1):
        print(beats, flush=True)
        if number == count:
            return 0
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(*map(int, sys.argv[1:])))
    except GLib.Error as error:
        sys.exit(f"heart-rate.py: {error.message}")
