#!/bin/bash
# Makes the models of belief anew: renders the scenes to learn from, has Saccade judge them, and learns what was right.
# Takes hours, nearly all of it rendering. Scenes of the score split are never looked at.
#
# usage: learn.sh [--check]
#   --check  learn from four fifths of the clips and say what that is worth on the rest; writes nothing
set -euo pipefail
beliefs=$(cd "$(dirname "$0")" && pwd)
. "$beliefs/../common.sh"
check=()
case ${1:-} in
  "") ;;
  --check) check=(--check) ;;
  *) sed -n '2,6s/^# \?//p' "$0"; exit 64 ;;
esac
build
python=$("$here/rivals/venv.sh")
"$python" -c 'import sklearn' 2>/dev/null || "$python" -m pip install -q -r "$beliefs/requirements.txt"
judged=()
while IFS=$'\t' read -r name seed set _; do
  [ "$set" != samples ] || continue
  base=$(clip "$name" "$seed")
  "$SCENES" judge "$base.mp4" >"$base.judged.tsv"
  judged+=("$base.judged.tsv")
done < <("$SCENES" list --split learn)
"$python" "$beliefs/learn.py" "${judged[@]}" --out "$root/Sources/Semantics/Belief" "${check[@]}"
