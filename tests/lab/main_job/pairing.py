# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pairing by every method, and every way in which it fails."""

import signal
import time

from .bluez import DEVICE

VANISHED_S = 10
# Of a passkey the store keeps that there was one, not who showed it.
PASSKEY = "they-show"


def expect_method(stage, method):
    methods = [accessory["pairing_method"] for accessory in stage.accessories()]
    assert methods == [method], methods
    assert len(stage.bluez.bonds()) == 1
    assert not stage.bluez.scans()


def just_works_is_picked_on_a_terminal_and_streams(stage):
    strap = stage.strap("pairing=just-works", "security=encrypt")
    stage.start_broker()
    person = stage.choose()
    person.read_until("nothing was verified")
    assert person.finish() == 0
    strap.expect("paired")
    expect_method(stage, "just-works")
    assert all(72 <= value["bpm"] <= 96 for value in stage.values(3))


def digits_that_the_strap_shows_are_typed_on_the_terminal(stage):
    strap = stage.strap("pairing=they-show", "security=authenticated")
    stage.start_broker()
    person = stage.choose()
    digits = strap.expect("passkey-shown").split()[1]
    person.read_until("Type them here")
    person.type(digits)
    assert person.finish() == 0
    expect_method(stage, PASSKEY)
    stage.values(2)


def digits_that_the_terminal_shows_are_typed_on_the_strap(stage):
    strap = stage.strap("pairing=we-show", "security=authenticated")
    stage.start_broker()
    person = stage.choose()
    digits = person.read_until(r"(\d{6})\n\nType these six digits on").group(1)
    strap.expect("passkey-wanted")
    strap.say(f"passkey {digits}")
    assert person.finish() == 0
    expect_method(stage, PASSKEY)
    stage.values(2)


def digits_that_both_show_are_compared(stage):
    strap = stage.strap("pairing=compare", "security=authenticated")
    stage.start_broker()
    person = stage.choose()
    digits = person.read_until(r"(\d{6})\n\nDoes Virtual Strap show").group(1)
    assert strap.expect("compare-shown").split()[1] == digits
    person.type("y")
    assert person.finish() == 0
    expect_method(stage, "compare")
    stage.values(2)


def script_pairs_what_nothing_verifies_only_when_it_says_so(stage):
    stage.strap("pairing=just-works")
    stage.start_broker()
    refused = stage.blepick("pair", "Virtual Strap").expect(7)
    assert "(not-verified)" in refused.error_text, refused
    stage.expect_nothing_left()
    # bluetoothd lets no strap of its own be paired again while that keeps the old bond.
    stage.bluez.forget_all("hci1")
    stage.pair()
    expect_method(stage, "just-works")


def script_types_on_the_strap_what_pair_prints(stage):
    strap = stage.strap("pairing=we-show", "security=authenticated")
    stage.start_broker()
    command = stage.start("/usr/bin/blepick", "pair", "Virtual Strap")
    digits = command.expect("Type ").split()[1]
    strap.expect("passkey-wanted")
    strap.say(f"passkey {digits}")
    assert command.finish() == 0
    expect_method(stage, PASSKEY)


def script_without_the_digits_is_told_the_option(stage):
    stage.strap("pairing=they-show")
    stage.start_broker()
    stage.expect_failure(7, "passkey-needed", "--passkey", "pair", "Virtual Strap")
    stage.expect_nothing_left()


def strap_that_bluetoothd_knows_already_is_paired(stage):
    """What it sends is not new, and on virtual controllers it has no signal strength: that it is heard is all."""
    stage.strap("pairing=just-works")
    stage.start_broker()
    scan = stage.start("/usr/bin/blepick", "--json=lines", "scan")
    scan.expect('{"format":1')
    scan.signal(signal.SIGINT)
    scan.finish()
    stage.stop_broker()
    stage.start_broker()
    assert stage.bluez.objects(DEVICE, "hci0"), "bluetoothd has forgotten it"
    stage.pair()
    expect_method(stage, "just-works")


def strap_that_has_forgotten_this_computer_is_forgotten_and_paired_again(stage):
    strap = stage.strap("pairing=just-works", "security=encrypt")
    stage.start_broker()
    stage.pair()
    stage.bluez.wait_until("the link is let go", lambda: not stage.bluez.links())
    strap.expect("disconnected")
    stage.bluez.forget_all("hci1")
    stage.expect_failure(10, "le-connection-key-missing", "pair it again",
                         "monitor", "--for", "30s")
    stage.blepick("forget", "--unpair", "Virtual Strap").expect(0)
    stage.expect_nothing_left()
    stage.pair()
    stage.values(1)


