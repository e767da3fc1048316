# SPDX-License-Identifier: LGPL-2.1-or-later
"""The services as an installation has them, without its systemd: the programs where they
belong, and blepick-identity and blepickd started by hand."""

import os
import pathlib
import shutil
import socket
import subprocess

BLEPICK = "/usr/bin/blepick"
BLEPICKD = "/usr/libexec/blepickd"
IDENTITY = "/usr/libexec/blepick-identity"
START_S = 20
IDENTITY_SOCKET = pathlib.Path("/run/blepick-identity/socket")


def install(build):
    """Identity is a matter of whose file runs, and the file in a build folder is
    anybody's."""
    for program, target in ((build / "blepick/blepick", BLEPICK),
                            (build / "broker/blepickd", BLEPICKD),
                            (build / "identity/blepick-identity", IDENTITY)):
        shutil.copy(program, target)
        os.chown(target, 0, 0)
        os.chmod(target, 0o755)


def start_identity():
    """Listens before this returns: a socket that is not there is a refusal. To be
    terminated by the caller."""
    IDENTITY_SOCKET.parent.mkdir(mode=0o755, exist_ok=True)
    notify = IDENTITY_SOCKET.with_name("notify")
    notify.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(notify))
        listener.settimeout(START_S)
        process = subprocess.Popen([IDENTITY, "--socket", IDENTITY_SOCKET],
                                   env={**os.environ, "NOTIFY_SOCKET": str(notify)})
        listener.recv(64)
    return process
