#!/usr/bin/env python3
"""Run by live.sh: n cameras, one daemon, one subscriber of everything; prints a line for each n, or for one n a line a
minute. With `rival`, after each n as many ffmpeg decode the same cameras and do nothing else.

usage: live.py measure|hold SACCADE CLIP SECONDS apart|in-step rival|alone STREAMS...

A record's latency is from the arrival of its frame's last packet, which is the record's `time`, to when this
program has read it; both by this machine's UTC clock, whole milliseconds. The clip should have no B-frames.
"""
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import datetime

SETTLING = 9.0


def seconds_of(pid):
    """CPU seconds, user and system, of a process."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_of(pid):
    """Mebibytes of memory, shared pages counted by share."""
    with open(f"/proc/{pid}/smaps_rollup") as f:
        for line in f:
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def percentile(values, p):
    return values[min(len(values) - 1, int(len(values) * p))] if values else float("nan")


class Reader:
    """Reads all records of all streams; keeps only counts and latencies."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.rest, self.buffer = b"", bytearray(1 << 18)
        self.clear()

    def clear(self):
        self.frames, self.fresh, self.late, self.lost, self.looks, self.latency = {}, 0, 0, 0, 0, []

    def read_until(self, end):
        waiting = select.poll()
        waiting.register(self.socket, select.POLLIN)
        while (left := end - time.monotonic()) > 0:
            if not waiting.poll(left * 1000):
                break
            count = self.socket.recv_into(self.buffer)
            now = time.time()
            if count == 0:
                sys.exit("the daemon closed the connection")
            lines = (self.rest + self.buffer[:count]).split(b"\n")
            self.rest = lines.pop()
            for line in lines:
                # What is counted here stands before the scene, and this program should cost the daemon's machine little.
                head, scene, _ = line.partition(b',"scene":')
                self.take(json.loads(head + b"}" if scene else line), now)

    def take(self, record, now):
        if record["type"] == "gap":
            if record["reason"] == "late":
                self.late += record["count"]
            else:
                self.lost += record["count"]
        elif record["type"] == "frame":
            self.frames[record["stream"]] = self.frames.get(record["stream"], 0) + 1
            self.looks += record["encoder"]["ran"] not in ([], ["patch-grid"])
            if record["freshness"] == "fresh":
                self.fresh += 1
                self.latency.append((now - datetime.fromisoformat(record["time"]).timestamp()) * 1000)


def stop(processes):
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@contextlib.contextmanager
def sending(folder, clip, phase, count):
    """Cameras: their addresses, and the process that sends for all of them."""
    repacked = f"{folder}/clip.ts"
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", clip, "-map", "0:v:0", "-c", "copy", "-f", "mpegts",
                    "-muxdelay", "0", "-muxpreload", "0", repacked], check=True)
    ports = [str(free_port()) for _ in range(count)]
    cameras = f"{os.path.dirname(os.path.abspath(__file__))}/cameras.py"
    sender = subprocess.Popen([sys.executable, cameras, repacked, phase, *ports], stdout=subprocess.PIPE)
    try:
        if not sender.stdout.readline():
            sys.exit("the cameras don't start")
        yield [f"tcp://127.0.0.1:{port}" for port in ports], sender.pid
    finally:
        stop([sender])


@contextlib.contextmanager
def watching(saccade, clip, phase, count):
    """Senders, a daemon that watches them, and a reader of all their records, settled."""
    with tempfile.TemporaryDirectory() as folder, sending(folder, clip, phase, count) as (addresses, sender):
        for i, address in enumerate(addresses):
            with open(f"{folder}/cam{i:02}.yaml", "w") as f:
                f.write(f"source: {address}\n")
                if detector := os.environ.get("LIVE_DETECTOR"):
                    f.write(f"detector: {detector}\n")
        path = f"{folder}/events.sock"
        with open(f"{folder}/log", "w") as log:
            daemon = subprocess.Popen([saccade, "run", folder, "--socket", path], stderr=log, stdout=log)
        try:
            deadline = time.monotonic() + 20
            while not os.path.exists(path):
                if daemon.poll() is not None or time.monotonic() > deadline:
                    sys.exit(open(f"{folder}/log").read() or "the daemon does not start")
                time.sleep(0.05)
            reader = Reader(path)
            reader.read_until(time.monotonic() + SETTLING + 0.05 * count)
            reader.clear()
            yield daemon.pid, sender, reader
        finally:
            stop([daemon])


def frames_of(path):
    """Frames decoded so far, by what ffmpeg writes of its progress."""
    with open(path) as f:
        told = [line for line in f if line.startswith("frame=")]
    return int(told[-1].split("=")[1]) if told else 0


