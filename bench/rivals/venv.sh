#!/bin/sh
# Makes bench/.venv with what the Python rivals need, once; prints its python.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
if [ ! -x "$here/.venv/bin/python" ] || ! "$here/.venv/bin/python" -c 'import cc3d, cv2, gdcm, pydicom, scipy, skimage, tifffile' 2>/dev/null; then
  python3 -m venv "$here/.venv" >&2
  "$here/.venv/bin/pip" install -q -r "$here/rivals/requirements.txt" >&2
fi
echo "$here/.venv/bin/python"
