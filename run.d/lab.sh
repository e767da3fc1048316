# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What runs on the real Bluetooth stack: the lab, the demo, the benchmarks.

command_lab () {
  case ${1:---help} in
    -h|--help)
      cat <<END
Usage: ./run lab [--controllers N] [--systemd] [OPTIONS] -- COMMAND [ARGUMENT...]

Boots a Debian kernel in QEMU with this machine's root file system (read-only,
changes are thrown away), the real bluetoothd and N virtual controllers, runs
COMMAND in it and ends with its exit status.

  ./run lab --controllers 2 -- bluetoothctl list

Further options are those of tests/lab/lab, which lists them with --help.
END
      return ;;
  esac
  # Standard output belongs to the command.
  { need_packages build lab && build_tree plain; } >&2
  exec tests/lab/lab "$@"
}

command_demo () {
  local arguments=() lab_arguments=(--controllers 2)
  while (($# > 0)); do
    case $1 in
      -h|--help)
        cat <<END
Usage: ./run demo [--interactive]

Boots a real Linux Bluetooth stack with two virtual controllers, puts a virtual
heart-rate strap on one of them, picks it, pairs with it and shows live beats per
minute. No Bluetooth hardware is needed or touched.

  --interactive   you do the picking
END
        return ;;
      --interactive)
        [[ -t 0 && -t 1 ]] || die_usage "nobody is at a terminal here" "'./run demo' picks by itself."
        arguments+=(--interactive)
        lab_arguments+=(--interactive) ;;
      *) die_usage "there is no option '$1'" "'./run demo --help' lists them." ;;
    esac
    shift
  done
  need_packages build lab
  build_tree plain
  exec tests/lab/lab "${lab_arguments[@]}" -- tests/lab/demo --build-dir "$PWD/build/plain" \
       "${arguments[@]}"
}

command_bench () {
  case ${1:-} in
    -h|--help)
      cat <<END
Usage: ./run bench [NAME...]

Measures blepick against named peers, side by side in one run, and prints the
ratios. Without NAME all of them; './run bench --list' shows the names.
END
      return ;;
  esac
  need_packages build test lab bench
  build_tree plain
  local known name
  known=$(meson introspect --benchmarks build/plain \
            | python3 -c 'import json, sys; [print(b["name"]) for b in json.load(sys.stdin)]')
  [[ -n $known ]] || die "there is nothing to measure yet."
  if [[ ${1:-} == --list ]]; then
    say "$known"
    return
  fi
  for name in "$@"; do
    grep -qx -- "$name" <<<"$known" \
      || die_usage "there is no benchmark '$name'." "There are: $(tr '\n' ' ' <<<"$known")"
  done
  meson test -C build/plain --no-rebuild --benchmark --verbose "$@"
}
