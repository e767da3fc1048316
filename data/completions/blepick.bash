# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# blepick's words for bash: commands, levels and options, and the accessories, apps, adapters and companions
# that you have.

_blepick_words () {
  blepick --no-input --timeout 1s completion --words "$1" 2>/dev/null
}

# _blepick_offer CURRENT WORD...: those that begin so; names may hold spaces.
_blepick_offer () {
  local current=$1 word
  shift
  for word in "$@"; do
    [[ $word == "$current"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done
}

# _blepick_offer_live CURRENT KIND: what there is now.
_blepick_offer_live () {
  local live=()
  mapfile -t live < <(_blepick_words "$2" | cut -f1)
  _blepick_offer "$1" "${live[@]}"
}

# The first word that is neither an option nor what belongs to a global one, and those after it.
_blepick_arguments () {
  local i
  arguments=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --timeout|--adapter|--ids|--color) ((++i)) ;;
      -*) ;;
      *) arguments+=("${COMP_WORDS[i]}") ;;
    esac
  done
}

# What an option takes. False: it is none that we know.
_blepick_value () {
  local verb=$1 option=$2 current=$3
  case $option in
    --device) _blepick_offer "$current" local; _blepick_offer_live "$current" devices ;;
    --adapter) _blepick_offer_live "$current" adapters ;;
    --app) _blepick_offer_live "$current" apps ;;
    --accessory) _blepick_offer_live "$current" accessories ;;
    --ids) _blepick_offer "$current" short full ;;
    --color) _blepick_offer "$current" auto always never ;;
    --view) _blepick_offer "$current" plot line text ;;
    --print) _blepick_offer "$current" id name json ;;
    --kind) [[ $verb == companions ]] || _blepick_offer "$current" heart-rate any ;;
    --report) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    --for)
      [[ $verb == wait ]] || return 1
      _blepick_offer "$current" seen connected data ;;
    *) return 1 ;;
  esac
}

_blepick () {
  local current=${COMP_WORDS[COMP_CWORD]} verb arguments
  COMPREPLY=()
  _blepick_arguments
  verb=${arguments[0]:-}
  _blepick_value "$verb" "${COMP_WORDS[COMP_CWORD - 1]}" "$current" && return
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(blepick ${verb:+"$verb"} --help 2>/dev/null \
      | grep -o -e '--[a-z][a-z-]*' | sort -u)" -- "$current")
    return
  fi
  case $verb:${#arguments[@]}:${arguments[1]:-} in
    :*|help:*) _blepick_offer_live "$current" verbs ;;
    apps:1:) _blepick_offer "$current" list show confirm install uninstall ;;
    apps:2:*|allow:1:|deny:1:|reset:1:) _blepick_offer_live "$current" apps ;;
    allow:2:*|deny:2:*)
      _blepick_offer "$current" bluetooth
      _blepick_offer_live "$current" accessories ;;
    companions:1:) _blepick_offer "$current" list add link unlink remove policy consent sync ;;
    companions:3:policy) _blepick_offer "$current" independent copy-once mirrored ;;
    companions:3:consent) _blepick_offer "$current" allow deny ;;
    companions:2:*) _blepick_offer_live "$current" devices ;;
    enforce:1:) _blepick_offer "$current" advisory bus strict ;;
    completion:1:) _blepick_offer "$current" bash zsh fish ;;
    model:1:) _blepick_offer "$current" run fb18383742 ;;
    model:2:run) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    monitor:*|rename:1:|forget:*|show:1:|wait:1:|unpair:1:|refresh:1:|reset:2:*)
      _blepick_offer_live "$current" accessories ;;
  esac
}

complete -F _blepick blepick
