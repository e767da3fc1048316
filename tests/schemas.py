# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the command prints with --json, held to the schemas that are installed."""

import functools
import json
import pathlib
import unicodedata

import jsonschema

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "data/schemas"
CONTROL = ("Cc", "Cf", "Zl", "Zp")  # what moves a cursor or hides


@functools.cache
def load(name):
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check_value(value):
    """Raises ValidationError. A step of the model says no type."""
    load(value.get("type", "model")).validate(value)
    return value


def check_text(text):
    """All the values of an output, each checked. Nothing but values, and no control character but line ends."""
    bad = [c for c in text if unicodedata.category(c) in CONTROL and c != "\n"]
    if bad:
        raise AssertionError(f"control characters {bad} in {text!r}")
    values, rest = [], text.strip()
    decoder = json.JSONDecoder()
    while rest:
        value, end = decoder.raw_decode(rest)
        values.append(check_value(value))
        rest = rest[end:].lstrip()
    return values


def is_wanted(words):
    """Whether the command line @words asks for JSON."""
    return any(str(word) in ("--json", "--json=lines") for word in words)
