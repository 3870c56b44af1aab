"""How cost grows: the same work in many sizes. Time and memory should grow no faster than the work."""

from .programs import ours, reference
from .rows import DELAY, EXECUTION, Growth, Row


def _row(key, work, axis, sizes, programs, figures, **more):
    return Row("growth", key, work, programs, [Growth(figure) for figure in figures], axis=axis, sizes=sizes, **more)


def rows():
    yield _row("page-size", "20 pages of so many registrations", "registrations a page",
               [10, 30, 100, 300, 1000], ours("walk 20 {n}") + [reference("walk 20 {n}")],
               ["cpu_all", "peak"])
    yield _row("pages", "so many pages of 1,000 registrations", "pages",
               [1, 3, 10, 30, 100], ours("walk {n} 1000") + [reference("walk {n} 1000")],
               ["cpu_all", "peak"])
    yield _row("concurrency", "GETs of 20 ms, so many at a time", "requests at a time",
               [1, 3, 10, 30, 100, 300, 1000],
               ours("map bench {20n} {n}") + [reference("multi %s {20n} {n}" % EXECUTION)],
               ["cpu", "peak"], **DELAY)
    yield _row("waits", "so many executions that end over 20 s", "waits",
               [1, 10, 100, 1000, 10000], ours("ends completed {n} 20", "waits.lua"),
               ["cpu_all", "memory", "late_p99"], server="waits", rounds=2)
    yield _row("events", "so many events in one stream", "events",
               [1000, 10000, 100000, 1000000],
               ours("stream bench-events-{n}") + [reference("count %s-events-{n}/stream" % EXECUTION)],
               ["cpu_all", "peak"])
    yield _row("request-bodies", "an input of so many KB", "KB",
               [32, 320, 3200, 32000], ours("send {n}", "bodies.lua"), ["milliseconds", "memory"],
               server="none")
    yield _row("answers", "an answer of so many KB", "KB",
               [60, 600, 6000, 60000], ours("receive {n}", "bodies.lua"), ["milliseconds", "memory"],
               server="none")
