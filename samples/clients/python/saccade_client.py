#!/usr/bin/env python3
"""A client of Saccade's event socket, with Python's standard library only (3.8 or later).

As a program, it prints events in readable lines until interrupted:

    python3 saccade_client.py                       # the daemon found as docs/protocol.md says
    python3 saccade_client.py --socket PATH --stream lobby --kind object --kind motion

As a module:

    from saccade_client import Subscriber

    for message in Subscriber(types=["event"], kinds=["object"]):
        if message["type"] == "event":
            print(message["stream"], message["event"]["text"])

A `Subscriber` reconnects by itself and goes on at the record after the last one, so that a restart of this
program's daemon or a short disconnection loses nothing that the daemon still holds; what it no longer holds
comes as a message of type `gap`. To go on after a restart of *your* program, keep `subscriber.positions`
somewhere and give it back as `positions=`.
"""

import argparse
import json
import os
import socket
import stat
import sys
import time


def candidates(path=None):
    """Where the socket may be, in the order in which it is looked for."""
    path = path or os.environ.get("SACCADE_SOCKET")
    if path:
        return [path]
    paths = []
    if os.environ.get("XDG_RUNTIME_DIR", "").startswith("/"):
        paths.append(os.path.join(os.environ["XDG_RUNTIME_DIR"], "saccade/events.sock"))
    own = f"/tmp/saccade-{os.getuid()}"
    try:
        info = os.lstat(own)
        # In /tmp anyone can make a folder: only one that is ours alone is trusted.
        if stat.S_ISDIR(info.st_mode) and info.st_uid == os.getuid() and not info.st_mode & 0o077:
            paths.append(own + "/events.sock")
    except OSError:
        pass
    return paths + ["/run/saccade/events.sock"]


def connect(path=None):
    """A connected socket, or ConnectionError that names the places that were tried."""
    tried = []
    for place in candidates(path):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(place)
            return connection
        except OSError as error:
            connection.close()
            tried.append(f"{place}: {error.strerror}")
    raise ConnectionError("no daemon was found\n  " + "\n  ".join(tried))


class Refused(Exception):
    """The daemon refused a request; `answer` is what it said."""

    def __init__(self, answer):
        super().__init__(f"{answer['message']} ({answer.get('where') or answer['code']})")
        self.answer = answer


