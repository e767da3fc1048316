#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""sources.py ROOT LANGUAGE|all prints our files. The checks beside it import it, for
which files are ours and what language they are in."""

import os
import pathlib
import re
import subprocess
import sys

FOLDERS = ("perms", "ble", "dbus", "broker", "blepick", "picker")
SKIPPED = {"build", ".git", ".cache", "__pycache__"}
BY_SUFFIX = {".c": "c", ".h": "c", ".py": "python", ".sh": "shell", ".xml": "xml",
             ".policy": "xml", ".service": "unit", ".in": "text"}
SHEBANG = re.compile(r"#!\s*\S*/(?:env\s+)?(bash|sh|python3)\b")
COMMENT_OR_STRING = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*', re.S)


def files(root):
    """All files of the project below root, as paths relative to it."""
    root = pathlib.Path(root)
    listed = None
    if (root / ".git").exists():
        listed = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others",
             "--exclude-standard"], capture_output=True, text=True, check=False)
    if listed is not None and listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
        return sorted(pathlib.Path(n) for n in names if (root / n).is_file())
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED]
        found += [pathlib.Path(folder, name).relative_to(root) for name in names]
    return sorted(found)


def language(root, path):
    """c, python, shell, meson, xml, unit, text; None for what is no source."""
    if path.name in ("meson.build", "meson_options.txt"):
        return "meson"
    if path.suffix in BY_SUFFIX:
        return BY_SUFFIX[path.suffix]
    if path.suffix and path.suffix != ".conf":
        return None
    with open(pathlib.Path(root, path), "rb") as stream:
        start = stream.read(64).decode("utf-8", "replace")
    if path.suffix == ".conf":
        return "xml" if start.startswith("<?xml") else "text"
    shebang = SHEBANG.match(start)
    if not shebang:
        return None
    return "python" if shebang[1] == "python3" else "shell"


def without_comments(text):
    """C text with its comments blanked, strings kept, lines in place."""
    def blank(match):
        if match[0].startswith('"'):
            return match[0]
        return "\n" * match[0].count("\n")
    return COMMENT_OR_STRING.sub(blank, text)


if __name__ == "__main__":
    for file in files(sys.argv[1]):
        if sys.argv[2] in ("all", language(sys.argv[1], file)):
            print(file)
