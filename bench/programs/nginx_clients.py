"""nginx_clients.py COUNT: clients that a worker of nginx makes, asks with and closes; what it holds more after that."""

import concurrent.futures
import os
import sys
import urllib.request

worker = os.environ["BENCH_WORKER"]


def ask(_):
    with urllib.request.urlopen(os.environ["BENCH_URL"] + "/clients") as answer:
        assert answer.read() == b"100"


def make(count):
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(count // 100)))


def state():
    with open("/proc/%s/status" % worker) as file:
        lines = dict(line.split(":", 1) for line in file)
    return {"threads": int(lines["Threads"]), "requests_kb": int(lines["VmRSS"].split()[0]),
            "descriptors": len(os.listdir("/proc/%s/fd" % worker))}


make(1000)
before = state()
make(int(sys.argv[1]))
for name, value in state().items():
    print("%s=%d" % (name, value - before[name]))
