"""The one way in which something is measured: a program is run, and prints name=value pairs.

To these come what the kernel counted for the process (programs/measure.c), or the instructions that callgrind counted.
"""

import os
import re
import signal
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build/bench")
MISSING = (77, 127)  # the statuses of a program that does not find its library, and of one that is not there


class Problem(Exception):
    """Why there are no figures."""


def _text(command, environment, seconds):
    """What a program prints. Its children end with it, however it ends."""
    try:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
    except FileNotFoundError:
        raise Problem("missing") from None
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        raise Problem("takes more than %d s" % seconds) from None
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()
    if process.returncode in MISSING:
        raise Problem("missing")
    if process.returncode != 0:
        lines = errors.strip().splitlines() or ["status %d" % process.returncode]
        raise Problem("failed: " + lines[0][:200])
    return output + errors


def run(command, environment, seconds=600):
    """Runs a program. Returns its numbers by name, and its `answer`."""
    text = _text([os.path.join(BUILD, "measure"), *command], environment, seconds)
    values = dict(re.findall(r"^(\w+)=(\S+)$", text, re.M))
    answer = values.pop("answer", None)
    return {name: float(value) for name, value in values.items()}, answer


def instructions(command, environment, seconds=600):
    """The instructions of all of a program."""
    text = _text(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command], environment, seconds)
    return int(re.search(r"Collected : (\d+)", text).group(1))
