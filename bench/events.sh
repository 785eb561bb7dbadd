#!/bin/bash
# How well are the events of the pipelines told? Renders the scenes of each pipeline, runs Saccade on them, and the same conditions
# over the boxes of the usual OpenCV script (MOG2 + SORT); the truth is the same conditions over the exact boxes. What counts
# is told with its begin and its end within 0.3 s.
#
# usage: events.sh [--split tune|score] [--only NAME] [--no-rival] [--notes]
set -euo pipefail
. "$(dirname "$0")/common.sh"
split=score only= rival=1 notes=()
while [ $# -gt 0 ]; do
  case $1 in
    --split) split=$2; shift ;;
    --only) only=$2; shift ;;
    --no-rival) rival=0 ;;
    --notes) notes=(--notes) ;;
    *) sed -n '2,7s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build
python=
[ $rival = 0 ] || python=$("$here/rivals/venv.sh")
machine
for pipeline in intrusion loitering line-counting occupancy wrong-way left-item removed-item parking crowding doorway conveyor; do
  [ -z "$only" ] || [ "$only" = "$pipeline" ] || continue
  truths=() ours=() theirs=()
  while IFS=$'\t' read -r name seed _; do
    [ "$name" = "$pipeline" ] || continue
    base=$(clip "$name" "$seed")
    "$SACCADE" analyze "$base.mp4" --pipeline "$root/pipelines/$pipeline.yaml" --out "$base.events.ndjson"
    truths+=("$base.truth.ndjson") ours+=("$base.events.ndjson")
    if [ $rival = 1 ]; then
      [ "$base.mog2.ndjson" -nt "$base.mp4" ] && [ "$base.mog2.ndjson" -nt "$here/rivals/mog2_sort.py" ] \
        || "$python" "$here/rivals/mog2_sort.py" "$base.mp4" "$base.mog2.ndjson"
      theirs+=("$base.mog2.ndjson")
    fi
  done < <("$SCENES" list --split "$split" --set events)
  "$SCENES" events "${notes[@]}" --pipeline "$root/pipelines/$pipeline.yaml" --truth "${truths[@]}" --records "${ours[@]}"
  [ $rival = 0 ] || "$SCENES" events --boxes --pipeline "$root/pipelines/$pipeline.yaml" --truth "${truths[@]}" \
    --records "${theirs[@]}" | sed 's/^................/  MOG2 + SORT   /'
done
