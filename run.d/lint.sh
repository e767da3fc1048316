# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# ./run lint: every check in one line with its time; what it found only when it found
# something. The cheap checks of our own are meson tests in the suite lint.

# In the order of running: cheap ones first.
readonly LINT_CHECKS="own format spelling xml man shell python cppcheck tidy"
# Run by name only: it compiles everything once more.
readonly NAMED_CHECKS="analyzer"

command_lint () {
  local wanted=() check
  while (($# > 0)); do
    case $1 in
      -h|--help)
        cat <<END
Usage: ./run lint [CHECK...]
       ./run lint --fix

Without CHECK all of them:
  own        layering, file lengths, SPDX heads, sleeps in tests, exposure of the units
  format     clang-format
  spelling   codespell
  xml        xmllint of the interfaces, bus policy and polkit actions
  man        mandoc -T lint
  shell      shellcheck
  python     pyflakes
  cppcheck   cppcheck
  tidy       clang-tidy with clang's analyzer; remembers what was clean and has not changed
and by its name only:
  analyzer   gcc -fanalyzer

--fix formats the C files in place and does nothing else.
END
        return ;;
      --fix)
        need_packages lint
        sources c | xargs -r clang-format-14 -i
        return ;;
      *)
        [[ " $LINT_CHECKS $NAMED_CHECKS " == *" $1 "* ]] \
          || die_usage "there is no check '$1'" "Checks: $LINT_CHECKS $NAMED_CHECKS."
        wanted+=("$1") ;;
    esac
    shift
  done
  # shellcheck disable=SC2206 # the list is split into words on purpose
  [[ ${#wanted[@]} -gt 0 ]] || wanted=($LINT_CHECKS)

  local started passed=0 failed=0
  started=$(now_ms)
  need_packages build test lint
  mkdir -p build/lint
  build_tree clang
  for check in "${wanted[@]}"; do
    if attempt "lint: $check" "lint_$check"; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
    fi
  done
  say "All of it took $(elapsed_since "$started")."
  say "$passed passed, $failed failed"
  ((failed == 0))
}

# The files of the project in one language, or all, one a line.
sources () {
  tests/lint/sources.py . "$1"
}

lint_own () {
  meson test -C build/clang --no-rebuild --print-errorlogs --suite lint \
        --logbase testlog-lint
}

lint_format () {
  sources c | xargs -r clang-format-14 --dry-run -Werror
}

# In "\nDoes" the word is "Does".
lint_spelling () {
  sources all | grep -v -e '^COPYING$' -e '^tests/data/' -e '^tests/fuzz/' \
    | xargs -r codespell --quiet-level 2 --ignore-regex '\\[nrt]|[.]Nd'
}

lint_xml () {
  local file
  sources xml | xargs -r xmllint --noout --nonet || return
  for file in data/*.policy; do
    xmllint --noout --nonet --dtdvalid /usr/share/polkit-1/policyconfig-1.dtd "$file" || return
  done
}

lint_man () {
  local pages
  # also those that are made of what the commands say of themselves
  ninja --quiet -C build/clang || return
  mapfile -t pages < <(find docs build/clang/docs -name '*.[1-8]' 2>/dev/null | sort)
  [[ ${#pages[@]} -gt 0 ]] || { echo "no man pages yet"; return; }
  mandoc -T lint -W warning "${pages[@]}"
}

lint_shell () {
  sources shell | xargs -r shellcheck -x
}

lint_python () {
  sources python | xargs -r /usr/bin/python3 -m pyflakes
}

# memleak: it does not see that g_array_append_val keeps what it copies; the sanitizers
# and valgrind look for leaks.
# readdir is safe on a stream that one thread has; its other form is gone from the manuals.
lint_cppcheck () {
  mkdir -p build/lint/cppcheck
  sources c | grep '\.c$' | xargs -r cppcheck -q -j "$(nproc)" --std=c11 \
    --enable=warning,performance,portability --error-exitcode=1 --inline-suppr \
    --library=gtk --library=posix --library=tests/lint/cppcheck.cfg \
    --cppcheck-build-dir=build/lint/cppcheck -I. \
    --suppress=memleak --suppress=missingInclude --suppress=readdirCalled --suppress=unknownMacro:enforce/sockets.c
}

lint_tidy () {
  tests/lint/tidy build/clang build/lint/tidy
}

# Not optimised: after inlining, GCC 12 takes g_autofree's NULL for uninitialised.
# Warnings are errors here, so a finding stops the file from being compiled and comes
# again until it is mended.
lint_analyzer () {
  if [[ ! -f build/analyzer/build.ninja ]]; then
    CC=gcc meson setup build/analyzer -Dbuildtype=debug -Dwerror=true \
      -Dc_args=-fanalyzer >build/lint/analyzer.log \
      || { cat build/lint/analyzer.log; return 1; }
  fi
  ninja --quiet -C build/analyzer
}
