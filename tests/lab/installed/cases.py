# SPDX-License-Identifier: LGPL-2.1-or-later
"""What has to hold on a machine where blepick was installed. The cases come in this order, and
build on one another."""

import os
import pathlib
import pwd
import re
import shutil
import sqlite3
import subprocess

from . import hostile, people

BROKER = "org.blepick.Broker1"
STORE = "/var/lib/blepick/permissions.db"
INSTALLED = pathlib.Path("/var/lib/blepick-install/files")  # as run.d/install.sh has it
TABLES = ("grants", "installs", "bonds", "pendings", "devices", "journal")
APPS = {"org.example.Run": "Strap One", "org.example.Ride": "Strap Two"}
WATCHDOG_S = 6
REUSES = os.environ.get("BLEPICK_LAB_REUSES", "200")
LEAVERS = os.environ.get("BLEPICK_LAB_LEAVERS", "500")
SETUIDS = "20"
TRIES = 3
CONTROLS = "4"
EXPOSURE_MAX = {"blepickd.service": 0.7, "blepick-identity.service": 1.3}


def show(unit, *names):
    """Properties of a unit, in order."""
    said = subprocess.run(["systemctl", "show", unit, *(f"--property={name}" for name in names)],
                          check=True, capture_output=True, text=True).stdout
    values = dict(line.split("=", 1) for line in said.splitlines())
    return [values[name] for name in names]


def call_broker():
    """Any call: the bus starts the broker for it."""
    return subprocess.run(
        ["gdbus", "call", "--system", "--dest", BROKER, "--object-path", "/org/blepick/Broker1",
         "--method", "org.freedesktop.DBus.Properties.Get", BROKER, "EnforcementLevel"],
        capture_output=True, text=True, check=False, timeout=60)


def count_rows():
    with sqlite3.connect(f"file:{STORE}?mode=ro", uri=True) as store:
        return {table: store.execute(f"SELECT count (*) FROM {table}").fetchone()[0]
                for table in TABLES}


def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(re.findall(r"^(\w+):\t(.*)$", text, re.M))


# ---- the service ----

def the_bus_starts_the_broker_as_its_own_user(scene):
    assert show("blepickd.service", "ActiveState") == ["inactive"]
    answer = call_broker()
    assert answer.returncode == 0, answer
    (pid,) = show("blepickd.service", "MainPID")
    status = status_of(pid)
    uid = str(pwd.getpwnam("blepick").pw_uid)
    assert status["Uid"].split() == [uid] * 4 and uid != "0", status
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0, status
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", status
    scene.figure(f"blepickd runs as uid {uid}, without capabilities")


def the_helper_starts_when_it_is_asked_and_has_two_capabilities(scene):
    scene.stranger(people.launched("run-0.scope"), "list", "-").expect("end")
    (pid,) = show("blepick-identity.service", "MainPID")
    status = status_of(pid)
    uid = str(pwd.getpwnam("blepick-identity").pw_uid)
    assert status["Uid"].split() == [uid] * 4 and uid != "0", status
    # CAP_DAC_READ_SEARCH is 2, CAP_SYS_PTRACE 19 (linux/capability.h)
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 1 << 2 | 1 << 19, status
    assert status["Seccomp"] == "2", status
    scene.figure(f"blepick-identity runs as uid {uid}, with CAP_DAC_READ_SEARCH and "
                 "CAP_SYS_PTRACE")


def the_installed_units_are_as_closed_as_promised(scene):
    for unit, bound in EXPOSURE_MAX.items():
        said = subprocess.run(["systemd-analyze", "security", "--no-pager", unit], check=True,
                              capture_output=True, text=True).stdout
        exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", said).group(1))
        assert exposure <= bound, said
        scene.figure(f"{unit}: exposure {exposure}, at most {bound}")


# ---- who is who ----

def only_the_login_in_front_draws_for_all(scene):
    login = scene.login = people.Login()
    login.wait("Active", True)
    login.switch_to(people.VT + 1)
    refused = scene.stranger(login.cgroup, "present", "x")
    refused.expect("error GDBus.Error:org.blepick.Error.PickerRestricted: no-active-session")
    login.switch_to(people.VT)
    presenter = scene.stranger(login.cgroup, "present", "x")
    presenter.expect("ready")
    login.switch_to(people.VT + 1)
    hidden = scene.sandboxed(next(iter(APPS)), "show", "-")
    hidden.expect("error GDBus.Error:org.blepick.Error.PickerRestricted: no-active-session")
    login.switch_to(people.VT)
    presenter.kill()
    scene.figure("refused while another console is in front, allowed when it is back")


