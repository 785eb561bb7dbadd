#!/bin/bash
# How many live 720p30 streams does this machine watch with every record on time, how late are they, and how
# much memory do they take? Cameras are made of one clip that ffmpeg has repacked to MPEG-TS; cameras.py sends it over loopback at its
# own pace, for all of them; its CPU is counted apart.
#
# usage: live.sh [--streams "1 4 16 20"] [--seconds N] [--hold MINUTES] [--in-step] [--clip FILE] [--detector FILE.onnx] [--no-rival]
#
# With --hold it watches one number of streams for so long, and prints a line a minute: does anything grow?
# With --detector all cameras share one (of SACCADE_OPENVINO, or where `saccade engines` finds it).
# After each number of streams, as many ffmpeg decode the same cameras and do nothing else (not with --no-rival).
# With --in-step all cameras send their key frames at the same moment, the worst that can be.
set -euo pipefail
. "$(dirname "$0")/common.sh"
streams="1 4 16 20" seconds=30 file= mode=measure phase=apart rival=rival
while [ $# -gt 0 ]; do
  case $1 in
    --streams) streams=$2; shift ;;
    --seconds) seconds=$2; shift ;;
    --hold) mode=hold seconds=$((60 * $2)); shift ;;
    --in-step) phase=in-step ;;
    --no-rival) rival=alone ;;
    --clip) file=$2; shift ;;
    --detector) LIVE_DETECTOR=$(realpath "$2"); export LIVE_DETECTOR; shift ;;
    *) sed -n '2,12s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build
[ -n "$file" ] || file=$(clip base-street 101).mp4
machine
echo "clip: $(basename "$file"), $(du -k "$file" | cut -f1) KiB; $seconds s each, after 9 s of settling"
python3 "$here/live.py" "$mode" "$SACCADE" "$file" "$seconds" "$phase" "$rival" $streams
