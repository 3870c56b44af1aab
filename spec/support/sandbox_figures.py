"""Measures the sandbox among many runs: `make sandbox-figures`.

20,000 executions that have ended, then 10,000 that run, each with somebody who waits for its result: what a page of runs
costs, what an event stream costs that begins after all those events, and how late results are. Memory is that of nginx.
"""

import http.client
import json
import os
import selectors
import socket
import subprocess
import sys
import time

ENDED, RUNNING, SECONDS = 20000, 10000, 30
RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../sandbox/run")
HEADERS = {"Authorization": "Bearer sandbox", "Content-Type": "application/json"}

PAGES = ["", "status=RUNNING", "status=FAILED&status=TIMED_OUT", "sort_by=end_time", "order=asc", "page_size=1000",
         "sort_by=end_time&status=COMPLETED&status=FAILED&end_time_after={recent}", "end_time_after={recent}",
         "workflow_identifier=slow&status=RUNNING", "search=nobody"]


class Sandbox:
    def __init__(self):
        self.process = subprocess.Popen([RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env={**os.environ, "SANDBOX_UNTIL_EOF": "1"})
        facts = {}
        for line in self.process.stdout:
            name, _, facts[name] = line.strip().partition("=")
            if name == "log":
                break
        self.address, self.pid = facts["url"].split("//")[1], facts["pid"]
        self.connection = http.client.HTTPConnection(self.address)

    def request(self, method, path, body=None):
        self.connection.request(method, path, None if body is None else json.dumps(body), HEADERS)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status < 300, (path, answer.status, text)
        return json.loads(text) if text else None

    def memory(self):
        pids = subprocess.run(["pgrep", "-P", self.pid], capture_output=True, text=True).stdout.split()
        kilobytes = 0
        for pid in pids:
            with open("/proc/%s/status" % pid) as status:
                kilobytes += sum(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        return kilobytes // 1024

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


def median(times):
    return sorted(times)[len(times) // 2]


def pages(sandbox):
    recent = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1))
    for query in PAGES:
        path, times = "/v1/workflows/runs?" + query.format(recent=recent), []
        for _ in range(21):
            begun = time.perf_counter()
            count = len(sandbox.request("GET", path)["executions"])
            times.append(time.perf_counter() - begun)
        print("  %-75s %5d runs %8.2f ms" % (query, count, median(times) * 1000), flush=True)


def shared_stream(sandbox, last):
    begun = time.perf_counter()
    types = "&".join("workflow_event_types=WORKFLOW_EXECUTION_" + kind for kind in ("COMPLETED", "FAILED", "CANCELED"))
    for name, start in (("from the first event", 1), ("from the last event", last)):
        begun = time.perf_counter()
        connection = http.client.HTTPConnection(sandbox.address)
        connection.request("GET", "/v1/workflows/events/stream?event_source=DATABASE&scope=workflow&start_seq=%d&%s" % (
            start, types), headers=HEADERS)
        size = len(connection.getresponse().read())
        print("  stream of all ends %-20s %8.1f ms, %d KB" % (name, (time.perf_counter() - begun) * 1000, size // 1024))


def wait_for_all(sandbox):
    """Starts the executions that run, each over a connection that waits for its result."""
    host, port = sandbox.address.split(":")
    body = json.dumps({"input": {"seconds": SECONDS}, "wait_for_result": True, "timeout_seconds": 300})
    request = ("POST /v1/workflows/slow/execute HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sandbox\r\nContent-Type: "
               "application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)).encode()
    selector, begun = selectors.DefaultSelector(), time.perf_counter()
    for _ in range(RUNNING):
        connection = socket.create_connection((host, int(port)))
        connection.sendall(request)
        selector.register(connection, selectors.EVENT_READ, time.perf_counter())
    print("%d executions that run started and waited for in %.1f s" % (RUNNING, time.perf_counter() - begun))
    return selector


def lateness(selector):
    late = []
    while len(late) < RUNNING:
        for key, _ in selector.select():
            assert b"200 OK" in key.fileobj.recv(1000)
            late.append(time.perf_counter() - key.data - SECONDS)
            selector.unregister(key.fileobj)
            key.fileobj.close()
    late.sort()
    print("results after their end: median %.0f ms, 99 of 100 within %.0f ms" % (
        late[len(late) // 2] * 1000, late[len(late) * 99 // 100] * 1000))


def main():
    sandbox = Sandbox()
    try:
        begun = time.perf_counter()
        for _ in range(ENDED):
            sandbox.request("POST", "/v1/workflows/hello/execute", {})
        print("%d executions started and ended in %.1f s; %d MB" % (ENDED, time.perf_counter() - begun, sandbox.memory()))
        pages(sandbox)
        shared_stream(sandbox, 2 * ENDED)
        selector = wait_for_all(sandbox)
        pages(sandbox)
        lateness(selector)
        print("%d MB" % sandbox.memory())
    finally:
        sandbox.stop()


if __name__ == "__main__":
    sys.exit(main())
