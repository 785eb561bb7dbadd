#!/bin/bash
# How little must a detector look? Renders the scenes, lets a detector look where Saccade sends it and at every frame, and
# prints inputs of the model, things found by both, and how much later. The detector knows the truth, so that what is
# missed is missed by where it looked; with --model it is a real one, which pays for each input.
#
# usage: foveal.sh [--split tune|score] [--only NAME] [--model FILE.onnx [--openvino FOLDER]] [--notes]
set -euo pipefail
. "$(dirname "$0")/common.sh"
split=score only='*' options=()
while [ $# -gt 0 ]; do
  case $1 in
    --split) split=$2; shift ;;
    --only) only=$2; shift ;;
    --model | --openvino) options+=("$1" "$2"); shift ;;
    --notes) options+=("$1") ;;
    *) sed -n '2,6s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build
machine
# Small pictures: where to look doesn't hang on how sharp they are, and there are many.
small() {
  local base=$out/small/$1-$2
  if [ ! -s "$base.truth.ndjson" ] || [ "$SCENES" -nt "$base.truth.ndjson" ]; then
    "$SCENES" render "$1" --seed "$2" --width 640 --height 360 --out "$out/small" >/dev/null
  fi
  echo "$base"
}
compare() {
  local title=$1 pattern=$2 clips=() name seed
  shift 2
  for s in "$@"; do
    while IFS=$'\t' read -r name seed _; do
      # shellcheck disable=SC2053
      [[ $name == $pattern && $name == $only ]] && clips+=("$(small "$name" "$seed")")
    done < <("$SCENES" list --split "$split" --set "$s")
  done
  [ ${#clips[@]} -gt 0 ] || return 0
  echo; echo "== $title"
  "$SCENES" foveal "${clips[@]}" "${options[@]}"
}
compare "quiet: nobody comes, but light, weather and leaves" '*-empty' disturbances
compare "busy: people, animals and things come and go" '*' base stops crossings crowds
