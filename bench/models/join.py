"""Joins rendered clips of one place, with their truths, into one long recording.

usage: join.py OUT CLIP...
Each CLIP is a path without its ending; writes OUT.mp4 and OUT.truth.ndjson. Between two clips there are no pictures for some seconds, as
when a camera was off: what was there in the one isn't in the next.
"""

import json
import subprocess
import sys

out, clips = sys.argv[1], sys.argv[2:]
PAUSE = 4
frames, objects, head, lines, start, table = 0, 0, None, [], 0, []
for clip in clips:
    newest = 0
    with open(clip + ".truth.ndjson") as truth:
        own = json.loads(truth.readline())
        for line in truth:
            record = json.loads(line)
            record["frame"] += frames
            record["time"] = round(record["time"] + start, 5)
            for thing in record["objects"]:
                newest = max(newest, thing["id"])
                thing["id"] += objects
            lines.append(json.dumps(record))
    head = head or own
    frames += own["frames"]
    objects += newest
    for tick in range(int(PAUSE * own["fps"])):
        time = round(start + (own["frames"] + tick) / own["fps"], 5)
        lines.append(json.dumps({"type": "frame", "frame": frames, "time": time, "objects": []}))
    start += own["frames"] / own["fps"] + PAUSE
    table += [f"file '{clip}.mp4'", f"duration {own['frames'] / own['fps'] + PAUSE}"]
with open(out + ".truth.ndjson", "w") as truth:
    print(json.dumps(head | {"frames": frames}), *lines, sep="\n", file=truth)
with open(out + ".txt", "w") as text:
    print(*table[:-1], sep="\n", file=text)
subprocess.run(
    ["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "concat", "-safe", "0", "-i", out + ".txt", "-c", "copy", out + ".mp4"],
    check=True,
)
