"""The servers that are measured against; each is started when the first row needs it."""

import collections
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

from .measure import ROOT, Problem

KINDS = [  # of requests, by line of the access log
    ("starts", re.compile(r"POST /v1/workflows/[^/ ]+/execute ")),
    ("streams", re.compile(r"GET /v1/workflows/(executions/[^/ ]+|events)/stream")),
    ("sweeps", re.compile(r"GET /v1/workflows/runs[ ?]")),
    ("reads", re.compile(r"GET /v1/workflows/executions/[^/ ]+ ")),
    ("others", re.compile(r'"[A-Z]+ /v1/')),
]


def kind_of(line):
    return next((name for name, pattern in KINDS if pattern.search(line)), None)


class Sandbox:
    """The service of sandbox/. With a log, the requests of a program are counted, and the streams that it has open."""

    def __init__(self, settings, log=False, ended=0):
        self.directory = tempfile.mkdtemp(prefix="bench-")
        self.log = os.path.join(self.directory, "access.log") if log else None
        environment = {**os.environ, **settings, "SANDBOX_GZIP": "off", "SANDBOX_STATE_MEMORY": "1024m",
                       "SANDBOX_UNTIL_EOF": "1"}
        if log:
            environment["SANDBOX_LOG"] = self.log
        self.process = subprocess.Popen([os.path.join(ROOT, "sandbox/run"), self.directory], env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        facts = {}
        for line in self.process.stdout:
            name, _, facts[name] = line.strip().partition("=")
            if name == "log":
                break
        if "log" not in facts:
            raise Problem("the sandbox does not start")
        self.url, self.tls_url, self.ca_file = facts["url"], facts["tls_url"], facts["ca_file"]
        for _ in range(ended):
            self.request("POST", "/v1/workflows/hello/execute", b"{}")

    def request(self, method, path, body=None):
        headers = {"Authorization": "Bearer bench", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers, method=method)) as answer:
            return answer.read()

    def control(self, path):
        method, _, path = path.rpartition(" ")
        return json.loads(self.request(method or "POST", "/_sandbox/" + path))

    def environment(self, row):
        return {"BENCH_URL": self.tls_url if row.tls else self.url, "BENCH_CA": self.ca_file,
                "NODE_EXTRA_CA_CERTS": self.ca_file}

    def open_streams(self):
        return self.control("GET stats")["open_streams"]

    def counted(self, work):
        """Calls `work`, and adds to its numbers the requests of each kind and the most streams that were open."""
        if not self.log:
            return work()
        most, over, begin = [0], threading.Event(), os.path.getsize(self.log)

        def look():
            while not over.wait(0.2):
                most[0] = max(most[0], self.open_streams())

        looking = threading.Thread(target=look)
        looking.start()
        try:
            numbers, answer = work()
        finally:
            over.set()
            looking.join()
        end = time.monotonic() + 10
        while self.open_streams() > 0 and time.monotonic() < end:  # then all that was asked is in the log
            time.sleep(0.1)
        with open(self.log) as log:
            log.seek(begin)
            counts = collections.Counter(map(kind_of, log))
        numbers.update({name: counts[name] for name, _ in KINDS}, open_streams=most[0])
        return numbers, answer

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Nginx:
    """nginx with one worker whose handlers use the library, and one that is their upstream: nginx/*.conf."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="bench-")
        self.processes = []
        upstream, _ = self.start("upstream", "-")
        port, process = self.start("nginx", "127.0.0.1:%d" % upstream)
        self.url = "http://127.0.0.1:%d" % port
        self.worker = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout.strip()

    def start(self, name, upstream):
        directory = os.path.join(self.directory, name)
        os.makedirs(os.path.join(directory, "temp"))
        words = {"MODULES": os.environ.get("NGINX_MODULES", "/usr/lib/nginx/modules"), "ROOT": ROOT,
                 "USER": "user root;" if os.getuid() == 0 else "", "UPSTREAM": upstream}
        with open(os.path.join(ROOT, "bench/nginx", name + ".conf")) as file:
            text = file.read()
        for attempt in range(20):
            words["PORT"] = str(20000 + int.from_bytes(os.urandom(2), "big") % 12000)
            configuration = os.path.join(directory, "nginx.conf")
            with open(configuration, "w") as file:
                file.write(re.sub(r"@([A-Z]+)@", lambda match: words[match.group(1)], text))
            process = subprocess.Popen(
                ["nginx", "-p", directory + "/", "-c", configuration, "-e", os.path.join(directory, "error.log"),
                 "-g", "daemon off;"], stderr=subprocess.PIPE, text=True,
                env={**os.environ, "MISTRAL_API_KEY": "bench", "MISTRAL_SERVER_URL": "http://" + upstream,
                     "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
            while process.poll() is None:
                if glob.glob(os.path.join(directory, "nginx.pid")):
                    self.processes.append(process)
                    return int(words["PORT"]), process
                time.sleep(0.05)
            problem = process.stderr.read()
            if "bind()" not in problem:
                break
        raise Problem("nginx does not start: " + problem)

    def environment(self, row):
        return {"BENCH_URL": self.url, "BENCH_WORKER": self.worker}

    def control(self, path):
        raise NotImplementedError

    def counted(self, work):
        return work()

    def stop(self):
        for process in self.processes:
            process.terminate()
            process.wait()
            process.stderr.close()
        shutil.rmtree(self.directory, ignore_errors=True)


class Nothing:
    """For programs that need no server, or start their own."""

    def environment(self, row):
        return {}

    def counted(self, work):
        return work()

    def stop(self):
        pass


def catalogue(quick):
    """100,000 registrations, an execution that is asked for, and one with many events."""
    server = Sandbox({"SANDBOX_REGISTRATIONS": "3000" if quick else "100000"})
    server.request("POST", "/v1/workflows/hello/execute",
                   b'{"execution_id": "bench", "input": {"name": "Ada"}, "wait_for_result": true}')
    for count in (1000, 10000, 100000, 1000000):
        server.control("events?execution_id=bench-events-%d&count=%d&size=500&end=1" % (count, count))
    return server


def waits(quick):
    """A log that holds 20,000 ends already."""
    return Sandbox({}, log=True, ended=200 if quick else 20000)


MAKERS = {"catalogue": catalogue, "waits": waits, "nginx": lambda _: Nginx(), "none": lambda _: Nothing()}


class Servers:
    """One server at a time: the others would take processor time and memory from it."""

    def __init__(self, quick):
        self.quick, self.name, self.server = quick, None, None

    def get(self, name):
        if name != self.name:
            self.stop()
            print("# starting the server: %s" % name, file=sys.stderr, flush=True)
            self.server = MAKERS[name](self.quick)
            self.name = name
        return self.server

    def stop(self):
        if self.server:
            self.server.stop()
        self.name, self.server = None, None
