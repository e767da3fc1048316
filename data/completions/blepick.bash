# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# blepick's words for bash: commands, levels and options, and the accessories that you have.

_blepick_words () {
  blepick --no-input --timeout 1s completion --words "$1" 2>/dev/null
}

_blepick () {
  local current=${COMP_WORDS[COMP_CWORD]} verb='' word i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -* ]] || { verb=${COMP_WORDS[i]}; break; }
  done
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
