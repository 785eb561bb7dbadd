#!/bin/sh
# All benchmarks, one after the other: `make bench`. The rivals come along where they are installed.
# usage: run.sh [PATH OF saccade]
set -eu
cd "$(dirname "$0")"
if [ $# -gt 0 ]; then SACCADE=$(realpath "$1"); export SACCADE; fi
for part in cpu live subscribers conditions events accuracy sweeps; do
  echo
  echo "=== $part"
  case $part in
    accuracy) bash ./accuracy.sh --tight ;;
    *) bash "./$part.sh" ;;
  esac
done
