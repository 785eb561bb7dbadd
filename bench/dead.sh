#!/bin/bash
# What do dead cameras cost? Sixteen sources, of which eight are dead: four refuse, two take the connection and say nothing,
# two lie where nobody is. Prints what the threads of the dead ones took of a core, with the thread that tells the
# ticks of all streams that have no frame.
#
# usage: dead.sh [--minutes M]
set -euo pipefail
. "$(dirname "$0")/common.sh"
minutes=5
while [ $# -gt 0 ]; do
  case $1 in
    --minutes) minutes=$2; shift ;;
    *) sed -n '2,6s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build_saccade
machine
exec python3 "$here/dead.py" "$SACCADE" "$minutes"
