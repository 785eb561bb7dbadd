#!/bin/bash
# How well are objects and the health of the picture seen? Renders the scenes, runs Saccade and the usual
# OpenCV script (MOG2 + SORT) on the same clips, and prints both scores.
#
# usage: accuracy.sh [--split tune|score] [--seeds "N…"] [--set NAME] [--no-rival] [--only NAME] [--tight]
#
# With --seeds the scenes are rendered from these seeds, which neither split has: what is seen of scenes that nothing was ever
# chosen by.
set -euo pipefail
. "$(dirname "$0")/common.sh"
split=score seeds= set= rival=1 only= summary=0
while [ $# -gt 0 ]; do
  case $1 in
    --split) split=$2; shift ;;
    --seeds) seeds=$2; shift ;;
    --set) set=$2; shift ;;
    --only) only=$2; shift ;;
    --no-rival) rival=0 ;;
    --tight) summary=1 ;;
    *) sed -n '2,9s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build
python=
[ $rival = 0 ] || python=$("$here/rivals/venv.sh")
machine

# The scenes of a set, and their seeds.
scenes() {
  if [ -z "$seeds" ]; then "$SCENES" list --split "$split" --set "$1"; return; fi
  "$SCENES" list --split "$split" --set "$1" | cut -f1 | sort -u | while read -r name; do
    for seed in $seeds; do printf '%s\t%s\n' "$name" "$seed"; done
  done
}

for s in ${set:-base crowds crossings stops disturbances health}; do
  truths=() ours=() theirs=()
  while IFS=$'\t' read -r name seed _; do
    [ -z "$only" ] || [[ $name == $only ]] || continue
    base=$(clip "$name" "$seed")
    "$SACCADE" analyze "$base.mp4" --out "$base.saccade.ndjson" 2>"$base.saccade.log" \
      || { echo "$name-$seed: saccade failed:"; cat "$base.saccade.log"; exit 1; }
    truths+=("$base.truth.ndjson") ours+=("$base.saccade.ndjson")
    if [ $rival = 1 ]; then
      [ "$base.mog2.ndjson" -nt "$base.mp4" ] && [ "$base.mog2.ndjson" -nt "$here/rivals/mog2_sort.py" ] \
        || "$python" "$here/rivals/mog2_sort.py" "$base.mp4" "$base.mog2.ndjson"
      theirs+=("$base.mog2.ndjson")
    fi
  done < <(scenes "$s")
  [ ${#truths[@]} -gt 0 ] || continue
  show() { if [ $summary = 1 ]; then sed -n '1p;/^all/p;/^  /p'; else cat; fi; }
  echo; echo "== $s, Saccade"
  "$SCENES" score --notes --truth "${truths[@]}" --records "${ours[@]}" | show
  [ $rival = 0 ] || { echo; echo "== $s, MOG2 + SORT"
    "$SCENES" score --truth "${truths[@]}" --records "${theirs[@]}" | show; }
done
