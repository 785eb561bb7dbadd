#!/bin/sh
# The event socket under load: 500 subscribers of one 30 Hz stream, one of them stuck; prints the daemon's share
# of a core, holes, and the delay from publishing to reading. Ends with 1 when a record was lost.
#
#     bench/subscribers.sh [subscribers=500] [seconds=20] [stuck=1] [objects=2]
set -eu
cd "$(dirname "$0")/.."
swift build -c release --product subscriber-bench 1>&2
exec "$(swift build -c release --show-bin-path)/subscriber-bench" "$@"
