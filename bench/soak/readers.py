"""Clients of the event socket for the soak: each keeps an account of what it was told (PROTOCOL §3)."""
import json
import random
import socket
import threading
import time


class Ledger:
    """Whether every seq of each stream came once or is in one gap.

    Seqs only go up. At each record beyond all gaps so far, records and the counts of the gaps must add up to the seqs
    that have passed.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.streams = {}
        self.records = 0
        self.gaps = {}
        self.holes = 0
        self.doubles = 0
        self.complaints = []

    def begin(self):
        """A new connection: what lies between isn't promised."""
        with self.lock:
            self.streams = {}

    def record(self, stream, seq):
        with self.lock:
            self.records += 1
            at = self.streams.setdefault(stream, {"first": seq, "last": seq - 1, "count": 0, "gap": 0})
            if seq <= at["last"]:
                self.doubles += 1
                self.complain(f"{stream}: seq {seq} after {at['last']}")
                return
            at["last"] = seq
            at["count"] += 1
            if seq > at["gap"]:
                missing = seq - at["first"] + 1 - at["count"]
                if missing:
                    self.holes += abs(missing)
                    self.complain(f"{stream}: {missing} unexplained before {seq}")
                    at["count"] += missing

    def gap(self, message):
        with self.lock:
            reason, count, stream = message["reason"], message["count"], message["stream"]
            self.gaps[reason] = self.gaps.get(reason, 0) + count
            at = self.streams.setdefault(
                stream, {"first": message["from_seq"], "last": message["from_seq"] - 1, "count": 0, "gap": 0})
            at["count"] += count
            at["gap"] = max(at["gap"], message["to_seq"])

    def complain(self, text):
        if len(self.complaints) < 20:
            self.complaints.append(text)


class Reader(threading.Thread):
    """Reads one subscription after the other until told to stop."""

    def __init__(self, path, name, subscription=None, pace=None, life=None, seed=0):
        super().__init__(daemon=True, name=name)
        self.path, self.subscription, self.pace, self.life = path, subscription, pace, life
        self.random = random.Random(seed)
        self.ledger = Ledger()
        self.stopping = threading.Event()
        self.connections = 0

    def run(self):
        while not self.stopping.is_set():
            try:
                self.session()
            except OSError:
                pass
            self.stopping.wait(0.5)

    def stop(self):
        self.stopping.set()
        self.join()

    def request(self):
        return self.subscription

    def session(self):
        end = time.monotonic() + self.random.uniform(*self.life) if self.life else None
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(self.path)
            self.connections += 1
            self.ledger.begin()
            request = self.request()
            if request is not None:
                connection.sendall(json.dumps({"id": 7, "subscribe": request}).encode() + b"\n")
            is_answered = request is None
            rest = b""
            while not self.stopping.is_set() and (end is None or time.monotonic() < end):
                if self.pace:
                    self.stopping.wait(self.random.uniform(*self.pace))
                try:
                    data = connection.recv(1 << 16)
                except TimeoutError:
                    continue
                if not data:
                    return
                lines = (rest + data).split(b"\n")
                rest = lines.pop()
                for line in lines:
                    message = json.loads(line)
                    if message["type"] == "subscribed":
                        is_answered = True
                    elif is_answered:
                        self.take(message)

    def take(self, message):
        if message["type"] in ("frame", "event"):
            self.ledger.record(message["stream"], message["seq"])
        elif message["type"] == "gap":
            self.ledger.gap(message)


class Thin(Reader):
    """Asks for a part of the records, so that seqs jump."""

    def take(self, message):
        self.ledger.records += message["type"] in ("frame", "event")


class Keeper(Reader):
    """Is told everything, and keeps every event and the ticks."""

    def __init__(self, path):
        super().__init__(path, "keeper")
        self.events = {}
        self.ticks = {}
        self.states = {}
        self.late = 0
        self.broken = []
        self.frames = {}

    def take(self, message):
        super().take(message)
        kind = message["type"]
        if kind == "hello":
            for entry in message["streams"]:
                self.states[entry["name"]] = entry["state"]
        elif kind == "stream":
            self.states[message["name"]] = message["state"]
            if message["state"] not in ("running", "lost"):
                self.ticks.pop(message["name"], None)
        elif kind == "event":
            self.events.setdefault(message["stream"], set()).add(message["seq"])
        elif kind == "gap":
            if message["reason"] == "late":
                self.late += message["count"]
                if message["stream"] in self.ticks:
                    self.ticks[message["stream"]] += message["count"]
        elif kind == "frame":
            name = message["stream"]
            self.frames[name] = self.frames.get(name, 0) + 1
            tick = round(message["media_time"] * 30)
            last = self.ticks.get(name)
            if last is not None and tick != last + 1:
                if len(self.broken) < 20:
                    self.broken.append(f"{name}: tick {tick} after {last} at seq {message['seq']}")
            # Before a stream's first frame its media time stands still.
            if message["scene"]["state"] != "starting":
                self.ticks[name] = tick


class Resumer(Reader):
    """Reads events, leaves by chance, and goes on where it stopped: each event must come once."""

    def __init__(self, path, streams, seed):
        super().__init__(path, "resumer", life=(3, 25), seed=seed)
        self.streams = streams
        self.next = {}
        self.first = {}
        self.events = {}
        self.doubled = 0
        self.lost = 0

    def request(self):
        start = {name: {"epoch": epoch, "seq": seq} for name, (epoch, seq) in self.next.items()}
        return {"types": ["event"], "streams": self.streams, "from": start if start else "live"}

    def take(self, message):
        kind = message["type"]
        if kind == "event":
            name, seq = message["stream"], message["seq"]
            seen = self.events.setdefault(name, set())
            if seq in seen:
                self.doubled += 1
            seen.add(seq)
            self.first.setdefault(name, seq)
            self.next[name] = (message["event"]["id"].split("-")[-2], seq + 1)
            self.ledger.records += 1
        elif kind == "gap" and "event" in message["types"]:
            # Where nobody knows how many, each seq may have been an event.
            count = message.get("count") or message["to_seq"] - message["from_seq"] + 1
            self.lost += count
            self.ledger.gaps[message["reason"]] = self.ledger.gaps.get(message["reason"], 0) + count


class Stuck(Reader):
    """Takes nothing, until it is thrown out or has had enough."""

    def session(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.path)
            self.connections += 1
            connection.sendall(json.dumps({"subscribe": self.subscription}).encode() + b"\n")
            self.stopping.wait(self.random.uniform(20, 90))


class Storm(Reader):
    """Many connections at once that come, say anything or nothing, and die."""

    def session(self):
        words = [b"", b"{\"subscribe\":{}}\n", b"{\"status\":{}}\n", b"{\"subscr", b"\x00\xff\n\n{}\n[[[[\n",
                 b"x" * 70000 + b"\n", b"{\"subscribe\":{\"where\":\"object.age > \"}}\n"]
        connections = []
        try:
            for _ in range(self.random.randint(1, 60)):
                connection = socket.socket(socket.AF_UNIX)
                connections.append(connection)
                connection.settimeout(1)
                connection.connect(self.path)
                self.connections += 1
                connection.sendall(self.random.choice(words))
                if self.random.random() < 0.2:
                    connection.shutdown(socket.SHUT_WR)
                if self.random.random() < 0.3:
                    connection.recv(1000)
            self.stopping.wait(self.random.uniform(0, 1))
        finally:
            for connection in connections:
                connection.close()
        self.stopping.wait(self.random.uniform(1, 8))
