# SPDX-License-Identifier: LGPL-2.1-or-later
"""What one run is to do, as the small files that the guest's scripts read."""

import os
import secrets
import shlex

from .errors import NOT_SET_UP, LabError

# Of the caller's environment, the guest gets what changes how programs speak or check themselves.
PASSED_ON = ("LANG", "TERM", "COLORTERM", "NO_COLOR", "ASAN_OPTIONS", "UBSAN_OPTIONS",
             "LSAN_OPTIONS", "GCOV_PREFIX", "GCOV_PREFIX_STRIP")
PASSED_ON_PREFIXES = ("LC_", "BLEPICK_", "CMOCKA_", "G_")

PATH = "/run/lab/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Without this the bus of the guest lets nobody own our name until our own policy is installed.
PERMISSIVE_POLICY = b"""<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <policy context="default">
    <allow own_prefix="org.blepick"/>
    <allow send_interface="org.blepick.Presenter1"/>
    <allow send_destination_prefix="org.blepick"/>
  </policy>
</busconfig>
"""


def environment(options):
    """Lines of shell that set the command's environment."""
    values = {"PATH": PATH, "HOME": "/run/lab/home", "USER": "root", "LAB": "1",
              "LAB_CONTROLLERS": str(options.controllers)}
    for name, value in os.environ.items():
        if name in PASSED_ON or name.startswith(PASSED_ON_PREFIXES):
            values[name] = value
    if options.share:
        values["LAB_SHARE"] = "/run/lab/share"
    if options.disk:
        values["LAB_DISK"] = "/run/lab/disk"
    for setting in options.env:
        name, equals, value = setting.partition("=")
        if not equals or not name.isidentifier():
            raise LabError(NOT_SET_UP, f"--env wants NAME=VALUE, not {setting}")
        values[name] = value
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def command(options):
    """The shell script that becomes the command."""
    folder = options.chdir or os.getcwd()
    if options.script:
        run = "exec lab-script /run/lab/job/script"
    else:
        run = "exec " + shlex.join(options.command)
    return (environment(options)
            + "mkdir -p /run/lab/home\n"
            + f"cd {shlex.quote(folder)} || exit 126\n"
            + run + "\n")


def terminal_settings():
    """Size of the caller's terminal, as arguments of stty."""
    try:
        size = os.get_terminal_size(0)
    except OSError:
        return "rows 24 cols 80"
    return f"rows {size.lines} cols {size.columns}"


def files(options):
    """The job, and the marker that ends each stream of output. The marker is random, so
    that output may hold any bytes."""
    marker = secrets.token_hex(16).encode()
    job = {
        "marker": marker + b"\n",
        "command": command(options).encode(errors="surrogateescape"),
        "bluetoothd-arguments": (options.bluetoothd_args + "\n").encode(),
    }
    if options.script:
        with open(options.script, "rb") as file:
            job["script"] = file.read()
    if options.bluetooth:
        job["bluetooth"] = f"{options.controllers}\n".encode()
    if options.bus_policy:
        job["dbus-policy"] = PERMISSIVE_POLICY
    if options.interactive:
        job["terminal"] = terminal_settings().encode() + b"\n"
    for name in ("share", "disk", "systemd"):
        if getattr(options, name):
            job[name] = b"\n"
    if options.stdin:
        job["input"] = b"\n"
    return job, marker
