#!/bin/bash
# Looks a second of a detector through Saccade beside OpenVINO's own benchmark_app, which only runs the model: same model,
# same threads, one inference at a time, in turns. usage: detector.sh [SIZE=640] [SECONDS=10] [ROUNDS=3]
# Engines come from the cache that `make test-models` fills. DETECTOR_BENCH may name the program; by default it is built here.
set -euo pipefail
. "$(dirname "$0")/common.sh"
cd "$root"
size=${1:-640} seconds=${2:-10} rounds=${3:-3}
cache=${MODEL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/saccade/test-models}
threads=$(nproc)
[ -d "$cache/python" ] && [ -d "$cache/openvino" ] || {
  echo "detector.sh: run \`make test-models\` first, which fetches the engines into $cache" >&2
  exit 69
}
if [ -z "${DETECTOR_BENCH:-}" ]; then
  swift build -c release --product detector-bench >&2
  DETECTOR_BENCH=$root/.build/release/detector-bench
fi
machine
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PYTHONPATH=$cache/python python3 -B bench/detector_model.py "$work/model.onnx" "$size"
# Everything that the model says is below the threshold but a little: decoding goes through all of it.
echo '{"layout": "yolov8", "score": 0.999}' >"$work/model.json"

rival() {
  PYTHONPATH=$cache/openvino:$cache/python python3 -B -c 'from openvino.tools.benchmark.main import main; main()' \
    -m "$work/model.onnx" -d CPU -hint none -api sync -nireq 1 -nstreams 1 -nthreads "$threads" -pin NO -t "$seconds" |
    sed -n 's/^\[ INFO \] Throughput: *//p; s/^\[ INFO \] *\(Min\|Median\): */\1 /p' | tr '\n' ' '
}
for round in $(seq "$rounds"); do
  echo "round $round: benchmark_app $(rival)"
  for path in prepared decoded tiles streams; do
    echo "round $round: saccade $("$DETECTOR_BENCH" "$cache/openvino" "$work/model.onnx" samples/lobby.mp4 \
      seconds="$seconds" threads="$threads" path=$path)"
  done
done
