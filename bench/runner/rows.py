"""The rows: what is measured, beside what, and what is to be reached. growth.py has those that ask how cost grows."""

import dataclasses

from .programs import codec, ours, peer, reference, script, sdk

# Figures: what is made of the numbers of one run; "instructions" are counted by callgrind.
FIGURES = {
    "instructions": ("instructions each", lambda r: r["instructions"]),
    "cpu_all": ("s CPU", lambda r: r["cpu"]),
    "milliseconds": ("ms CPU", lambda r: r["cpu"] * 1e3),
    "memory": ("MB", lambda r: r["memory_kb"] / 1024),
    "cpu": ("µs CPU each", lambda r: r["cpu"] / r["count"] * 1e6),
    "rate": ("a second", lambda r: r["count"] / r["seconds"]),
    "process_rate": ("items a second", lambda r: r["count"] / r["process_seconds"]),
    "megabytes": ("MB/s", lambda r: r["megabytes"]),
    "wall": ("ms", lambda r: r["process_seconds"] * 1e3),
    "seconds": ("s", lambda r: r["seconds"]),
    "peak": ("MB peak", lambda r: r["peak_kb"] / 1024),
    "late": ("ms median", lambda r: r.get("median", r.get("seconds", 0) / r["count"]) * 1e3),
    "latest": ("ms at most", lambda r: r["max"] * 1e3),
    "late_p99": ("s, 99 of 100", lambda r: r["p99"]),
    "late_max": ("s at most", lambda r: r["max"]),
    "lua_memory": ("KB of Lua", lambda r: r["lua_kb"]),
    "each_requests": ("requests each", lambda r: (r["starts"] + r["reads"] + r["streams"] + r["others"]) / r["count"]),
    "streams": ("streams at once", lambda r: r["open_streams"]),
    "beside": ("requests a second", lambda r: (r["reads"] - r["count"] + r["streams"] + r["sweeps"]) / r["seconds"]),
    "outside_cpu": ("% of a core", lambda r: (r["cpu"] - (r["reads"] - r["count"]) * r["ask_cpu"])
                    / r["seconds"] * 100),
    "each_memory": ("KB each", lambda r: r["memory_kb"] / r["count"]),
    "requests_memory": ("MB more after them", lambda r: r["requests_kb"] / 1024),
    "streams_memory": ("MB more after the streams", lambda r: r["streams_kb"] / 1024),
    "descriptors": ("more descriptors", lambda r: r["descriptors"]),
    "threads": ("more threads", lambda r: r["threads"]),
    "nginx_rate": ("a second", lambda r: r["rate"]),
    "p50": ("ms median", lambda r: r["p50"]),
    "ping": ("ms, 99 of 100", lambda r: r["ping_p99"]),
    "nginx_cpu": ("µs CPU each", lambda r: r["nginx_cpu"]),
}


@dataclasses.dataclass
class Goal:
    """A figure that is at most, or at least, `limit`: as it is, or as a multiple of (or more than) another program's.

    `of` names that program; {} stands for the Lua that ours runs on, or for 5.1 where the library is not there for it.
    `label` is the Lua that the goal is for, where it is not for all of ours."""
    figure: str
    sense: str
    limit: float
    of: str | None = None
    added: bool = False
    label: str | None = None

    def reached(self, value):
        return value <= self.limit if self.sense == "<=" else value >= self.limit


@dataclasses.dataclass
class Growth:
    """How many times as large a figure is for four times the work; 4 where it grows like the work."""
    figure: str
    limit: float = 4.6

    def reached(self, value):
        return value <= self.limit


@dataclasses.dataclass
class Row:
    id: str
    key: str
    work: str
    programs: list
    goals: list
    n: int = 1
    check: int | None = None  # so much of the work shows whether the answers are the same
    sizes: list | None = None  # many sizes in place of n
    server: str = "catalogue"
    tls: bool = False
    before: tuple = ()
    after: tuple = ()
    rounds: int | None = None
    callgrind: bool = False  # instructions: the difference of a run of `check` and one of `n`
    axis: str = ""


EXECUTION = "/v1/workflows/executions/bench"
DELAY = {"before": ("delay?seconds=0.02",), "after": ("delay?seconds=0",)}


def peers(work, *names, n=None):
    return [program for name in names for program in peer(name, work, n)]