def each_sandboxed_app_sees_its_own_accessory_and_no_other(scene):
    for adapter, (app, strap) in zip(("hci1", "hci2"), APPS.items()):
        # One after the other: a central of the lab carries one link.
        virtual = scene.strap(adapter, strap)
        presenter = scene.stranger(scene.login.cgroup, "present", strap)
        presenter.expect("ready")
        shown = scene.sandboxed(app, "show", "-")
        scene.accessories[app] = shown.expect("accessory").split()[1]
        virtual.expect("disconnected")
        presenter.kill()
    for app, own in scene.accessories.items():
        listed = scene.sandboxed(app, "list", "-")
        listed.expect("end")
        assert listed.lines == [f"accessory {own}", "end"], listed.transcript()
    with sqlite3.connect(f"file:{STORE}?mode=ro", uri=True) as store:
        keys = {row[0] for row in store.execute("SELECT app FROM grants")}
    assert keys == {f"flatpak:{people.UID}:{app}" for app in APPS}, keys
    run, ride = APPS
    answers = scene.ask_sandboxed(run, scene.accessories[ride])
    assert answers == scene.ask_sandboxed(run, "0" * 32), answers
    scene.figure(f"{len(answers)} answers about the other's accessory are those about none")


def a_host_program_that_claims_an_app_does_not_become_it(scene):
    app = next(iter(APPS))
    own = scene.accessories[app]
    claim = pathlib.Path("/home/claims")
    claim.mkdir()
    (claim / ".flatpak-info").write_text(f"[Application]\nname={app}\n")
    places = {
        "its variables and folder": people.launched("run-3.scope"),
        "a scope of Flatpak's name": people.launched(f"app-flatpak-{app}-77.scope"),
        "a scope of the app's name": people.launched(f"app-{app}-77.scope"),
        "its login": scene.login.cgroup,
    }
    environment = {"FLATPAK_ID": app, "PATH": "/usr/bin", "BLEPICK_TEST_APP": app,
                   "GIO_LAUNCHED_DESKTOP_FILE": f"/usr/share/applications/{app}.desktop"}
    for name, place in places.items():
        def run(*words, place=place):
            program = scene.start_person(place, people.PROGRAM, *words, cwd=claim,
                                         env=environment)
            return program.wait_lines()
        listed = run("list", "-")
        assert listed == ["end"], (name, listed)
        answers = run("ask", own)
        assert answers == run("ask", "0" * 32), (name, answers)
    scene.figure(f"{len(places)} ways to claim, 0 became it")


def an_app_of_the_home_directory_is_known_by_the_persons_side(scene):
    app = "org.example.Home"

    def is_declared():
        return "not-declared" not in "".join(scene.sandboxed(app, "show", "-").wait_lines())
    assert not is_declared()
    people.declare_at_home(app)
    scene.wait(is_declared, 1)
    user, state = f"{people.NAME}@.host", "ActiveState"
    said = subprocess.run(["systemctl", "--user", f"--machine={user}", "show", "blepick-session.service",
                           f"--property={state}"], capture_output=True, text=True, check=False)
    assert said.stdout.strip() == f"{state}=active", said
    scene.figure("blepick-session runs as a unit of the person's, and told of the manifest")


def hostile_roots_are_nobody(scene):
    before = count_rows()
    folder = scene.folder / "hostile"
    rows = hostile.rows(folder)
    wrong = []
    for name, arguments in rows.items():
        # A machine that is too busy refuses, too, but not for what it is: once more, then.
        for _ in range(TRIES):
            program = scene.start_person(people.launched("run-1.scope"), *hostile.command(arguments),
                                         stdin=hostile.open_good(folder))
            said = "".join(program.wait_lines())
            if "nobody says which it is" not in said:
                break
        if not re.search("no-identity: .*(flatpak-info|sandbox of an unknown kind)", said):
            wrong.append((name, said))
    assert not wrong, wrong
    assert count_rows() == before
    assert len(rows) >= 12
    scene.figure(f"{len(rows)} hostile roots: 0 wrong identities, 0 rows stored")


# ---- who only seems to be ----

