# SPDX-License-Identifier: LGPL-2.1-or-later
"""Passes a stream of the guest on, as it comes, up to the marker that ends it."""

import os


class Output:
    """One stream. `ended` is true once the marker has come."""

    def __init__(self, target_fd, marker):
        self.target_fd = target_fd
        self.marker = marker
        self.held = b""  # may be the beginning of the marker
        self.ended = False

    def take(self, data):
        """Writes what is certain; returns what was written."""
        if self.ended:
            return b""
        data = self.held + data
        at = data.find(self.marker)
        if at >= 0:
            self.ended = True
            data, self.held = data[:at], b""
        else:
            keep = self._beginning_of_marker(data)
            data, self.held = data[: len(data) - keep], data[len(data) - keep :]
        self._write(data)
        return data

    def give_up(self):
        """The marker will not come: what was held is output after all."""
        self._write(self.held)
        self.held = b""

    def _beginning_of_marker(self, data):
        for length in range(min(len(data), len(self.marker) - 1), 0, -1):
            if self.marker.startswith(data[-length:]):
                return length
        return 0

    def _write(self, data):
        view = memoryview(data)
        while view:
            view = view[os.write(self.target_fd, view) :]


class LineWatch:
    """Finds a line in a stream that comes in pieces."""

    def __init__(self, text):
        self.text = text.encode()
        self.rest = b""

    def sees(self, data):
        lines = (self.rest + data).split(b"\n")
        self.rest = lines.pop()
        return any(self.text in line for line in lines)
