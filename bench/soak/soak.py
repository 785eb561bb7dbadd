#!/usr/bin/python3
"""Run by soak.sh. usage: soak.py SACCADE CAMERA SECONDS SEED GROWTH"""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

from parts import Camera, Mischief, Sender, Writer
from readers import Keeper, Reader, Resumer, Storm, Stuck, Thin

SAMPLES = 5.0  # seconds between looks at memory
SETTLING = 75.0  # seconds of peace before each look at what it holds: free memory is given back once a minute


def status_of(pid):
    found = {}
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            key, _, value = line.partition(":")
            if key in ("VmRSS", "RssAnon"):
                found[key] = int(value.split()[0]) / 1024
    with open(f"/proc/{pid}/smaps_rollup") as f:
        found["Pss"] = next(int(line.split()[1]) / 1024 for line in f if line.startswith("Pss:"))
    return found


def holdings(pid):
    threads = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/comm") as f:
            name = f.read().strip()
        # Those of libdispatch, which SQLite's queues run on, come and go by themselves.
        if "qos" not in name:
            threads.append(name)
    return len(os.listdir(f"/proc/{pid}/fd")), sorted(threads)


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else float("nan")


def resting_memory(pid):
    """Medians over some seconds in which nothing is done to the daemon."""
    samples = []
    for _ in range(10):
        samples.append(status_of(pid))
        time.sleep(1)
    return {key: median([sample[key] for sample in samples]) for key in samples[0]}


