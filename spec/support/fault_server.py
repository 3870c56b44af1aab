#!/usr/bin/env python3
"""A server that misbehaves to order, for testing an HTTP client over real sockets.

    fault_server.py DIR

listens on free loopback ports, writes their addresses as key=value lines to DIR/ready, and ends when its
standard input does, so that it never outlives the process that started it. fault.lua is its other half: it
makes the steps, and documents them.

A step is a list of actions and is used up by the next request (or connection) it applies to; a request that
finds no step gets a plain 200. Each connection has a thread that sends and receives plain bytes: what a test
writes is what goes over the wire. Text has one character per byte (Latin-1) from end to end.

Control goes over two FIFOs, DIR/control.in (a JSON text a line) and DIR/control.out (a Lua chunk a line):
a Lua test needs no socket library and no JSON decoder for it.
"""

import collections
import itertools
import json
import os
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import warnings
import zlib

BATCH = 65536
PROXY_AUTHORIZATION = "Basic cHJveHl1c2VyOnByb3h5c2VjcmV0"  # proxyuser:proxysecret

# Linux tells at once that the peer has closed; elsewhere a sleeping connection notices when it wakes up.
PEER_CLOSED = getattr(select, "POLLRDHUP", select.POLLHUP)


class Finished(Exception):
    """The connection is over because this side says so. EOFError and OSError mean that the client ended it."""


class Session:
    """What is to happen and what has happened since the last reset.

    A reset makes a new session. Connections of the old one keep writing to the old one while they end, so
    that a test never sees traces of the test before it.
    """

    def __init__(self):
        self.changed = threading.Condition()
        self.counters = collections.Counter()
        self.steps = []
        self.log = []
        self.proxy_connects = []
        self.connections = set()

    def count(self, event):
        with self.changed:
            self.counters[event] += 1
            self.changed.notify_all()
            return self.counters[event]

    def wait(self, event, number, timeout):
        with self.changed:
            return self.changed.wait_for(lambda: self.counters[event] >= number, timeout)

    def take(self, stage, port, target):
        """Removes and returns the first step for this connection or request, if the step's stage has come."""
        with self.changed:
            for index, step in enumerate(self.steps):
                if applies(step, stage, port, target):
                    return self.steps.pop(index) if step.get("on", "request") == stage else None
        return None


def applies(step, stage, port, target):
    if port != step.get("port", "plain" if port.startswith("proxy") else port):
        return False
    if stage == "accept":
        return "path" not in step
    return step.get("on") != "accept" and target.startswith(step.get("path", ""))


def header(request, name):
    return next((value for key, value in request["headers"] if key.lower() == name), "")


