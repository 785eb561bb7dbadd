#!/bin/sh
# Draws the pictures of the pipelines anew: a moment of each overlay, and the top of a sweep's report. Needs the programs ffmpeg
# and chromium.
set -eu
cd "$(dirname "$0")"
saccade=$(realpath "${SACCADE:-../../.build/release/saccade}")
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
for moment in intrusion:13 loitering:12 line-counting:13.3 occupancy:9 wrong-way:15.2 left-item:13 removed-item:9.8 \
  parking:11 crowding:10 doorway:14 conveyor:14 camera-health:17; do
  name=${moment%:*}
  "$saccade" analyze --pipeline "../../pipelines/$name.yaml" --overlay "$folder/$name.mp4" --out /dev/null
  ffmpeg -v error -y -ss "${moment#*:}" -i "$folder/$name.mp4" -frames:v 1 -vf scale=640:-2 -q:v 5 "$name.jpg"
done

# The part fails, which is exit code 1.
(cd ../.. && "$saccade" analyze samples/casting.tif --pipeline pipelines/ct-industrial.yaml --limit-fail 3 \
  --report "$folder/report.html" --out /dev/null) || [ $? = 1 ]
shoot() {
  chromium --headless --no-sandbox --hide-scrollbars --window-size="$1" --screenshot="$2" "file://$folder/report.html" 2>/dev/null
}
shoot 1160,1790 sweep-report.png
shoot 1160,2600 "$folder/whole.png"
ffmpeg -v error -y -i "$folder/whole.png" -vf crop=640:262:20:2205 -q:v 3 ct-industrial.jpg
