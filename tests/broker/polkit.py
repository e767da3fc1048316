# SPDX-License-Identifier: LGPL-2.1-or-later
"""polkit as the broker sees it: an authority on the test's bus that says what the case wants."""

from gi.repository import Gio, GLib

from harness import Client

POLKIT_XML = """<node><interface name="org.freedesktop.PolicyKit1.Authority">
<method name="CheckAuthorization"><arg type="(sa{sv})" direction="in"/><arg type="s" direction="in"/>
<arg type="a{ss}" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
<arg type="(bba{ss})" direction="out"/></method></interface></node>"""


class Polkit:
    """An authority on the test's bus. @answer: True, False, or None for none."""

    def __init__(self, world, answer):
        self.answer = answer
        self.asked = []  # (subject's name, action, flags)
        self.waiting = []
        self._client = Client(world, None)
        connection = self._client.connection
        connection.register_object(
            "/org/freedesktop/PolicyKit1/Authority",
            Gio.DBusNodeInfo.new_for_xml(POLKIT_XML).interfaces[0], self._on_call, None, None)
        connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
            "RequestName", GLib.Variant("(su)", ("org.freedesktop.PolicyKit1", 4)), None,
            Gio.DBusCallFlags.NONE, -1, None)

    def _on_call(self, _connection, _sender, _path, _interface, _method, arguments, invocation):
        subject, action, _details, flags, _cookie = arguments.unpack()
        self.asked.append((subject[1]["name"], action, flags))
        self.waiting.append(invocation)
        if self.answer is not None:
            self.reply(self.answer)

    def reply(self, answer):
        self.waiting.pop().return_value(GLib.Variant("((bba{ss}))", ((answer, False, {}),)))
