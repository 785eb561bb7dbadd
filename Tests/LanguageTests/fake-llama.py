"""Stands in for llama-server: does what the file given as its model says. Takes llama-server's arguments.

`fine` answers, `late` says to the first look that it is loading, `deaf` never answers, `crash` ends by itself,
`hog` takes a quarter of a gigabyte and never answers, `stubborn` answers and doesn't end when asked to.
"""

import http.server
import os
import signal
import socketserver
import sys

arguments = sys.argv[1:]
mode = open(arguments[arguments.index("--model") + 1]).read().strip()
path = arguments[arguments.index("--host") + 1]
print("fake llama, mode", mode, flush=True)
if mode == "crash":
    print("GGML_ASSERT(n_tokens > 0) failed", file=sys.stderr, flush=True)
    os.abort()
if mode == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mode == "hog":
    kept = [os.urandom(1 << 16) * 64 for _ in range(64)]
if mode in ("deaf", "hog"):
    signal.pause()
looks = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global looks
        looks += 1
        self.send_response(503 if mode == "late" and looks == 1 else 200)
        self.end_headers()

    def address_string(self):
        return ""

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


Server(path, Handler).serve_forever()
