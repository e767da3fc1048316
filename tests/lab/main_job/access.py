# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may reach a strap, and for how long."""

import signal

from gi.repository import Gio, GLib

RUNNER, STRANGER, OTHER = (f"/usr/local/bin/{app}" for app in ("runner", "stranger", "other"))
ABSENT = "0123456789abcdef0123456789abcdef"
FORGOTTEN_MS = 100
BROKER = "/org/blepick/Broker1"


def pick(stage, app, name="Virtual Strap"):
    picker = stage.start(app, "pick", name)
    accessory = picker.expect("accessory ").split()[1]
    assert picker.finish() == 0
    return accessory


def ask(stage, app, accessory):
    """What the broker answers to every method, to the letter, with the id taken out."""
    asking = stage.start(app, "ask", accessory)
    assert asking.finish() == 0
    asking.expect("Ping:")
    return dict(line.split(": ", 1) for line in asking.lines)


def app_without_a_grant_sees_no_more_than_of_what_is_absent(stage):
    stage.strap("pairing=just-works")
    stage.start_broker()
    accessory = pick(stage, RUNNER)
    own = ask(stage, RUNNER, accessory)
    assert "signature=ay" in own["ReadValue"] and "error= " in own["ReadValue"], own
    assert "descriptors=1" in own["AcquireNotify"], own

    foreign, absent = ask(stage, STRANGER, accessory), ask(stage, STRANGER, ABSENT)
    assert foreign == absent, f"{foreign}\n{absent}"
    for method in ("Connect", "ReadValue", "WriteValue", "AcquireNotify", "GetAll", "Get"):
        assert "error=org." in foreign[method] and "descriptors=0" in foreign[method], foreign
    assert ask(stage, RUNNER, ABSENT) == absent
    stage.figure(f"{len(foreign)} methods answer alike; ReadValue: {foreign['ReadValue']}")


def each_app_has_its_own_id_of_a_strap(stage):
    stage.strap("pairing=just-works")
    stage.start_broker()
    first, second = pick(stage, RUNNER), pick(stage, STRANGER)
    assert first != second
    assert "error= " in ask(stage, STRANGER, second)["ReadValue"]
    assert ask(stage, STRANGER, first) == ask(stage, STRANGER, ABSENT)
    assert pick(stage, RUNNER) == first, "picked again it keeps its id"


def program_that_an_interpreter_runs_is_its_user_and_no_more(stage):
    stage.strap("pairing=just-works")
    stage.start_broker()
    accessory = pick(stage, RUNNER)
    bus = Gio.bus_get_sync(Gio.BusType.SYSTEM, None)
    answer = bus.call_sync("org.blepick.Broker1", BROKER, "org.blepick.Broker1", "OpenSession",
                           GLib.Variant("(a{sv})", ({},)), None, 0, 20000, None)
    session = answer.unpack()[0]
    listed = bus.call_sync("org.blepick.Broker1", session, "org.blepick.Session1",
                           "ListAccessories", GLib.Variant("(a{sv})", ({},)), None, 0, 20000, None)
    assert listed.unpack() == ([],), listed
    try:
        bus.call_sync("org.blepick.Broker1", f"{BROKER}/accessory/{accessory}",
                      "org.blepick.Accessory1", "Connect", GLib.Variant("(a{sv})", ({},)), None, 0,
                      20000, None)
    except GLib.Error as error:
        assert "org." in Gio.DBusError.get_remote_error(error), error
    else:
        raise AssertionError("an interpreter reached another program's strap")


def forget(stage, app, accessory):
    """The milliseconds from asking to forget, in another process, to the end of the values."""
    follower = stage.start(app, "follow", accessory)
    for _ in range(3):
        follower.expect("value ")
    forgetter = stage.start(app, "forget", accessory)
    asked_us, answered_us = (int(word) for word in forgetter.expect("forgotten ").split()[1:])
    late_ms = (int(follower.expect("end ").split()[1]) - asked_us) / 1000
    refusal = follower.expect("refused ")
    assert follower.finish() == 0
    stage.figure(f"end-of-file {late_ms:.1f} ms after forget was asked for, which took "
                 f"{(answered_us - asked_us) / 1000:.1f} ms; then: {refusal}")
    return late_ms


