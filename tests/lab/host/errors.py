# SPDX-License-Identifier: LGPL-2.1-or-later
"""How a run of the lab can end other than by the command's own exit status."""

POWER_CUT = 120  # the power cut that was asked for has happened
NOT_SET_UP = 121  # no kernel, no QEMU, bad options: nothing was started
KERNEL_CRASHED = 122  # BUG, Oops or panic in the guest
BLUETOOTHD_CRASHED = 123
TIME_LIMIT = 124  # as timeout(1)
GUEST_LOST = 125  # the guest went away, or never came up, for another reason


class LabError(Exception):
    """Ends the run; the text is for the person, the code for the caller."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class NeverUp(LabError):
    """QEMU runs and the guest says nothing: nothing of the job has begun."""
