"""What the soak watches, and what can be done to it: each part runs, can be harmed, and comes back by itself."""
import os
import signal
import socket
import subprocess
import threading
import time


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Part:
    """A process that is kept running."""

    def __init__(self, name):
        self.name = name
        self.process = None
        self.lock = threading.Lock()

    def command(self, random):
        raise NotImplementedError

    def start(self, random):
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                self.process = subprocess.Popen(
                    self.command(random), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def send(self, number):
        with self.lock:
            if self.process is not None and self.process.poll() is None:
                os.kill(self.process.pid, number)

    def kill(self):
        self.send(signal.SIGKILL)
        self.send(signal.SIGCONT)
        with self.lock:
            if self.process is not None:
                self.process.stdin.close()
                self.process.wait()
                self.process = None


class Camera(Part):
    """Mostly as it was; now and then another comes in its place."""

    def __init__(self, name, script, transport):
        super().__init__(name)
        self.script, self.port, self.transport = script, free_port(), transport
        self.harms = ["kill", "kill", "freeze", "freeze", "replace"]

    def command(self, random, size="640x360", codec="h264"):
        return ["/usr/bin/python3", self.script, str(self.port), "--size", size, "--codec", codec, "--rate", "15"]

    def replace(self, random):
        self.kill()
        with self.lock:
            self.process = subprocess.Popen(
                self.command(random, random.choice(["640x360", "320x180"]), random.choice(["h264", "h265", "mjpeg"])),
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def pipeline(self):
        return (f"source: {{url: \"rtsp://127.0.0.1:{self.port}/cam\", transport: {self.transport}, timeout: 4 s}}\n"
                "zones: {left: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]}\nevents: {dwell: object in left for 2 s}\n")


class Sender(Part):
    """MPEG-TS over TCP: ffmpeg repeats a clip at its own pace, and ends when its viewer leaves."""

    def __init__(self, name, clip):
        super().__init__(name)
        self.clip, self.port = clip, free_port()
        self.harms = ["kill", "freeze"]

    def command(self, random):
        return ["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", self.clip, "-c", "copy",
                "-f", "mpegts", "-flush_packets", "1", f"tcp://127.0.0.1:{self.port}?listen=1"]

    def pipeline(self):
        return f"source: {{url: \"tcp://127.0.0.1:{self.port}\", timeout: 4 s}}\n"


class Writer(Part):
    """A file that grows as long as the soak lasts. It may pause, but not end."""

    def __init__(self, name, path):
        super().__init__(name)
        self.path = path
        self.harms = ["freeze"]

    def command(self, random):
        return ["ffmpeg", "-v", "error", "-nostdin", "-y", "-re", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=10",
                "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "20", "-b:v", "100k", "-f", "mpegts",
                "-flush_packets", "1", self.path]

    def pipeline(self):
        return f"source: {{url: \"{self.path}\", timeout: 60 s, options: {{follow: \"1\"}}}}\n"


class Mischief(threading.Thread):
    """Harms one part after the other, by chance, and lets it recover."""

    def __init__(self, parts, random, pause, harmed):
        super().__init__(daemon=True, name="mischief")
        self.parts, self.random, self.pause, self.harmed = parts, random, pause, harmed
        self.stopping = threading.Event()
        self.counts = {}

    def run(self):
        while not self.stopping.wait(self.random.uniform(*self.pause)):
            part = self.random.choice(self.parts)
            harm = self.random.choice(part.harms)
            span = self.random.choice([0.2, 2, 6, 12]) * self.random.uniform(0.5, 1.5)
            self.counts[harm] = self.counts.get(harm, 0) + 1
            self.harmed(f"{harm} {part.name} for {span:.1f} s")
            if harm == "kill":
                part.kill()
                self.stopping.wait(span)
                part.start(self.random)
            elif harm == "freeze":
                part.send(signal.SIGSTOP)
                self.stopping.wait(span)
                part.send(signal.SIGCONT)
            else:
                part.replace(self.random)
            for other in self.parts:
                # A sender ends with its viewer's connection.
                other.start(self.random)

    def stop(self):
        self.stopping.set()
        self.join()
        for part in self.parts:
            part.send(signal.SIGCONT)
            part.start(self.random)