class Connection:
    """One accepted connection: reads requests and performs steps."""

    def __init__(self, session, port, sock):
        self.session = session
        self.port = port
        self.sock = sock
        self.number = session.count(port.prefix + "connection")
        self.buffer = bytearray()
        self.client = ""  # the name in the certificate that the client showed
        self.recorded = None  # the request that was logged last
        with session.changed:
            session.connections.add(self)

    def serve(self):
        end = "finished"
        try:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each send is a segment of its own
            self.act("accept")
            if self.port.tls:
                self.handshake()
            while True:
                self.exchange()
        except Finished:
            pass
        except (EOFError, OSError):
            end = "closed"
        finally:
            self.sock.close()
            with self.session.changed:
                self.session.connections.discard(self)
                self.session.count(self.port.prefix + end)

    def shutdown(self, direction):
        # Not SSLSocket's own method, which would also forget the TLS state under a thread that is using it.
        socket.socket.shutdown(self.sock, direction)

    def handshake(self):
        self.sock = self.port.tls.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
        try:
            self.sock.do_handshake()
        except OSError:
            self.session.count("tls_failure")
            raise
        self.session.count("tls_handshake")
        subject = (self.sock.getpeercert() or {}).get("subject", ())
        self.client = dict(itertools.chain(*subject)).get("commonName", "")

    def fill(self):
        data = self.sock.recv(BATCH)
        if not data:
            raise EOFError
        self.buffer += data

    def read(self, size):
        while len(self.buffer) < size:
            self.fill()
        data = self.buffer[:size]
        del self.buffer[:size]
        return data

    def read_line(self):
        while (end := self.buffer.find(b"\n")) < 0:
            self.fill()
        return self.read(end + 1).decode("latin-1").rstrip("\r\n")

    def read_body(self, request):
        body = request["body"]
        if header(request, "expect").lower() == "100-continue":
            self.send("HTTP/1.1 100 Continue\r\n\r\n")
        if header(request, "transfer-encoding").lower() == "chunked":
            while size := int(self.read_line(), 16):
                body += self.read(size)
                self.read_line()
            while self.read_line():
                pass
            return
        size = int(header(request, "content-length") or 0)
        while len(body) < size:  # piece by piece, so that the log shows how much of a broken upload arrived
            if not self.buffer:
                self.fill()
            body += self.read(min(size - len(body), len(self.buffer)))

    def exchange(self):
        """Reads one request and answers it."""
        line = self.read_line()
        request = {"port": self.port.name, "connection": self.number, "client": self.client,
                   "request_line": line, "headers": [], "body": bytearray(), "complete": False}
        try:
            self.act("header", request)
            while line := self.read_line():
                name, _, value = line.partition(":")
                request["headers"].append([name, value.strip()])
            self.act("headers", request)
            self.read_body(request)
            request["complete"] = True
        finally:
            self.record(request)
        if not self.act("request", request):
            if self.port.prefix:
                self.forward(request)
            else:
                self.answer("200 OK", '{"ok":true}')
        if header(request, "connection").lower() == "close":
            self.close()

    def record(self, request):
        """Logs a request, once: as soon as a step acts on it, or else when all there is has been read."""
        with self.session.changed:
            if self.recorded is not request:
                self.recorded = request
                self.session.log.append(request)
                self.session.count(self.port.prefix + "request")

    def act(self, stage, request=None):
        """Performs the step for this stage, if there is one. Only a last action "keep" returns from it."""
        target = (request["request_line"].split(" ") + [""])[1] if request else ""
        step = self.session.take(stage, self.port.name, target)
        if step:
            if request:
                self.record(request)
            for name, *arguments in step["actions"]:
                getattr(self, name)(*arguments)
            if step["actions"][-1:] != [["keep"]]:
                self.close()
        return step

    def answer(self, status, body, extra=""):
        self.send(f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
                  f"Content-Length: {len(body)}\r\n{extra}\r\n{body}")

    # The actions of steps

    def send(self, data):
        self.sock.sendall(data.encode("latin-1") if isinstance(data, str) else data)

    def sleep(self, seconds):
        """Waits, but no longer than the client stays: a test may be waiting for its leaving."""
        watch = select.poll()
        watch.register(self.sock, PEER_CLOSED)
        if watch.poll(seconds * 1000):
            raise EOFError

    def gate(self, name):
        """Waits until the test opens the gate."""
        while not self.session.wait("gate " + name, 1, 0.02):
            self.sleep(0)

    def dribble(self, text, seconds):
        for byte in text:
            self.send(byte)
            self.sleep(seconds)

    def repeat(self, text, times, seconds=0):
        batch = 1 if seconds else BATCH // len(text) + 1
        while times > 0:
            self.send(text * min(batch, times))
            self.sleep(seconds)
            times -= batch

    def endless(self, text, seconds=0):
        self.repeat(text, sys.maxsize, seconds)

    def gzip(self, before, middle, times, after):
        """Sends, as a chunked body, the gzip of before, so many times middle, after: never all in memory."""
        packer = zlib.compressobj(1, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        middles = itertools.repeat(middle.encode("latin-1"), times)
        for piece in itertools.chain([before.encode("latin-1")], middles, [after.encode("latin-1")]):
            if packed := packer.compress(piece):  # an empty chunk would be the end
                self.send(b"%x\r\n%s\r\n" % (len(packed), packed))
        packed = packer.flush()
        self.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(packed), packed))

    def idle_close(self, seconds):
        """Closes the connection unless another request comes in time."""
        self.sock.settimeout(seconds or 0.001)
        try:
            self.fill()
        except TimeoutError:
            self.session.count("idle_closed")
            self.close()
        self.sock.settimeout(None)

    def hang(self):
        while True:
            self.fill()
            self.buffer.clear()

    def half_close(self):
        """Ends the sending side only; over TLS without the close_notify that tells an end from a cut."""
        self.shutdown(socket.SHUT_WR)

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Finished

    def close(self):
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.settimeout(0)  # send close_notify, do not wait for the client's
            try:
                self.sock.unwrap()
            except (OSError, ValueError):
                pass
        try:  # unread input would turn the orderly end into a reset
            while socket.socket.recv(self.sock, BATCH, socket.MSG_DONTWAIT):
                pass
        except OSError:
            pass
        raise Finished

    def keep(self):
        """Does nothing: as the last action it keeps the connection open."""

    # The proxy

    def forward(self, request):
        """Does what a proxy is asked to. It takes every host for this machine, so nothing ever leaves it."""
        if self.port.name == "proxy_auth" and header(request, "proxy-authorization") != PROXY_AUTHORIZATION:
            self.answer("407 Proxy Authentication Required", "{}", 'Proxy-Authenticate: Basic realm="fault"\r\n')
            return
        method, target, version = request["request_line"].split(" ")
        number, path = re.fullmatch(r"(?:http://)?[^/]*?(?::(\d+))?(/.*)?", target).groups()
        if method == "CONNECT":
            self.session.proxy_connects.append(target)
        try:
            upstream = socket.create_connection(("127.0.0.1", int(number or 80)))
        except OSError:
            self.answer("502 Bad Gateway", '{"detail":"the proxy could not connect"}')
            return
        with upstream:
            if method == "CONNECT":
                self.send("HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                hop = re.compile("proxy-.*|connection|transfer-encoding|content-length|expect", re.I)
                lines = [f"{method} {path or '/'} {version}", "Connection: close",
                         f"Content-Length: {len(request['body'])}"]
                lines += [f"{name}: {value}" for name, value in request["headers"] if not hop.fullmatch(name)]
                upstream.sendall("\r\n".join(lines + ["", ""]).encode("latin-1") + request["body"])
            self.relay(upstream)

    def relay(self, upstream):
        other = {self.sock: upstream, upstream: self.sock}
        while True:
            for sock in select.select(list(other), [], [])[0]:
                data = sock.recv(BATCH)
                if not data:
                    raise Finished if sock is upstream else EOFError
                other[sock].sendall(data)


class Port:
    """A listening socket and the thread that accepts on it."""

    def __init__(self, control, name, certificate=None, authority=None):
        self.control = control
        self.name = name
        self.prefix = "proxy_" if name.startswith("proxy") else ""  # proxies have counters of their own
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
            self.tls.load_verify_locations(authority)
            self.tls.verify_mode = ssl.CERT_OPTIONAL  # a client may show a certificate, none has to
            self.tls.set_alpn_protocols(["http/1.1"])
        self.sock = bound()
        self.sock.listen(128)
        threading.Thread(target=self.accept, daemon=True).start()

    def speak(self, least, most):
        """Speaks these versions of TLS only; OpenSSL does the old ones where its policy lets it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.tls.minimum_version = least
            self.tls.maximum_version = most
        self.tls.set_ciphers("DEFAULT:@SECLEVEL=0")

    def accept(self):
        while True:
            sock = self.sock.accept()[0]
            connection = Connection(self.control.session, self, sock)
            threading.Thread(target=connection.serve, daemon=True).start()


def bound():
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock


ESCAPES = {code: f"\\{code:03d}" for code in range(256) if not 32 <= code < 127 or chr(code) in '"\\'}


def to_lua(value):
    """A Lua expression with this value, on one line and in plain ASCII."""
    if isinstance(value, dict):
        return "{" + ",".join(f"[{to_lua(key)}]={to_lua(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "{" + ",".join(map(to_lua, value)) + "}"
    if isinstance(value, bytearray):
        value = value.decode("latin-1")
    if isinstance(value, str):
        return '"' + value.translate(ESCAPES) + '"'
    return "nil" if value is None else str(value).lower()


class Control:
    """Does the commands of the test, one after the other; each command is a method with its arguments."""

    def __init__(self):
        self.session = Session()

    def script(self, steps):
        with self.session.changed:
            self.session.steps += steps

    def open(self, gate):
        self.session.count("gate " + gate)

    def wait(self, event, number, timeout):
        return self.session.wait(event, number, timeout)

    def log(self):
        return self.session.log

    def stats(self):
        session = self.session
        with session.changed:
            is_open = sum(not connection.port.prefix for connection in session.connections)
            return {"counters": dict(session.counters), "open": is_open, "steps": len(session.steps),
                    "proxy_connects": list(session.proxy_connects)}

    def reset(self):
        old, self.session = self.session, Session()
        with old.changed:
            for connection in old.connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it is gone already
            old.changed.wait_for(lambda: not old.connections, 2)

    def stop(self):
        os._exit(0)

    def answer(self, line):
        try:
            command = json.loads(line)
            return to_lua({"value": getattr(self, command.pop("command"))(**command)})
        except Exception as problem:
            return to_lua({"error": f"{type(problem).__name__}: {problem}"})

    def run(self, directory):
        # Opened both ways, a FIFO never waits for its other end, and has no end of file when that goes away.
        requests, replies = (os.open(os.path.join(directory, name), os.O_RDWR)
                             for name in ("control.in", "control.out"))
        with open(requests, "rb") as lines, open(replies, "wb", 0) as out:
            for line in lines:
                out.write(f"return {self.answer(line)}\n".encode("latin-1"))


def certificates(directory):
    """The directory with the certificates, made if need be."""
    made = os.environ.get("FAULT_CERTIFICATES") or os.path.join(directory, "certificates")
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "certificates.sh")
    subprocess.run([script, made], check=True, stdin=subprocess.DEVNULL)
    return os.path.abspath(made)


def end_with_input():
    while os.read(0, 4096):
        pass
    os._exit(0)


def start(control, directory):
    """Opens the ports and returns what is to be known about them."""
    made = certificates(directory)
    authority = os.path.join(made, "ca.pem")
    ready = {"ca_file": authority, "client_cert": os.path.join(made, "client.pem")}

    def address(key, sock, origin="http://127.0.0.1"):
        ready[key] = f"{origin}:{sock.getsockname()[1]}"

    address("url", Port(control, "plain").sock)
    for name, certificate in (("tls", "good"), ("tls_expired", "expired"), ("tls_wrong_host", "wrong_host"),
                              ("tls_self_signed", "self_signed"), ("tls_old", "good"), ("tls_12", "good")):
        port = Port(control, name, os.path.join(made, certificate + ".pem"), authority)
        address(name + "_url", port.sock, "https://localhost")
        if name == "tls_old":
            port.speak(ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)
        elif name == "tls_12":
            port.speak(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    for name in ("proxy", "proxy_auth"):
        address(name, Port(control, name).sock)
    port = Port(control, "proxy_tls", os.path.join(made, "good.pem"), authority)
    address("proxy_tls", port.sock, "https://localhost")
    # A socket that is bound but does not listen refuses connections, and keeps the port from anyone else.
    control.refused = bound()
    address("refused", control.refused)
    # The kernel completes connections up to the backlog, and nothing ever accepts or answers them.
    control.silent = bound()
    control.silent.listen(128)
    address("silent_tcp", control.silent, "https://127.0.0.1")
    return "".join(f"{key}={value}\n" for key, value in ready.items())


def main(directory):
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    threading.Thread(target=end_with_input, daemon=True).start()
    for name in ("control.in", "control.out"):
        os.mkfifo(os.path.join(directory, name))
    control = Control()
    text = start(control, directory)
    ready = os.path.join(directory, "ready")
    written = ready if os.path.exists(ready) else ready + ".new"
    with open(written, "w") as file:
        file.write(text)
    if written != ready:
        os.rename(written, ready)  # whole or not at all, for a caller that polls for it
    control.run(directory)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: fault_server.py DIR")
    main(sys.argv[1])
