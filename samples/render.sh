#!/bin/sh
# Draws the sample clips anew, with their truth.
set -eu
cd "$(dirname "$0")"
scenes=${SCENES:-}
if [ -z "$scenes" ]; then
  swift build --package-path .. -c release --product saccade-scenes
  scenes=../.build/release/saccade-scenes
fi
for name in lobby trouble crossing; do
  "$scenes" render "$name" --seed 1 --crf 27 --preset slow --out .
  mv "$name-1.mp4" "$name.mp4"
  mv "$name-1.truth.ndjson" "$name.truth.ndjson"
done
# The clips of the pipelines; their truth is drawn anew where it is needed.
for clip in intrusion-1 loitering-1 line-counting-1 occupancy-1 wrong-way-1 left-item-1 removed-item-2 parking-1 \
  crowding-1 doorway-2 conveyor-3; do
  name=${clip%-*}
  "$scenes" render "$name" --seed "${clip##*-}" --crf 25 --preset slow --width 960 --height 540 --out .
  mv "$clip.mp4" "$name.mp4"
  rm "$clip.truth.ndjson"
done
