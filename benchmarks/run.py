"""Measure the library beside its peers and print the table.

    python benchmarks/run.py                  everything: about ten minutes
    python benchmarks/run.py --quick          fewer rounds of less work: under three minutes
    python benchmarks/run.py --only rbm cd    rows whose key contains one of the words
    python benchmarks/run.py --scaling        the curves of the book's appendix, to book/results/performance.json
    python benchmarks/run.py --targets        one kernel for this processor and for older ones, into the same file

Makes its own environment, benchmarks/.venv, and writes benchmarks/results/<machine>-<date>.json.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSIDE = "MLRG_BENCHMARK_MISSING"


def options(arguments=None):
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds of less work")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORD", help="rows whose key contains a word")
    parser.add_argument("--rounds", type=int, help="turns of each row (default 9, quick 3)")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--scaling", action="store_true", help="the appendix's curves instead of the table")
    other.add_argument("--targets", action="store_true", help="older instruction sets instead of the table")
    parser.add_argument("--output", type=Path, help="where the JSON goes")
    return parser.parse_args(arguments)


def main() -> int:
    """Make the environment, then measure inside it."""
    sys.path.insert(0, str(ROOT))
    from benchmarks import environment

    targets = options().targets
    if INSIDE in os.environ:
        from benchmarks import session

        return session.run(options())
    import json

    missing = environment.prepare()
    environ = {**environment.one_thread_environment(), INSIDE: json.dumps(missing)}
    begin = time.time()
    command = [str(environment.PYTHON), str(Path(__file__).resolve()), *sys.argv[1:]]
    codes = [subprocess.run(command, env=env).returncode for env in environment.each_target(environ, targets)]
    print(f"{time.time() - begin:.0f} s")
    return max(codes)


if __name__ == "__main__":
    raise SystemExit(main())
