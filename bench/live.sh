#!/bin/bash
# How many live 720p30 streams does this machine watch with every record on time, how late are they, and how
# much memory do they take? The sender is ffmpeg, which only repacks one clip to MPEG-TS over loopback, at
# its own pace, once a stream; its CPU is counted apart.
#
# usage: live.sh [--streams "1 4 16 20"] [--seconds N] [--hold MINUTES] [--clip FILE]
#
# With --hold it watches one number of streams for so long, and prints a line a minute: does anything grow?
set -euo pipefail
. "$(dirname "$0")/common.sh"
streams="1 4 16 20" seconds=30 file= minutes=0
while [ $# -gt 0 ]; do
  case $1 in
    --streams) streams=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --hold) minutes=$2; shift ;;
    --clip) file=$2; shift ;;
    *) sed -n '2,8s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build
[ -n "$file" ] || file=$(clip base-street 101).mp4
machine
[ "$minutes" = 0 ] || seconds=$((60 * minutes))
echo "clip: $(basename "$file"), $(du -k "$file" | cut -f1) KiB; $seconds s each, after 9 s of settling"
HOLD_MINUTES=$minutes python3 "$here/live.py" "$SACCADE" "$file" "$seconds" $streams
