#compdef blepick
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# blepick's words for zsh: commands, levels and options, and the accessories, apps, adapters and companions
# that you have.

_blepick_describe () {
  local -a words
  local word meaning
  while IFS=$'\t' read -r word meaning; do
    words+=("${word//:/\\:}:$meaning")
  done < <(blepick --no-input --timeout 1s completion --words "$1" 2>/dev/null)
  _describe "$1" words
}

_blepick () {
  local verb='' i n=0
  for ((i = 2; i < CURRENT; i++)); do
    case ${words[i]} in
      --timeout|--adapter|--ids|--color) ((++i)) ;;
      -*) ;;
      *) ((n++)) || verb=${words[i]} ;;
    esac
  done
  case ${words[CURRENT - 1]} in
    --device) compadd local; _blepick_describe devices; return ;;
    --adapter) _blepick_describe adapters; return ;;
    --app) _blepick_describe apps; return ;;
    --accessory) _blepick_describe accessories; return ;;
    --ids) compadd short full; return ;;
    --color) compadd auto always never; return ;;
    --view) compadd plot line text; return ;;
    --print) compadd id name json; return ;;
    --kind) [[ $verb == companions ]] || compadd heart-rate any; return ;;
    --report) _files; return ;;
    --for) [[ $verb == wait ]] && { compadd seen connected data; return } ;;
  esac
  if [[ ${words[CURRENT]} == -* ]]; then
    compadd -- ${(u)$(blepick ${verb:+$verb} --help 2>/dev/null | grep -o -e '--[a-z][a-z-]*')}
    return
  fi
  case $verb in
    ''|help) _blepick_describe verbs ;;
    apps) if ((n == 1)); then compadd list show confirm install uninstall; else _blepick_describe apps; fi ;;
    allow|deny)
      if ((n == 1)); then
        _blepick_describe apps
      else
        compadd bluetooth
        _blepick_describe accessories
      fi ;;
    reset) if ((n == 1)); then _blepick_describe apps; else _blepick_describe accessories; fi ;;
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
