# SPDX-License-Identifier: LGPL-2.1-or-later
"""The cases of test-installed: blepick as ./run install leaves it, under systemd."""