def forgetting_ends_the_values_at_once(stage):
    strap = stage.strap("pairing=just-works", rate_ms=50)
    stage.start_broker()
    picked = {app: pick(stage, app) for app in (RUNNER, STRANGER, OTHER)}
    late_ms = [forget(stage, app, accessory) for app, accessory in picked.items()]
    # What else the machine does may delay one of them.
    assert min(late_ms) < FORGOTTEN_MS, late_ms
    strap.expect("unsubscribed 2a37")
    assert not stage.bluez.bonds()
    for app, accessory in picked.items():
        assert "error=org.blepick.Error.NotPermitted" in ask(stage, app, accessory)["Connect"]


def monitor_ends_when_the_strap_is_forgotten(stage):
    strap = stage.strap("pairing=just-works")
    stage.start_broker()
    stage.pair()
    monitor = stage.start("/usr/bin/blepick", "monitor", "--view", "text")
    monitor.expect(" ")
    stage.blepick("forget", "virtual strap").expect(0)
    assert monitor.finish() != 0
    stage.figure(f"monitor ended with {monitor.finish()}: {monitor.lines[-1]}")
    assert "blepick: " in monitor.lines[-1]
    strap.expect("unsubscribed 2a37")
    strap.expect("disconnected")
    stage.expect_failure(6, "no-such", "blepick pick", "monitor")
    stage.expect_failure(6, "no-such", "blepick list", "monitor", "Virtual Strap")
    stage.expect_nothing_left()


def strap_of_another_make_works_alike(stage):
    strap = stage.other_strap("hci1", "Other")
    stage.start_broker()
    assert stage.choose(name="Other").finish() == 0
    assert all(100 <= value["bpm"] < 140 for value in stage.values(5))
    strap.expect("subscribed")
    strap.expect("unsubscribed")
    stage.blepick("forget", "--all").expect(0)
    stage.expect_nothing_left()


def other_adapter_can_be_the_central(stage):
    stage.strap("pairing=just-works", "security=encrypt", adapter="hci0")
    stage.start_broker()
    stage.expect_failure(9, "no-adapter", "of that name", "--adapter", "hci9", "scan")
    assert stage.choose("--adapter", "hci1").finish() == 0
    assert stage.bluez.bonds("hci1")
    stage.values(3)
    stage.blepick("forget", "--all").expect(0)
    stage.expect_nothing_left("hci1")


def broker_leaves_in_order_while_values_flow(stage):
    strap = stage.strap("pairing=just-works", rate_ms=50)
    stage.start_broker()
    stage.pair()
    monitor = stage.start("/usr/bin/blepick", "monitor", "--view", "text")
    monitor.expect(" ")
    assert stage.bluez.acquired()
    seconds = stage.stop_broker()
    stage.figure(f"blepickd was gone {seconds * 1000:.0f} ms after SIGTERM")
    strap.expect("unsubscribed 2a37")
    assert monitor.finish() == 8, monitor.transcript()


def monitor_goes_on_after_the_link_was_lost(stage):
    strap = stage.strap("pairing=just-works")
    stage.start_broker()
    stage.pair()
    monitor = stage.start("/usr/bin/blepick", "--json", "monitor")
    stage.expect_beat(monitor)
    strap.say("disconnect")
    stage.expect_gap(monitor)
    stage.expect_beat(monitor)
    monitor.signal(signal.SIGINT)
    assert monitor.finish() == 0, monitor.transcript()


CASES = [
    app_without_a_grant_sees_no_more_than_of_what_is_absent,
    each_app_has_its_own_id_of_a_strap,
    program_that_an_interpreter_runs_is_its_user_and_no_more,
    forgetting_ends_the_values_at_once,
    monitor_ends_when_the_strap_is_forgotten,
    strap_of_another_make_works_alike,
    other_adapter_can_be_the_central,
    broker_leaves_in_order_while_values_flow,
    monitor_goes_on_after_the_link_was_lost,
]
