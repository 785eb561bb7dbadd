# Sourced by the scripts here: where things are, and clips rendered once.
# SACCADE and SCENES may name the programs to measure; by default they are built here.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/.." && pwd)
out=${BENCH_OUT:-$here/out}
mkdir -p "$out"

build_saccade() {
  if [ -z "${SACCADE:-}" ]; then
    swift build --package-path "$root" -c release --product saccade >&2
    SACCADE=$root/.build/release/saccade
  fi
}

build() {
  build_saccade
  if [ -z "${SCENES:-}" ]; then
    swift build --package-path "$root" -c release --product saccade-scenes >&2
    SCENES=$root/.build/release/saccade-scenes
  fi
}

# clip NAME SEED: renders it unless it is there and newer than the renderer; prints its path without ending.
clip() {
  base=$out/clips/$1-$2
  if [ ! -s "$base.truth.ndjson" ] || [ "$SCENES" -nt "$base.truth.ndjson" ]; then
    "$SCENES" render "$1" --seed "$2" --out "$out/clips" >/dev/null
  fi
  echo "$base"
}

machine() {
  echo "machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(uname -r); $(date -u +%F)"
}
