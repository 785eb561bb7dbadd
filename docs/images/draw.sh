#!/bin/sh
# Draws the pictures of the pipelines anew: a moment of each overlay. Needs the ffmpeg program.
set -eu
cd "$(dirname "$0")"
saccade=${SACCADE:-../../.build/release/saccade}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
for moment in intrusion:13 loitering:12 line-counting:13.3 occupancy:9 wrong-way:15.2 left-item:13 removed-item:9.8 \
  parking:11 crowding:10 doorway:14 conveyor:14 camera-health:17; do
  name=${moment%:*}
  "$saccade" analyze --pipeline "../../pipelines/$name.yaml" --overlay "$folder/$name.mp4" --out /dev/null
  ffmpeg -v error -y -ss "${moment#*:}" -i "$folder/$name.mp4" -frames:v 1 -vf scale=640:-2 -q:v 5 "$name.jpg"
done
