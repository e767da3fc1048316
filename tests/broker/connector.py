#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""connector.py SOCKET-PATH: connects to a bus and hands the connection to its parent.

The bus asks the kernel which process connected: it is this one, whatever its parent does
with the connection. So one test is several apps, each a process with a variable
BLEPICK_TEST_APP of its own. Ends when its standard input does.
"""

import socket
import sys


def main():
    parent = socket.socket(fileno=0)
    bus = socket.socket(socket.AF_UNIX)
    bus.connect(sys.argv[1])
    socket.send_fds(parent, [b"!"], [bus.fileno()])
    bus.close()
    parent.recv(1)


main()
