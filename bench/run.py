#!/usr/bin/env python3
"""Measures the library beside C programs and other libraries.

    bench/run.py [--rounds N] [--quick] [--json FILE] [--list] [ROW...]
    bench/run.py --docs [--json FILE]

ROW is the name of a row (B1, W2, L1, growth) or the key of a part of it (walk-differ); without any, all are run. The
programs of a row take turns, N (5) times. What was measured is added to FILE (build/bench/results.json), where what was
measured of other rows before stays. --quick does so little that it only shows that everything runs. `make bench` builds
what this needs.

--docs writes the tables and charts of docs/performance.md from FILE, and measures nothing.
"""

import argparse
import os
import re
import sys
import time

from runner import charts, growth, hostile, measure, peers, report, results, rows, servers

ROUNDS = 5


def command_of(program, n):
    return [re.sub(r"\{(\d*)n\}", lambda match: str(int(match.group(1) or 1) * n), part) for part in program.command]


def one_run(row, server, program, n):
    environment = {**server.environment(row), **program.environment,
                   "BENCH_CLOCK": repr(time.monotonic() - time.time())}
    if row.callgrind:
        counts = [measure.instructions(command_of(program, each), environment) for each in (row.check, n)]
        return {"instructions": (counts[1] - counts[0]) / (n - row.check)}, None
    return server.counted(lambda: measure.run(command_of(program, n), environment))


def compare(answers, n, program, answer):
    """The answers of all programs to the same question are the same."""
    if answer is not None and answers.setdefault(n, answer) != answer:
        raise measure.Problem("answers %s, and not %s" % (answer, answers[n]))


def sizes_of(row, program, quick):
    if not quick:
        return row.sizes or [program.n or row.n]
    if row.callgrind:
        return [2 * row.check]
    return row.sizes[:2] if row.sizes else [row.check or max(1, row.n // 100)]


def measure_row(row, server, rounds, quick):
    """Returns the numbers of all runs by program, and the problems of programs that have none."""
    runs = {program.name: [] for program in row.programs}
    problems, answers = {}, {}

    def attempt(program, n, keep):
        if program.name in problems:
            return
        try:
            numbers, answer = one_run(row, server, program, n)
            compare(answers, n, program, answer)
            if keep:
                runs[program.name].append({"n": n, **numbers})
        except measure.Problem as problem:
            problems[program.name] = str(problem)

    for path in row.before:
        server.control(path)
    if row.check and not row.callgrind:
        for program in row.programs:
            attempt(program, row.check, False)
    for _ in range(rounds):
        for index in range(max(len(sizes_of(row, program, quick)) for program in row.programs)):
            for program in row.programs:
                sizes = sizes_of(row, program, quick)
                if index < len(sizes):
                    attempt(program, sizes[index], True)
    for path in row.after:
        server.control(path)
    return runs, problems


def select(names):
    everything = [*rows.rows(), *growth.rows(), *hostile.rows()]
    unknown = [name for name in names if not any(name in (row.id, row.key) for row in everything)]
    if unknown:
        sys.exit("bench: no row is named %s" % ", ".join(unknown))
    return everything, [row for row in everything if not names or row.id in names or row.key in names]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", default=os.path.join(measure.BUILD, "results.json"))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--docs", action="store_true")
    parser.add_argument("row", nargs="*")
    options = parser.parse_args()
    everything, chosen = select(options.row)
    if options.list:
        print("\n".join("%-7s %-16s %s" % (row.id, row.key, row.work) for row in everything))
        return
    if options.docs:
        kept = results.load(options.json)
        report.write(os.path.join(measure.ROOT, "docs/performance.md"), everything, kept)
        charts.draw(os.path.join(measure.ROOT, "docs/charts"), everything, kept["rows"])
        return
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        os.environ.pop(name, None)
    versions = peers.prepare()
    print("\n".join("# %s: %s" % pair for pair in versions.items()), flush=True)
    running = servers.Servers(options.quick)
    try:
        for row in chosen:
            rounds = options.rounds or row.rounds or ROUNDS
            load = os.getloadavg()[0]
            try:
                runs, problems = measure_row(row, running.get(row.server), rounds, options.quick)
            except measure.Problem as problem:
                runs, problems = {}, {program.name: str(problem) for program in row.programs}
            kept = results.load(options.json)  # another one may have added to it
            kept["versions"] = versions
            kept["rows"][row.key] = {
                "id": row.id, "work": row.work, "rounds": rounds, "date": time.strftime("%Y-%m-%d %H:%M"), "load": load,
                "command": "make bench ROWS=%s" % row.id, "programs": [program.name for program in row.programs],
                "runs": runs, "problems": problems,
            }
            report.print_row(row, kept["rows"][row.key])
            results.save(options.json, kept, everything)
    finally:
        running.stop()


if __name__ == "__main__":
    main()