def attack(scene, *arguments, uid=0):
    """Runs tests/broker/attacks. Without the attack the same is accepted, and so is the last one."""
    assert attacked(scene, "control", CONTROLS, str(uid)) == (int(CONTROLS), int(CONTROLS))
    before = count_rows()
    tried, *accepted = attacked(scene, *arguments)
    rows = sum(count_rows().values()) - sum(before.values())
    wrong = "".join(f"{count} wrong identities, " for count in accepted)
    scene.figure(f"{tried} tried: {wrong}{rows} rows stored")
    assert (accepted, rows) == ([] if arguments[0] == "leave" else [0], 0)
    assert attacked(scene, "control", CONTROLS, str(uid)) == (int(CONTROLS), int(CONTROLS))


def attacked(scene, *arguments):
    said = subprocess.run([scene.build / "tests/broker/attacks", *arguments], check=False,
                          capture_output=True, text=True)
    assert said.returncode == 0, said
    return tuple(int(figure) for figure in re.findall(r"\d+", said.stdout))


def a_process_number_that_was_reused_is_nobody(scene):
    attack(scene, "reuse", REUSES)


def a_caller_that_leaves_at_any_moment_leaves_nothing(scene):
    attack(scene, "leave", LEAVERS)


def a_caller_that_executes_a_set_user_id_program_is_nobody(scene):
    path = "/usr/local/bin/labsetuid"
    subprocess.run(["install", "-o", "root", "-g", "root", "-m", "4755",
                    scene.build / "tests/broker/attacks", path], check=True)
    attack(scene, "setuid", SETUIDS, path, uid=65534)


# ---- how it goes on and ends ----

def a_stuck_broker_is_ended_and_another_one_started(scene):
    before = count_rows()
    drop_in = pathlib.Path("/run/systemd/system/blepickd.service.d/lab.conf")
    drop_in.parent.mkdir()
    drop_in.write_text(f"[Service]\nWatchdogSec={WATCHDOG_S}\n")
    subprocess.run(["systemctl", "daemon-reload"], check=True)
    subprocess.run(["systemctl", "restart", "blepickd.service"], check=True)
    (pid,) = show("blepickd.service", "MainPID")
    # Its own word comes in time: several spans pass, and it is the same process.
    scene.wait(lambda: show("blepickd.service", "WatchdogTimestampMonotonic"), 2)
    assert show("blepickd.service", "MainPID", "NRestarts") == [pid, "0"]
    os.kill(int(pid), 19)
    scene.wait(lambda: show("blepickd.service", "NRestarts"), 1)
    answer = call_broker()
    assert answer.returncode == 0, answer
    new, restarts = show("blepickd.service", "MainPID", "NRestarts")
    assert new != pid and restarts == "1"
    assert count_rows() == before
    scene.figure("stopped, ended by the watchdog, started again, with its permissions")


def removing_takes_all_of_it_away(scene):
    before = count_rows()
    shutil.rmtree("/run/systemd/system/blepickd.service.d", ignore_errors=True)
    shutil.rmtree(people.FLATPAK)
    installed = INSTALLED.read_text().split()
    assert "/usr/bin/blepick" in installed
    done = scene.install("--remove")
    assert done.returncode == 0, done.stdout
    assert show("blepickd.service", "LoadState", "ActiveState") == ["not-found", "inactive"]
    left = [path for path in installed if os.path.lexists(path)] + find("/etc", "/run", "/var/lib", "/var/cache")
    left.remove("/var/lib/blepick")
    assert left == [], left
    assert "ServiceUnknown" in call_broker().stderr
    running = subprocess.run(["pgrep", "-l", "blepick"], capture_output=True, text=True, check=False).stdout
    assert running == "", running
    assert count_rows() == before
    scene.figure("nothing of that name is left but /var/lib/blepick, where the grants are")


def find(*folders):
    """Whatever has our name below @folders, on their own file systems."""
    said = subprocess.run(["find", *folders, "-xdev", "(", "-iname", "*blepick*", "-prune", ")", "-print"],
                          capture_output=True, text=True, check=False).stdout
    return said.splitlines()


CASES = [
    the_bus_starts_the_broker_as_its_own_user,
    the_helper_starts_when_it_is_asked_and_has_two_capabilities,
    the_installed_units_are_as_closed_as_promised,
    only_the_login_in_front_draws_for_all,
    each_sandboxed_app_sees_its_own_accessory_and_no_other,
    a_host_program_that_claims_an_app_does_not_become_it,
    an_app_of_the_home_directory_is_known_by_the_persons_side,
    hostile_roots_are_nobody,
    a_process_number_that_was_reused_is_nobody,
    a_caller_that_leaves_at_any_moment_leaves_nothing,
    a_caller_that_executes_a_set_user_id_program_is_nobody,
    a_stuck_broker_is_ended_and_another_one_started,
    removing_takes_all_of_it_away,
]
