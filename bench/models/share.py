"""What questions took, beside one call a second with the whole picture, and whether each event was asked about.

usage: share.py NAME KINDS SECONDS SUMS RECORDS...
KINDS are the events that were asked about, with commas between; SUMS is what counting_server.py printed.
"""

import json
import sys

name, kinds, seconds, sums = sys.argv[1], set(sys.argv[2].split(",")), float(sys.argv[3]), json.loads(sys.argv[4])
begun, answered, unseen = set(), set(), set()
for path in sys.argv[5:]:
    with open(path) as records:
        for line in records:
            if '"type":"event"' not in line:
                continue
            event = json.loads(line)["event"]
            key = (path, event["id"])
            if event["kind"] in kinds:
                begun.add(key)
                cause = event.get("evidence", {}).get("cause")
                if "evidence" in event and cause is None:
                    answered.add(key)
                # It began when no picture came any more, at the end of a clip.
                if cause == "no_picture":
                    unseen.add(key)
# 640x360 is 20x11 tokens; its words are those that a call with one question has.
tokens = sums["picture_tokens"] + sums["text_tokens"]
every = seconds * (220 + (sums["least_text_tokens"] or 0))
print(
    f"{name:14} {len(answered)} of {len(begun)} events answered, {len(unseen)} without a picture;  {sums['calls']} calls in {seconds:.0f} s "
    f"({100 * sums['calls'] / seconds:.1f} % of one a second), {tokens} tokens ({100 * tokens / every:.1f} %)"
)
sys.exit(0 if answered | unseen == begun else 1)
