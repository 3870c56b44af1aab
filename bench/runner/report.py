"""Results as text: for the terminal, and as the table of docs/performance.md."""

from . import results
from .rows import FIGURES


def _figures(row):
    """The figures of a row, each once."""
    return list(dict.fromkeys(goal.figure for goal in row.goals))


def print_row(row, result):
    print("%s  %s" % (row.id, row.work))
    for figure in _figures(row):
        print("    %s: %s" % (FIGURES[figure][0], "; ".join(
            "%s %s" % (program, results.shown(results.median(result, program, figure)))
            for program in result["programs"] if program not in result["problems"])))
    for goal, program, value, reached in results.verdicts(row, result):
        print("    %-14s %8s  to reach %-28s %s" % (
            program, results.shown(value), results.target(goal), "yes" if reached else "NO"))
    for program, problem in result["problems"].items():
        print("    %s: %s" % (program, problem))
    print(end="", flush=True)
