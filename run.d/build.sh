# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# The build trees. All are under build/, which git ignores:
#   plain   gcc, optimised, no sanitizer: the demo, the lab, valgrind
#   install as plain, without tests, for /usr
#   gcc     gcc with ASan, UBSan and coverage; warnings are errors
#   clang   clang with ASan, UBSan and libFuzzer; warnings are errors

command_build () {
  local tree=plain
  while (($# > 0)); do
    case $1 in
      -h|--help)
        cat <<END
Usage: ./run build [TREE]

Compiles into build/TREE: plain (the default: gcc, optimised), or one of the
trees that the tests use: gcc, clang (sanitizers on, warnings are errors).
END
        return ;;
      plain|gcc|clang) tree=$1 ;;
      *) die_usage "there is no build tree '$1'" "Trees: plain gcc clang." ;;
    esac
    shift
  done
  need_packages build
  if [[ $tree != plain ]]; then
    need_packages test
  fi
  build_tree "$tree"
  say "Built into build/$tree."
}

# How each tree is configured: one argument a line.
tree_arguments () {
  case $1 in
    plain)
      printf '%s\n' -Dbuildtype=debugoptimized ;;
    gcc)
      printf '%s\n' -Dbuildtype=debug -Dwerror=true -Db_sanitize=address,undefined \
             -Db_coverage=true -Dc_args=-fprofile-update=atomic ;;
    clang)
      # clang links its sanitizers statically: their symbols are undefined in libraries
      printf '%s\n' -Dbuildtype=debug -Dwerror=true -Db_sanitize=address,undefined \
             -Db_lundef=false -Dfuzz=true ;;
    install)
      printf '%s\n' -Dbuildtype=debugoptimized -Dtests=false -Dprefix=/usr \
             -Dsysconfdir=/etc -Dlocalstatedir=/var ;;
  esac
  # The tests are only built where their packages are.
  if [[ $1 == plain ]] && ! pkg-config --exists cmocka; then
    echo -Dtests=false
  fi
}

tree_compiler () {
  case $1 in
    clang) echo clang-14 ;;
    *) echo gcc ;;
  esac
}

# build_tree NAME: configures when needed, then compiles.
build_tree () {
  local tree=$1 directory=build/$1 wanted compiler
  compiler=$(tree_compiler "$tree")
  wanted=$(echo "CC=$compiler"; tree_arguments "$tree")
  if [[ ! -f $directory/build.ninja ]] \
     || [[ $(cat "$directory/configured-with" 2>/dev/null) != "$wanted" ]]; then
    rm -rf "$directory"
    # shellcheck disable=SC2046 # one word an argument
    step "configuring build/$tree" env CC="$compiler" \
         meson setup "$directory" $(tree_arguments "$tree")
    echo "$wanted" >"$directory/configured-with"
  fi
  step "compiling build/$tree" compile "$directory"
}

# What meson says when it configures anew is of interest only when that fails.
compile () {
  local log=$1/meson-logs/regenerate.txt
  ninja --quiet -C "$1" build.ninja >"$log" || { cat "$log"; return 1; }
  ninja --quiet -C "$1"
}
