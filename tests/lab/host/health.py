# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tells from logs whether the guest's kernel or its bluetoothd broke."""

import re
import signal

KERNEL_CRASH = re.compile(
    r"kernel BUG at|BUG: (?!soft lockup)|Oops:|general protection fault|Kernel panic"
    r"|list_(?:add|del) corruption|Unable to handle kernel"
)
REPORT_LINES = 60


def kernel_crash(lines):
    """The kernel's report from its first line on, or None."""
    lines = list(lines)
    for number, line in enumerate(lines):
        if KERNEL_CRASH.search(line):
            start = max(0, number - 2)
            return "\n".join(lines[start : number + REPORT_LINES])
    return None


def bluetoothd_report(how, log):
    """In words, how bluetoothd ended: `how` is the shell's status (128 + signal), or systemd's
    two words."""
    code, _, detail = how.partition(" ")
    if detail:
        how = f"{code}, {detail}"
    elif int(code) > 128:
        how = f"by {signal.Signals(int(code) - 128).name}"
    else:
        how = f"with status {code}"
    last = "".join("\n  | " + line for line in list(log)[-15:])
    return f"bluetoothd ended ({how}); its last words and btvirt's:{last}"
