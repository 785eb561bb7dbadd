#!/bin/bash
# What does it cost to understand a clip, beside only decoding it? CPU seconds, user and system, of
#   decode   ffmpeg -threads 1 -i CLIP -f null -
#   saccade  saccade analyze CLIP, its records written to a file
#   mog2     the OpenCV script in rivals/, one thread
#   motion   motion 4.5 on the same file at its own pace, where it is installed
# in rounds, one after the other, so that a busy machine disturbs all alike; medians, and ratios to `decode`.
#
# usage: cpu.sh [--rounds N] [--clip FILE] [--no-rivals]
set -euo pipefail
. "$(dirname "$0")/common.sh"
rounds=5 file= rivals=1
while [ $# -gt 0 ]; do
  case $1 in
    --rounds) rounds=$2; shift ;;
    --clip) file=$2; shift ;;
    --no-rivals) rivals=0 ;;
    *) sed -n '2,10s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build
[ -n "$file" ] || file=$(clip base-street 101).mp4
frames=$(ffprobe -v error -count_packets -select_streams v -show_entries stream=nb_read_packets -of csv=p=0 "$file")
seconds=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$file")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# cpu NAME COMMAND…: adds its CPU seconds to NAME's list.
cpu() {
  local name=$1; shift
  local TIMEFORMAT='%U %S'
  { time "$@" >/dev/null 2>"$work/$name.err" </dev/null; } 2>"$work/time" || {
    [ $? = 124 ] || { echo "$name failed:" >&2; cat "$work/$name.err" >&2; exit 1; }
  }
  awk '{print $1 + $2}' "$work/time" >>"$work/$name.cpu"
}

names="decode saccade"
if [ $rivals = 1 ]; then
  python=$("$here/rivals/venv.sh")
  names="$names mog2"
  if command -v motion >/dev/null; then
    names="$names motion"
    sed -e "s|@CLIP@|$(realpath "$file")|" -e "s|@DIR@|$work|" "$here/rivals/motion.conf.in" >"$work/motion.conf"
  fi
fi
for _ in $(seq "$rounds"); do
  cpu decode ffmpeg -v error -threads 1 -i "$file" -f null -
  cpu saccade "$SACCADE" analyze "$file" --out "$work/records.ndjson"
  [ $rivals = 0 ] || cpu mog2 "$python" "$here/rivals/mog2_sort.py" "$file" "$work/mog2.ndjson"
  # It plays the file once at its own rate and then starts again: as long as the clip lasts.
  case $names in *motion*) cpu motion timeout -s INT "$seconds" motion -c "$work/motion.conf" ;; esac
done

machine
echo "clip: $(basename "$file"), $frames frames, $(du -k "$file" | cut -f1) KiB; $rounds rounds"
printf '%-10s %12s %10s %10s %12s %10s\n' program "ms/frame" least most "CPU seconds" "x decode"
base=
for name in $names; do
  sort -n "$work/$name.cpu" | awk -v n="$name" -v f="$frames" -v base="${base:-0}" '
    { a[NR] = $1 }
    END {
      m = NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2
      printf "%-10s %12.2f %10.2f %10.2f %12.2f %10.2f\n", n, m / f * 1000, a[1] / f * 1000, a[NR] / f * 1000, m, (base > 0 ? m / base : 1)
    }'
  [ -n "$base" ] || base=$(sort -n "$work/$name.cpu" | awk '{ a[NR] = $1 } END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }')
done
