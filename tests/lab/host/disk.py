# SPDX-License-Identifier: LGPL-2.1-or-later
"""Raw disk images for tests that cut the power: a killed QEMU loses the guest's cache only."""

import os
import re

from . import kernel
from .errors import NOT_SET_UP, LabError

UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def prepare(text):
    """FILE[:SIZE]: makes the image with ext4 in it unless it is there; returns its path."""
    path, colon, size = text.rpartition(":")
    if not colon:
        path, size = text, "64M"
    match = re.fullmatch(r"(\d+)([KMG]?)", size)
    if not match:
        raise LabError(NOT_SET_UP, f"--disk wants FILE[:SIZE], SIZE such as 64M, not {text}")
    if not os.path.exists(path):
        with open(path, "wb") as file:
            file.truncate(int(match[1]) * UNITS[match[2]])
        kernel.demand(["mkfs.ext4", "-q", "-F", path], ".")
    return path
