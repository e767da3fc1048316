# SPDX-License-Identifier: LGPL-2.1-or-later
"""What tests of apps that come and go begin with."""

import os
import pathlib

from harness import HELPER, STRAP, wait_until
from broker.clients import Helper, Permissions
from broker.command import Commands

UID = os.getuid()
A = f"scope:{UID}:org.example.A"
FLATPAK = "flatpak:org.example.A"
FLATPAK_KEY = f"flatpak:{UID}:org.example.A"
MANIFEST = "[Accessory Setup]\nservices=180d\n"


class AppCase(Commands):
    def setUp(self):
        super().setUp()
        self.settings = Permissions(self.world.app("org.example.Settings"))

    def apps(self):
        return self.settings.list_apps()

    def wait_gone(self, key):
        def gone():
            return key not in self.apps()
        wait_until(f"the end of {key}", gone)

    def helper(self, app_id=HELPER):
        helper = Helper(self.world, app_id)
        if app_id == HELPER:
            helper.register()
        return helper

    def make_program(self):
        program = pathlib.Path(self.world.state_directory).parent / "trainer"
        program.touch()
        return program

    def pick_as(self, app_id, **options):
        self.world.accessory()
        session = self.world.app(app_id, **options).open_session()
        return session, self.world.pick(session, [STRAP])

    def take_removed(self, session, accessory):
        details = session.take_event(31)
        self.assertEqual((details["accessory"], details["cause"]), (accessory, "uninstalled"))
        self.assertEqual(session.list(), [])
