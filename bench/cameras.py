#!/usr/bin/env python3
"""Cameras for live.py: each sends one clip over and over as MPEG-TS over TCP, a frame at a time, at the pace of its time stamps.

usage: cameras.py CLIP.ts apart|in-step PORT...

The clip has been repacked by ffmpeg, and is read once. One process sends for all cameras and sleeps until the next frame is
due, as cameras should cost the machine that is measured next to nothing: an ffmpeg for each looks a hundred times a second whether there
is something to do. What a client has no room for is sent once it has, and nothing is left out.

Camera i of n shows the clip from another key frame on than the others; apart, neither their frames nor their key frames are in
step. Whoever connects gets the next key frame first.
"""
import heapq
import select
import socket
import sys
import time

PACKET = 188
WRAP = 1 << 33
# Its multiples spread evenly over 0…1, however many.
GOLDEN = 0.6180339887
# For each n the table that adds n to the counters of packets, the low four bits of their fourth byte.
COUNTERS = [bytes(b & 0xF0 | (b + n) & 0x0F for b in range(256)) for n in range(16)]


def read_stamp(data, at):
    b = data[at:at + 5]
    return (b[0] >> 1 & 7) << 30 | b[1] << 22 | b[2] >> 1 << 15 | b[3] << 7 | b[4] >> 1


def write_stamp(data, at, value):
    data[at] = data[at] & 0xF1 | value >> 30 << 1
    data[at + 1] = value >> 22 & 0xFF
    data[at + 2] = value >> 15 << 1 & 0xFE | 1
    data[at + 3] = value >> 7 & 0xFF
    data[at + 4] = value << 1 & 0xFE | 1


class Frame:
    """The packets of one frame, and where time stamps stand in them."""

    def __init__(self):
        self.data, self.stamps, self.clock, self.is_key = bytearray(), [], None, False

    @property
    def time(self):
        """When it is to be decoded, in 1/90000 s."""
        return read_stamp(self.data, self.stamps[-1])

    def shifted(self, by, counter):
        """As it is sent later by so many 1/90000 s, after so many packets more."""
        data = bytearray(self.data)
        data[3::PACKET] = data[3::PACKET].translate(COUNTERS[counter % 16])
        for at in self.stamps:
            write_stamp(data, at, (read_stamp(data, at) + by) % WRAP)
        if self.clock is not None:
            at = self.clock
            base = (int.from_bytes(data[at:at + 4], "big") << 1 | data[at + 4] >> 7) + by
            data[at:at + 4] = (base % WRAP >> 1).to_bytes(4, "big")
            data[at + 4] = data[at + 4] & 0x7F | base % 2 << 7
        return data


class Clip:
    """A clip's tables and frames. Only the packets of its video are kept beside the first tables."""

    def __init__(self, path):
        with open(path, "rb") as f:
            data = f.read()
        self.tables, self.frames, video = bytearray(), [], None
        for start in range(0, len(data) - PACKET + 1, PACKET):
            packet = data[start:start + PACKET]
            if packet[0] != 0x47:
                sys.exit(f"{path}: no MPEG-TS at byte {start}")
            stream, begins = (packet[1] & 0x1F) << 8 | packet[2], packet[1] & 0x40
            adaptation = packet[4] + 1 if packet[3] & 0x20 else 0
            payload = 4 + adaptation
            if begins and packet[payload:payload + 3] == b"\0\0\1" and packet[payload + 3] & 0xF0 == 0xE0:
                video = stream
                self.frames.append(Frame())
                self.note(self.frames[-1], packet, payload, adaptation)
            if stream == video:
                self.frames[-1].data += packet
            elif video is None:
                self.tables += packet
        self.keys = [i for i, frame in enumerate(self.frames) if frame.is_key]
        if not self.keys:
            sys.exit(f"{path}: no key frame")
        first, last = self.frames[0].time, self.frames[-1].time
        self.length = (last - first) + (last - first) // (len(self.frames) - 1)
        self.packets = sum(len(frame.data) for frame in self.frames) // PACKET
        self.times = [frame.time - first for frame in self.frames]
        self.group = (self.keys[1] if len(self.keys) > 1 else len(self.frames)) / len(self.frames) * self.length

    @staticmethod
    def note(frame, packet, payload, adaptation):
        """Where things stand in the first packet of a frame."""
        kinds = packet[payload + 7] >> 6
        frame.stamps = [payload + 9] + ([payload + 14] if kinds == 3 else [])
        if adaptation > 1:
            frame.is_key = bool(packet[5] & 0x40)
            if packet[5] & 0x10:
                frame.clock = 6


class Camera:
    def __init__(self, clip, port, first, begun):
        self.clip, self.first, self.begun = clip, first, begun
        self.listener = socket.create_server(("127.0.0.1", port))
        self.client, self.rest, self.number = None, b"", 0

    def due(self, number):
        """When frame `number` since the beginning is sent."""
        loops, at = divmod(self.first + number, len(self.clip.frames))
        return self.begun + (loops * self.clip.length + self.clip.times[at] - self.clip.times[self.first]) / 90000

    def accept(self):
        self.client, _ = self.listener.accept()
        self.listener.close()
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client.setblocking(False)
        frames, now = self.clip.frames, time.monotonic()
        while self.due(self.number) < now or not frames[(self.first + self.number) % len(frames)].is_key:
            self.number += 1
        self.rest = memoryview(bytes(self.clip.tables))

    def step(self):
        """Sends what there is room for. Returns false when the client has gone."""
        if not self.rest:
            loops, at = divmod(self.first + self.number, len(self.clip.frames))
            self.rest = memoryview(self.clip.frames[at].shifted(loops * self.clip.length, loops * self.clip.packets))
            self.number += 1
        try:
            self.rest = self.rest[self.client.send(self.rest):]
        except BlockingIOError:
            pass
        except OSError:
            self.client.close()
            return False
        return True


def main():
    path, phase, *ports = sys.argv[1:]
    clip, begun = Clip(path), time.monotonic()
    cameras = []
    for i, port in enumerate(map(int, ports)):
        first = clip.keys[0 if phase == "in-step" else i * len(clip.keys) // len(ports)]
        apart = 0 if phase == "in-step" else i * GOLDEN % 1 * clip.group / 90000
        cameras.append(Camera(clip, port, first, begun + apart))
    print("ready", flush=True)
    listening, blocked, due = {c.listener.fileno(): c for c in cameras}, {}, []
    while True:
        wait = max(0, due[0][0] - time.monotonic()) if due else None
        new, free, _ = select.select(list(listening), list(blocked), [], wait)
        for number in new:
            camera = listening.pop(number)
            camera.accept()
            blocked[camera.client.fileno()] = camera
        ready = [blocked.pop(number) for number in free]
        while due and due[0][0] <= time.monotonic():
            ready.append(cameras[heapq.heappop(due)[1]])
        for camera in ready:
            number = camera.client.fileno()
            if not camera.step():
                continue
            if camera.rest:
                blocked[number] = camera
            else:
                heapq.heappush(due, (camera.due(camera.number), cameras.index(camera)))


if __name__ == "__main__":
    main()
