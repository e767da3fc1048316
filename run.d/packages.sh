# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What has to be installed, by purpose, and installing exactly what is missing.

declare -rA PACKAGES=(
  [build]="meson ninja-build gcc libc6-dev pkgconf libglib2.0-dev libsqlite3-dev
    libjson-glib-dev libncurses-dev nettle-dev libbpf-dev libseccomp-dev libsystemd-dev libpolkit-gobject-1-dev libxml2-utils
    systemd"
  [test]="libcmocka-dev dbus python3-gi gir1.2-glib-2.0 python3-jsonschema python3-pyte tmux valgrind
    libc6-dbg clang-14 libclang-rt-14-dev gcovr bubblewrap"
  [lint]="clang-14 clang-format-14 clang-tidy-14 cppcheck codespell git
    libxml2-utils mandoc polkitd python3-pyflakes shellcheck"
  # the virtual accessories are built with the tests, hence cmocka
  [lab]="qemu-system-x86 bluez bluez-test-tools dbus kmod cpio busybox-static e2fsprogs
    libglib2.0-bin python3-gi python3-bleak gir1.2-glib-2.0 libcmocka-dev bubblewrap"
  # peers to measure against
  [bench]="xdg-desktop-portal"
)
readonly PACKAGE_GROUPS=(build test lint lab bench)

command_setup () {
  local group
  for group in "$@"; do
    case $group in
      -h|--help)
        cat <<END
Usage: ./run setup [GROUP...]

Installs the Debian packages that are missing, and nothing else. Without GROUP
all of them; the other commands call it for what they need.

Groups:
  build   compiler, meson and libraries
  test    cmocka, valgrind, clang, gcovr, ...
  lint    clang-format, clang-tidy, cppcheck, ...
  lab     qemu, bluez and its virtual controllers
  bench   what blepick is measured against
END
        return ;;
      build|test|lint|lab|bench) ;;
      *) die_usage "there is no package group '$group'" "Groups: ${PACKAGE_GROUPS[*]}." ;;
    esac
  done
  [[ $# -gt 0 ]] || set -- "${PACKAGE_GROUPS[@]}"
  need_packages "$@"
  say "Everything for $* is installed."
}

# need_packages GROUP...: silent and quick when nothing is missing.
need_packages () {
  local group names=()
  for group in "$@"; do
    # shellcheck disable=SC2206 # the list is split into words on purpose
    names+=(${PACKAGES[$group]})
  done
  if ! have dpkg-query || ! have apt-get; then
    die_usage "this machine has no apt-get, so nothing can be installed from here." \
              "What is needed, under Debian 12's names:" \
              "$(printf '%s\n' "${names[@]}" | sort -u | tr '\n' ' ')" \
              "With that in place: meson setup build/plain && ninja -C build/plain"
  fi
  local missing
  mapfile -t missing < <(missing_packages "${names[@]}")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  say "Installing what is missing: ${missing[*]}"
  need_root "apt-get install ${missing[*]}"
  step "package lists" as_root apt-get -q -o DPkg::Lock::Timeout=300 update
  step "installing packages" as_root env DEBIAN_FRONTEND=noninteractive \
       apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends \
       "${missing[@]}"
  mapfile -t missing < <(missing_packages "${names[@]}")
  [[ ${#missing[@]} -eq 0 ]] || die "still not installed: ${missing[*]}"
}

missing_packages () {
  # dpkg-query fails when it does not know a name at all: that is an answer too.
  # shellcheck disable=SC2016 # the dollar is dpkg-query's
  comm -23 <(printf '%s\n' "$@" | sort -u) \
           <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null \
               | sed -n 's/^installed //p' | sort -u)
}

# Runs a command as root: directly, or through sudo. Steps have no standard input, so
# sudo asks for its password here, before the step, on the terminal.
as_root () {
  if ((EUID == 0)); then
    "$@"
  else
    sudo -n "$@"
  fi
}

need_root () {
  ((EUID != 0)) || return 0
  have sudo || die_usage "this needs root, and there is no sudo." "Run it as root: $1"
  sudo -n true 2>/dev/null && return 0
  [[ -t 0 ]] || die_usage "this needs root, and sudo wants a password but there is no terminal." \
                          "Run it as root: $1"
  sudo -v || die "sudo did not let us."
}
