"""The charts of docs/performance.md: one for each question, made from what results.json holds."""

import dataclasses
import os

from . import results, svg
from .rows import FIGURES, Goal


@dataclasses.dataclass
class Chart:
    name: str
    title: str
    figures: list  # more than one: panels of a chart of growth
    rows: list  # keys; each is a group


CHARTS = [
    Chart("get", "How many instructions does a small GET take?", ["instructions"], ["get"]),
    Chart("get-cpu", "How much processor time does a small GET take?", ["cpu"], ["get-cpu", "get-h2"]),
    Chart("cold", "How long does a process take that asks once?", ["wall"], ["cold", "help"]),
    Chart("walk", "How fast are pages of 1,000 registrations walked?", ["process_rate"],
          ["walk", "walk-differ", "fields"]),
    Chart("walk-instructions", "How many instructions does that take?", ["instructions"],
          ["walk-instructions", "fields-instructions"]),
    Chart("walk-memory", "How much memory does that take?", ["peak"], ["walk", "fields"]),
    Chart("map", "How fast are 2,000 GETs of 20 ms, 100 at a time?", ["rate"], ["map", "map-h2"]),
    Chart("map-cpu", "How much processor time do they take?", ["cpu"], ["map", "map-h2"]),
    Chart("decode", "How fast is JSON decoded?", ["megabytes"],
          ["decode-answer", "decode-page50", "decode-page1000", "decode-differ"]),
    Chart("encode", "How fast is JSON encoded?", ["megabytes"],
          ["encode-answer", "encode-page50", "encode-page1000", "encode-differ"]),
    Chart("ahead", "How long do 50 pages of 20 ms take, with 20 ms of work each?", ["seconds"], ["ahead"]),
    Chart("nginx", "How much processor time does a request take in nginx?", ["nginx_cpu"], ["nginx"]),
    Chart("stream", "How many events a second does a stream give?", ["rate"], ["stream"]),
    Chart("run", "How long after the end of an execution is its result here?", ["late"], ["run", "run-beside"]),
    Chart("runs", "How long do 2,000 executions of 5 s take at once?", ["seconds"], ["runs", "runs-h2"]),
    Chart("runs-memory", "How much memory do they take?", ["peak"], ["runs", "runs-h2"]),
    Chart("ends", "How late are the ends of 10,000 executions known?", ["late_p99"], ["ends-completed", "ends-map"]),
    Chart("ends-memory", "How much memory does a wait take?", ["each_memory"], ["ends-completed", "ends-map"]),
    Chart("refused", "How late, when all event streams are refused?", ["late_max"], ["refused"]),
    Chart("growth-page-size", "Time and memory by page size (20 pages)", ["cpu_all", "peak"], ["page-size"]),
    Chart("growth-pages", "Time and memory by number of pages of 1,000", ["cpu_all", "peak"], ["pages"]),
    Chart("growth-concurrency", "Time and memory by concurrency", ["cpu", "peak"], ["concurrency"]),
    Chart("growth-waits", "Time and memory by number of waits", ["cpu_all", "memory"], ["waits"]),
    Chart("growth-events", "Time and memory by number of events", ["cpu_all", "peak"], ["events"]),
    Chart("growth-requests", "Time and memory by size of a request", ["milliseconds", "memory"], ["request-bodies"]),
    Chart("growth-answers", "Time and memory by size of an answer", ["milliseconds", "memory"], ["answers"]),
]

FIXED = {"ours, 5.4": 0, "ours, LuaJIT": 1, "C": 2}


def _colour(label):
    if label in FIXED:
        return svg.PALETTE[FIXED[label]]
    if label.startswith("ours") or label == "handler in Lua":
        return svg.PALETTE[0]
    return svg.PALETTE[3] if label.startswith(("C ", "lua-cjson", "proxy")) else svg.PALETTE[-1]


def _goal(row, result, program, figure):
    """The value that a program of ours is to reach, or None."""
    for goal in row.goals:
        if isinstance(goal, Goal) and goal.figure == figure and program.ours and (
                not goal.label or program.name.endswith(goal.label)):
            base = results.median(result, results.base(goal, result, program.name), figure) if goal.of else 1
            return base and (base + goal.limit if goal.added else base * goal.limit)
    return None


def _bars(chart, rows, kept):
    figure = chart.figures[0]
    groups = []
    for row in rows:
        result = kept[row.key]
        found = [(program.name, results.median(result, program.name, figure), _goal(row, result, program, figure))
                 for program in row.programs]
        groups.append((row.work, [each for each in found if each[1]]))
    return svg.bars(chart.title, FIGURES[figure][0], [group for group in groups if group[1]], _colour)


def _growth(chart, row, result):
    panels = []
    for figure in chart.figures:
        lines = []
        for program in row.programs:
            points = [(n, results.median(result, program.name, figure, n)) for n in row.sizes]
            lines.append((program.name, [point for point in points if point[1] and point[1] > 0]))
        panels.append((FIGURES[figure][0], [each for each in lines if each[1]]))
    panels = [panel for panel in panels if panel[1]]
    return svg.growth(chart.title, row.axis, panels, _colour)


def _hostile(rows, kept):
    """The slowest Lua of each text."""
    bars = []
    for row in rows:
        found = [value for _, _, value, _ in results.verdicts(row, kept[row.key])]
        if found:
            bars.append((row.work, max(found), row.goals[0].limit))
    return svg.bars("How much longer does four times the hostile text take?", "times as long, on the slowest Lua",
                    [("", bars)], lambda _: svg.PALETTE[0], labels=330)


def _chart(chart, rows, kept):
    if not rows:
        return svg.document(chart.title, 60, [svg.text(16, 46, "not measured yet", "note")])
    return _growth(chart, rows[0], kept[rows[0].key]) if rows[0].sizes else _bars(chart, rows, kept)


def draw(directory, everything, kept):
    """Draws all charts."""
    os.makedirs(directory, exist_ok=True)
    by_key = {row.key: row for row in everything if row.key in kept}

    def write(name, content):
        with open(os.path.join(directory, name + ".svg"), "w") as file:
            file.write(content)

    for chart in CHARTS:
        write(chart.name, _chart(chart, [by_key[key] for key in chart.rows if key in by_key], kept))
    hostile = [row for row in by_key.values() if row.id == "L1"]
    if hostile:
        write("hostile", _hostile(hostile, kept))
