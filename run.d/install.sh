# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
command_install () {
  die "not here yet"
}
