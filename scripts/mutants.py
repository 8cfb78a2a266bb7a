#!/usr/bin/env python3
"""Puts each deliberate bug of tests/mutants.toml into a copy of the tree, and runs the tests that must catch it.

usage: scripts/mutants.py [NAME ...]      all of them, or those of these names

A bug is caught when it compiles and every test named for it fails; before the first one all these tests must pass. The
working tree is only read: copy and build lie in target/mutants, where the build stays to make the next time quicker.
All of them take long: each is compiled. Ends with 1 when a bug is not caught.
"""

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "target" / "mutants"
TREE = PLACE / "tree"
# No test takes a tenth of it; with some bugs a run never ends. All tests together take their time on a busy machine.
LIMIT_SECONDS = 600
LIMIT_SECONDS_OF_ALL = 3600
CARGO = {"lib": ["--lib"], "cli": ["--test", "cli"], "years": ["--test", "years"]}


def main():
    mutants = choose(tomllib.loads((ROOT / "tests" / "mutants.toml").read_text())["mutant"], sys.argv[1:])
    PLACE.mkdir(parents=True, exist_ok=True)
    with open(PLACE / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("another run is at it")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            copy_tree()
            return run_all(mutants)
        except KeyboardInterrupt:
            return 130
        finally:
            shutil.rmtree(TREE, ignore_errors=True)


def choose(mutants, names):
    unknown = set(names) - {mutant["name"] for mutant in mutants}
    if unknown:
        sys.exit(f"no such mutant: {', '.join(sorted(unknown))}\n\n{__doc__}")
    return [mutant for mutant in mutants if not names or mutant["name"] in names]


def copy_tree():
    """Copies what git knows or would: no secrets, no state."""
    shutil.rmtree(TREE, ignore_errors=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (TREE / name).parent.mkdir(parents=True, exist_ok=True)
            # The copies are younger than any earlier build, so that cargo never takes a mutant's for theirs.
            shutil.copyfile(ROOT / name, TREE / name)
            shutil.copymode(ROOT / name, TREE / name)


def run_all(mutants):
    print(f"{len(mutants)} mutants; without any of them:", flush=True)
    tests = sorted({test for mutant in mutants for test in mutant["caught_by"]})
    outcome, failed, output = run_tests(tests, LIMIT_SECONDS_OF_ALL)
    if outcome != "ran" or failed:
        print(output, f"the tests do not pass without a bug: {outcome} {', '.join(sorted(failed))}", sep="\n")
        return 1
    print(f"{len(tests)} tests pass\n", flush=True)
    width = max(len(mutant["name"]) for mutant in mutants)
    row = f"{{:{width}}}  {{:14}}  {{:>7}}  {{}}".format
    print(row("mutant", "result", "seconds", "caught by"), flush=True)
    missed = [mutant["name"] for mutant in mutants if not run_one(mutant, row)]
    print(f"\n{len(mutants) - len(missed)} of {len(mutants)} caught" + "".join(f"\nNOT CAUGHT: {name}" for name in missed))
    return 1 if missed else 0


def run_one(mutant, row):
    """Tells whether every test named for the mutant catches it; a line for each."""
    started = time.monotonic()
    originals = apply(mutant)
    try:
        outcome, failed, _ = run_tests(mutant["caught_by"], LIMIT_SECONDS)
    finally:
        for path, text in originals.items():
            path.write_text(text)
    heads = [(mutant["name"], f"{time.monotonic() - started:.0f}")] + [("", "")] * len(mutant["caught_by"])
    for (name, seconds), test in zip(heads, mutant["caught_by"]):
        result = "caught" if test in failed else "NOT CAUGHT"
        print(row(name, result if outcome == "ran" else outcome, seconds, test), flush=True)
    return outcome == "ran" and failed == set(mutant["caught_by"])


def apply(mutant):
    originals = {}
    for edit in mutant["edit"]:
        path = TREE / edit["file"]
        text = path.read_text()
        originals.setdefault(path, text)
        if text.count(edit["find"]) != 1:
            sys.exit(f"{mutant['name']}: {edit['file']} has its text {text.count(edit['find'])} times")
        path.write_text(text.replace(edit["find"], edit["put"]))
    return originals


def run_tests(tests, limit_seconds):
    """Runs tests; "ran" with those that failed, or why they did not run, and what cargo said."""
    names = {kind: [test.split(" ")[1] for test in tests if test.startswith(kind + " ")] for kind in [*CARGO, "clippy"]}
    targets = [argument for kind in CARGO if names[kind] for argument in CARGO[kind]]
    # A lint may say what it likes: the bug must compile.
    code, output = cargo(["test", "--no-run", *targets] if targets else ["check", "--lib"], limit_seconds)
    if code != 0:
        return "does not build", set(), output
    failed = set()
    for kind, target in CARGO.items():
        if names[kind]:
            code, said = cargo(["test", *target, "--", "--exact", *names[kind]], limit_seconds)
            if code is None:
                return "does not end", set(), said
            output += said
            failed |= {f"{kind} {name}" for name in failed_of(names[kind], said)}
    if names["clippy"]:
        code, said = cargo(["clippy", "--lib", "--", "-D", "warnings"], limit_seconds)
        output += said
        failed |= {f"clippy {name}" for name in names["clippy"] if code != 0 and f"index.html#{name}" in said}
    return "ran", failed, output


def failed_of(names, said):
    """Which of the tests failed, by the list at the end: what a test's programs print gets between the lines before it."""
    result = re.search(r"test result: \S+ (\d+) passed; (\d+) failed", said)
    if not result or int(result[1]) + int(result[2]) != len(names):
        # The tests' own process died, or a name is wrong.
        return set(names)
    listed = said[: result.start()].rpartition("failures:\n")[2].split() if int(result[2]) else []
    return set(names) & set(listed)


def cargo(arguments, limit_seconds):
    """Runs cargo on the copy; no code when it took too long. Optimizing and debugging information would take most of the time:
    each bug is built once, and few tests are run."""
    command = ["cargo", arguments[0], "--locked", "--package", "kis-trade", *arguments[1:]]
    environment = os.environ | {"CARGO_TARGET_DIR": str(PLACE / "build"), "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_PROFILE_DEV_OPT_LEVEL": "0"}
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
    with subprocess.Popen(command, cwd=TREE, env=environment, start_new_session=True, **pipe) as process:
        try:
            output, _ = process.communicate(timeout=limit_seconds)
            return process.returncode, output
        except subprocess.TimeoutExpired:
            return None, "took too long"
        finally:
            # With all that it started: some program of a test may wait for ever.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
