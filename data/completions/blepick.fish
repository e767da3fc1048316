# SPDX-License-Identifier: LGPL-2.1-or-later
#
# blepick's words for fish: commands, levels and options, and the accessories, apps, adapters and companions
# that you have.

function __blepick_words
    blepick --no-input --timeout 1s completion --words $argv[1] 2>/dev/null
end

function __blepick_options
    set -l words (commandline -opc)
    set -l verb (string match -v -- '-*' $words[2..-1])[1]
    blepick $verb --help 2>/dev/null | string match -ra -- '--[a-z][a-z-]*' | sort -u
end

complete -c blepick -f
complete -c blepick -n __fish_use_subcommand -a '(__blepick_words verbs)'
complete -c blepick -n 'string match -q -- "-*" (commandline -ct)' -a '(__blepick_options)'
complete -c blepick -n '__fish_seen_subcommand_from help' -a '(__blepick_words verbs)'
complete -c blepick -l device -x -a 'local (__blepick_words devices)'
complete -c blepick -l adapter -x -a '(__blepick_words adapters)'
complete -c blepick -l app -x -a '(__blepick_words apps)'
complete -c blepick -l accessory -x -a '(__blepick_words accessories)'
complete -c blepick -n '__fish_seen_subcommand_from monitor' -l view -x -a 'plot line text'
complete -c blepick -n '__fish_seen_subcommand_from pick' -l print -x -a 'id name json'
complete -c blepick -n '__fish_seen_subcommand_from pick pair scan' -l kind -x -a 'heart-rate any'
complete -c blepick -n '__fish_seen_subcommand_from wait' -l for -x -a 'seen connected data'
complete -c blepick -n '__fish_seen_subcommand_from doctor' -l report -r -F
complete -c blepick -n '__fish_seen_subcommand_from allow deny' -a 'bluetooth (__blepick_words apps) (__blepick_words accessories)'
complete -c blepick -n '__fish_seen_subcommand_from reset' -a '(__blepick_words apps) (__blepick_words accessories)'
complete -c blepick -n '__fish_seen_subcommand_from apps; and __fish_seen_subcommand_from show confirm install uninstall' \
    -a '(__blepick_words apps)'
complete -c blepick -l ids -x -a 'short full'
complete -c blepick -l color -x -a 'auto always never'
complete -c blepick -n '__fish_seen_subcommand_from apps' -a 'list show confirm install uninstall'
complete -c blepick -n '__fish_seen_subcommand_from companions' \
    -a 'list add link unlink remove policy consent sync'
complete -c blepick -n '__fish_seen_subcommand_from companions; and __fish_seen_subcommand_from link unlink remove policy consent sync' \
    -a '(__blepick_words devices)'
complete -c blepick -n '__fish_seen_subcommand_from companions; and __fish_seen_subcommand_from policy' \
    -a 'independent copy-once mirrored'
complete -c blepick -n '__fish_seen_subcommand_from companions; and __fish_seen_subcommand_from consent' \
    -a 'allow deny'
complete -c blepick -n '__fish_seen_subcommand_from enforce' -a 'advisory bus strict'
complete -c blepick -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
complete -c blepick -n '__fish_seen_subcommand_from model' -a 'run fb18383742' -F
complete -c blepick -n '__fish_seen_subcommand_from monitor rename forget show wait unpair refresh' \
    -a '(__blepick_words accessories)'
