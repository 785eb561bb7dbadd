"""A model server that answers, stalls, lies, breaks off, babbles without end, fails or is gone, by chance.

usage: faulty_server.py PORT SEED MEAN_SECONDS
MEAN_SECONDS: how long a time of health, and one of being gone, lasts on average. Prints a line for each change, and at its end
(SIGTERM) how often it did what, as JSON.
"""

import http.server
import json
import random
import signal
import socketserver
import sys
import threading
import time

port, seed, mean = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
chance = random.Random(seed)
lock = threading.Lock()
did = {}
over = threading.Event()
MOODS = ["well"] * 8 + ["slow", "hang", "cut", "lie", "babble", "fail", "loading", "garbage"]


def pick():
    with lock:
        mood = chance.choice(MOODS)
        did[mood] = did.get(mood, 0) + 1
        return mood


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def whole(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def piece(self, text):
        data = ("data: " + text + "\n\n").encode()
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def delta(self, text):
        self.piece(json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}))

    def do_GET(self):
        self.whole(200, b'{"data":[]}')

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.keys = asked["response_format"]["json_schema"]["schema"]["required"]
        mood = pick()
        try:
            self.act(mood)
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    def act(self, mood):
        if mood == "fail":
            return self.whole(500, b'{"error":{"message":"out of memory"}}')
        if mood == "loading":
            return self.whole(503, b'{"error":{"message":"loading model"}}')
        if mood == "hang":
            over.wait(600)
            return None
        if mood == "garbage":
            return self.wfile.write(bytes(chance.randrange(256) for _ in range(4000)))
        over.wait(chance.uniform(5, 40) if mood == "slow" else chance.uniform(0.05, 0.8))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        if mood == "babble":
            while not over.is_set():
                self.delta(" and so on" * 50)
        if mood == "lie":
            self.delta('{"answer":"perhaps","box":[1,2,3,4]}')
        else:
            answers = json.dumps({key: "yes" for key in self.keys})
            self.delta(answers[:8])
            if mood == "cut":
                return None
            self.delta(answers[8:])
        self.piece('{"model":"faulty","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}')
        self.piece('{"choices":[],"usage":{"prompt_tokens":300,"completion_tokens":6}}')
        self.piece("[DONE]")
        self.wfile.write(b"0\r\n\r\n")
        return None


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64


signal.signal(signal.SIGTERM, lambda *_: over.set())
while not over.is_set():
    server = Server(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    print(f"{time.time():.0f} listens", flush=True)
    over.wait(chance.expovariate(1 / mean))
    server.shutdown()
    server.server_close()
    if over.is_set():
        break
    did["gone"] = did.get("gone", 0) + 1
    print(f"{time.time():.0f} is gone", flush=True)
    over.wait(chance.expovariate(1 / mean))
print(json.dumps(did), flush=True)
