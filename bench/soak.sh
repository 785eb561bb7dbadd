#!/bin/bash
# Does the daemon hold out? It watches cameras, a sender and a file that grows, keeps a journal and serves readers of
# every kind, while servers are killed, frozen and replaced, clients die and pipelines come and go, all by chance. Prints
# a line a minute and a verdict, and ends with 1 if anything was lost without a word, or leaked.
#
# usage: soak.sh [--hours H | --minutes M] [--seed N] [--growth MIB]
#
# --seed repeats the faults of an earlier run, --growth is what resident memory, at rest, may grow by from half time
# to the end (1 MiB).
set -euo pipefail
. "$(dirname "$0")/common.sh"
seconds=3600 seed=$(date +%s) growth=1
while [ $# -gt 0 ]; do
  case $1 in
    --hours) seconds=$(awk "BEGIN {print int(3600 * $2)}"); shift ;;
    --minutes) seconds=$(awk "BEGIN {print int(60 * $2)}"); shift ;;
    --seed) seed=$2; shift ;;
    --growth) growth=$2; shift ;;
    *) sed -n '2,9s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build_saccade
machine
exec /usr/bin/python3 "$here/soak/soak.py" "$SACCADE" "$root/Tests/FaultTests/camera.py" "$seconds" "$seed" "$growth"
