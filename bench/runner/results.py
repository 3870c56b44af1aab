"""What comes of the runs of a row: medians, verdicts, and the JSON that keeps all of it."""

import json
import math
import os
import statistics

from .rows import FIGURES, Growth

SIGNIFICANT = 3


def values(result, program, figure, n=None):
    """A figure of each run of a program, in the order of the rounds."""
    runs = result["runs"].get(program, [])
    found = []
    for run in runs:
        if n is None or run["n"] == n:
            try:
                found.append(FIGURES[figure][1](run))
            except (KeyError, ZeroDivisionError):
                pass
    return found


def median(result, program, figure, n=None):
    found = values(result, program, figure, n)
    return statistics.median(found) if found else None


def base(goal, result, program):
    """The program that a goal compares with."""
    lua = program.rpartition(", ")[2]
    name = goal.of.format(lua)
    return name if name in result["programs"] else goal.of.format("5.1")


def _grown(goal, result, program):
    """For four times the work: by the largest size, and the smallest that is at least a tenth of it."""
    sizes = sorted({run["n"] for run in result["runs"].get(program, [])})
    if len(sizes) < 2:
        return []
    large = sizes[-1]
    small = min(sizes[-2], next(size for size in sizes if size * 10 >= large))
    pairs = zip(values(result, program, goal.figure, small), values(result, program, goal.figure, large))
    return [4 ** (math.log(more / less) / math.log(large / small)) for less, more in pairs if less > 0 and more > 0]


def verdict(goal, result, program):
    """The value that a goal is about, by program, and whether it is reached; None where there is none.

    Ratios are those of the rounds: what slows a machine down for a while slows both down."""
    if isinstance(goal, Growth):
        found = _grown(goal, result, program)
        return (statistics.median(found), goal.reached(statistics.median(found))) if found else None
    found = values(result, program, goal.figure)
    if goal.label and not program.endswith(goal.label) or not found:
        return None
    if goal.of:
        others = values(result, base(goal, result, program), goal.figure)
        pairs = list(zip(found, others))
        if not pairs:
            return None
        found = [ours - other if goal.added else ours / other for ours, other in pairs]
    value = statistics.median(found)
    return value, goal.reached(value)


def verdicts(row, result):
    """One for each goal and program of ours: (goal, program, value, reached)."""
    list_of = []
    for goal in row.goals:
        for program in row.programs:
            found = verdict(goal, result, program.name) if program.ours else None
            if found:
                list_of.append((goal, program.name, *found))
    return list_of


def shown(value):
    """A number with three significant digits, or all digits of a whole number."""
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return "{:,.0f}".format(value)
    if value == int(value):
        return "%d" % value
    text = "%.*g" % (SIGNIFICANT, value)
    return text if "e" not in text else "%.4f" % value


def target(goal):
    unit = FIGURES[goal.figure][0]
    if isinstance(goal, Growth):
        return "≤ %s × %s for 4 × the work" % (shown(goal.limit), unit)
    sign = {"<=": "≤", ">=": "≥"}[goal.sense]
    if not goal.of:
        return "%s %s %s" % (sign, shown(goal.limit), unit)
    other = goal.of.replace(", {}", "")
    return "%s %s more than %s" % (sign, shown(goal.limit), other) if goal.added else "%s %s × %s" % (
        sign, shown(goal.limit), other)


def load(path):
    if not os.path.exists(path):
        return {"rows": {}}
    with open(path) as file:
        return json.load(file)


def save(path, results, rows):
    """Writes the runs, and beside them what is made of them."""
    for row in rows:
        result = results["rows"].get(row.key)
        if result:
            result["medians"] = {
                program: {str(n): {name: median(result, program, name, n) for name in FIGURES
                                   if median(result, program, name, n) is not None}
                          for n in sorted({run["n"] for run in runs})}
                for program, runs in result["runs"].items()}
            result["goals"] = [
                {"program": program, "figure": FIGURES[goal.figure][0], "target": target(goal), "value": value,
                 "reached": reached} for goal, program, value, reached in verdicts(row, result)]
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    with open(path + ".new", "w") as file:
        json.dump(results, file, indent=1, ensure_ascii=False)
    os.replace(path + ".new", path)
