"""Run by dead.sh. usage: dead.py SACCADE MINUTES"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

from live import free_port, seconds_of


def thread_seconds(pid):
    """CPU seconds of each thread, by name."""
    found = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/comm") as f:
                name = f.read().strip()
            with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                found[name] = found.get(name, 0.0) + int(f.read().split()[0]) / 1e9
        except FileNotFoundError:
            pass
    return found


def main():
    saccade, minutes = sys.argv[1], float(sys.argv[2])
    silent = socket.create_server(("127.0.0.1", 0), backlog=64)
    nowhere = "192.0.2.1"  # RFC 5737: never anybody's
    dead = [f"rtsp://127.0.0.1:{free_port()}/cam" for _ in range(4)]
    dead += [f"rtsp://127.0.0.1:{silent.getsockname()[1]}/cam"] * 2 + [f"rtsp://{nowhere}/cam"] * 2
    with tempfile.TemporaryDirectory() as folder:
        clip, senders, daemon = f"{folder}/clip.ts", [], None
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=15:d=10", "-c:v",
                        "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "15", "-pix_fmt", "yuv420p", clip], check=True)
        os.mkdir(f"{folder}/p")
        try:
            for number in range(8):
                port = free_port()
                senders.append(subprocess.Popen(
                    ["ffmpeg", "-v", "quiet", "-nostdin", "-re", "-stream_loop", "-1", "-i", clip, "-c", "copy", "-f",
                     "mpegts", f"tcp://127.0.0.1:{port}?listen=1"]))
                for name, url in ((f"live{number}", f"tcp://127.0.0.1:{port}"), (f"dead{number}", dead[number])):
                    with open(f"{folder}/p/{name}.yaml", "w") as f:
                        f.write(f"source: {url}\n")
            time.sleep(1)
            with open(f"{folder}/log", "w") as log:
                daemon = subprocess.Popen([saccade, "run", f"{folder}/p", "--socket", f"{folder}/s"], stdout=log, stderr=log)
            time.sleep(minutes * 60)
            threads, whole = thread_seconds(daemon.pid), seconds_of(daemon.pid)
            with open(f"{folder}/log") as f:
                attempts = sum("dead" in line and "is lost" in line for line in f)
        finally:
            for process in [daemon] + senders:
                if process:
                    process.send_signal(signal.SIGTERM)
                    process.wait(20)
    share = {kind: sum(s for name, s in threads.items() if name.startswith(kind)) / (60 * minutes)
             for kind in ("read-dead", "look-dead", "pacer", "read-live", "look-live")}
    cost = share["read-dead"] + share["look-dead"] + share["pacer"]
    print(f"{minutes:g} minutes, {attempts} attempts that failed; of one core:")
    for kind, value in share.items():
        print(f"  {kind:<10} {100 * value:7.3f} %")
    print(f"  all        {100 * whole / (60 * minutes):7.3f} %")
    print(f"the dead ones, with the ticks of all: {100 * cost:.3f} % of a core (bar: 1 %)")
    return 0 if cost <= 0.01 else 1


if __name__ == "__main__":
    sys.exit(main())
