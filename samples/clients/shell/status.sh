#!/bin/sh
# Prints the state of each stream, one line each.
#
#     samples/clients/shell/status.sh
set -eu
. "$(dirname "$0")/socket.sh"
# A subscription to no more than rare events keeps the live records away from the answer.
printf '%s\n' '{"subscribe":{"types":["event"],"kinds":["none"]}}' '{"status":{}}' |
  socat -t 2 - "UNIX-CONNECT:$SOCKET" |
  jq -rn 'label $done | foreach inputs as $m (null; $m;
      if .type == "status" then
        (.streams[] | "\(.name)\t\(.kind)\t\(.state)\t\(.rate) Hz\t\(.next_seq - 1) records"),
        (if .part == .parts then break $done else empty end)
      else empty end)'
