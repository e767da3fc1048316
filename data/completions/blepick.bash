# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# blepick's words for bash: commands, levels and options, and the accessories and companions that you have.

_blepick_words () {
  blepick --no-input --timeout 1s completion --words "$1" 2>/dev/null
}

_blepick () {
  local current=${COMP_WORDS[COMP_CWORD]} verb='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -* ]] || { verb=${COMP_WORDS[i]}; break; }
  done
  if [[ ${COMP_WORDS[COMP_CWORD - 1]} == --device ]]; then
    mapfile -t COMPREPLY < <(compgen -W "local $(_blepick_words devices | cut -f1)" -- "$current")
    return
  fi
  case ${COMP_WORDS[COMP_CWORD - 1]} in
    --ids) mapfile -t COMPREPLY < <(compgen -W "short full" -- "$current"); return ;;
    --color) mapfile -t COMPREPLY < <(compgen -W "auto always never" -- "$current"); return ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(blepick ${verb:+"$verb"} --help 2>/dev/null \
      | grep -o -e '--[a-z][a-z-]*' | sort -u)" -- "$current")
    return
  fi
  case $verb in
    '')
      mapfile -t COMPREPLY < <(compgen -W "$(_blepick_words verbs | cut -f1)" -- "$current") ;;
    help)
      mapfile -t COMPREPLY < <(compgen -W "$(_blepick_words verbs | cut -f1)" -- "$current") ;;
    apps)
      mapfile -t COMPREPLY < <(compgen -W "list show confirm install uninstall" -- "$current") ;;
    companions)
      if [[ ${COMP_WORDS[COMP_CWORD - 1]} == companions ]]; then
        mapfile -t COMPREPLY < <(compgen -W "list add link unlink remove policy consent sync" \
          -- "$current")
      elif [[ ${COMP_WORDS[COMP_CWORD - 2]} == policy ]]; then
        mapfile -t COMPREPLY < <(compgen -W "independent copy-once mirrored" -- "$current")
      elif [[ ${COMP_WORDS[COMP_CWORD - 2]} == consent ]]; then
        mapfile -t COMPREPLY < <(compgen -W "allow deny" -- "$current")
      else
        mapfile -t COMPREPLY < <(compgen -W "$(_blepick_words devices | cut -f1)" -- "$current")
      fi ;;
    enforce)
      mapfile -t COMPREPLY < <(compgen -W "advisory bus strict" -- "$current") ;;
    completion)
      mapfile -t COMPREPLY < <(compgen -W "bash zsh fish" -- "$current") ;;
    model)
      mapfile -t COMPREPLY < <(compgen -W "run fb18383742" -f -- "$current") ;;
    monitor|rename|forget|show|wait|unpair|refresh)
      while IFS=$'\t' read -r word _; do
        [[ $word == "$current"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
      done < <(_blepick_words accessories) ;;
  esac
}

complete -F _blepick blepick
