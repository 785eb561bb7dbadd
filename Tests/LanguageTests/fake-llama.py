"""Stands in for llama-server: does what the file given as its model says. Takes llama-server's arguments.

`fine` answers, `late` answers after a second, `deaf` never, `crash` ends by itself, `hog` takes memory without end,
`stubborn` answers and doesn't end when asked to.
"""

import http.server
import os
import signal
import socketserver
import sys
import time

arguments = sys.argv[1:]
mode = open(arguments[arguments.index("--model") + 1]).read().strip()
path = arguments[arguments.index("--host") + 1]
print("fake llama, mode", mode, flush=True)
if mode == "crash":
    print("GGML_ASSERT(n_tokens > 0) failed", file=sys.stderr, flush=True)
    os.abort()
if mode == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if mode == "deaf":
    time.sleep(3600)
if mode == "hog":
    kept = []
    while True:
        kept.append(os.urandom(1 << 16) * 64)
        time.sleep(0.005)
if mode == "late":
    time.sleep(1)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def address_string(self):
        return ""

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True


Server(path, Handler).serve_forever()
