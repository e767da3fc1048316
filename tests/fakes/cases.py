# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the self-tests of fake-bluez share: a case with a bus, a fake and a client, and
a runner that speaks TAP."""

import sys
import unittest

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio  # noqa: E402

from harness import Client, Failure, Fake  # noqa: E402


class FakeTest(unittest.TestCase):
    program = None
    options = []

    def setUp(self):
        self.bus = Gio.TestDBus.new(Gio.TestDBusFlags.NONE)
        self.bus.up()
        self.fake = Fake(self.program, self.bus.get_bus_address(), *self.options)
        self.clients = []
        self.client = self.new_client()

    def tearDown(self):
        for client in self.clients:
            if not client.connection.is_closed():
                client.close()
        self.assertEqual(self.fake.quit(), 0)
        self.bus.down()

    def new_client(self):
        client = Client(self.bus.get_bus_address())
        self.clients.append(client)
        return client

    def refuses(self, name, text, path, method, arguments=None):
        with self.assertRaises(Failure) as caught:
            self.client.call(path, method, arguments)
        self.assertEqual(caught.exception.args, (name, text))


class TapResult(unittest.TextTestResult):
    def __init__(self, stream, descriptions, verbosity):
        super().__init__(stream, descriptions, verbosity)
        self.n_lines = 0

    def _say(self, verdict, test):
        self.n_lines += 1
        print(f"{verdict} {self.n_lines} - {test.id().rsplit('.', 1)[1][len('test_'):]}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._say("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._say("not ok", test)

    def addError(self, test, err):
        super().addError(test, err)
        self._say("not ok", test)


def run(module):
    """Runs the cases of a module on the program that the first argument names; a second names one case."""
    FakeTest.program = sys.argv[1]
    suite = unittest.TestSuite()
    loader = unittest.defaultTestLoader
    tests = loader.loadTestsFromModule(sys.modules[module])
    for group in tests:
        for test in group:
            if len(sys.argv) < 3 or sys.argv[2] in test.id():
                suite.addTest(test)
    print(f"1..{suite.countTestCases()}", flush=True)
    runner = unittest.TextTestRunner(stream=sys.stderr, resultclass=TapResult, verbosity=0)
    return 0 if runner.run(suite).wasSuccessful() else 1
