# SPDX-License-Identifier: LGPL-2.1-or-later
"""A person of the guest, and programs that run as theirs: from a login, from a launcher, in
sandboxes like Flatpak's. Where a process belongs is its cgroup, so that is where it is put."""

import fcntl
import os
import pathlib
import subprocess

from gi.repository import Gio, GLib

from main_job.programs import Program

NAME = "labperson"
UID = 4242
HOME = pathlib.Path("/home") / NAME
PROGRAM = "/usr/local/bin/stranger"
CGROUPS = pathlib.Path("/sys/fs/cgroup")
SLICE = CGROUPS / f"user.slice/user-{UID}.slice"
LOGIND = "org.freedesktop.login1"
FLATPAK = pathlib.Path("/var/lib/flatpak")
OWN_FLATPAK = HOME / ".local/share/flatpak"
EXPORTS = "exports/share/blepick/apps"
VT = 1
VT_ACTIVATE = 0x5606  # linux/vt.h


def make():
    subprocess.run(["useradd", "--create-home", "--home-dir", HOME, "--uid", str(UID), NAME], check=True)


def join(cgroup, uid=UID):
    """What a child does before it becomes the program."""
    def prepare():
        cgroup.mkdir(parents=True, exist_ok=True)
        (cgroup / "cgroup.procs").write_text(str(os.getpid()))
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    return prepare


class Login:
    """A login of the person at the seat's first console, as logind has it."""

    def __init__(self):
        self.bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
        subprocess.run(["systemctl", "start", "systemd-logind.service"], check=True)
        self.leader = subprocess.Popen(["sleep", "infinity"])
        answer, fds = self.bus.call_with_unix_fd_list_sync(
            LOGIND, "/org/freedesktop/login1", f"{LOGIND}.Manager", "CreateSession",
            GLib.Variant("(uusssssussbssa(sv))",
                         (UID, self.leader.pid, "blepick-lab", "tty", "user", "", "seat0", VT,
                          f"tty{VT}", "", False, "", "", [])),
            None, Gio.DBusCallFlags.NONE, 120000, None, None)
        self.id, self.path = answer.unpack()[0], answer.unpack()[1]
        self.fds = fds.steal_fds()
        self.cgroup = SLICE / f"session-{self.id}.scope"

    def get(self, name):
        return self.bus.call_sync(
            LOGIND, self.path, "org.freedesktop.DBus.Properties", "Get",
            GLib.Variant("(ss)", (f"{LOGIND}.Session", name)), None, Gio.DBusCallFlags.NONE,
            30000, None).unpack()[0]

    def wait(self, name, value):
        """Until logind says so."""
        context = GLib.MainContext.default()
        late = []
        GLib.timeout_add_seconds(30, lambda: late.append(1))
        while self.get(name) != value:
            assert not late, f"{name} of the login stays {self.get(name)}"
            context.iteration(False)

    def switch_to(self, console):
        """Like Ctrl-Alt-F2."""
        with open("/dev/tty0", "wb", buffering=0) as terminal:
            fcntl.ioctl(terminal, VT_ACTIVATE, console)
        self.wait("Active", console == VT)


class PersonProgram(Program):
    """A program of the person's, at a place among the cgroups."""

    def __init__(self, cgroup, *arguments, **options):
        self.prepare = join(cgroup)
        self.options = options
        super().__init__(*arguments)

    def popen(self, **streams):
        # pylint: disable-next=subprocess-popen-preexec-fn,consider-using-with
        return subprocess.Popen(self.arguments, preexec_fn=self.prepare,
                                **(streams | self.options))


def declare(app, installation=FLATPAK):
    """What an installation of Flatpak has of an app: its folder, and its manifest."""
    exports = installation / EXPORTS
    exports.mkdir(parents=True, exist_ok=True)
    (installation / "app" / app).mkdir(parents=True)
    (exports / f"{app}.accessory").write_text(
        "[Accessory Setup]\nsupports=accessory-setup\nservices=180d\n")


def declare_at_home(app):
    """The same, in the person's own installation."""
    declare(app, OWN_FLATPAK)
    subprocess.run(["chown", "-R", f"{UID}:{UID}", HOME / ".local"], check=True)


def launched(scope):
    """The place where a launcher of the person's desktop puts a program."""
    return SLICE / f"user@{UID}.service/app.slice/{scope}"


# A root of its own, as Flatpak makes one: what the machine has, and nothing of it as it is.
SANDBOX = ["bwrap", "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--ro-bind", "/run/dbus",
           "/run/dbus", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
           "--symlink", "usr/bin", "/bin", "--symlink", "../run", "/var/run", "--proc", "/proc", "--dev", "/dev", "--unshare-pid",
           "--die-with-parent"]


def sandbox(info_arguments, *command):
    """A command line: the program in a sandbox with that .flatpak-info."""
    return [*SANDBOX, *info_arguments, "--", PROGRAM, *command]


def flatpak(folder, app, *command):
    """A command line: the program in a sandbox like those of Flatpak's app."""
    info = folder / f"{app}.info"
    if not info.exists():
        info.write_text(f"[Application]\nname={app}\nruntime=runtime/org.example.P/x86_64/1\n")
        os.chown(info, UID, UID)
    return sandbox(["--ro-bind", info, "/.flatpak-info"], *command)
