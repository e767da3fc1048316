# SPDX-License-Identifier: LGPL-2.1-or-later
"""Puts the person's terminal into raw mode while the guest's terminal does the editing."""

import os
import termios
import tty


class RawTerminal:
    """Context: raw while inside, as before afterwards. None, or no terminal: does nothing."""

    def __init__(self, fd):
        self.fd = fd if fd is not None and os.isatty(fd) else None
        self.before = None

    def __enter__(self):
        if self.fd is not None:
            self.before = termios.tcgetattr(self.fd)
            tty.setraw(self.fd)
        return self

    def __exit__(self, *_):
        if self.before is not None:
            termios.tcsetattr(self.fd, termios.TCSADRAIN, self.before)
