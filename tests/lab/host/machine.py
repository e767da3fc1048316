# SPDX-License-Identifier: LGPL-2.1-or-later
"""The virtual machine: QEMU's command line, its streams, and its certain end."""

import os
import shutil
import socket
import subprocess

from .errors import NOT_SET_UP, LabError

QEMU = "qemu-system-x86_64"

# The guest's ports, in the order that guest/common expects.
PORTS = ("stdout", "stderr", "control", "log", "input")

KERNEL_ARGUMENTS = (
    # Anything from "notice" up is printed: a crash report's own lines are "default".
    "console=ttyS0 loglevel={loglevel} "
    # After a crash nothing that the guest says can be trusted; QEMU ends with it (-no-reboot).
    "oops=panic panic=-1 "
    # They take so long under emulation that btvirt, which waits for them, answers its first
    # HCI command too late.
    "cryptomgr.notests "
    # Under emulation a busy host looks like a stuck processor.
    "nowatchdog rcupdate.rcu_cpu_stall_suppress=1 "
    "mitigations=off tsc=reliable no_timer_check random.trust_cpu=on"
)


class Machine:
    """A running guest. `streams` maps names to connected sockets; "kernel" is its serial console."""

    def __init__(self, kernel, initramfs, options):
        self.streams = {}
        self._theirs = []
        command = self._command(kernel, initramfs, options)
        files = [end.fileno() for end in self._theirs] + [initramfs.fileno()]
        try:
            # Its own group, so that Ctrl-C reaches us and not QEMU; the death signal, so that
            # nothing is left even if we are killed.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=files,
                start_new_session=True,
            )
        finally:
            for end in self._theirs:
                end.close()

    def _stream(self, name):
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        self.streams[name] = ours
        self._theirs.append(theirs)
        return ["-chardev", f"socket,id={name},fd={theirs.fileno()}"]

    def _command(self, kernel, initramfs, options):
        qemu = shutil.which(QEMU)
        if not qemu:
            raise LabError(NOT_SET_UP, "the lab needs the package qemu-system-x86")
        loglevel = 7 if options.keep_log else 5
        # One processor each: two guests with two each take half as long again on two of the host's.
        arguments = [qemu, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
                     "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "1",
                     "-m", f"{options.memory}M", "-nic", "none",
                     "-kernel", kernel.image, "-initrd", f"/proc/self/fd/{initramfs.fileno()}",
                     "-append", KERNEL_ARGUMENTS.format(loglevel=loglevel),
                     *self._stream("kernel"), "-serial", "chardev:kernel",
                     # The first virtio device, so that the guest's names begin with vport0.
                     "-device", "virtio-serial-pci,max_ports=8",
                     "-device", "virtio-rng-pci",
                     "-virtfs", "local,path=/,mount_tag=root,security_model=passthrough,"
                     "readonly=on,multidevs=remap"]
        for number, name in enumerate(PORTS, start=1):
            arguments += [*self._stream(name),
                          "-device", f"virtserialport,chardev={name},nr={number},name=lab.{name}"]
        if options.interactive:
            arguments += [*self._stream("terminal"),
                          "-device", "virtconsole,chardev=terminal,nr=0"]
        if options.share:
            arguments += ["-virtfs", f"local,path={escape(os.path.abspath(options.share))},"
                          "mount_tag=share,security_model=none,multidevs=remap"]
        if options.disk:
            arguments += ["-drive", f"file={escape(os.path.abspath(options.disk))},format=raw,"
                          "if=virtio,cache=writeback"]
        return arguments

    def end(self):
        """Ends QEMU at once and returns what it had to say."""
        self.process.kill()
        text = self.process.communicate()[1].decode(errors="replace")
        for stream in self.streams.values():
            stream.close()
        return text


def escape(path):
    """A comma ends a value in QEMU's options unless it is doubled."""
    return path.replace(",", ",,")
