#!/bin/bash
# CT sweeps: what is found and how exactly it is measured, on phantoms with exact truth; how fast, and in how much memory, beside
# scikit-image and cc3d on the same volume; whether components are those of cc3d; whether the DICOM files of others are read as
# pydicom reads them.
#
# usage: sweeps.sh [--split tune|score] [--only truth|speed|labels|files] [--notes]
set -euo pipefail
. "$(dirname "$0")/common.sh"
split=score only= notes=()
while [ $# -gt 0 ]; do
  case $1 in
    --split) split=$2; shift ;;
    --only) only=$2; shift ;;
    --notes) notes=(--notes) ;;
    *) sed -n '2,6s/^# \?//p' "$0"; exit 64 ;;
  esac
  shift
done
build
swift build --package-path "$root" -c release --product SaccadeSlices >&2
swift build --package-path "$root" -c release --product saccade-sweeps >&2
swift build --package-path "$root" -c release --product slice-dump >&2
python=$("$here/rivals/venv.sh")
sweeps=$here/out/sweeps
machine
asked() { [ -z "$only" ] || [ "$only" = "$1" ]; }

if asked truth; then
  echo
  echo "--- found and measured ($split seeds)"
  "$here/sweeps/make-all.sh" "$sweeps" "$split" >&2
  for truth in "$sweeps"/*/truth.json; do
    scan=$(dirname "$truth")
    [ "$scan/report.json" -nt "$SACCADE" ] && [ "$scan/report.json" -nt "$scan/scan.mhd" ] && continue
    # Everything is reported, and has a verdict at 2 mm.
    "$SACCADE" analyze "$scan/scan.mhd" --constraint 'diameter > 2 mm or diameter <= 2 mm' --report "$scan/report.json" \
      --out /dev/null 2>/dev/null
  done
  "$python" "$here/sweeps/score.py" --split "$split" "${notes[@]}" "$sweeps"
fi

if asked labels; then
  echo
  echo "--- components"
  "$python" "$here/sweeps/labels.py" "$root/.build/release/saccade-sweeps"
fi

if asked files; then
  echo
  echo "--- DICOM files of others"
  "$python" "$here/sweeps/real-files.py" --dump "$root/.build/release/slice-dump" | tail -n 12
fi

if asked speed; then
  echo
  echo "--- speed and memory, 512x512 of 16 bits"
  big=$here/out/sweeps-big
  mkdir -p "$big/400" "$big/4000"
  [ -s "$big/400/scan.mhd" ] || "$python" "$here/sweeps/big.py" "$big/400/scan.mhd" --slices 400 --dicom "$big/400/dicom" >&2
  [ -s "$big/4000/scan.mhd" ] || "$python" "$here/sweeps/big.py" "$big/4000/scan.mhd" --slices 4000 >&2
  saccade() {
    "$python" "$here/sweeps/timed.py" "$1" "saccade, $1 slices, $2" "$SACCADE" analyze "$big/$1/$2" --out /dev/null --report "$big/$1/report.json"
  }
  for round in 1 2 3; do
    saccade 400 scan.mhd
    saccade 400 dicom
    "$python" "$here/sweeps/rivals.py" "$big/400/scan.mhd" --truth "$big/400/truth.json"
  done
  saccade 4000 scan.mhd
fi