def get_rows():
    programs = ours("get bench {n}") + [reference("get %s {n}" % EXECUTION)]
    others = peers("get bench {n}", "lua-curl", "lua-http", "lua-socket") + [sdk("get bench {n}", 500)]
    yield Row("B1", "get", "a small GET, HTTP/1.1", programs, [
        Goal("instructions", "<=", 1.15, "C")], n=1200, check=200, callgrind=True, rounds=1)
    yield Row("B1", "get-cpu", "a small GET, HTTP/1.1", programs + others, [
        Goal("cpu", "<=", 1.15, "C")], n=5000, check=5)
    yield Row("B1", "get-h2", "a small GET, TLS and HTTP/2",
              programs + peers("get bench {n}", "lua-curl", "lua-http") + [sdk("get bench {n}", 500)], [
        Goal("cpu", "<=", 1.15, "C")], n=5000, check=5, tls=True)
    yield Row("B6", "cold", "from the start of the process to the first answer", programs + others, [
        Goal("wall", "<=", 1.5, "C")], n=1, rounds=15)
    yield Row("B6", "help", "the command line tool's --help", ours("--help", "../../bin/mistral-workflows"), [
        Goal("wall", "<=", 60)], server="none", rounds=15)


def walk_rows():
    programs = ours("walk {n} 1000") + [reference("walk {n} 1000")]
    others = (peers("walk {n} 1000", "lua-curl", n=20) + peers("walk {n} 1000", "lua-http", "lua-socket", n=10)
              + [sdk("walk {n} 1000", 3)])
    yield Row("B2", "walk", "100 pages of 1,000 registrations", programs + others, [
        Goal("process_rate", ">=", 1.6, "C", label="5.4"), Goal("process_rate", ">=", 2.5, "C", label="LuaJIT"),
        Goal("peak", "<=", 42)], n=100, check=2)
    yield Row("B2", "walk-instructions", "a page of 1,000 registrations", programs, [
        Goal("instructions", "<=", 1 / 1.6, "C", label="5.4"),
        Goal("instructions", "<=", 1 / 2.5, "C", label="LuaJIT")], n=3, check=1,
        callgrind=True, rounds=1)
    yield Row("B2", "walk-differ", "20 pages whose two lists differ", programs + peers("walk {n} 1000", "lua-curl"), [
        Goal("process_rate", ">=", 1, "lua-curl, {}")], n=20, check=2,
        before=("versions?mode=differ",), after=("versions?mode=same",))
    programs = ours("walk {n} 1000 id,workflow_id") + [
        reference("walk {n} 1000"), reference("walk {n} 1000 receive", "C that only receives")]
    yield Row("B2f", "fields", "the 100 pages with two fields of each item", programs, [
        Goal("process_rate", ">=", 6, "C"), Goal("peak", "<=", 24)], n=100, check=2)
    yield Row("B2f", "fields-instructions", "a page of 1,000, two fields of each item", programs, [
        Goal("instructions", "<=", 1 / 6, "C")], n=3, check=1, callgrind=True, rounds=1)


def map_rows():
    for version, tls, cpu in (("HTTP/1.1", False, 1.10), ("TLS, HTTP/2", True, 1.15)):
        programs = ours("map bench {n} 100") + [reference("multi %s {n} 100" % EXECUTION)]
        yield Row("B3", "map-h2" if tls else "map", "2,000 GETs, 100 at a time, 20 ms, " + version,
                  programs + ([] if tls else [sdk("map bench {n} 100")]), [
            Goal("rate", ">=", 1.0, "C"), Goal("cpu", "<=", cpu, "C")], n=2000, check=100, tls=tls, **DELAY)
    yield Row("B5", "ahead", "50 pages of 20 ms, and 20 ms of work with each", ours("ahead {n} 0.02"), [
        Goal("seconds", "<=", 1.10)], n=50, **DELAY)


# What was reached when the rows of B4 were made; they may not fall below.
DECODING = {"answer": (1.28, 1.19), "page50": (3.37, 4.12), "page1000": (3.04, 3.29), "differ": (2.28, 1.91)}
REPEATS = {"answer": 60000, "page50": 300, "page1000": 12, "differ": 12}
NAMES = {"answer": "an answer of 300 bytes", "page50": "a page of 50", "page1000": "a page of 1,000",
         "differ": "a page whose lists differ"}


