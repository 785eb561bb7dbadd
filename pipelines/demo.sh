#!/bin/sh
# `make demo`: watches the sample clip and prints what happens in it, then says what to try next.
set -eu
saccade=$1
pipelines=$(dirname "$0")

folder=$(mktemp -d)
socket=$folder/events.sock
server=
subscriber=
finish() {
  for process in $subscriber $server; do kill "$process" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM

echo
echo "Saccade watches samples/lobby.mp4 as if it were a camera. This is what its subscribers read:"
echo

"$saccade" run "$pipelines/demo.yaml" --socket "$socket" 2>"$folder/log" &
server=$!
while [ ! -S "$socket" ]; do
  kill -0 "$server" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
  sleep 0.05
done
"$saccade" subscribe --type event --from oldest --pretty --socket "$socket" &
subscriber=$!

code=0
wait "$server" || code=$?
server=
wait "$subscriber" 2>/dev/null || true
subscriber=
[ "$code" = 0 ] || { cat "$folder/log" >&2; exit "$code"; }

cat <<END

That was the whole clip. Now with something of your own:

  $saccade analyze VIDEO --overlay seen.mp4 > seen.ndjson    a recording, and a video of what was seen
  $saccade probe rtsp://ADDRESS                              what a camera sends
  $saccade explain pipelines/loitering.yaml                   events of your own, in words
  $saccade run pipelines/camera.yaml                         a camera; put its address into the file first
  $saccade --help

docs/guide.md shows a camera in five minutes, docs/pipelines.md what can be asked for.
END
