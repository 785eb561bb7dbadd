#!/bin/sh
# Prints events as they happen, one readable line each.
#
#     samples/clients/shell/events.sh [KIND…]
#
# FROM=oldest begins with what the daemon still holds.
set -eu
. "$(dirname "$0")/socket.sh"
request=$(jq -nc '{subscribe: ({types: ["event"], from: $from} + if $ARGS.positional == [] then {} else {kinds: $ARGS.positional} end)}' \
  --arg from "${FROM:-live}" --args -- "$@")
# socat ends its half of the connection after the request and goes on receiving (-t is for how long at most:
# a year).
printf '%s\n' "$request" | socat -t 31536000 - "UNIX-CONNECT:$SOCKET" |
  jq --unbuffered -r '
    # What comes before the answer is not what was asked for.
    foreach inputs as $m (false; . or $m.type == "subscribed" or $m.type == "error"; if . then $m else empty end)
    | if .type == "event" then "\(.time[11:23]) \(.stream) \(.event.phase) \(.event.text)"
      elif .type == "gap" then "\(.stream): lost \(.count // "an unknown number of") records, \(.reason)"
      elif .type == "error" then "refused: \(.message)" | halt_error(65)
      elif .type == "bye" then "bye: \(.reason)"
      else empty end' -n