def decode(clip, phase, seconds, count):
    """The same cameras, each decoded by an ffmpeg that does nothing else."""
    with tempfile.TemporaryDirectory() as folder, sending(folder, clip, phase, count) as (addresses, sender):
        decoders, progress = [], [f"{folder}/progress{i:02}" for i in range(count)]
        try:
            for address, path in zip(addresses, progress):
                with open(path, "w") as f:
                    decoders.append(subprocess.Popen(
                        ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", address, "-f", "null",
                         "-stats_period", "0.2", "-progress", "pipe:1", "-"],
                        stdout=f, stderr=subprocess.DEVNULL))
            time.sleep(SETTLING + 0.05 * count)
            pids = [d.pid for d in decoders]
            start = time.monotonic()
            cpu, sent, frames = sum(map(seconds_of, pids)), seconds_of(sender), [*map(frames_of, progress)]
            time.sleep(seconds)
            span = time.monotonic() - start
            cpu, sent = sum(map(seconds_of, pids)) - cpu, seconds_of(sender) - sent
            rates = [(frames_of(path) - before) / span for path, before in zip(progress, frames)]
        finally:
            stop(decoders)
    return {"slowest": min(rates), "cpu": cpu / span, "sent": sent / span}


def measure(saccade, clip, phase, seconds, count):
    with watching(saccade, clip, phase, count) as (daemon, sender, reader):
        cpu, sent = seconds_of(daemon), seconds_of(sender)
        start = time.monotonic()
        reader.read_until(start + seconds)
        span = time.monotonic() - start
        cpu, sent = seconds_of(daemon) - cpu, seconds_of(sender) - sent
        pss = pss_of(daemon)
    reader.latency.sort()
    rates = sorted(n / span for n in reader.frames.values())
    total = sum(reader.frames.values())
    return {
        "streams": count, "seen": len(rates), "slowest": rates[0] if rates else 0,
        "fresh": reader.fresh / total if total else 0, "late": reader.late, "lost": reader.lost,
        "p50": percentile(reader.latency, 0.5), "p99": percentile(reader.latency, 0.99),
        "max": reader.latency[-1] if reader.latency else float("nan"),
        "cpu": cpu / span, "sent": sent / span, "pss": pss, "looks": reader.looks / span,
    }


def hold(saccade, clip, phase, seconds, count):
    """A line a minute: whether anything grows."""
    print(f"{'minute':>7} {'records':>9} {'late':>6} {'lost':>6} {'p99 ms':>8} {'Pss MiB':>8} {'descriptors':>12}"
          f" {'threads':>8}")
    with watching(saccade, clip, phase, count) as (daemon, _, reader):
        start = time.monotonic()
        for minute in range(1, int(seconds / 60) + 1):
            reader.read_until(start + 60 * minute)
            reader.latency.sort()
            print(f"{minute:>7} {sum(reader.frames.values()):>9} {reader.late:>6} {reader.lost:>6}"
                  f" {percentile(reader.latency, 0.99):>8.1f} {pss_of(daemon):>8.1f}"
                  f" {len(os.listdir(f'/proc/{daemon}/fd')):>12} {len(os.listdir(f'/proc/{daemon}/task')):>8}", flush=True)
            reader.clear()


def main():
    mode, saccade, clip, seconds, phase, rival, *counts = sys.argv[1:]
    setting = (saccade, os.path.abspath(clip), phase, float(seconds))
    if mode == "hold":
        return hold(*setting, int(counts[0]))
    print(f"{'program':<8} {'streams':>7} {'rec/s, slowest':>15} {'fresh':>7} {'late':>6} {'lost':>6} {'p50 ms':>8} {'p99 ms':>8}"
          f" {'max ms':>8} {'cores':>7} {'sender':>7} {'Pss MiB':>8} {'each more':>10} {'looks/s':>8}")
    first = None
    for count in map(int, counts):
        r = measure(*setting, count)
        first = first or r
        more = (r["pss"] - first["pss"]) / (count - first["streams"]) if count > first["streams"] else float("nan")
        print(f"{'saccade':<8} {r['seen']:>3}/{r['streams']:<3} {r['slowest']:>15.2f} {r['fresh']:>7.3f} {r['late']:>6} {r['lost']:>6}"
              f" {r['p50']:>8.1f} {r['p99']:>8.1f} {r['max']:>8.1f} {r['cpu']:>7.2f} {r['sent']:>7.2f} {r['pss']:>8.1f}"
              f" {more:>10.1f} {r['looks']:>8.1f}", flush=True)
        if rival == "rival":
            r = decode(*setting[1:], count)
            print(f"{'decode':<8} {count:>3}/{count:<3} {r['slowest']:>15.2f} {'':51} {r['cpu']:>7.2f} {r['sent']:>7.2f}",
                  flush=True)


if __name__ == "__main__":
    main()
