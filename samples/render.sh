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
