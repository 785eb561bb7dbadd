#!/bin/bash
# What do questions to a language model take, beside asking once a second about the whole picture? Renders the scenes of each
# pipeline, joins them to one recording, asks about each of its events, and counts calls and tokens; before each line stands how many
# events there truly are and how many of them were told. What is shown has the detail of the whole picture at 640x360.
#
# usage: language.sh [--split tune|score] [--only NAME]
set -euo pipefail
. "$(dirname "$0")/common.sh"
split=score only=
while [ $# -gt 0 ]; do
  case $1 in
    --split) split=$2; shift ;;
    --only) only=$2; shift ;;
    *) sed -n '2,6s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build
machine
folder=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$folder"' EXIT
server=
verdict=0
for pipeline in intrusion loitering line-counting occupancy wrong-way left-item removed-item parking crowding doorway conveyor; do
  [ -z "$only" ] || [ "$only" = "$pipeline" ] || continue
  kinds=$("$SACCADE" check "$root/pipelines/$pipeline.yaml" | sed -n 's/.*; events\{0,1\} \([^;]*\).*/\1/p' | tr -d ' ')
  for about in object scene; do
    # Relative paths in it lead nowhere from here, and the clip is given.
    {
      sed 's|\.\./samples|'"$root"'/samples|' "$root/pipelines/$pipeline.yaml"
      echo "language_model: unix:$folder/s"
      echo "questions: {seen: {ask: Is that what it is taken for?, of: [$kinds], about: $about, pictures: 1, most: 1, size: 160, deadline: 5 min}}"
    } >"$folder/$pipeline.yaml"
    "$SACCADE" check "$folder/$pipeline.yaml" >/dev/null 2>&1 && break
  done
  python3 "$here/models/counting_server.py" "$folder/s" >"$folder/sums" &
  server=$!
  clips=()
  while IFS=$'\t' read -r name seed _; do
    [ "$name" = "$pipeline" ] || continue
    clips+=("$(clip "$name" "$seed")")
  done < <("$SCENES" list --split "$split" --set events)
  truths=() records=() seconds=0
  # What is taken away in it stands there from its beginning: such a clip doesn't go on from another.
  if [ "$pipeline" != removed-item ]; then
    python3 "$here/models/join.py" "$folder/$pipeline" "${clips[@]}"
    clips=("$folder/$pipeline")
  fi
  for base in "${clips[@]}"; do
    records+=("$folder/$(basename "$base").ndjson") truths+=("$base.truth.ndjson")
    "$SACCADE" analyze "$base.mp4" --pipeline "$folder/$pipeline.yaml" --out "${records[-1]}"
    seconds=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$base.mp4" | awk "{print $seconds + \$1}")
  done
  kill $server
  wait $server || true
  "$SCENES" events --begins --pipeline "$root/pipelines/$pipeline.yaml" --truth "${truths[@]}" --records "${records[@]}"
  python3 "$here/models/share.py" "  asked" "$kinds" "$seconds" "$(cat "$folder/sums")" "${records[@]}" || verdict=1
done
exit $verdict
