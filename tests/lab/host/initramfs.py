# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds the cpio archive that the guest boots from: busybox, modules, scripts and the job."""

import os
import shutil
import stat
import tempfile

from . import kernel as kernels
from .errors import NOT_SET_UP, LabError

GUEST = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "guest")


class Cpio:
    """An archive in the "newc" format (Linux, Documentation/driver-api/early-userspace)."""

    def __init__(self):
        self.parts = []
        self.folders = set()
        self.inode = 0

    def _entry(self, name, mode, data):
        self.inode += 1
        encoded = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(encoded), 0)
        head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
        self.parts += [head, b"\0" * (-len(head) % 4), data, b"\0" * (-len(data) % 4)]

    def folder(self, name):
        parent = os.path.dirname(name)
        if name and name not in self.folders:
            self.folder(parent)
            self.folders.add(name)
            self._entry(name, stat.S_IFDIR | 0o755, b"")

    def file(self, name, data, mode=0o644):
        self.folder(os.path.dirname(name))
        self._entry(name, stat.S_IFREG | mode, data)

    def copy(self, name, path):
        with open(path, "rb") as file:
            self.file(name, file.read(), stat.S_IMODE(os.fstat(file.fileno()).st_mode))

    def bytes(self):
        self._entry("TRAILER!!!", 0, b"")
        return b"".join(self.parts)


def build(kernel, job):
    """An unnamed file with the initramfs of one run; `job` maps names to bytes.

    It is not kept: putting it together takes less time than finding out that it is stale.
    """
    busybox = shutil.which("busybox", path="/bin:/usr/bin:" + os.environ.get("PATH", ""))
    if not busybox:
        raise LabError(NOT_SET_UP, "the lab needs the package busybox-static")
    archive = Cpio()
    for folder in ("proc", "sys", "dev", "run", "lower", "upper", "root"):
        archive.folder(folder)
    archive.copy("bin/busybox", busybox)
    archive.copy("init", os.path.join(GUEST, "initramfs-init"))
    for group in kernels.MODULES:
        archive.copy(f"modules/{group}.list", os.path.join(kernel.folder, group + ".list"))
    for name in sorted(os.listdir(kernel.modules)):
        archive.copy("modules/" + name, os.path.join(kernel.modules, name))
    for folder, _, names in os.walk(GUEST):
        inside = os.path.relpath(folder, GUEST)
        for name in names:
            archive.copy(os.path.normpath(os.path.join("lab", inside, name)),
                         os.path.join(folder, name))
    for name, data in job.items():
        archive.file("lab/job/" + name, data)
    file = tempfile.TemporaryFile()
    file.write(archive.bytes())
    file.flush()
    return file
