# SPDX-License-Identifier: LGPL-2.1-or-later
"""The main job from end to end: its cases, and the stage for them."""
