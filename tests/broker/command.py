# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command as a script runs it."""

import json
import os
import subprocess

import harness
import schemas
from harness import BUILD, DEADLINE_S

COMMAND = "path:/usr/bin/blepick"  # whom the broker takes it for


class Commands(harness.Case):
    """A test that runs blepick."""

    def environment(self, app=COMMAND):
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8",
                "BLEPICK_BUS": self.world.bus_address, "BLEPICK_TEST_APP": app}

    def run_verb(self, *words, status=0, app=COMMAND):
        """Standard output, or standard error where it fails. JSON is held to its schemas."""
        done = subprocess.run([BUILD / "blepick/blepick", *words], env=self.environment(app),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=DEADLINE_S, check=False)
        # not as text, which would make line ends of carriage returns
        out, error = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, status, error + out)
        self.check(words, out, error)
        return error if status else out

    @staticmethod
    def check(words, *texts):
        if schemas.is_wanted(words):
            for text in texts:
                schemas.check_text(text)

    def run_json(self, *words, **options):
        """The one value that it prints, an error where it fails."""
        return json.loads(self.run_verb("--json", *words, **options))

    def start_verb(self, *words, app=COMMAND):
        """Its process, to be waited for with end()."""
        process = subprocess.Popen(
            [BUILD / "blepick/blepick", *words], env=self.environment(app),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            bufsize=0)  # so that lines can be read one by one before the rest
        self.world.add_cleanup(self.kill, process)
        return process

    @staticmethod
    def kill(process):
        if process.poll() is None:
            process.kill()
        process.communicate()

    def finish(self, process):
        """Waits for its end. What it said, held to the schemas."""
        out, error = (octets.decode() for octets in process.communicate(timeout=DEADLINE_S))
        self.check(process.args, out, error)
        return out, error

    def end(self, process, status=0):
        """Standard output, or standard error where it fails."""
        out, error = self.finish(process)
        self.assertEqual(process.returncode, status, error + out)
        return error if status else out