class Subscriber:
    """Iterates over the messages of a subscription, one dict each: `frame`, `event`, `gap`, `stream`, `bye`,
    and, at each connection, `hello` and `subscribed` (docs/protocol.md).

    The arguments are the fields of `subscribe`; those left out take the daemon's defaults. `positions` says
    where to go on: `{stream: {"epoch": …, "frames": seq, "events": seq}}`, as kept in `self.positions`.
    """

    def __init__(self, path=None, reconnect=True, positions=None, **subscription):
        self.path = path
        self.reconnect = reconnect
        self.positions = positions or {}
        self.subscription = subscription

    def __iter__(self):
        pause = 0.1
        had_one = False
        while True:
            try:
                for message in self._connection():
                    if message["type"] == "subscribed":
                        had_one, pause = True, 0.1
                    yield message
            except (OSError, Refused):
                if not (self.reconnect and had_one):
                    raise
            if not self.reconnect:
                return
            time.sleep(pause)
            pause = min(pause * 2, 5)

    def _connection(self):
        with connect(self.path) as connection, connection.makefile("rb") as lines:
            streams = []
            is_subscribed = False
            for line in lines:
                message = json.loads(line)
                kind = message["type"]
                if kind == "hello":
                    streams += message["streams"]
                    if message.get("part") == message.get("parts"):
                        request = {"id": 1, "subscribe": self._request(streams)}
                        connection.sendall(json.dumps(request).encode() + b"\n")
                elif kind == "subscribed":
                    is_subscribed = message.get("part") == message.get("parts")
                    for place in message["streams"]:
                        self._start(place["name"], place["epoch"], place["from_seq"] - 1)
                elif kind == "error" and not is_subscribed:
                    raise Refused(message)
                elif kind == "stream" and is_subscribed:
                    self._start(message["name"], message["epoch"], message["next_seq"] - 1)
                elif kind in ("frame", "event", "gap"):
                    # What precedes the answer belongs to the connection's first, unasked subscription.
                    if not is_subscribed or not self._is_new(message):
                        continue
                yield message

    def _request(self, streams):
        request = dict(self.subscription)
        wanted = request.get("streams")
        places = {}
        if self.positions:
            for entry in streams:
                if wanted and entry["name"] not in wanted:
                    continue
                had = self.positions.get(entry["name"])
                seq = entry["oldest_seq"]
                if had and had["epoch"] == entry["epoch"]:
                    types = request.get("types") or ["frame", "event"]
                    seq = min(min(had[kind + "s"] for kind in types) + 1, entry["next_seq"])
                places[entry["name"]] = {"epoch": entry["epoch"], "seq": seq}
        if places:
            request["from"] = places
        return request

    def _start(self, stream, epoch, had):
        known = self.positions.get(stream)
        if not known or known["epoch"] != epoch:
            self.positions[stream] = {"epoch": epoch, "frames": had, "events": had}

    def _is_new(self, message):
        """Notes a record or a loss; False for what was had before a reconnection."""
        place = self.positions.get(message["stream"])
        if not place:
            return True
        is_gap = message["type"] == "gap"
        types = message["types"] if is_gap else [message["type"]]
        last = message["to_seq"] if is_gap else message["seq"]
        # A seq is used once, and what precedes a record or gap is settled for both types.
        others = message["from_seq"] - 1 if is_gap else last
        is_new = any(last > place[kind + "s"] for kind in types)
        for kind in ("frame", "event"):
            place[kind + "s"] = max(place[kind + "s"], last if kind in types else others)
        return is_new


def status(path=None, timeout=5):
    """The daemon's status as one dict."""
    with connect(path) as connection, connection.makefile("rb") as lines:
        connection.settimeout(timeout)
        connection.sendall(b'{"id":"status","status":{}}\n')
        whole = {}
        for line in lines:
            message = json.loads(line)
            if message["type"] != "status":
                continue
            streams = whole.get("streams", []) + message["streams"]
            whole = {**message, "streams": streams}
            if message.get("part") == message.get("parts"):
                return whole
    raise ConnectionError("the daemon closed the connection before it answered")


def readable(message):
    """One line for people; None for what they need not see."""
    kind = message["type"]
    if kind == "event":
        event = message["event"]
        return f"{message['time'][11:23]} {message['stream']:10} {event['phase']:6} {event['text']}"
    if kind == "gap":
        count = "an unknown number of" if message["count"] is None else message["count"]
        return f"             {message['stream']:10} lost {count} records: {message['reason']}"
    if kind == "stream":
        return f"             {message['name']:10} {message['state']}: {message['reason']}"
    if kind == "bye":
        return f"the daemon says bye: {message['reason']}"
    return None


def main():
    parser = argparse.ArgumentParser(description="Prints what Saccade sees, in readable lines.")
    parser.add_argument("--socket", help="where the daemon listens")
    parser.add_argument("--stream", action="append", help="only this stream; may be repeated")
    parser.add_argument("--kind", action="append", help="only this kind of event; may be repeated")
    parser.add_argument("--from", dest="start", choices=["live", "oldest"], default="live")
    parser.add_argument("--once", action="store_true", help="end with the connection instead of reconnecting")
    options = parser.parse_args()
    wanted = {"types": ["event"], "from": options.start}
    if options.stream:
        wanted["streams"] = options.stream
    if options.kind:
        wanted["kinds"] = options.kind
    try:
        for message in Subscriber(options.socket, reconnect=not options.once, **wanted):
            line = readable(message)
            if line:
                print(line, flush=True)
    except (ConnectionError, Refused) as error:
        sys.exit(f"saccade_client: {error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
