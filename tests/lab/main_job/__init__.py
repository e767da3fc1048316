# SPDX-License-Identifier: LGPL-2.1-or-later
"""The side of the lab that runs on this machine."""