class Soak:
    def __init__(self, saccade, camera, seconds, seed, folder):
        self.saccade, self.seconds, self.seed, self.folder = saccade, seconds, seed, folder
        self.random = random.Random(seed)
        self.socket, self.journal = f"{folder}/s", f"{folder}/journal.db"
        self.pipelines = f"{folder}/pipelines"
        os.mkdir(self.pipelines)
        clip = f"{folder}/clip.ts"
        subprocess.run(
            ["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i",
             "color=0x808080:s=640x360:r=15:d=30,noise=alls=6:allf=t[b];color=0x282840:s=60x140:r=15:d=30[o];"
             "[b][o]overlay=x='mod(t,10)*90-80':y=160", "-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "30",
             "-pix_fmt", "yuv420p", clip], check=True)
        self.parts = [
            Camera("cam-tcp", camera, "tcp"), Camera("cam-udp", camera, "udp"), Sender("sender", clip),
            Writer("file", f"{folder}/growing.ts"),
        ]
        self.log = open(f"{folder}/daemon.log", "w+")
        self.faults = open(f"{folder}/faults.log", "w")
        self.daemon = None
        self.reloads = 0

    def start(self):
        for part in self.parts:
            part.start(self.random)
            with open(f"{self.pipelines}/{part.name}.yaml", "w") as f:
                f.write(part.pipeline())
        time.sleep(3)
        self.daemon = subprocess.Popen(
            [self.saccade, "run", self.pipelines, "--socket", self.socket, "--journal", self.journal],
            stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 30
        while not os.path.exists(self.socket):
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                sys.exit(open(self.log.name).read() or "the daemon does not start")
            time.sleep(0.05)

    def toggle(self):
        """One more stream comes or goes, by a reload."""
        path = f"{self.pipelines}/extra.yaml"
        if os.path.exists(path):
            os.unlink(path)
        else:
            with open(path, "w") as f:
                f.write(self.parts[0].pipeline())
        self.daemon.send_signal(signal.SIGHUP)
        self.reloads += 1

    def rest(self, keeper, seconds, limit=180):
        """Waits until every stream has been running for so long; returns what the daemon holds then."""
        names = {part.name for part in self.parts}
        since, end = time.monotonic(), time.monotonic() + limit
        while time.monotonic() < end:
            if any(keeper.states.get(name) != "running" for name in names):
                since = time.monotonic()
                for part in self.parts:
                    part.start(self.random)
            if time.monotonic() - since >= seconds:
                break
            time.sleep(0.2)
        return holdings(self.daemon.pid)


def main():
    saccade, camera, seconds, seed, most = sys.argv[1:]
    seconds, seed, most = float(seconds), int(seed), float(most)
    print(f"soak: {seconds / 60:.0f} minutes, seed {seed}", flush=True)
    folder = tempfile.mkdtemp(prefix="saccade-soak-")
    soak = Soak(saccade, camera, seconds, seed, folder)
    readers = []
    try:
        code = run(soak, readers, most)
    finally:
        for part in soak.parts:
            part.kill()
        if soak.daemon is not None and soak.daemon.poll() is None:
            soak.daemon.kill()
    print(f"logs: {folder}")
    return code


def run(soak, readers, most):
    soak.start()
    pid = soak.daemon.pid
    keeper = Keeper(soak.socket)
    keeper.start()
    soak.rest(keeper, SETTLING)

    def tell(fault):
        soak.faults.write(f"{time.strftime('%H:%M:%S')} {fault}\n")
        soak.faults.flush()

    # What the daemon holds is compared where it has the same to do: nothing but the sources and one reader. The first
    # half is for what it fills and opens once: caches, rings, the journal for replay.
    rests, mischiefs, minute = [], [], 0
    for _ in range(2):
        visitors = company(soak)
        readers += visitors
        for reader in visitors:
            reader.start()
        mischief = Mischief(soak.parts, random.Random(soak.random.random()), (3, 15), tell)
        mischiefs.append(mischief)
        mischief.start()
        minute = watch(soak, pid, keeper, readers, mischiefs, minute)
        mischief.stop()
        for reader in visitors:
            reader.stop()
        if soak.daemon.poll() is not None:
            print(f"the daemon ended with {soak.daemon.returncode}")
            return 1
        if os.path.exists(f"{soak.pipelines}/extra.yaml"):
            soak.toggle()
        held = soak.rest(keeper, SETTLING)
        rests.append((held, resting_memory(pid)))
    return verdict(soak, keeper, readers, mischiefs, rests, most)


def company(soak):
    """Readers of every kind, for half of the time."""
    seeds = soak.random
    return [
        Reader(soak.socket, "drop_oldest", {"on_lag": "drop_oldest"}, (0.2, 4), (20, 200), seeds.random()),
        Reader(soak.socket, "coalesce", {"on_lag": "coalesce"}, (0.1, 2), (20, 200), seeds.random()),
        Reader(soak.socket, "disconnect", {"on_lag": "disconnect"}, (0.1, 8), (20, 200), seeds.random()),
        Thin(soak.socket, "tenth", {"every": 10, "types": ["frame"]}, None, (5, 30), seeds.random()),
        Resumer(soak.socket, [part.name for part in soak.parts], seeds.random()),
        Storm(soak.socket, "storm", seed=seeds.random()), Stuck(soak.socket, "stuck", {}, seed=seeds.random()),
        Stuck(soak.socket, "stuck, coalesce", {"on_lag": "coalesce"}, seed=seeds.random()),
    ]


def watch(soak, pid, keeper, readers, mischiefs, minute):
    """Half of the time, a line a minute; returns the number of minutes so far."""
    if minute == 0:
        print(f"{'minute':>6} {'records':>9} {'late':>5} {'slow':>7} {'coal.':>7} {'other':>6} {'holes':>5} {'twice':>5}"
              f" {'faults':>6} {'RSS':>7} {'anon':>7} {'Pss':>7} {'fds':>4} {'thr.':>4}", flush=True)
    begin = time.monotonic()
    first, samples = minute, []
    while time.monotonic() - begin < soak.seconds / 2:
        time.sleep(SAMPLES)
        if soak.daemon.poll() is not None:
            break
        samples.append(status_of(pid))
        if soak.random.random() < SAMPLES / 45:
            soak.toggle()
        if time.monotonic() - begin < 60 * (minute - first + 1):
            continue
        minute += 1
        memory = {key: median([sample[key] for sample in samples]) for key in samples[0]}
        samples = []
        everyone = [keeper] + readers
        gaps = {}
        for reader in everyone:
            for reason, count in reader.ledger.gaps.items():
                gaps[reason] = gaps.get(reason, 0) + count
        total = sum(r.ledger.records for r in everyone)
        other = sum(n for reason, n in gaps.items() if reason not in ("late", "slow_reader", "coalesced"))
        descriptors, threads = holdings(pid)
        print(f"{minute:>6} {total:>9} {keeper.late:>5} {gaps.get('slow_reader', 0):>7}"
              f" {gaps.get('coalesced', 0):>7} {other:>6} {sum(r.ledger.holes for r in everyone):>5}"
              f" {sum(r.ledger.doubles for r in everyone):>5} {sum(sum(m.counts.values()) for m in mischiefs):>6}"
              f" {memory['VmRSS']:>7.1f} {memory['RssAnon']:>7.1f} {memory['Pss']:>7.1f}"
              f" {descriptors:>4} {len(threads):>4}", flush=True)
    return minute


def verdict(soak, keeper, readers, mischiefs, rests, most):
    (before, memory_before), (after, memory_after) = rests
    everyone = [keeper] + readers
    resumers = [r for r in readers if isinstance(r, Resumer)]
    faults = {}
    for mischief in mischiefs:
        for name, count in mischief.counts.items():
            faults[name] = faults.get(name, 0) + count
    bad = []

    def expect(holds, text):
        print(("ok    " if holds else "WRONG ") + text)
        if not holds:
            bad.append(text)

    print("faults: " + ", ".join(f"{n} × {name}" for name, n in sorted(faults.items()))
          + f", {soak.reloads} × reload; connections: " + ", ".join(f"{r.name} {r.connections}" for r in readers))
    for reader in everyone:
        print(f"{reader.name}: {reader.ledger.records} records, gaps {reader.ledger.gaps or 'none'}")
    holes, doubles = sum(r.ledger.holes for r in everyone), sum(r.ledger.doubles for r in everyone)
    expect(holes == 0, f"{holes} records missing without a word")
    expect(doubles == 0, f"{doubles} records told twice")
    for reader in everyone:
        for text in reader.ledger.complaints:
            print(f"      {reader.name}: {text}")
    expect(set(keeper.ledger.gaps) <= {"late"} and keeper.connections == 1, "one reader that keeps up lost no record")
    expect(not keeper.broken, f"ticks one by one: {keeper.broken or 'all'}")
    print(f"      late ticks: {keeper.late} of {sum(keeper.frames.values())}")
    missed = sum(
        len({seq for seq in keeper.events.get(name, ()) if first <= seq < resumer.next[name][1]} - resumer.events[name])
        for resumer in resumers for name, first in resumer.first.items())
    doubled, in_gaps = sum(r.doubled for r in resumers), sum(r.lost for r in resumers)
    expect(missed == 0 and doubled == 0 and in_gaps == 0,
           f"events over {sum(r.connections for r in resumers)} connections: {sum(r.ledger.records for r in resumers)} told,"
           f" {missed} lost, {doubled} twice, {in_gaps} in gaps")
    # What was told by now is on disk; more comes while it is read.
    events = {name: set(seqs) for name, seqs in keeper.events.items()}
    out = subprocess.run([soak.saccade, "events", "--journal", soak.journal, "--format", "json"],
                         stdout=subprocess.PIPE, check=False).stdout
    kept = {}
    for line in out.splitlines():
        record = json.loads(line)
        if record["type"] == "event":
            kept.setdefault(record["stream"], []).append(record["seq"])
    told = sum(map(len, events.values()))
    absent = sum(len(seqs - set(kept.get(name, ()))) for name, seqs in events.items())
    expect(absent == 0 and all(len(s) == len(set(s)) for s in kept.values()),
           f"journal: {sum(map(len, kept.values()))} events, {absent} of {told} told ones absent")
    expect(after[0] <= before[0], f"descriptors: {before[0]} at half time, {after[0]} at the end")
    expect(after[1] == before[1], f"threads: {len(before[1])} at half time, {len(after[1])} at the end"
           + ("" if after[1] == before[1] else f": {before[1]}, {after[1]}"))
    for key in ("VmRSS", "RssAnon", "Pss"):
        half, end = memory_before[key], memory_after[key]
        text = f"{key} at rest: {half:.1f} MiB at half time, {end:.1f} at the end"
        if key == "VmRSS":
            expect(end - half <= most, text)
        else:
            print("      " + text)
    soak.daemon.send_signal(signal.SIGTERM)
    try:
        code = soak.daemon.wait(30)
    except subprocess.TimeoutExpired:
        code = "none within 30 s"
    expect(code == 0, f"the daemon's exit code: {code}")
    print("verdict: " + ("holds" if not bad else f"{len(bad)} wrong"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
