#!/usr/bin/env python3
"""Runs two commands in turn, so that a busy machine slows both alike, and prints what each costs. For scripts/bench.sh.

usage: pairs.py RUNS START FIRST [ARGUMENT ...] -- SECOND [ARGUMENT ...]

START is the time that KIS_TRADE_NOW says at the first turn, in Unix seconds. Each turn is a second later by that clock: a run at
the moment of the one before would find all that it reads in the copies of its own last reading.

Prints one line: the CPU time of a run (user and system) in milliseconds, page faults (both medians), system calls and peak KiB of
FIRST, the same of SECOND, and how many times SECOND's CPU time FIRST's is.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from datetime import datetime, timezone


def main():
    runs, start, commands = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    middle = commands.index("--")
    pair = [commands[:middle], commands[middle + 1 :]]
    usage = [[], []]
    for turn in range(runs):
        os.environ["KIS_TRADE_NOW"] = datetime.fromtimestamp(start + turn, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        for command, of_command in zip(pair, usage):
            of_command.append(run(command))
    cost = [statistics.median(cpu for cpu, _ in of_command) for of_command in usage]
    cells = []
    for command, milliseconds, of_command in zip(pair, cost, usage):
        faults = statistics.median(faults for _, faults in of_command)
        cells += [f"{milliseconds:.2f}", f"{faults:.0f}", system_calls(command), peak_kib(command)]
    print(*cells, f"{cost[0] / cost[1]:.2f}")


def run(command):
    """One run: milliseconds of CPU, and page faults."""
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=[
        (os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)
    ])
    _, _, used = os.wait4(pid, 0)
    return (used.ru_utime + used.ru_stime) * 1000, used.ru_minflt + used.ru_majflt


def system_calls(command):
    with tempfile.NamedTemporaryFile("r") as trace:
        silently(["strace", "-f", "-qq", "-o", trace.name, *command])
        # A call that another thread interrupted has two lines.
        return sum("resumed>" not in line and "(" in line for line in trace)


def peak_kib(command):
    """The peak resident memory; this process's own would count as that of a child started from here."""
    with tempfile.NamedTemporaryFile("r") as measured:
        silently(["/usr/bin/time", "-f", "%M", "-o", measured.name, *command])
        return measured.read().split()[-1]


def silently(command):
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


main()
