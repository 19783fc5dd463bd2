"""Break ten kernels, one at a time, and see that their tests turn red.

    python tests/breaks.py [name of a kernel file ...]

Each break is a slip that a person could make. It is made in a copy of the library, on which a file of tests runs until
the first of them fails. Green tests are an error: the kernel could be wrong and nobody would know.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BREAKS = (  # kernel file, what it has, the slip, the test
    ("multispin", "rarer[12], other[12]", "rarer[11], other[11]", "ising_kernels"),  # the comparison's highest bit
    ("runs", "links &= ~(links << ONE) | above | below", "links &= ~(links << ONE) | above", "ising_runs"),
    ("columns", "above = planes[1 - c, w - 1 if w > 0 else words - 1]", "above = planes[1 - c, w]", "columns"),
    ("rbm", "np.float32(0.0013264727)", "np.float32(0.0023264727)", "machines_kernels"),  # an exponential, by 3e-5
    ("moments", "z3 = z2 + a3 * y3[t]", "z3 = z2 + a3 * y2[t]", "rg_pca"),
    ("enumeration", "up, down = high_up[j], high_down[j]", "up, down = high_down[j], high_up[j]", "machines_exact"),
    ("walsh", "values[k + 3 * half] = a - c, b - d", "values[k + 3 * half] = a - c, b + d", "rg_variational"),
    ("page/modes", "math.sqrt(square / n_samples)", "math.sqrt(square / (n_samples - 1))", "modes_kernel"),
    ("operators", "if length % 64:", "if length % 32:", "rg_monte_carlo"),
    ("words", "(d << _U45) | (d >> _U19)", "(d << _U45) | (d >> _U17)", "ising_kernels"),
)


def is_noticed(name: str, right: str, wrong: str, test: str) -> bool:
    """Tell whether the test fails once the kernel file has ``wrong`` in the place of ``right``."""
    with tempfile.TemporaryDirectory(prefix="break-") as folder:
        copy = Path(folder) / "mlrg_lib"
        shutil.copytree(ROOT / "mlrg_lib", copy, ignore=shutil.ignore_patterns("__pycache__"))
        file = copy / "_kernels" / f"{name}.py"
        text = file.read_text(encoding="utf-8")
        if text.count(right) != 1:
            raise ValueError(f"{name}.py must have {right!r} once, has it {text.count(right)} times")
        file.write_text(text.replace(right, wrong), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONSAFEPATH": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not site"]
        command.append(f"tests/test_{test}.py")
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"the tests of {name} could not run:\n{done.stdout}{done.stderr}")
    failed = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    print(f"  {failed[0].partition(' - ')[0].removeprefix('FAILED ')}" if failed else "  nothing failed", flush=True)
    return bool(done.returncode)


def main(names: list[str]) -> int:
    missed = []
    for name, right, wrong, test in BREAKS:
        if not names or name in names:
            began = time.monotonic()
            print(f"{name}.py: {right}  ->  {wrong}", flush=True)
            if not is_noticed(name, right, wrong, test):
                missed.append(name)
            print(f"  {time.monotonic() - began:.0f} s", flush=True)
    print(f"not noticed: {', '.join(missed)}" if missed else "every break was noticed")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
