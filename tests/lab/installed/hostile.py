# SPDX-License-Identifier: LGPL-2.1-or-later
"""Roots of sandboxes that are not what Flatpak makes: what is in them claims to be an app."""

import os
import socket

from . import people

ID = "org.example.Claimed"
GOOD = f"[Application]\nname={ID}\n".encode()


def contents():
    return {
        "more than 64 KiB": GOOD + b"\n" * 65536,
        "empty": b"",
        "no name": b"[Application]\nruntime=x\n",
        "two names": GOOD + b"name=org.example.Other\n",
        "no UTF-8": GOOD + b"x=\xff\n",
        "a NUL": GOOD + b"\0\n",
        "an id that ends a key": b"[Application]\nname=org.example.T:0\n",
        "an id that is a path": b"[Application]\nname=../../T\n",
        "a runtime's": b"[Runtime]\nname=org.example.T\n",
    }


def special_files(folder):
    """Files that no reader should open: their bwrap arguments."""
    fifo, listening, sparse = folder / "fifo", folder / "socket", folder / "sparse"
    os.mkfifo(fifo)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(listening))
    sparse.write_bytes(GOOD)
    os.truncate(sparse, 1 << 40)
    return {
        "a fifo": ["--ro-bind", fifo, "/.flatpak-info"],
        "a socket": ["--ro-bind", listening, "/.flatpak-info"],
        "a terabyte of nothing": ["--ro-bind", sparse, "/.flatpak-info"],
        "a device": ["--dev-bind", "/dev/zero", "/.flatpak-info"],
        "a folder": ["--dir", "/.flatpak-info"],
        "a link": ["--symlink", "/usr/share/claimed", "/.flatpak-info"],
        "a link to nowhere": ["--symlink", "/nowhere", "/.flatpak-info"],
        "none": [],
    }


def own_files(folder):
    """A good file where the app could have written it, or another one could."""
    good, others = folder / "good", folder / "others"
    for path in (good, others):
        path.write_bytes(GOOD)
        os.chown(path, people.UID, people.UID)
    os.chown(others, 65534, 65534)
    return {
        "one that can be written": ["--bind", good, "/.flatpak-info"],
        "one on a file system of its own": ["--file", "0", "/.flatpak-info"],
        "somebody else's": ["--ro-bind", others, "/.flatpak-info"],
    }


def rows(folder):
    """What is hostile about it -> the arguments of bwrap."""
    folder.mkdir(mode=0o755)
    with open("/usr/share/claimed", "wb") as target:
        target.write(GOOD)
    found = special_files(folder) | own_files(folder)
    for number, (name, content) in enumerate(contents().items()):
        path = folder / f"content{number}"
        path.write_bytes(content)
        os.chown(path, people.UID, people.UID)
        found[name] = ["--ro-bind", path, "/.flatpak-info"]
    return found


def command(arguments):
    """A command line: the program in there."""
    return people.sandbox(arguments, "list", "-")


def open_good(folder):
    """What bwrap reads as its input, where it reads any."""
    return open(folder / "good", "rb")
