# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who speaks to the broker in a test: apps, each with an identity of its own, and a
presenter that does what the test says."""

import os
import pathlib
import socket
import subprocess

from gi.repository import Gio, GLib

from fakes.harness import wait_until

HERE = pathlib.Path(__file__).resolve().parent
BROKER = "org.blepick.Broker1"
ROOT = "/org/blepick/Broker1"
PROPERTIES = "org.freedesktop.DBus.Properties"
TRIES = 8 if os.environ.get("BLEPICK_TEST_RADIO") == "lab" else 1
RETRY_MS = 500
CALL_TIMEOUT_MS = 40000
MARK = b"\xb1\xe9\x1c\x0b"  # in the values that a stranger must not hear


def wait_for(milliseconds):
    """As between an app's tries; the loop runs on."""
    over = []
    GLib.timeout_add(milliseconds, over.append, True)
    wait_until(f"{milliseconds} ms", lambda: over)


class Failure(Exception):
    """An error of the broker: its name without the prefix, its cause, the whole text."""

    def __init__(self, error):
        name = Gio.DBusError.get_remote_error(error) or "none"
        self.name = name.replace("org.blepick.Error.", "")
        self.text = error.message.removeprefix(f"GDBus.Error:{name}: ")
        self.cause = self.text.partition(":")[0].partition(" ")[0]
        super().__init__(self.name, self.text)


def vardict(values):
    """A dictionary of options or descriptors as a{sv}, for GLib.Variant to wrap."""
    return {key: value if isinstance(value, GLib.Variant) else guess(value)
            for key, value in values.items()}


def guess(value):
    if isinstance(value, bool):
        return GLib.Variant("b", value)
    if isinstance(value, str):
        return GLib.Variant("s", value)
    if isinstance(value, int):
        return GLib.Variant("u", value)
    if isinstance(value, bytes):
        return GLib.Variant("ay", value)
    if isinstance(value, dict):
        return GLib.Variant("a{sv}", vardict(value))
    if value and isinstance(value[0], dict):
        return GLib.Variant("aa{sv}", [vardict(item) for item in value])
    if value and isinstance(value[0], tuple):
        return GLib.Variant("a(sas)" if all(len(item) == 2 for item in value) else "a(sasas)",
                            value)
    return GLib.Variant("as", value)