def codec_rows():
    for task in ("decode", "encode"):
        for case, (plain, jit) in DECODING.items():
            programs = (codec("mistral", task, case) + codec("lua-cjson", task, case)
                        + codec("dkjson", task, case, REPEATS[case] // 12))
            goals = ([Goal("megabytes", ">=", 0.95 * plain, "lua-cjson, {}", label="5.4"),
                      Goal("megabytes", ">=", 0.95 * jit, "lua-cjson, {}", label="LuaJIT")] if task == "decode"
                     else [Goal("megabytes", ">=", 1.0, "lua-cjson, {}")])
            yield Row("B4", "%s-%s" % (task, case), "%s %s" % (task, NAMES[case]), programs, goals,
                      n=REPEATS[case], check=1, server="none")


def nginx_rows():
    yield Row("B7", "nginx", "one worker, 100 connections, upstream of 20 ms",
              [script("handler in Lua", "wrk.py", "/lua {n}", mine=True),
               script("proxy_pass", "wrk.py", "/proxy {n}")], [
        Goal("nginx_rate", ">=", 1.0, "proxy_pass"), Goal("p50", "<=", 1, "proxy_pass", added=True),
        Goal("ping", "<=", 8), Goal("nginx_cpu", "<=", 2.3, "proxy_pass")], n=5, server="nginx")
    yield Row("B10", "nginx-clients", "10,000 clients made and closed in one nginx worker",
              [script("ours, nginx", "nginx_clients.py", "{n}", mine=True)], [
        Goal("threads", "<=", 0), Goal("descriptors", "<=", 0), Goal("requests_memory", "<=", 2)],
        n=10000, server="nginx", rounds=1)


def stream_rows():
    yield Row("B9", "stream", "an event stream of 100,000 events of 1.5 KB",
              ours("stream bench-events-{n}") + [reference("count %s-events-{n}/stream" % EXECUTION)], [
        Goal("rate", ">=", 0.9, "C"), Goal("lua_memory", "<=", 2048)], n=100000, check=1000)
    yield Row("B10", "leak", "200,000 requests; 10,000 streams opened and left", ours("leak bench {n}"), [
        Goal("requests_memory", "<=", 1), Goal("streams_memory", "<=", 1), Goal("descriptors", "<=", 0)],
        n=200000, rounds=1)


def wait_rows():
    yield Row("B8", "run", "run: from the end of an execution to its result", ours("run {n}", "waits.lua"), [
        Goal("late", "<=", 1.7), Goal("latest", "<=", 7)], n=50, server="waits")
    yield Row("B8", "run-beside", "the same with 1,000 other waits beside it", ours("beside {n} 1000", "waits.lua"), [
        Goal("late", "<=", 20)], n=50, server="waits")
    # Before W1, of whose ends its first lists would tell.
    yield Row("W3", "refused", "200 executions of 5 s at once, streams answer 503", ours("runs {n} 5", "waits.lua"), [
        Goal("late_max", "<=", 6), Goal("beside", "<=", 1)], n=200, server="waits",
        before=("switch?streams=503",), after=("switch?streams=open",))
    for version, tls in (("HTTP/1.1", False), ("TLS, HTTP/2", True)):
        yield Row("W1", "runs-h2" if tls else "runs", "2,000 executions of 5 s at once, " + version,
                  ours("runs {n} 5", "waits.lua"), [
            Goal("seconds", "<=", 8), Goal("each_requests", "<=", 2.1), Goal("streams", "<=", 2),
            Goal("peak", "<=", 64)], n=2000, server="waits", tls=tls)
    for way, name in (("completed", "as_completed"), ("map", "map of wait")):
        yield Row("W2", "ends-" + way, "%s of 10,000 executions that end over 60 s" % name,
                  ours("ends %s {n} 60" % way, "waits.lua"), [
            Goal("late_p99", "<=", 1), Goal("outside_cpu", "<=", 10), Goal("each_memory", "<=", 12),
            Goal("streams", "<=", 3)], n=10000, server="waits")


def rows():
    for part in (get_rows, walk_rows, map_rows, codec_rows, nginx_rows, stream_rows, wait_rows):
        yield from part()
