# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# ./run test: both compilers, valgrind, the lab, coverage, and one count over everything.

# Suites that run once: emulated as a whole, or not about compiled code.
readonly ONCE_SUITES="lab lint machine soak store"
# Whole programs on a bus: most of their time is waiting, so one compiler's sanitizers do.
readonly GCC_SUITES="broker"
# Run by name only: a whole machine under systemd, and its levels of enforcement.
readonly NAMED_SUITES="machine"

command_test () {
  local suites=() list=no
  while (($# > 0)); do
    case $1 in
      -h|--help)
        cat <<END
Usage: ./run test [OPTIONS] [SUITE...]
       ./run test --list

Without SUITE everything: the suites under gcc, and all but the broker's under clang
too, with AddressSanitizer and UndefinedBehaviorSanitizer and with warnings as errors;
the unit tests under valgrind; the lab (a real Bluetooth stack in QEMU); coverage.

How long the campaigns of the suite 'store' are:
  --kills N    SIGKILLs under four writers (100); also kills after each step of a pairing
  --cuts N     power cuts of the lab (4)
  --flips N    bits flipped in a file of the store, and in its journal (1,000 each)
  --events N   random events against the invariants (100,000)
and of 'fuzz':
  --seconds N  libFuzzer with each of its targets (3); what it found is kept for the next run
and of 'broker':
  --calls N    random calls of each method of the contract, as owner and as stranger (40)
and of 'soak':
  --soak N     seconds of everything that comes and goes, in the lab (60)

SUITE is a suite of meson ('--list' shows them), or valgrind, or coverage. 'machine' (a
whole machine: installed, under systemd, at every level of enforcement) runs by its name
only. 'security' runs what the threats need, and prints one line a threat.
The last line counts everything: 'N passed, N failed'.
END
        return ;;
      --list) list=yes ;;
      --kills|--cuts|--flips|--events|--seconds|--calls|--soak)
        [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || die_usage "$1 takes a number"
        set_campaign "${1#--}" "$2"
        shift ;;
      -*) die_usage "there is no option '$1'" "'./run test --help' lists them." ;;
      *) suites+=("$1") ;;
    esac
    shift
  done
  need_packages build test
  if ! try_build gcc; then
    run.d/count-results "${RESULTS[@]}"
    return 1
  fi
  if [[ $list == yes ]]; then
    known_suites
    echo valgrind
    echo coverage
    return
  fi
  if [[ ${suites[*]} == security ]]; then
    command_test_security
  else
    run_suites "${suites[@]}"
  fi
}

# The tests that belong to threats, on the host with its sanitizers and in the lab; those
# that there are no more, or not yet, are told as not tested.
command_test_security () {
  local wanted=() known name logs=()
  need_packages lab
  known=$(test_names gcc)
  while read -r name; do
    mapfile -t -O "${#wanted[@]}" wanted < <(grep -xE -- "$name" <<<"$known" || true)
  done < <(tests/security/threats --tests | sed -n 's/^host //p')
  meson_test "security: host" gcc security "${wanted[@]}"
  logs+=(build/gcc/meson-logs/testlog-security.json)
  if try_build plain; then
    known=$(test_names plain)
    wanted=()
    while read -r name; do
      mapfile -t -O "${#wanted[@]}" wanted < <(grep -xE -- "$name" <<<"$known" || true)
    done < <(tests/security/threats --tests | sed -n 's/^lab //p')
    meson_test "security: lab" plain security "${wanted[@]}"
    logs+=(build/plain/meson-logs/testlog-security.json)
  fi
  tests/security/threats "${logs[@]}"
}

test_names () {
  meson introspect --tests "build/$1" \
    | python3 -c 'import json, sys; [print(t["name"]) for t in json.load(sys.stdin)]' | sort -u
}

# set_campaign NAME N: the tests read these from the environment.
set_campaign () {
  TIMEOUTS=(--timeout-multiplier 0) # as long as it takes
  case $1 in
    kills) export STORE_KILLS=$2 STORE_PAIRING=all ;;
    cuts) export STORE_CUTS=$2 ;;
    flips) export STORE_FLIPS=$2 ;;
    events) export PERMS_EVENTS=$2 ;;
    seconds) export FUZZ_SECONDS=$2 ;;
    calls) export BLEPICK_FUZZ_CALLS=$2 ;;
    soak) export BLEPICK_SOAK_S=$2 ;;
  esac
}

# What meson test is told about time.
TIMEOUTS=()

known_suites () {
  meson introspect --tests build/gcc | python3 -c '
import json, sys
suites = {s.split(":")[-1] for t in json.load(sys.stdin) for s in t["suite"]}
for suite in sorted(suites - {"without-valgrind"}):
    print(suite)'
}

# The result files of this run; run.d/count-results reads them at the end.
RESULTS=()

