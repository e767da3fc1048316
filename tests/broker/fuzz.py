# SPDX-License-Identifier: LGPL-2.1-or-later
"""Hostile words: what moves a cursor, turns text round, draws nothing or draws too much."""

import os
import random

SEED = int(os.environ.get("BLEPICK_FUZZ_SEED", "1"))
BAD = ([chr(c) for c in range(1, 0x20)] + [chr(c) for c in range(0x7f, 0xa0)]
       + list("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
              "\u2060\u2066\u2067\u2068\u2069\ufeff\ufff9\ufffc\ufffd\u115f\u3164\ufe0f\U000e0001"
              "\U000e0041\U0001f1e6\ue000\U0010fffd")
       + ["\x1b[2J", "\x1b]0;x\x07", "\x1bP", "\u009b31m", "\u0300" * 20, "\\x1b", "\\u202e",
          '"', "\\", "</", "%s%n", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u4e2d", "\u0e33"])


class Words:
    """A run that can be repeated: its seed is for its log."""

    def __init__(self):
        self._random = random.Random(SEED)

    def word(self, bytes_max=200):
        """Valid UTF-8, as D-Bus wants it, of 1 to @bytes_max bytes."""
        text = ""
        for _ in range(self._random.randint(1, 12)):
            kind = self._random.random()
            if kind < 0.55:
                text += self._random.choice(BAD)
            elif kind < 0.85:
                text += chr(self._random.randint(0x21, 0x7e))
            else:
                text += self.character()
        octets = text.encode()[:bytes_max]
        return octets.decode(errors="ignore") or "x"

    def character(self):
        """Any that there is, surrogates and non-characters aside."""
        while True:
            code = self._random.randint(1, 0x10ffff)
            if not 0xd800 <= code <= 0xdfff and code & 0xfffe != 0xfffe:
                return chr(code)


def escape(text):
    """As a word of an accessory's description."""
    return "".join(f"\\x{octet:02x}" for octet in text.encode())
