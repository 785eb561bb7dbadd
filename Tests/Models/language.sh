#!/bin/sh
# Runs the tests of a real llama-server: `saccade setup llama` builds one where the cache has none (ten minutes), a small
# model is made beside (tiny_qwen3vl.py), and both are named by variables. The tests must be built: language.sh SACCADE
# FOLDER [SWIFT]
set -eu
saccade=$1
folder=$2
swift=${3:-swift}
here=$(dirname "$0")
packages="numpy==2.4.6 PyYAML==6.0.3"

server=$("$saccade" setup llama)
share=${server%/bin/llama-server}/share

# What the model is made from: it is made anew when that changes.
made="$packages $share $(cksum <"$here/tiny_qwen3vl.py")"
if [ "$(cat "$folder/made" 2>/dev/null || true)" != "$made" ]; then
  echo "making a small model in $folder" >&2
  rm -rf "$folder/python"
  mkdir -p "$folder"
  # shellcheck disable=SC2086
  { python3 -m venv "$folder/python" &&
    "$folder/python/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: $packages; } || {
    echo "saccade: the tests of language models need these packages of PyPI, and pip could not install them: $packages" >&2
    exit 1
  }
  "$folder/python/bin/python" -B "$here/tiny_qwen3vl.py" "$share" "$folder" >&2
  echo "$made" >"$folder/made"
fi

export SACCADE_LLAMA_SERVER="$server" SACCADE_LLAMA_MODEL="$folder/model.gguf"
export SACCADE_LLAMA_MMPROJ="$folder/mmproj.gguf" SACCADE_LLAMA_LORA="$folder/lora.gguf"
exec "$swift" test -c release --skip-build --parallel --filter '^LanguageTests\.RealModelTests'
