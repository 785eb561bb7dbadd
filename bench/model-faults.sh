#!/bin/bash
# Do records come on time while the model servers stall, lie, babble and die? Two live streams ask two servers that do all of
# that by chance. Prints a line a minute and the sum; ends with 1 when a frame record was late or missing.
#
# usage: model-faults.sh [--hours H | --minutes M] [--seed N]
set -euo pipefail
. "$(dirname "$0")/common.sh"
seconds=3600 seed=1
while [ $# -gt 0 ]; do
  case $1 in
    --hours) seconds=$(awk "BEGIN {print int(3600 * $2)}"); shift ;;
    --minutes) seconds=$(awk "BEGIN {print int(60 * $2)}"); shift ;;
    --seed) seed=$2; shift ;;
    *) sed -n '2,5s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build_saccade
machine
folder=$(mktemp -d)
children=()
trap 'kill "${children[@]}" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
for number in 1 2; do
  python3 "$here/models/faulty_server.py" $((18080 + number)) $((seed * 10 + number)) 40 >"$folder/server-$number.log" &
  children+=($!)
done
clips=(crossing crowding)
for number in 0 1; do
  # Another camera takes the next client when one goes; the last goes with its loop, and holds nobody's output.
  (
    camera=
    trap 'kill $camera 2>/dev/null; exit' TERM
    while :; do
      ffmpeg -nostdin -loglevel quiet -re -stream_loop -1 -i "$root/samples/${clips[number]}.mp4" -c copy -f mpegts \
        "tcp://127.0.0.1:$((18090 + number))?listen" &
      camera=$!
      wait $camera || true
    done
  ) >/dev/null 2>&1 &
  children+=($!)
  cat >"$folder/${clips[number]}.yaml" <<EOF
source: tcp://127.0.0.1:$((18090 + number))
language_model:
  calls: 1 1/s
  servers: [{url: "http://127.0.0.1:18081", slots: 2}, {url: "http://127.0.0.1:18082", slots: 2}]
questions:
  helmet: {ask: Is the person wearing a helmet?, pause: 2 s, deadline: 15 s}
  busy: {ask: Is it busy?, of: motion, about: scene, every: 5 s, most: 100000, deadline: 15 s}
events:
  bare: answer("helmet") is no for 1 s
EOF
done
"$SACCADE" run "$folder"/*.yaml --socket "$folder/s" 2>"$folder/log" &
daemon=$!
children+=($daemon)
for _ in $(seq 600); do [ -S "$folder/s" ] && break; sleep 0.1; done
verdict=0
python3 "$here/models/watch.py" "$folder/s" "$seconds" || verdict=$?
"$SACCADE" status --socket "$folder/s" | grep -E "questions|ticks_late|pictures_dropped" || true
kill "$daemon"
wait "$daemon" || verdict=$?
kill "${children[@]:0:2}" 2>/dev/null || true
sleep 1
echo "servers:" && tail -qn 1 "$folder"/server-*.log
exit $verdict
