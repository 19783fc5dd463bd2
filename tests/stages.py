"""Run stages of the Makefile one after another, whatever each of them says, and end with a table of verdicts.

    python tests/stages.py lint book unit chapters site-test

A stage is a target. What failed is listed with the one command that repeats it, a test by its own name.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
import time

NEEDS = {"site-test": "book"}  # a stage, and the one without which it would test something else
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", re.MULTILINE)
MOST = 12  # repeated one by one; of more, the whole stage


class Terminated(KeyboardInterrupt):
    """The signal that a system sends to end a run; Ctrl-C reaches all that the stage started, this one only us."""


def terminated(*_):
    raise Terminated


def run(stage: str) -> tuple[int, str]:
    """Run one stage, showing what it prints; return its status and that text."""
    command = [os.environ.get("MAKE", "make"), "--no-print-directory", "--keep-going", stage]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    text = bytearray()

    def show():
        while part := process.stdout.read1():
            text.extend(part)
            sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()

    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
        try:
            show()
        except KeyboardInterrupt as stop:
            if isinstance(stop, Terminated):
                process.terminate()
            show()  # until everything has ended
            raise
    return process.returncode, text.decode(errors="replace")


def repeat(stage: str, text: str) -> list[str]:
    """Return the commands that repeat what failed in a stage, by what it printed."""
    python, commands = os.path.relpath(sys.executable), {}
    for name in FAILED.findall(text):
        file = name.partition("::")[0]
        if file.endswith(".ipynb"):
            commands[f"make {stage} CHAPTERS={shlex.quote(file)}"] = None  # a cell needs those before it
        elif file.endswith(".py"):
            doctest = "" if file.startswith("tests/") else "--doctest-modules "
            commands[f"{python} -m pytest {doctest}{shlex.quote(name)}"] = None
    return list(commands) if 0 < len(commands) <= MOST else [f"make {stage}"]


def table(verdicts: dict[str, tuple[str, float, list[str]]]) -> str:
    """Return a line for each stage: its verdict, its time, and below it the commands that repeat what failed."""
    wide = max(map(len, verdicts))
    lines = [f"{'stage':{wide}}     time  verdict"]
    for stage, (verdict, seconds, commands) in verdicts.items():
        minutes, rest = divmod(round(seconds), 60)
        lines.append(f"{stage:{wide}}  {minutes:4}:{rest:02}  {verdict}")
        lines += [f"{'':{wide}}           {command}" for command in commands]
    return "\n".join(lines)


def main(stages: list[str]) -> int:
    signal.signal(signal.SIGTERM, terminated)
    verdicts, status = {}, 0
    for stage in stages:
        needed = NEEDS.get(stage)
        if needed in verdicts and verdicts[needed][0] != "passed":
            verdicts[stage] = f"not run: {needed} {verdicts[needed][0]}", 0.0, []
            continue
        print(f"\n=== {stage}", flush=True)
        began = time.monotonic()
        try:
            failed, text = run(stage)
        except KeyboardInterrupt:
            verdicts[stage] = "stopped", time.monotonic() - began, []
            status = 130
            break
        verdicts[stage] = "failed" if failed else "passed", time.monotonic() - began, []
        if failed:
            verdicts[stage][2].extend(repeat(stage, text))
            status = 1
    print("", table(verdicts), sep="\n", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
