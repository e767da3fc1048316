# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# Speaking to the person: messages, and steps that show that something goes on.

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  RED=$'\e[31m' GREEN=$'\e[32m' YELLOW=$'\e[33m' PLAIN=$'\e[0m'
  CLEAR_LINE=$'\r\e[K'
else
  RED='' GREEN='' YELLOW='' PLAIN='' CLEAR_LINE=''
fi

say () {
  printf '%s\n' "$*"
}

warn () {
  printf '%s%s%s\n' "$YELLOW" "$*" "$PLAIN" >&2
}

explain () {
  local line
  for line in "$@"; do
    [[ -z $line ]] || printf '     %s\n' "$line" >&2
  done
}

# Exit codes: 1 something did not work, 2 it was asked for wrongly or cannot work here.
die () {
  printf '%srun: %s%s\n' "$RED" "$1" "$PLAIN" >&2
  explain "${@:2}"
  exit 1
}

die_usage () {
  printf '%srun: %s%s\n' "$RED" "$1" "$PLAIN" >&2
  explain "${@:2}"
  exit 2
}

have () {
  command -v "$1" >/dev/null 2>&1
}

now_ms () {
  local us=${EPOCHREALTIME/[.,]/}
  echo $((us / 1000))
}

# "3.4 s", or "2 min 05 s" from a minute on.
elapsed_since () {
  local ms=$(($(now_ms) - $1))
  if ((ms < 60000)); then
    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
  else
    printf '%d min %02d s' $((ms / 60000)) $((ms / 1000 % 60))
  fi
}

# Shows the label and the time so far while a step runs: a line that is rewritten on a
# terminal, otherwise one line after a second and one a minute after that.
tick () {
  local label=$1 started=$2 seconds=0
  while sleep 1 >/dev/null 2>&1; do
    seconds=$((seconds + 1))
    if [[ -n $CLEAR_LINE ]]; then
      printf '%s  ...   %s (%s)' "$CLEAR_LINE" "$label" "$(elapsed_since "$started")"
    elif ((seconds == 1)); then
      printf '  ...   %s\n' "$label"
    elif ((seconds % 60 == 0)); then
      printf '  ...   %s (%s)\n' "$label" "$(elapsed_since "$started")"
    fi
  done
}

TICKER=
trap 'stop_ticking' EXIT

stop_ticking () {
  [[ -n $TICKER ]] || return 0
  kill "$TICKER" 2>/dev/null || true
  wait "$TICKER" 2>/dev/null || true
  TICKER=
  printf '%s' "$CLEAR_LINE"
}

# attempt LABEL COMMAND...: runs COMMAND with its output in $STEP_LOG, says how it went
# and how long it took, and shows the output only when it failed. Returns its status.
STEP_LOG=
attempt () {
  local label=$1 started status=0
  shift
  started=$(now_ms)
  mkdir -p build/logs
  STEP_LOG=build/logs/$(tr -cs 'a-zA-Z0-9' '-' <<<"$label" | sed 's/-*$//').log
  tick "$label" "$started" &
  TICKER=$!
  "$@" >"$STEP_LOG" 2>&1 </dev/null || status=$?
  stop_ticking
  if ((status == 0)); then
    printf '  %sok%s    %s (%s)\n' "$GREEN" "$PLAIN" "$label" "$(elapsed_since "$started")"
  else
    printf '  %sFAIL%s  %s (%s)\n' "$RED" "$PLAIN" "$label" "$(elapsed_since "$started")"
    tail -n 200 "$STEP_LOG" | sed 's/^/        /'
    printf '        all of it: %s\n' "$STEP_LOG"
  fi
  return "$status"
}

# As attempt, but nothing after it makes sense when it fails.
step () {
  attempt "$@" || die "'$1' did not work; see above."
}
