#!/bin/bash
# What the events of a pipeline cost a tick: fifty of them with twenty objects in sight, compiled together, and each by itself.
#
# usage: conditions.sh [events=50] [objects=20] [ticks=20000]
set -euo pipefail
. "$(dirname "$0")/common.sh"
swift build --package-path "$root" -c release --product condition-bench >&2
machine
"$root/.build/release/condition-bench" "$@"
