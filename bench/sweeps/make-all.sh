#!/bin/bash
# Makes the CT sweeps of one split, every kind and seed, in OUTDIR/KIND-SEED/; what is there already is kept. JOBS at a time (2).
#
# usage: make-all.sh OUTDIR tune|score [KIND …]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 2 ] || { sed -n '2,4s/^# \?//p' "$0"; exit 64; }
outdir=$1
case $2 in
  tune) seeds=(1 2 3 4 5 6) ;;
  score) seeds=(101 102 103 104 105 106) ;;
  *) sed -n '2,4s/^# \?//p' "$0"; exit 64 ;;
esac
shift 2
[ $# -gt 0 ] || set -- pores pores-z25 limit empty inclusions cracks parts
python=$("$here/../rivals/venv.sh")
for kind; do
  for seed in "${seeds[@]}"; do
    [ -s "$outdir/$kind-$seed/scan.mhd" ] || echo "$kind $seed"
  done
done | xargs -r -P "${JOBS:-2}" -L 1 bash -c '"$0" "$1" --kind "$3" --seed "$4" --out "$2/$3-$4"' "$python" "$here/phantom.py" "$outdir"
