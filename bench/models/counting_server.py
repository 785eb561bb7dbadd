"""A model server that says yes and counts what it was asked: calls, and tokens as Qwen3-VL counts them.

usage: counting_server.py SOCKET
A picture takes one token for each 32x32 pixels; of text, four bytes are taken for one token. Prints the sums as JSON at its end
(SIGTERM).
"""

import base64
import http.server
import json
import os
import signal
import socketserver
import struct
import sys
import threading

sums = {"calls": 0, "questions": 0, "pictures": 0, "picture_tokens": 0, "text_tokens": 0, "least_text_tokens": None}
lock = threading.Lock()


def size(jpeg):
    at = 2
    while at < len(jpeg):
        kind, length = jpeg[at + 1], struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        if kind in (0xC0, 0xC1, 0xC2):
            height, width = struct.unpack(">HH", jpeg[at + 5 : at + 9])
            return width, height
        at += 2 + length
    sys.exit("a picture without a size")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def address_string(self):
        return ""

    def whole(self, body):
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.whole(b'{"data":[]}')

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        keys = asked["response_format"]["json_schema"]["schema"]["required"]
        with lock:
            sums["calls"] += 1
            before = sums["text_tokens"]
            for message in asked["messages"]:
                parts = message["content"]
                for part in [{"type": "text", "text": parts}] if isinstance(parts, str) else parts:
                    if part["type"] == "text":
                        sums["text_tokens"] += (len(part["text"].encode()) + 3) // 4
                    else:
                        width, height = size(base64.b64decode(part["image_url"]["url"].split(",", 1)[1]))
                        sums["pictures"] += 1
                        sums["picture_tokens"] += max(1, round(width / 32)) * max(1, round(height / 32))
            words = sums["text_tokens"] - before
            sums["least_text_tokens"] = min(words, sums["least_text_tokens"] or words)
            sums["questions"] += len(keys)
        answers = json.dumps({key: "yes" for key in keys})
        choice = {"index": 0, "message": {"role": "assistant", "content": answers}, "finish_reason": "stop"}
        self.whole(json.dumps({"model": "counting", "choices": [choice]}).encode())
        self.close_connection = True


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def handle_error(self, *_):
        """Whoever asks may be gone before the answer."""


server = Server(sys.argv[1], Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever(0.05)
os.unlink(sys.argv[1])
print(json.dumps(sums))
