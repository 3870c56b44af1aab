"""wrk.py PATH SECONDS: 100 connections to a path of nginx, and a paced /ping beside them, with wrk."""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FIGURES = ("rate", "p50", "p99", "max", "failed")


def start(connections, pause, seconds, url):
    return subprocess.Popen(["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "-s", HERE + "/../nginx/report.lua",
                             url, "--", str(pause)], stdout=subprocess.PIPE, text=True)


def figures(process):
    line = next(line for line in process.communicate()[0].splitlines() if line.startswith("report "))
    return dict(zip(FIGURES, map(float, line.split()[1:])))


def processor_time(pid):
    """Seconds on a processor, of all threads."""
    total = 0
    for thread in os.listdir("/proc/%s/task" % pid):
        with open("/proc/%s/task/%s/schedstat" % (pid, thread)) as file:
            total += int(file.read().split()[0])
    return total / 1e9


def main(path, seconds):
    url, worker = os.environ["BENCH_URL"], os.environ["BENCH_WORKER"]
    if shutil.which("wrk") is None:
        sys.exit(77)
    figures(start(100, 0, 1, url + path))
    ping = start(5, 5, seconds, url + "/ping")
    before = processor_time(worker)
    load = figures(start(100, 0, seconds, url + path))
    used = processor_time(worker) - before
    beside = figures(ping)
    load["failed"] += beside["failed"]
    load["ping_p99"], load["nginx_cpu"] = beside["p99"], used / (load["rate"] * seconds) * 1e6
    for name, value in load.items():
        print("%s=%.6g" % (name, value))
    return load["failed"] > 0


sys.exit(main(sys.argv[1], int(sys.argv[2])))
