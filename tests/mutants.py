"""Change one sign, number or comparison of a kernel at a time, and count the changes that its tests notice.

    python tests/mutants.py              a sample of such mutants; goes on where it was interrupted
    python tests/mutants.py --again      of the same sample those that survived, once there are new tests
    python tests/mutants.py --each 20    more from each file, the earlier ones among them; --seed 2: others

The mutants are made by cosmic-ray, in an environment of its own and a copy of the tree, both below ``_build``. They run
as plain Python (``interpreted``), with those tests that take less than ``SHORT`` seconds of the processor so. A mutant
is noticed if one of them fails or takes longer than ``LONG``. Kernels that take C pointers are left out. The result is
written to ``book/results/mutants.json`` and into the page for developers.
"""

import argparse
import hashlib
import importlib.util
import json
import math
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KERNELS, STORED, PAGE = "mlrg_lib/_kernels", ROOT / "book/results/mutants.json", ROOT / "book/developers.md"
FOLDER, TOOL = ROOT / "_build/mutants", "cosmic-ray==8.7.0"
COLUMNS = ("mutants", "tried", "noticed", "timed out", "survived")  # timed out are noticed, too
BEGIN, END = "% written by tests/mutants.py\n", "% as far as here\n"
SHORT, LONG, CLOCK = 2, 10, 300  # seconds: of the processor for a test without and with a mutant, of the clock for all
# Slips that a person could make. Not removed decorators and exceptions (there are no exceptions), nor every operator
# for every other: most of those cannot be computed at all, are noticed at once, and would only raise the score.
PAIRS = "Add_Sub Sub_Add Mul_Add Div_Mul FloorDiv_Mul Mod_Mul Pow_Mul LShift_RShift RShift_LShift BitAnd_BitOr "
PAIRS += "BitOr_BitAnd BitXor_BitOr Lt_LtE LtE_Lt Gt_GtE GtE_Gt Eq_NotEq NotEq_Eq Delete_USub Delete_Invert Delete_Not"
OTHERS = "NumberReplacer ZeroIterationForLoop AddNot ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceAndWithOr "
OTHERS += "ReplaceOrWithAnd ReplaceBreakWithContinue ReplaceContinueWithBreak"
TESTS = {  # kernel file: the tests that meet it
    "blocking": "rg_block_spin",
    "clamped": "discussion_sloppy",
    "clusters": "ising_kernels",
    "columns": "columns",
    "convolution": "machines_convolutional",
    "enumeration": "machines_kernels machines_exact",
    "lattice": "ising_kernels ising_observables",
    "moments": "rg_pca",
    "multispin": "ising_kernels columns",
    "operators": "rg_monte_carlo",
    "phi4": "rg_pca_model",
    "rbm": "machines_kernels machines_rbm",
    "rng": "ising_kernels ellipse_kernel modes_kernel rg_block_spin",
    "runs": "ising_runs",
    "walsh": "rg_variational",
    "words": "ising_kernels machines_kernels columns",
    "page/eigen": "modes_kernel",
    "page/ellipse": "ellipse_kernel",
    "page/kadanoff": "kadanoff_kernel",
    "page/lanes": "page_kernels",
    "page/modes": "modes_kernel page_kernels",
    "page/order": "page_kernels",
    "page/pictures": "page_kernels",
    "page/settling": "settling",
    "page/shell_flow": "shell_flow",
    "page/small_rbm": "small_rbm page_kernels",
}


def is_meant(operator: str, line: str) -> bool:
    """Tell whether a mutation is one of ours, in a line that is neither a decorator nor an import."""
    name = operator.removeprefix("core/")
    ours = name in OTHERS.split() or re.sub(r"Replace\w+Operator_", "", name) in PAIRS.split()
    return ours and not re.match(r"\s*(@|(from|import)\b)", line)


def command(python: str, *arguments: str) -> str:
    """Return the words that run tests with the kernels as Python, of which none is skipped by a marker."""
    words = (python, "-m", "pytest", "-q", "-p", "interpreted", "-p", "no:cacheprovider")
    words += ("-p", "no:xdist", "-p", "no:nbval", "-p", "no:anyio")  # half of the time it takes to begin
    return shlex.join((*words, "--hypothesis-seed=0", "-m", "not slow and not site and not weekly", *arguments))


