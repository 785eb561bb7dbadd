# Sourced by the other scripts: sets SOCKET to the first place at which a daemon's socket lies.
# The order is that of docs/protocol.md.
for SOCKET in "${SACCADE_SOCKET:-}" \
  "${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/saccade/events.sock}" \
  "/tmp/saccade-$(id -u)/events.sock" /run/saccade/events.sock; do
  if [ -n "${SACCADE_SOCKET:-}" ] && [ "$SOCKET" != "$SACCADE_SOCKET" ]; then break; fi
  case $SOCKET in
  # In /tmp anyone can make a folder: only one of our own is trusted.
  /tmp/saccade-*) [ -O "${SOCKET%/*}" ] || continue ;;
  esac
  if [ -S "$SOCKET" ]; then break; fi
done
if [ ! -S "$SOCKET" ]; then
  echo "no daemon was found; start one with saccade run, or set SACCADE_SOCKET" >&2
  exit 69
fi
for tool in socat jq; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt install $tool" >&2; exit 69; }
done
