#compdef blepick
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# blepick's words for zsh: commands, levels and options, and the accessories and companions that you have.

_blepick_describe () {
  local -a words
  local word meaning
  while IFS=$'\t' read -r word meaning; do
    words+=("${word//:/\\:}:$meaning")
  done < <(blepick --no-input --timeout 1s completion --words "$1" 2>/dev/null)
  _describe "$1" words
}

_blepick () {
  local verb='' word
  for word in "${words[@]:1:$((CURRENT - 2))}"; do
    [[ $word == -* ]] || { verb=$word; break; }
  done
  if [[ ${words[CURRENT - 1]} == --device ]]; then
    compadd local
    _blepick_describe devices
    return
  fi
  case ${words[CURRENT - 1]} in
    --ids) compadd short full; return ;;
    --color) compadd auto always never; return ;;
  esac
  if [[ ${words[CURRENT]} == -* ]]; then
    compadd -- ${(u)$(blepick ${verb:+$verb} --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*')}
    return
  fi
  case $verb in
    ''|help) _blepick_describe verbs ;;
    apps) compadd list show confirm install uninstall ;;
    companions)
      case ${words[CURRENT - 1]}:${words[CURRENT - 2]} in
        companions:*) compadd list add link unlink remove policy consent sync ;;
        *:policy) compadd independent copy-once mirrored ;;
        *:consent) compadd allow deny ;;
        *) _blepick_describe devices ;;
      esac ;;
    enforce) compadd advisory bus strict ;;
    completion) compadd bash zsh fish ;;
    model) compadd run fb18383742; _files ;;
    monitor|rename|forget|show|wait|unpair|refresh) _blepick_describe accessories ;;
  esac
}

if [[ $funcstack[1] == _blepick ]]; then
  _blepick "$@"
else
  compdef _blepick blepick
fi