def short_tests(python: str, modules: set[str]) -> dict[str, list[str]]:
    """Run the tests of these modules without a mutant; return those that are short, by the name of their module."""
    paths = [f"tests/test_{name}.py" for name in sorted(modules)]
    words = shlex.split(command(python, f"--seconds={SHORT}", "-rp", *paths))
    text = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    if re.search(r"^(FAILED|ERROR) ", text, re.M):
        raise RuntimeError(f"without a mutant, too, tests fail:\n{text}")
    cut = set(re.findall(r"^    (tests/\S+::.*)$", text, re.M))
    found = {name: [] for name in modules}
    for name in re.findall(r"^PASSED (.*)$", text, re.M):
        if name not in cut:
            found[re.match(r"tests/test_(\w+)\.py::", name)[1]].append(name)
    if not all(found.values()):
        raise RuntimeError(f"without a mutant, too, no short test passes of some module:\n{text}")
    return found


def sample(items, seed: int) -> dict:
    """Return the mutations that are meant, in random order for each file, by the number in that order and the file."""
    files = {name: [] for name in TESTS}
    for item in items:
        change = item.mutations[0]
        line = change.module_path.read_text(encoding="utf8").splitlines()[change.start_pos[0] - 1]
        if is_meant(change.operator_name, line):
            files[file_of(item)].append(change)
    chance = random.Random(seed)
    for found in files.values():
        found.sort(key=lambda change: (change.operator_name, change.occurrence))
        chance.shuffle(found)
    return {f"{k:02d} {name}": change for name, found in files.items() for k, change in enumerate(found)}


def file_of(item) -> str:
    return item.mutations[0].module_path.relative_to(KERNELS).with_suffix("").as_posix()


def told(item, result) -> dict:
    """Return what a mutant was and what became of it."""
    lines = [line[1:].strip() for line in result.diff.splitlines() if re.match(r"[-+](?![-+]{2} )", line)]
    outcome = "survived" if result.test_outcome == "survived" else "noticed"
    if outcome == "noticed" and (result.output == "timeout" or "took too long" in result.output):
        outcome = "timed out"
    elif outcome == "noticed" and result.output and not re.search(r"^(FAILED|ERROR) ", result.output, re.M):
        raise RuntimeError(f"{item}: no test says why\n{result.output}")
    place = {"file": file_of(item), "line": item.mutations[0].start_pos[0]}
    return {**place, "before": lines[-2], "after": lines[-1], "outcome": outcome}


