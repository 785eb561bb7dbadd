"""Subscribes to everything for so long and says whether a frame record was late or missing, and what became of questions.

usage: watch.py SOCKET SECONDS
Ends with 1 when a record is late or missing.
"""

import json
import socket
import sys
import time

path, seconds = sys.argv[1], float(sys.argv[2])
client = socket.socket(socket.AF_UNIX)
client.connect(path)
client.settimeout(30)
frames, late, lost, holes = 0, 0, 0, 0
last = {}
ends = {}
failed = {"begin": 0, "end": 0}
begun = reported = time.monotonic()
rest = b""
while time.monotonic() - begun < seconds:
    data = client.recv(1 << 20)
    if not data:
        sys.exit("the daemon has ended")
    *lines, rest = (rest + data).split(b"\n")
    for line in lines:
        record = json.loads(line)
        if record["type"] == "frame":
            frames += 1
            stream, tick = record["stream"], round(record["media_time"] * 30)
            known = last.get(stream)
            # A stream that begins stands at 0 until its first frame.
            if known is not None and known[0] > 0 and tick != known[0] + 1 and record["segment"] >= known[1]:
                holes += abs(tick - known[0] - 1)
            last[stream] = (tick, record["segment"])
        elif record["type"] == "gap":
            if record["reason"] == "late":
                late += record.get("count") or 0
            else:
                lost += record.get("count") or 0
        elif record["type"] == "event":
            event = record["event"]
            if "evidence" in event:
                cause = event["evidence"].get("cause", "answered")
                ends[cause] = ends.get(cause, 0) + 1
                if event.get("late"):
                    ends["(late)"] = ends.get("(late)", 0) + 1
            if event["kind"] == "model_failed" and event["phase"] in failed:
                failed[event["phase"]] += 1
    now = time.monotonic()
    if now - reported >= 60:
        reported = now
        print(f"{(now - begun) / 60:5.0f} min  {frames} records, {late} late, {lost} lost, {holes} missing; questions {ends}", flush=True)
answered = ends.get("answered", 0)
asked = sum(count for cause, count in ends.items() if cause != "(late)")
print(f"frame records: {frames}, late {late}, lost to this reader {lost}, missing {holes}")
print(f"questions: {asked} asked, {answered} answered, the rest by cause: {ends}")
print(f"model_failed: began {failed['begin']} times, ended {failed['end']} times")
sys.exit(1 if late or lost or holes else 0)
