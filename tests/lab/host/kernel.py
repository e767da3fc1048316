# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds a kernel that is known to work, and keeps what the lab needs of it in a cache.

The kernel comes from a Debian package that is fetched and unpacked, never installed. It
must not be just any kernel: 6.1.0-56 (6.1.192-2) hits a BUG when an LE link closes.
"""

import contextlib
import fcntl
import glob
import lzma
import os
import platform
import shutil
import subprocess
import tempfile

from .errors import NOT_SET_UP, LabError

# Tried, in order of preference.
KNOWN_GOOD = ("6.1.0-50", "6.1.0-47", "6.1.0-53")

# In groups, because not every run loads all of them. Without drbg and hmac the kernel has no
# ECDH and LE Secure Connections silently goes away.
MODULES = {
    "boot": "virtio_pci 9p 9pnet_virtio overlay virtio_console",
    "bluetooth": "drbg hmac sha256_generic sha512_generic ctr ecdh_generic cmac ecb ccm "
    "bluetooth hci_vhci algif_hash algif_skcipher uhid hidp bnep virtio-rng",
    "disk": "virtio_blk ext4",
}

LAYOUT = "1"  # of a kernel in the cache; another number has it unpacked again


class Kernel:
    """A kernel in the cache: `image` to boot, `modules`, and the `lists` that order them."""

    def __init__(self, version, folder):
        self.version = version
        self.folder = folder
        self.image = os.path.join(folder, "vmlinux")
        self.modules = os.path.join(folder, "modules")

    def package_version(self):
        with open(os.path.join(self.folder, "package"), encoding="ascii") as file:
            return file.read().strip()


def cache_folder():
    """The lab's cache; BLEPICK_LAB_CACHE puts it elsewhere."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("BLEPICK_LAB_CACHE") or os.path.join(base, "blepick", "lab")


def find(say):
    """A Kernel from the cache, or else from Debian. BLEPICK_LAB_KERNEL names a version."""
    if platform.machine() != "x86_64":
        raise LabError(NOT_SET_UP, "the lab runs on x86_64 only, this is " + platform.machine())
    chosen = os.environ.get("BLEPICK_LAB_KERNEL")
    versions = (chosen,) if chosen else KNOWN_GOOD
    cache = cache_folder()
    os.makedirs(cache, exist_ok=True)
    with locked(os.path.join(cache, "lock")):
        for version in versions:
            folder = os.path.join(cache, f"linux-{version}-layout-{LAYOUT}")
            if os.path.isdir(folder):
                return Kernel(version, folder)
        return fetch(versions, cache, say)


@contextlib.contextmanager
def locked(path):
    """Labs that start together fetch and unpack once."""
    with open(path, "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fetch(versions, cache, say):
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetch-") as work:
        version, package = download(versions, cache, work, say)
        say(f"unpacking kernel {version} ({package_version(package)})")
        unpacked = unpack(package, version, work)
        folder = os.path.join(cache, f"linux-{version}-layout-{LAYOUT}")
        os.rename(unpacked, folder)
    say(f"kernel {version} taken, kept in {folder}")
    return Kernel(version, folder)


def download(versions, cache, work, say):
    """The first of the versions that apt has; with package lists of our own if it has none."""
    lists = os.path.join(cache, "apt")
    private = [f"-oDir::State::Lists={lists}/lists", f"-oDir::Cache={lists}/cache"]
    answers = []
    for options in ([], private):
        if options:
            say("no known-good kernel in this machine's package lists, reading Debian's")
            for folder in ("lists/partial", "cache/archives/partial"):
                os.makedirs(os.path.join(lists, folder), exist_ok=True)
            answers.append(run(["apt-get", "-q", *options, "update"], work)[1])
        for version in versions:
            status, text = run(
                ["apt-get", "-q", *options, "download", f"linux-image-{version}-amd64"], work
            )
            found = glob.glob(os.path.join(glob.escape(work), "*.deb"))
            if status == 0 and found:
                shutil.rmtree(lists, ignore_errors=True)
                return version, found[0]
            answers.append(text)
    shutil.rmtree(lists, ignore_errors=True)
    raise LabError(
        NOT_SET_UP,
        "none of the kernels that are known to work can be had: "
        + ", ".join(f"linux-image-{version}-amd64" for version in versions)
        + "\nThe lab needs Debian 12's package archive, or a cache that is already filled ("
        + cache
        + ").\napt-get said:\n"
        + "\n".join(text.strip() for text in answers[-3:]),
    )


def run(command, folder):
    """Status and text of a command; a missing program counts as a failure."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(os.environ, PATH=path, LC_ALL="C.UTF-8"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except FileNotFoundError as error:
        return 127, str(error)
    return done.returncode, done.stdout.decode(errors="replace")


def demand(command, folder):
    """Text of a command that must work."""
    status, text = run(command, folder)
    if status != 0:
        raise LabError(NOT_SET_UP, f"{' '.join(command)} failed:\n{text}")
    return text


def package_version(package):
    return demand(["dpkg-deb", "-f", package, "Version"], "/").strip()


def unpack(package, version, work):
    """A folder with the kernel, the modules of the lists above, and nothing else."""
    release = f"{version}-amd64"
    whole = os.path.join(work, "whole")
    demand(["dpkg-deb", "-x", package, whole], work)
    os.rename(package, os.path.join(work, "package.done"))
    demand(["depmod", "-b", whole, release], work)
    kept = os.path.join(work, "kept")
    os.makedirs(os.path.join(kept, "modules"))
    for group, names in MODULES.items():
        paths = module_paths(whole, release, names.split())
        for path in paths:
            shutil.copy(path, os.path.join(kept, "modules"))
        with open(os.path.join(kept, group + ".list"), "w", encoding="ascii") as file:
            file.writelines(os.path.basename(path) + "\n" for path in paths)
    decompress(os.path.join(whole, "boot", "vmlinuz-" + release), os.path.join(kept, "vmlinux"))
    with open(os.path.join(kept, "package"), "w", encoding="ascii") as file:
        file.write(package_version(os.path.join(work, "package.done")) + "\n")
    return kept


def module_paths(whole, release, names):
    """What insmod needs for the modules, each file once, dependencies first."""
    paths = []
    for name in names:
        command = ["modprobe", "-d", whole, "-S", release, "--show-depends", name]
        for line in demand(command, whole).splitlines():
            words = line.split()
            if words[0] == "insmod" and words[1] not in paths:
                paths.append(words[1])
    return paths


def decompress(vmlinuz, vmlinux):
    """The ELF kernel out of its xz payload: the guest would need a second for that, QEMU
    boots it as it is (CONFIG_PVH)."""
    with open(vmlinuz, "rb") as file:
        packed = file.read()
    start = packed.find(b"\xfd7zXZ\0")
    if start < 0:
        shutil.copy(vmlinuz, vmlinux)
        return
    image = lzma.LZMADecompressor().decompress(packed[start:])
    with open(vmlinux, "wb") as file:
        file.write(image)