# try_build TREE: what does not compile is counted as one failure, and the rest goes on.
try_build () {
  (build_tree "$1") && return
  RESULTS+=("compiling build/$1=none")
  return 1
}

run_suites () {
  local known suite twice=() clang=() once=() valgrind=no coverage=no started
  started=$(now_ms)
  known=$(known_suites)
  if (($# == 0)); then
    # shellcheck disable=SC2046 # one word a suite
    set -- $(grep -vxF "$NAMED_SUITES" <<<"$known") valgrind coverage
  fi
  for suite in "$@"; do
    if [[ $suite == valgrind ]]; then
      valgrind=yes
    elif [[ $suite == coverage ]]; then
      coverage=yes
    elif ! grep -qx -- "$suite" <<<"$known"; then
      die_usage "there is no suite '$suite'" \
                "Suites: $(tr '\n' ' ' <<<"$known")valgrind coverage"
    elif [[ " $ONCE_SUITES " == *" $suite "* ]]; then
      once+=("$suite")
    else
      twice+=("$suite")
    fi
  done
  if [[ $coverage == yes && ${#twice[@]} -eq 0 ]]; then
    mapfile -t twice < <(comm -23 <(echo "$known") <(tr ' ' '\n' <<<"$ONCE_SUITES" | sort))
  fi
  rm -rf build/results
  mkdir -p build/results

  if [[ ${#twice[@]} -gt 0 ]]; then
    run_meson_suites gcc "${twice[@]}"
    mapfile -t clang < <(printf '%s\n' "${twice[@]}" | grep -vxF "$GCC_SUITES" || true)
    if [[ ${#clang[@]} -gt 0 ]] && try_build clang; then
      run_meson_suites clang "${clang[@]}"
    fi
  fi
  run_once "${once[@]}"
  if [[ $valgrind == yes ]]; then
    run_valgrind
  fi
  if [[ $coverage == yes ]]; then
    run_coverage
  fi
  say "All of it took $(elapsed_since "$started")."
  run.d/count-results "${RESULTS[@]}"
}

# run_meson_suites TREE SUITE...: the count decides at the end, so a failure goes on.
run_meson_suites () {
  local tree=$1 arguments=() suite
  shift
  for suite in "$@"; do
    arguments+=(--suite "$suite")
  done
  if [[ $tree == gcc ]]; then
    find build/gcc -name '*.gcda' -delete
  fi
  # The campaigns of the store take long, and are the same under either compiler.
  if [[ $tree == clang ]]; then
    arguments+=(--no-suite store)
  fi
  meson_test "$tree: $*" "$tree" "$tree-$1" "${arguments[@]}"
}

# meson_test LABEL TREE NAME ARGUMENTS...: one run of meson test, its results kept as NAME.
meson_test () {
  local label=$1 tree=$2 name=$3
  shift 3
  rm -f "build/$tree/meson-logs/testlog-$name.json"
  attempt "tests, $label" env ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 \
          UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 \
          meson test -C "build/$tree" --no-rebuild --print-errorlogs \
          --logbase "testlog-$name" "${TIMEOUTS[@]}" "$@" || true
  RESULTS+=("$label=build/$tree/meson-logs/testlog-$name.json")
}

# run_once SUITE...: those of the lab and the store in one run, so that no processor waits.
run_once () {
  local suite emulated=() arguments=()
  for suite in "$@"; do
    if [[ $suite == lint ]]; then
      need_packages lint
      meson_test lint gcc lint --suite lint
    else
      emulated+=("$suite")
      arguments+=(--suite "$suite")
    fi
  done
  [[ ${#emulated[@]} -gt 0 ]] || return 0
  # Emulated, or measured: without the weight of the sanitizers.
  need_packages lab
  try_build plain || return 0
  if [[ " ${emulated[*]} " == *" machine "* ]]; then
    try_build install || return 0
  fi
  meson_test "${emulated[*]}" plain "${emulated[0]}" "${arguments[@]}"
}

run_valgrind () {
  try_build plain || return 0
  # meson adds the wrapper's name to that of the results
  rm -f build/plain/meson-logs/testlog-valgrind.json
  attempt "tests, valgrind: unit" env G_SLICE=always-malloc G_DEBUG=gc-friendly \
          meson test -C build/plain --no-rebuild --print-errorlogs --suite unit \
          --no-suite without-valgrind --timeout-multiplier 10 --wrap "valgrind -q --error-exitcode=99 \
            --leak-check=full --errors-for-leak-kinds=definite \
            --suppressions=/usr/share/glib-2.0/valgrind/glib.supp" || true
  RESULTS+=("valgrind: unit=build/plain/meson-logs/testlog-valgrind.json")
}

run_coverage () {
  attempt "reading coverage" gcovr --root . --object-directory build/gcc \
          --filter 'perms/' --filter 'ble/' --filter 'broker/' \
          --json-summary build/results/coverage.json || true
  RESULTS+=("coverage=build/results/coverage.json")
}
