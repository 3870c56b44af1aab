"""Results as text: for the terminal, and as the tables of docs/performance.md."""

import itertools
import math
import os
import re

from . import results
from .rows import FIGURES, Growth

NAMES = {"ours, 5.4": "Lua 5.4", "ours, LuaJIT": "LuaJIT"}


def _figures(row):
    """The figures of a row, each once."""
    return list(dict.fromkeys(goal.figure for goal in row.goals))


def print_row(row, result):
    print("%s  %s" % (row.id, row.work))
    for figure, size in itertools.product(_figures(row), row.sizes or [None]):
        medians = [(program, results.median(result, program, figure, size)) for program in result["programs"]]
        found = ["%s %s" % (program, results.shown(value)) for program, value in medians if value is not None]
        if found:
            print("    %s%s: %s" % (FIGURES[figure][0], " at %d" % size if size else "", "; ".join(found)))
    for goal, program, value, reached in results.verdicts(row, result):
        print("    %-14s %8s  to reach %-28s %s" % (
            program, results.shown(value), results.target(goal), "yes" if reached else "NO"))
    for program, problem in result["problems"].items():
        print("    %s: %s" % (program, problem))
    print(end="", flush=True)


def _table(heads, lines):
    return "\n".join("| %s |" % " | ".join(line) for line in [heads, ["---"] * len(heads), *lines])


def _cell(row, result, goal, program):
    """A figure, and where it is compared, how it compares; bold where it is not enough."""
    value = results.median(result, program, goal.figure)
    if value is None:
        return result["problems"].get(program, "–").partition(":")[0]
    found = results.verdict(goal, result, program)
    text = results.shown(value)
    if found and goal.of:
        text += " (%s%s)" % (results.shown(found[0]), " more" if goal.added else " ×")
    return text if not found or found[1] else "**%s**" % text


def _goals(row, result):
    """A line for each figure, with what is to be reached on each Lua."""
    for figure in _figures(row):
        goals = [goal for goal in row.goals if goal.figure == figure]
        cells = []
        for index, name in enumerate(("5.4", "LuaJIT")):
            ours = [program for program in row.programs if program.ours]
            program = next((each for each in ours if each.name.endswith(name)), ours[0] if index == 1 else None)
            goal = next((goal for goal in goals if goal.label in (None, name)), goals[0])
            cells.append(_cell(row, result, goal, program.name) if program else "")
        others = ["%s %s" % (program.name, results.shown(results.median(result, program.name, figure)))
                  for program in row.programs if not program.ours and program.name not in result["problems"]
                  and results.median(result, program.name, figure) is not None]
        others += ["%s: %s" % (program, problem.partition(":")[0]) for program, problem in result["problems"].items()
               if not program.startswith("ours")]
        target = ", ".join(results.target(goal) + (" (%s)" % goal.label if goal.label else "") for goal in goals)
        yield [row.id, row.work, FIGURES[figure][0], *cells, "; ".join(others), target]


SLOPES = [(1.3, "flat"), (3.4, "slower than the work"), (4.6, "like the work"), (math.inf, "faster than the work")]


def _slope(value):
    word = next(word for limit, word in SLOPES if value <= limit)
    return "%s (%s × for 4 × the work)" % (word, results.shown(value))


def _growth(row, result):
    """A sentence for each figure: from the least to the most work, and how it grows."""
    lines = []
    for goal in row.goals:
        parts = []
        for program in (each for each in row.programs if each.name in NAMES):
            ends = [results.median(result, program.name, goal.figure, size) for size in (row.sizes[0], row.sizes[-1])]
            found = results.verdict(goal, result, program.name)
            if found and None not in ends:
                parts.append("%s from %s to %s, %s" % (
                    NAMES[program.name], *map(results.shown, ends), _slope(found[0])))
        lines.append("- %s: %s." % (FIGURES[goal.figure][0], "; ".join(parts)))
    sizes = map(results.shown, (row.sizes[0], row.sizes[-1]))
    return "From %s to %s %s:\n\n%s" % (*sizes, row.axis, "\n".join(lines))


def _hostile(row, result):
    found = {program: value for _, program, value, _ in results.verdicts(row, result)}
    slowest = max(found, key=lambda program: results.median(result, program, "milliseconds", row.sizes[-1]) or 0)
    cells = []
    for name in ("ours, 5.4", "ours, LuaJIT", "ours, 5.1", "ours, 5.3"):
        text = "%s ×" % results.shown(found[name]) if name in found else "–"
        cells.append("**%s**" % text if found.get(name, 0) > row.goals[0].limit else text)
    return [row.work, *cells,
            "%s ms" % results.shown(results.median(result, slowest, "milliseconds", row.sizes[-1]))]


def _versions(kept):
    """When, with what, and whether the machine did something else, too."""
    dates = sorted(result["date"] for result in kept["rows"].values())
    loads = sorted(result["load"] for result in kept["rows"].values() if "load" in result) or [0]
    versions = dict(kept["versions"])
    return "%s to %s, `make bench`, on %s. %s.\n\nThe load average before a row was %.1f to %.1f.%s" % (
        dates[0], dates[-1], versions.pop("machine"), ", ".join("%s %s" % pair for pair in versions.items()),
        loads[0], loads[-1],
        " More than the number of processors: other work took them, and figures of time are too high."
        if loads[-1] > os.cpu_count() + 1 else "")


def tables(everything, kept):
    """The generated parts of docs/performance.md by name."""
    rows = [(row, kept["rows"][row.key]) for row in everything if row.key in kept["rows"]]
    of = lambda work, chosen: [line for row, result in rows if chosen(row) for line in work(row, result)]
    return {
        "versions": _versions(kept),
        "goals": _table(["row", "work", "figure", "Lua 5.4", "LuaJIT", "beside it", "to reach"],
                        of(_goals, lambda row: not isinstance(row.goals[0], Growth))),
        **{"growth " + row.key: _growth(row, result) for row, result in rows if row.id == "growth"},
        "hostile": _table(["text", "Lua 5.4", "LuaJIT", "Lua 5.1", "Lua 5.3", "at most"],
                          [_hostile(row, result) for row, result in rows if row.id == "L1"]),
    }


def write(path, everything, kept):
    """Writes the generated parts anew, each between <!-- name --> and <!-- end -->."""
    with open(path) as file:
        text = file.read()
    for name, content in tables(everything, kept).items():
        text = re.sub(r"(<!-- %s -->\n).*?(<!-- end -->)" % name,
                      lambda match: "%s\n%s\n\n%s" % (match.group(1), content, match.group(2)), text, flags=re.S)
    with open(path, "w") as file:
        file.write(text)
