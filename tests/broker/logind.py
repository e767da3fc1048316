# SPDX-License-Identifier: LGPL-2.1-or-later
"""A logind of the test's own, as far as the broker asks it: logins, whose they are, and which
of them is in front. Only on a private bus."""

import os

from gi.repository import Gio, GLib

from fakes.harness import wait_until

NAME = "org.freedesktop.login1"
PATH = "/org/freedesktop/login1"
MANAGER_XML = f"""<node><interface name="{NAME}.Manager">
<method name="GetSession"><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
<method name="GetUser"><arg type="u" direction="in"/><arg type="o" direction="out"/></method>
</interface></node>"""
PROPERTIES_XML = """<node><interface name="org.freedesktop.DBus.Properties">
<method name="GetAll"><arg type="s" direction="in"/><arg type="a{sv}" direction="out"/></method>
<method name="Get"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="v" direction="out"/></method></interface></node>"""


class Logind:
    def __init__(self, world):
        self.connection = Gio.DBusConnection.new_for_address_sync(
            world.bus_address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        world.add_cleanup(self.connection.close_sync, None)
        self.logins = {}  # id -> its properties
        self.display = ""
        self.silent = False  # takes questions and answers none
        self.unanswered = []
        self.n_asked = 0
        self._serve(PATH, MANAGER_XML)
        self._serve(f"{PATH}/user/me", PROPERTIES_XML)
        self._bus("RequestName", "(su)", NAME, 4)

    def _bus(self, method, signature, *arguments):
        self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
            GLib.Variant(signature, arguments), None, Gio.DBusCallFlags.NONE, -1, None)

    def _serve(self, path, xml):
        def on_call(_connection, _sender, path, _interface, method, arguments, invocation):
            self.n_asked += 1
            question = (path, method, arguments.unpack(), invocation)
            if self.silent:
                self.unanswered.append(question)
            else:
                self._reply(*question)

        node = Gio.DBusNodeInfo.new_for_xml(xml)
        self.connection.register_object(path, node.interfaces[0], on_call, None, None)

    def _reply(self, path, method, arguments, invocation):
        answer = self._answer(path, method, arguments)
        if answer is None:
            invocation.return_dbus_error(f"{NAME}.NoSuchSession", "There is none")
        else:
            invocation.return_value(answer)

    def answer_all(self):
        """What was asked while it was silent."""
        while self.unanswered:
            self._reply(*self.unanswered.pop(0))

    def _answer(self, path, method, arguments):
        if method == "GetSession":
            return GLib.Variant("(o)", (self.path(arguments[0]),)) \
                if arguments[0] in self.logins else None
        if method == "GetUser":
            return GLib.Variant("(o)", (f"{PATH}/user/me",)) \
                if arguments[0] == os.getuid() else None
        if method == "Get":
            display = (self.display, self.path(self.display) if self.display else "/")
            return GLib.Variant("(v)", (GLib.Variant("(so)", display),))
        login = self.logins.get(path.rpartition("/")[2].removeprefix("_"))
        return login and GLib.Variant("(a{sv})", (login,))

    @staticmethod
    def path(login):
        return f"{PATH}/session/_{login}"

    def add(self, login, seat="seat0", state="active", uid=None, kind="user"):
        uid = os.getuid() if uid is None else uid
        if login not in self.logins:
            self._serve(self.path(login), PROPERTIES_XML)
        self.logins[login] = {
            "User": GLib.Variant("(uo)", (uid, f"{PATH}/user/me")),
            "Seat": GLib.Variant("(so)", (seat, f"{PATH}/seat/seat0" if seat else "/")),
            "State": GLib.Variant("s", state),
            "Class": GLib.Variant("s", kind),
        }

    def change(self, login, state):
        """Switches, announces it, and waits until the broker has asked again."""
        self.logins[login]["State"] = GLib.Variant("s", state)
        n_asked = self.n_asked
        self.announce(self.connection, login, state == "active")
        wait_until("the broker asks again", lambda: self.n_asked > n_asked)

    @classmethod
    def announce(cls, connection, login, is_active, destination=None):
        changed = {"Active": GLib.Variant("b", is_active)}
        connection.emit_signal(
            destination, cls.path(login), "org.freedesktop.DBus.Properties", "PropertiesChanged",
            GLib.Variant("(sa{sv}as)", (f"{NAME}.Session", changed, [])))

    def remove(self, login):
        """The person logs out."""
        del self.logins[login]
        n_asked = self.n_asked
        self.connection.emit_signal(None, PATH, f"{NAME}.Manager", "SessionRemoved",
                                    GLib.Variant("(so)", (login, self.path(login))))
        wait_until("the broker asks again", lambda: self.n_asked > n_asked)

    @classmethod
    def announce_sleep(cls, connection, begins, destination=None):
        connection.emit_signal(destination, PATH, f"{NAME}.Manager", "PrepareForSleep",
                               GLib.Variant("(b)", (begins,)))

    def falls_asleep(self):
        self.announce_sleep(self.connection, True)

    def wakes(self):
        self.announce_sleep(self.connection, False)

    def stop(self):
        self._bus("ReleaseName", "(s)", NAME)

    def restart(self):
        n_asked = self.n_asked
        self._bus("RequestName", "(su)", NAME, 4)
        wait_until("the broker asks again", lambda: self.n_asked > n_asked)