class Client:
    """A connection to the bus that the kernel takes for a process of its own."""

    def __init__(self, world, app_id, login="", fingerprint="", uid=None):
        self.world = world
        environment = {"PATH": os.environ["PATH"]}
        if app_id is not None:
            environment["BLEPICK_TEST_APP"] = app_id
        if login:
            environment["BLEPICK_TEST_SESSION"] = login
        if fingerprint:
            environment["BLEPICK_TEST_FINGERPRINT"] = fingerprint
        if uid is not None:
            environment["BLEPICK_TEST_UID"] = str(uid)
        ours, theirs = socket.socketpair()
        self._life = ours
        self.process = subprocess.Popen(
            ["/usr/bin/python3", "-I", "-S", HERE / "connector.py", world.bus_path],
            env=environment, stdin=theirs)
        theirs.close()
        _, fds, _, _ = socket.recv_fds(ours, 1, 1)
        stream = Gio.Socket.new_from_fd(fds[0]).connection_factory_create_connection()
        self.connection = Gio.DBusConnection.new_sync(
            stream, None, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.connection.set_exit_on_close(False)
        self.name = self.connection.get_unique_name()
        self.heard = []  # (path, interface, member, values): all that reached this client
        self.connection.signal_subscribe(
            BROKER, None, None, None, None, Gio.DBusSignalFlags.NONE,
            lambda _c, _s, path, interface, member, values: self.heard.append(
                (path, interface, member, values.unpack())))
        world.add_cleanup(self.leave)

    def listen_to_everything(self):
        """Matches every signal, and every message where the bus lets it. Returns the counts of messages and of those
        that carry a value with MARK in it, which grow."""
        heard = {"messages": 0, "values": 0}

        def look(_connection, message, incoming):
            if incoming and message.get_sender() != "org.freedesktop.DBus":
                heard["messages"] += 1
                body = message.get_body()
                heard["values"] += (MARK in body.get_data_as_bytes().get_data()
                                    if body is not None else False)
                if message.get_destination() not in (None, self.name):
                    return None  # or GDBus would answer what is not ours to answer
            return message

        self.connection.add_filter(look)
        for rule in ("type='signal'", "eavesdrop='true'", "type='signal',sender='org.bluez'",
                     "type='method_return',eavesdrop='true'"):
            try:
                self.connection.call_sync(
                    "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                    "AddMatch", GLib.Variant("(s)", (rule,)), None, Gio.DBusCallFlags.NONE, -1, None)
            except GLib.Error:
                pass  # eavesdropping is not everybody's
        return heard

    def leave(self):
        """Off the bus at once, in the middle of whatever it does."""
        if self._life is None:
            return
        if not self.connection.is_closed():
            self.connection.close_sync(None)
        self._life.close()
        self._life = None
        self.process.wait()

    def start(self, path, interface, method, signature="()", *arguments):
        """Begins a call. The list that is returned gets the answer: a tuple, or a Failure."""
        answers = []

        def on_answered(connection, result):
            try:
                values, fds = connection.call_with_unix_fd_list_finish(result)
                handles = fds.steal_fds() if fds else []
                unpacked = values.unpack()
                answers.append(tuple(handles) + unpacked[len(handles):]
                               if handles else unpacked)
            except GLib.Error as error:
                answers.append(Failure(error))

        self.connection.call_with_unix_fd_list(
            BROKER, path, interface, method, GLib.Variant(signature, arguments), None,
            Gio.DBusCallFlags.NO_AUTO_START, CALL_TIMEOUT_MS, None, None, on_answered)
        return answers

    def call(self, path, interface, method, signature="()", *arguments):
        answers = self.start(path, interface, method, signature, *arguments)
        answer = wait_until(f"answer of {method}", lambda: answers)[0]
        if isinstance(answer, Failure):
            raise answer
        return answer

    def get(self, path, interface, name):
        return self.call(path, PROPERTIES, "Get", "(ss)", interface, name)[0]

    def take(self, path, member, predicate=lambda values: True):
        """Takes the first signal that fits, waiting for it, and returns its values."""
        def find():
            for signal in self.heard:
                if signal[0] == path and signal[2] == member and predicate(signal[3]):
                    self.heard.remove(signal)
                    return [signal[3]]
            return None
        return wait_until(f"{member} at {path}; heard {self.heard}", find)[0]


STRAP = {"name": "Strap", "descriptor": {"service-uuid": "180d"}}
PAIRED_STRAP = {"name": "Strap", "descriptor": {
    "service-uuid": "180d", "support": ["pairing-le"]}}


class Session:
    """A session of an app."""

    def __init__(self, app):
        self.app = app
        (self.path,) = app.call(ROOT, "org.blepick.Broker1", "OpenSession", "(a{sv})", {})
        self.take_event(10)

    def call(self, method, signature="()", *arguments):
        return self.app.call(self.path, "org.blepick.Session1", method, signature, *arguments)

    def take_event(self, code):
        """Waits for Event @code and returns its details."""
        return self.app.take(self.path, "Event", lambda values: values[0] == code)[2]

    def show_picker(self, items=None, **options):
        """Returns the path of the request."""
        return self.call("ShowPicker", "(aa{sv}a{sv})",
                         [vardict(item) for item in ([STRAP] if items is None else items)],
                         vardict(options))[0]

    def take_response(self, request):
        return self.app.take(request, "Response")

    def list(self):
        return self.call("ListAccessories", "(a{sv})", {})[0]

    def remove(self, accessory, **options):
        return self.call("RemoveAccessory", "(sa{sv})", accessory, vardict(options))

    def rename(self, accessory, name):
        return self.call("RenameAccessory", "(ssa{sv})", accessory, name, {})

    def request_bluetooth(self, **options):
        """Returns the path of the request."""
        return self.call("RequestBluetooth", "(a{sv})", vardict(options))[0]

    def update_authorization(self, accessory, services, **options):
        return self.call("UpdateAuthorization", "(sa{sv}a{sv})", accessory,
                         {"services": GLib.Variant("a(sas)", services)}, vardict(options))[0]

    def update_picker(self, *candidates):
        self.call("UpdatePicker", "(aa{sv}a{sv})", [vardict(c) for c in candidates], {})

    def finish_discovery(self):
        self.call("FinishPickerDiscovery", "(a{sv})", {})

    def finish_authorization(self, accessory, **options):
        self.call("FinishAuthorization", "(sa{sv})", accessory, vardict(options))

    def fail_authorization(self, accessory):
        self.call("FailAuthorization", "(sa{sv})", accessory, {})

    def codes(self):
        """The numbers of the events heard so far, the central's aside."""
        return [values[0] for path, _interface, member, values in self.app.heard
                if path == self.path and member == "Event" and values[0] != 102]


class App(Client):
    """An app: its sessions, and its accessories by id."""

    def open_session(self):
        return Session(self)

    def accessory(self, accessory):
        return Accessory1(self, accessory)


class Accessory1:
    """One accessory as an app sees it."""

    INTERFACE = "org.blepick.Accessory1"

    def __init__(self, app, accessory):
        self.app = app
        self.id = accessory
        self.path = f"{ROOT}/accessory/{accessory}"

    def start(self, method, signature, *arguments):
        return self.app.start(self.path, self.INTERFACE, method, signature, *arguments)

    def call(self, method, signature, *arguments):
        """Tries again what may pass by itself, as an app does: on the air a link comes up on
        the second or third try."""
        for _ in range(TRIES - 1):
            try:
                return self.app.call(self.path, self.INTERFACE, method, signature, *arguments)
            except Failure as failure:
                if failure.name != "ConnectionFailed" or "(retry)" not in failure.text:
                    raise
            wait_for(RETRY_MS)
        return self.app.call(self.path, self.INTERFACE, method, signature, *arguments)

    def get(self, name):
        return self.app.get(self.path, self.INTERFACE, name)

    def connect(self):
        self.call("Connect", "(a{sv})", {})

    def disconnect(self):
        self.call("Disconnect", "(a{sv})", {})

    def services(self):
        return self.call("GetServices", "(a{sv})", {})[0]

    def read(self, service, characteristic, **options):
        return bytes(self.call("ReadValue", "(ssa{sv})", service, characteristic,
                               vardict(options))[0])

    def write(self, service, characteristic, value, **options):
        self.call("WriteValue", "(ssaya{sv})", service, characteristic, value,
                  vardict(options))

    def read_descriptor(self, service, characteristic, descriptor, **options):
        return bytes(self.call("ReadDescriptor", "(sssa{sv})", service, characteristic,
                               descriptor, vardict(options))[0])

    def write_descriptor(self, service, characteristic, descriptor, value, **options):
        self.call("WriteDescriptor", "(sssaya{sv})", service, characteristic, descriptor, value,
                  vardict(options))

    def acquire(self, service="180d", characteristic="2a37", **options):
        handle, _mtu = self.call("AcquireNotify", "(ssa{sv})", service, characteristic,
                                 vardict(options))
        return Values(handle)

    def acquire_write(self, service, characteristic):
        handle, _mtu = self.call("AcquireWrite", "(ssa{sv})", service, characteristic, {})
        return Values(handle)


class Values:
    """The socket of a subscription."""

    def __init__(self, fd):
        self.socket = socket.socket(fileno=fd)
        self.socket.setblocking(False)

    def try_read(self):
        """A value, b"" at the end of file, None when there is nothing."""
        try:
            return self.socket.recv(512)
        except BlockingIOError:
            return None

    def read(self):
        """Waits for a value or the end of file."""
        return self.wait("a value or the end", lambda: [value] if (
            value := self.try_read()) is not None else None)[0]

    def wait(self, what, predicate):
        """As wait_until(), which looks again whenever there is something to read."""
        watch = GLib.io_add_watch(self.socket.fileno(), GLib.PRIORITY_DEFAULT,
                                  GLib.IOCondition.IN | GLib.IOCondition.HUP,
                                  lambda _fd, _condition: True)
        try:
            return wait_until(what, predicate)
        finally:
            GLib.source_remove(watch)

    def read_end(self):
        """Reads on to the end of file; returns what came before it."""
        values = []
        while (value := self.read()) != b"":
            values.append(value)
        return values

    def write(self, packet):
        """Sends one packet, waiting for room."""
        def send():
            try:
                return self.socket.send(packet) or True
            except BlockingIOError:
                return False
        wait_until("room for a packet", send)

    def close(self):
        self.socket.close()


class Permissions:
    """Permissions1, as a settings program uses it."""

    def __init__(self, client):
        self.client = client

    def call(self, method, signature, *arguments):
        return self.client.call(ROOT, "org.blepick.Permissions1", method, signature, *arguments)

    def list_apps(self):
        """By their keys."""
        return {app["app"]: app for app in self.call("ListApps", "(a{sv})", {})[0]}

    def confirm(self, app):
        self.call("ConfirmApp", "(sa{sv})", app, {})

    def grants(self, **options):
        return self.call("ListGrants", "(a{sv})", vardict(options))[0]

    def rows(self, **options):
        return self.call("ListRows", "(a{sv})", vardict(options))[0]

    def policies(self):
        return self.call("ListPolicies", "(a{sv})", {})[0]

    def change(self, method, app, accessory, **options):
        """Revoke, Deny, Allow."""
        self.call(method, "(ssa{sv})", app, accessory, vardict(options))

    def set_bluetooth(self, app, allow, **options):
        self.call("SetBluetooth", "(sba{sv})", app, allow, vardict(options))

    def reset(self, app, **options):
        self.call("Reset", "(sa{sv})", app, vardict(options))

    def history(self, **options):
        return self.call("History", "(a{sv})", vardict(options))[0]

    def watch(self, **options):
        self.call("Watch", "(a{sv})", vardict(options))

    def take_changed(self):
        return self.client.take(ROOT, "Changed")[0]


class Helper(Client):
    """What a person's blepick-session says, in the words of the test."""

    def tell(self, method, signature, *arguments):
        return self.call(ROOT, "org.blepick.UserHelper1", method, signature, *arguments)

    def register(self):
        self.tell("Register", "(a{sv})", {})

    def report(self, kind, app_id, text):
        self.tell("ReportApp", "(ssaya{sv})", kind, app_id, text.encode(), {})

    def remove(self, kind, app_id):
        self.tell("RemoveApp", "(ssa{sv})", kind, app_id, {})

    def complete(self):
        self.tell("Complete", "(a{sv})", {})

    def state(self):
        return self.tell("GetState", "(a{sv})", {})[0]


PRESENTER_XML = """<node><interface name="org.blepick.Presenter1">
<method name="Present"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
<arg type="aa{sv}" direction="in"/></method>
<method name="UpdateRows"><arg type="s" direction="in"/><arg type="aa{sv}" direction="in"/></method>
<method name="Progress"><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="a{sv}" direction="in"/></method>
<method name="Prompt"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/></method>
<method name="Ask"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
<arg type="a{sv}" direction="in"/></method>
<method name="Dismiss"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/></method>
</interface></node>"""


class Presenter:
    """Draws nothing; keeps what it was told, and answers as the test says."""

    def __init__(self, client, scope="all", path="/presenter"):
        self.client = client
        self.calls = []  # (method, arguments)
        self.deaf_to = ""  # a method that is not answered, as by a program that is stopped
        self.kept = []  # what it was not answered to
        node = Gio.DBusNodeInfo.new_for_xml(PRESENTER_XML)
        client.connection.register_object(path, node.interfaces[0], self._on_call, None, None)
        self.answer("Register", "(osa{sv})", path, scope, {})

    def _on_call(self, _connection, _sender, _path, _interface, method, arguments, invocation):
        self.calls.append((method, arguments.unpack()))
        if method == self.deaf_to:
            self.kept.append(invocation)
        else:
            invocation.return_value(None)

    def answer(self, method, signature, *arguments):
        self.client.call(ROOT, "org.blepick.Presenters1", method, signature, *arguments)

    def take(self, method, predicate=lambda arguments: True):
        def find():
            for call in self.calls:
                if call[0] == method and predicate(call[1]):
                    self.calls.remove(call)
                    return [call[1]]
            return None
        return wait_until(f"{method}; was told {self.calls}", find)[0]

    def take_row(self, picker, name=None):
        """Waits for a row (of that name), returns its id."""
        def fits(arguments):
            return arguments[0] == picker and any(
                name in (None, row.get("name")) for row in arguments[1])
        rows = self.take("UpdateRows", fits)[1]
        return next(row["id"] for row in rows if name in (None, row.get("name")))

    def choose(self, picker, row, **options):
        self.answer("Choose", "(ssa{sv})", picker, row, vardict(options))

    def cancel(self, picker):
        self.answer("Cancel", "(s)", picker)

    def reply(self, picker, accept, passkey=0):
        self.answer("Answer", "(sbu)", picker, accept, passkey)

    def rename(self, picker, name):
        self.answer("Rename", "(ssa{sv})", picker, name, {})

    def take_question(self):
        """Waits for a question; returns its word and what it says."""
        word, _about, question = self.take("Ask")
        return word, question
