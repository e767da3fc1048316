#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# heart-rate.sh [COUNT]: asks the person for a heart-rate monitor the first time, and prints beats per minute.
#
# busctl makes a connection for each call, and what an app has is bound to its connection: a session, a picker,
# the socket of the values. So busctl asks here what a single call can answer; the accessory itself is
# for the blepick command, which keeps its connection.
#
# Ends with 0 after COUNT values (default: never), 1 when something failed, 2 when nothing was chosen.
# BLEPICK_BUS is the address of another bus than the system's, for tests.

set -euo pipefail

bus=(--system)
[[ -z ${BLEPICK_BUS:-} ]] || bus=(--address="$BLEPICK_BUS")

state=$(busctl "${bus[@]}" get-property org.blepick.Broker1 /org/blepick/Broker1 \
               org.blepick.Broker1 BluetoothState) || exit 1
if [[ $state != 's "powered-on"' ]]; then
  echo "heart-rate.sh: Bluetooth is not on: ${state#s }" >&2
  exit 1
fi

accessory=$(blepick list --json=lines | grep -o '"id":"[0-9a-f]*"' | head -n 1 | cut -d '"' -f 4) || true
if [[ -z $accessory ]]; then
  # 3: nothing was found, 5: the person stopped it
  accessory=$(blepick pick --print id) || { [[ $? == [35] ]] && exit 2; exit 1; }
fi

count=()
[[ $# -eq 0 ]] || count=(--count "$1")
blepick monitor "$accessory" --json=lines "${count[@]}" \
  | sed -un 's/.*"bpm":\([0-9]\+\).*/\1/p'
