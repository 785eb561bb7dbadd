#!/bin/sh
# Once a second and stream: how many objects are in sight, and in which zones.
#
#     samples/clients/shell/in-sight.sh
#
# FROM=oldest begins with what the daemon still holds.
set -eu
. "$(dirname "$0")/socket.sh"
printf '{"subscribe":{"types":["frame"],"every":30,"on_lag":"coalesce","from":"%s"}}\n' "${FROM:-live}" |
  socat -t 31536000 - "UNIX-CONNECT:$SOCKET" |
  jq --unbuffered -r '
    select(.type == "frame")
    | "\(.time[11:19]) \(.stream) \(.scene.state) \(.objects | length) in sight \([.objects[].zones[]] | group_by(.) | map("\(.[0]): \(length)") | join(", "))"'
