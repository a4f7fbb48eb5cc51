# SPDX-License-Identifier: GPL-2.0-only
"""A tiny HTTP server on 127.0.0.1 with one file of known content; the guest sees it at 10.0.2.2."""

import hashlib
import http.server
import random
import threading

SIZE = 4 << 20


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *args):
        pass


class FileServer:
    def __init__(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.content = random.Random(1).randbytes(SIZE)
        self.port = self.server.server_port
        self.sha256 = hashlib.sha256(self.server.content).hexdigest()

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc):
        self.server.shutdown()
        self.server.server_close()