def copy_tree() -> Path:
    """Copy what the tests need, anew each time: a run that was killed leaves its mutant behind."""
    tree = FOLDER / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    for name in ("mlrg_lib", "tests", "benchmarks"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", ".venv", "results"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tree)
    return tree


def mutate(options) -> None:
    """Make the sample's mutants that have no result yet, one after the other; store what became of all."""
    from cosmic_ray.commands import init
    from cosmic_ray.mutating import mutate_and_test
    from cosmic_ray.work_db import use_db
    from cosmic_ray.work_item import WorkItem

    tree = copy_tree()
    os.chdir(tree)
    os.environ |= {"PYTHONPATH": f"{tree}{os.pathsep}{tree / 'tests'}", "NUMBA_DISABLE_JIT": "1"}
    paths = [Path(KERNELS, f"{name}.py") for name in TESTS]
    parts = [*(path.read_bytes() for path in paths), PAIRS.encode(), OTHERS.encode(), str(options.seed).encode()]
    with use_db(str(FOLDER / f"{hashlib.sha256(b'-'.join(parts)).hexdigest()[:16]}.sqlite")) as work:
        if not work.num_work_items:
            with use_db(":memory:") as every:
                init(paths, every, {})
                chosen = sample(every.work_items, options.seed)
            work.add_work_items(WorkItem.single(job_id=name, mutation=change) for name, change in chosen.items())
        counts = Counter(map(file_of, work.work_items))
        items = [item for item in work.work_items if int(item.job_id.split()[0]) < options.each]
        items.sort(key=lambda item: (int(item.job_id.split()[0]), item.job_id))
        again = () if options.again is None else options.again or TESTS
        done = {k for k, r in work.results if not (r.test_outcome == "survived" and k.split()[1] in again)}
        waiting = [item for item in items if item.job_id not in done]
        print(f"{len(waiting)} mutants; first their tests without one, some minutes", flush=True)
        modules = {module for item in waiting for module in TESTS[file_of(item)].split()}
        short = short_tests(options.python, modules) if modules else {}
        for k, item in enumerate(waiting, 1):
            tests = [test for module in TESTS[file_of(item)].split() for test in short[module]]
            Path(FOLDER, "which.txt").write_text("\n".join(tests), encoding="utf8")
            words = command(options.python, "-x", f"--seconds={LONG}", "--cut-off-fails", f"@{FOLDER / 'which.txt'}")
            result = mutate_and_test(item.mutations, words, CLOCK)
            print(f"{k}/{len(waiting)}", *told(item, result).values(), sep="  ", flush=True)
            work.set_result(item.job_id, result)
        results = dict(work.results)
    store(options, counts, [told(item, results[item.job_id]) for item in items])


def interval(k: int, n: int) -> tuple[float, float]:
    """Return Wilson's 95 per cent interval of a share, k of n."""
    z = 1.959964
    middle, half = (k + z * z / 2) / (n + z * z), z * math.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return middle - half, middle + half


def table(stored: dict) -> str:
    """Return what the page says of a stored result: a sentence and a table."""
    total = {key: sum(counts[key] for counts in stored["files"].values()) for key in COLUMNS}
    low, high = interval(total["noticed"], total["tried"])
    rows = [
        f"Tried were {total['tried']} of {total['mutants']:,} mutants, a random sample with as many from each file "
        f"(seed {stored['seed']}). Noticed were {total['noticed']} of them, {total['noticed'] / total['tried']:.1%}; "
        f"the binomial 95% interval is {low:.1%} to {high:.1%}.",
        "",
        f"| file of `mlrg_lib/_kernels` | {' | '.join(COLUMNS)} |",
        f"|---|{'--:|' * len(COLUMNS)}",
    ]
    for name, counts in {**stored["files"], "all": total}.items():
        rows.append(f"| {name} | {' | '.join(f'{counts[key]:,}' for key in COLUMNS)} |")
    return "\n".join(rows)


def store(options, counts, mutants) -> None:
    """Write the result, and its table into the page."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    files = {}
    for name in TESTS:
        found = Counter(mutant["outcome"] for mutant in mutants if mutant["file"] == name)
        tried, survived = found.total(), found["survived"]
        numbers = (counts[name], tried, tried - survived, found["timed out"], survived)
        files[name] = dict(zip(COLUMNS, numbers, strict=True))
    left = [{k: v for k, v in one.items() if k != "outcome"} for one in mutants if one["outcome"] == "survived"]
    left.sort(key=lambda one: (list(TESTS).index(one["file"]), one["line"], one["after"]))
    about = {"command": f"python tests/mutants.py --each {options.each} --seed {options.seed}", "seed": options.seed}
    about |= {"commit": commit.strip(), "date": date.today().isoformat(), "tool": TOOL}
    about |= {"files": files, "survivors": left}
    STORED.write_text(json.dumps(about, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    before, _, rest = PAGE.read_text(encoding="utf8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table(about)}\n\n{END}{rest.partition(END)[2]}", encoding="utf8")
    print(table(about))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", type=int, default=6, help="mutants of each kernel file")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument(
        "--again", nargs="*", metavar="FILE", help="try those again that survived, of all or some files"
    )
    parser.add_argument("--python", default=sys.executable, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if importlib.util.find_spec("cosmic_ray"):
        mutate(options)
        return
    import installed

    python = installed.BUILD / "mutants-tool" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.is_file():
        installed.install(installed.environment("mutants-tool"), TOOL)
    sys.exit(subprocess.call([python, __file__, *sys.argv[1:], "--python", sys.executable]))


if __name__ == "__main__":
    main()
