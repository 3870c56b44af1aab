#!/usr/bin/env python3
"""An HTTP/2 server that refuses some requests, and counts what it acts upon by the number "n" in their bodies.

    refusing_server.py CERTIFICATE HOW EVERY DIR

HOW it refuses: "reset" ends the stream of the request (REFUSED_STREAM), "goaway" the connection (GOAWAY, without it).
EVERY so many requests of a connection; with "any-" before HOW, of all connections together. What it has done is told by
the answer to whoami. Its address goes to DIR/ready; it ends when its standard input does.
"""

import collections
import json
import os
import re
import socket
import ssl
import struct
import sys
import threading

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
ACK, END_STREAM, END_HEADERS = 1, 1, 4
MAX_CONCURRENT_STREAMS, REFUSED_STREAM = 3, 7
# Of the static table: ":status: 200", and content-type as a field that is not to be kept.
HEAD = b"\x88\x0f\x10\x10application/json"

certificate, how, every, directory = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
lock = threading.Lock()
acted = collections.Counter()
counts = collections.Counter()


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


class Connection:
    def __init__(self, peer):
        self.peer, self.requests, self.last, self.bodies = peer, 0, 0, {}

    def receive(self, size):
        data = b""
        while len(data) < size:
            more = self.peer.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def is_refused(self):
        self.requests += 1
        with lock:
            counts["requests"] += 1
            number = counts["requests"] if how.startswith("any-") else self.requests
            refused = number % every == 0
            counts["refused"] += refused
        return refused

    def begin(self, stream):
        """Takes or refuses a request."""
        if not self.is_refused():
            self.last, self.bodies[stream] = stream, b""
        elif how.endswith("reset"):
            self.peer.sendall(frame(RST_STREAM, 0, stream, struct.pack(">I", REFUSED_STREAM)))
        else:
            self.peer.sendall(frame(GOAWAY, 0, 0, struct.pack(">II", self.last, 0)))

    def answer(self, stream):
        body = self.bodies.pop(stream)
        number = re.search(rb'"n":(\d+)', body)
        with lock:
            if number:
                acted[number.group(1)] += 1
            done = dict(counts, acted=len(acted), twice=sum(count > 1 for count in acted.values()))
        text = json.dumps(dict(done, status="RUNNING", execution_id="e")).encode()
        self.peer.sendall(frame(HEADERS, END_HEADERS, stream, HEAD) + frame(DATA, END_STREAM, stream, text))

    def serve(self):
        self.receive(24)  # the preface
        self.peer.sendall(frame(SETTINGS, 0, 0, struct.pack(">HI", MAX_CONCURRENT_STREAMS, 100)))
        while True:
            head = self.receive(9)
            kind, flags, stream = head[3], head[4], struct.unpack(">I", head[5:])[0]
            payload = self.receive(struct.unpack(">I", b"\0" + head[:3])[0])
            if kind in (SETTINGS, PING) and not flags & ACK:
                self.peer.sendall(frame(kind, ACK, 0, payload if kind == PING else b""))
            elif kind == HEADERS:
                self.begin(stream)
            elif kind == DATA and stream in self.bodies:
                self.bodies[stream] += payload
                if payload:
                    self.peer.sendall(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", len(payload))))
            if kind in (DATA, HEADERS) and flags & END_STREAM and stream in self.bodies:
                self.answer(stream)


def handle(context, peer):
    try:
        with context.wrap_socket(peer, server_side=True) as secure:
            counts["connections"] += 1
            Connection(secure).serve()
    except (EOFError, OSError):
        pass


def accept_all(listener):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2"])
    while True:
        peer = listener.accept()[0]
        threading.Thread(target=handle, args=(context, peer), daemon=True).start()


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=1000)
    threading.Thread(target=accept_all, args=(listener,), daemon=True).start()
    with open(os.path.join(directory, "ready"), "w", encoding="ascii") as ready:
        ready.write(f"url=https://localhost:{listener.getsockname()[1]}\n")
    sys.stdin.read()


main()
