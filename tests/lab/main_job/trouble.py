# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bad input, and a computer on which something is missing: each has its own words."""

import json
import subprocess
import time

USAGE = [
    # what was typed                              what is said
    (["--no-such-option"],                        "--no-such-option"),
    (["scan", "--no-such-option"],                "--no-such-option"),
    (["list", "--kind", "any"],                   "--kind"),
    (["monitorr"],                                "Did you mean monitor?"),
    (["dance"],                                   "no command dance"),
    ([],                                          "A command is needed"),
    (["pair"],                                    "Something is missing"),
    (["pair", "one", "two"],                      "too many"),
    (["forget"],                                  "--all"),
    (["scan", "--for", "soon"],                   "--for"),
    (["monitor", "--view", "film"],               "--view"),
    (["monitor", "--count", "-1"],                "--count"),
    (["pair", "Strap", "--passkey", "1234567"],   "six digits"),
    (["pair", "Strap", "--passkey", "abc"],       "abc"),
    (["--timeout", "never", "scan"],              "--timeout"),
    (["pick"],                                    "blepick pair NAME"),
]

VALUES = [
    # option      value                                   cause          what is said
    ("--service", "18",                                   "bad-service", "UUID"),
    ("--service", "0x180",                                "bad-service", "UUID"),
    ("--service", "180g",                                 "bad-service", "UUID"),
    ("--service", "0000180d-0000-1000-8000-00805f9b34f",  "bad-service", "UUID"),
    ("--service", "0000180d00001000800000805f9b34fb0",    "bad-service", "UUID"),
    ("--service", "",                                     "bad-service", "UUID"),
    ("--company", "0x10000",                              "bad-company", "0 to 65535"),
    ("--company", "Polar",                                "bad-company", "0 to 65535"),
    ("--kind",    "toaster",                              "bad-kind",    "heart-rate or any"),
]

# Red, a window title, the clipboard, a carriage return, a line feed, and text from right to left.
HOSTILE = r"\x1b[31mRed\x1b]0;owned\x07\r\n\xe2\x80\xaegnp"
WITHOUT_BLUETOOTH = (["scan", "--for", "1s"], ["pair", "Virtual Strap"])


def bad_words_are_refused_before_anything_is_done(stage):
    for arguments, words in USAGE:
        stage.expect_failure(2, "usage", words, *arguments)
    for verb in (["scan"], ["pair", "Strap"]):
        for option, value, cause, words in VALUES:
            stage.expect_failure(2, cause, words, *verb, option, value)


def name_of_escape_sequences_is_harmless(stage):
    stage.strap("pairing=just-works", name=HOSTILE)
    stage.start_broker()
    person = stage.terminal("pick")
    person.type(person.read_until(r"(?m)^ *(\d+)  .*Red.*Heart-rate").group(1))
    assert person.finish() == 0
    shown = [person.shown.replace(b"\r\n", b"\n")]
    for arguments in (["scan", "--for", "3s"], ["list"], ["monitor", "--count", "2"],
                      ["monitor", "--csv", "--count", "1"], ["status"], ["forget", "--all"]):
        for options in ([], ["--json"]):
            if arguments[0] == "forget" and options:
                continue
            outcome = stage.blepick(*options, *arguments).expect(0)
            shown += [outcome.output, outcome.errors]
            if arguments[0] in ("scan", "list") and options:
                assert "Red" in outcome.text, outcome
    for text in shown:
        bad = [octet for octet in text if octet < 0x20 and octet != 0x0A or octet == 0x7F]
        assert not bad, text
        assert "\u202e" not in text.decode(), text


def expect_no_bluetooth(stage, cause, words):
    for arguments in WITHOUT_BLUETOOTH:
        stage.expect_failure(9, cause, words, *arguments)
    person = stage.terminal("pick")
    person.read_until(rf"blepick: .*{words}.*\({cause}\)")
    assert person.finish() == 9


def expect_status(stage, state, words):
    assert words in stage.blepick("status").expect(9).text
    assert json.loads(stage.blepick("--json", "status").expect(9).text)["bluetooth"] == state


def no_adapter_is_said(stage):
    stage.start_broker()
    subprocess.run(["lab-controllers", "stop"], check=True)
    try:
        stage.bluez.wait_until("no adapter", lambda: not stage.bluez.objects("org.bluez.Adapter1"))
        expect_no_bluetooth(stage, "no-adapter", "no Bluetooth adapter")
        expect_status(stage, "no-adapter", "adapter")
    finally:
        subprocess.run(["lab-controllers", "start", "3"], check=True)
    subprocess.run(["lab-wait-adapters", "3"], check=True)
    assert stage.blepick("status").expect(0)


def adapter_that_is_off_is_said(stage):
    strap = stage.strap("pairing=just-works")
    stage.start_broker()
    stage.pair()
    for adapter in ("hci0", "hci1", "hci2"):
        stage.bluez.power(adapter, False)
    expect_no_bluetooth(stage, "bluetooth-off", "Bluetooth is off")
    expect_status(stage, "powered-off", "off")
    stage.expect_failure(9, "not-ready", "switched off", "monitor", "--exit-on-disconnect")
    assert len(stage.accessories()) == 1
    for adapter in ("hci0", "hci1", "hci2"):
        stage.bluez.power(adapter, True)
    strap.say("advertise off")
    strap.say("advertise on")
    stage.values(2)


def adapter_that_is_switched_off_in_the_middle_ends_the_picker(stage):
    stage.strap("pairing=just-works")
    stage.start_broker()
    person = stage.terminal("pick")
    person.read_until("Virtual Strap")
    stage.bluez.power("hci0", False)
    person.read_until(r"\(bluetooth-off\)")
    assert person.finish() == 9
    stage.bluez.power("hci0", True)


def no_bluetoothd_is_said(stage):
    subprocess.run(["lab-bluetoothd", "stop"], check=True)
    stage.start_broker()
    expect_no_bluetooth(stage, "no-daemon", "systemctl start bluetooth")
    expect_status(stage, "no-daemon", "bluetoothd")
    subprocess.run(["lab-bluetoothd", "start"], check=True)
    stage.strap("pairing=just-works")
    stage.pair()


def no_broker_is_said(stage):
    for arguments in (["scan"], ["list"], ["status"], ["monitor"], ["pair", "Strap"],
                      ["forget", "--all"], ["rename", "Strap", "Other"]):
        stage.expect_failure(8, "no-broker", "systemctl start blepickd", *arguments)
    person = stage.terminal("pick")
    person.read_until(r"\(no-broker\)")
    assert person.finish() == 8


def monitor_goes_on_after_bluetoothd_was_killed(stage):
    strap = stage.strap("pairing=just-works", "security=encrypt")
    stage.start_broker()
    stage.pair()
    monitor = stage.start("/usr/bin/blepick", "--json", "monitor")
    stage.expect_beat(monitor)
    subprocess.run(["lab-bluetoothd", "kill"], check=True)
    stage.expect_gap(monitor)
    subprocess.run(["lab-bluetoothd", "start"], check=True)
    strap.expect("ready")
    begun = time.monotonic()
    stage.expect_beat(monitor)
    stage.figure(f"values are back {time.monotonic() - begun:.1f} s after the strap is")


CASES = [
    bad_words_are_refused_before_anything_is_done,
    name_of_escape_sequences_is_harmless,
    no_adapter_is_said,
    adapter_that_is_off_is_said,
    adapter_that_is_switched_off_in_the_middle_ends_the_picker,
    no_bluetoothd_is_said,
    no_broker_is_said,
    monitor_goes_on_after_bluetoothd_was_killed,
]