def wrong_passkey_of_a_person_leaves_no_bond(stage):
    strap = stage.strap("pairing=wrong-passkey")
    stage.start_broker()
    person = stage.choose()
    digits = strap.expect("passkey-shown").split()[1]
    person.read_until("Type them here")
    person.type(digits)
    person.read_until(r"The digits were wrong.*\(authentication-failed\)")
    assert person.finish() == 7
    stage.expect_nothing_left()


def wrong_passkey_of_a_script_leaves_no_bond(stage):
    strap = stage.strap("pairing=they-show")
    stage.start_broker()
    outcome = stage.blepick("pair", "Virtual Strap", "--passkey", "123456")
    outcome.expect(7)
    assert strap.expect("passkey-shown").split()[1] != "123456", "one chance in a million"
    assert "(authentication-failed)" in outcome.error_text, outcome
    stage.expect_nothing_left()


def strap_that_refuses_leaves_no_bond(stage):
    strap = stage.strap("pairing=refuse")
    stage.start_broker()
    outcome = stage.blepick("pair", "Virtual Strap", "--accept-unverified").expect(7)
    assert "authentication-" in outcome.error_text, outcome
    strap.expect("pairing-failed")
    stage.expect_nothing_left()


def digits_that_differ_are_refused_by_the_person(stage):
    stage.strap("pairing=compare")
    stage.start_broker()
    person = stage.choose()
    person.read_until("Does Virtual Strap show")
    person.type("n")
    assert person.finish() == 7
    stage.expect_nothing_left()


def expect_quick_error(stage, begun, person):
    status = person.finish()
    seconds = time.monotonic() - begun
    stage.figure(f"error after {seconds:.1f} s")
    assert status == 7, person.transcript()
    assert seconds < VANISHED_S, f"only after {seconds:.1f} s"
    stage.expect_nothing_left()
    assert not stage.bluez.links()


def pick_another(stage):
    """All is as before: the next strap is picked at once."""
    stage.strap("pairing=just-works", adapter="hci2", name="Second")
    assert stage.choose(name="Second").finish() == 0
    expect_method(stage, "just-works")


def strap_that_vanishes_as_pairing_starts_is_given_up(stage):
    stage.change_controllers()
    strap = stage.strap("pairing=vanish")
    stage.start_broker()
    person = stage.choose()
    begun = time.monotonic()
    strap.expect("disconnected")
    expect_quick_error(stage, begun, person)
    pick_another(stage)


def strap_that_vanishes_before_the_digits_are_typed_is_given_up(stage):
    stage.change_controllers()
    strap = stage.strap("pairing=they-show")
    stage.start_broker()
    person = stage.choose()
    strap.expect("passkey-shown")
    person.read_until("Type them here")
    begun = time.monotonic()
    strap.say("vanish")
    expect_quick_error(stage, begun, person)
    pick_another(stage)


def strap_that_vanishes_before_it_is_chosen_is_given_up(stage):
    stage.change_controllers()
    strap = stage.strap("pairing=just-works")
    stage.start_broker()
    person = stage.terminal("pick")
    number = person.read_until(r"(?m)^ *(\d+)  Virtual Strap").group(1)
    strap.say("vanish")
    stage.bluez.wait_until("the strap is off", lambda: not
                           stage.bluez.objects("org.bluez.Adapter1", "hci1")
                           ["/org/bluez/hci1"]["Powered"])
    begun = time.monotonic()
    person.type(number)
    expect_quick_error(stage, begun, person)
    pick_another(stage)


CASES = [
    just_works_is_picked_on_a_terminal_and_streams,
    digits_that_the_strap_shows_are_typed_on_the_terminal,
    digits_that_the_terminal_shows_are_typed_on_the_strap,
    digits_that_both_show_are_compared,
    script_pairs_what_nothing_verifies_only_when_it_says_so,
    script_types_on_the_strap_what_pair_prints,
    script_without_the_digits_is_told_the_option,
    strap_that_bluetoothd_knows_already_is_paired,
    strap_that_has_forgotten_this_computer_is_forgotten_and_paired_again,
    wrong_passkey_of_a_person_leaves_no_bond,
    wrong_passkey_of_a_script_leaves_no_bond,
    strap_that_refuses_leaves_no_bond,
    digits_that_differ_are_refused_by_the_person,
]

VANISHING = [
    strap_that_vanishes_as_pairing_starts_is_given_up,
    strap_that_vanishes_before_the_digits_are_typed_is_given_up,
    strap_that_vanishes_before_it_is_chosen_is_given_up,
]
