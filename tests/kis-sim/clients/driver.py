"""Calls a client of another language: a program of a few lines that takes a call as a line of JSON and answers in one.

clients.sh builds the program and names it in DRIVER. What is called, and what an answer has to hold, is written in Python,
like everywhere here.
"""

import json
import os
import shlex
import subprocess


class ClientError(Exception):
    """What the client threw or returned as its error."""


class Driver:
    def __init__(self):
        said = None if os.environ.get("VERBOSE") else subprocess.DEVNULL
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(shlex.split(os.environ["DRIVER"]), stdin=pipe, stdout=pipe, stderr=said, text=True)

    def ask(self, account, call, **arguments):
        """One call with the real or the paper account; gives the answer."""
        print(json.dumps({"account": account, "call": call, "arguments": arguments}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise ClientError(f"the program ended with {self.process.wait()}")
        reply = json.loads(line)
        if "error" in reply:
            raise ClientError(reply["error"])
        return reply["answer"]


def pairs(text):
    """The arguments in "KEY=VALUE ..."."""
    return dict(pair.split("=", 1) for pair in text.split())


def holds(text):
    """Whether the answer or one of its rows has "KEY VALUE": the value itself, >0, a number, or anything but a blank (*)."""
    key, value = text.split()

    def has(row):
        found = str(row.get(key) or "").strip()
        if value == ">0":
            return bool(found) and float(found) > 0
        return {"*": bool(found), "number": found.isdigit()}.get(value, found == value)

    return lambda answer: any(has(row) for row in rows(answer))


def rows(answer):
    """The answer, and what stands in its outputs."""
    yield answer
    for output in answer.values():
        yield from (row for row in (output if isinstance(output, list) else [output]) if isinstance(row, dict))
