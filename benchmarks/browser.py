"""Measure the browser's kernels beside numba's, and the frame rate of the live lattice.

    .venv/bin/python benchmarks/browser.py [--output book/results/browser.json] [--rounds 5]

Every kernel of the WebAssembly module runs turn by turn in Chromium, in numba for this processor, and in numba for
the portable processor of its kind (NUMBA_CPU_NAME=generic), on the same arrays. Needs the environment of the tests.
"""

import argparse
import base64
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import kernel_cases  # noqa: E402
import numpy as np  # noqa: E402

from benchmarks import report  # noqa: E402
from benchmarks.measure import ratios, spread  # noqa: E402

SIZES = {"L": 512, "side": 16, "hidden": 64, "n_modes": 144, "n_samples": 2399}
LEAST = 0.03  # seconds a turn of one kernel takes
LATTICES = (64, 256, 512, 1024, 2048)
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>figure</title>
<script defer src="_static/mlrg-live.js"></script></head><body>{figure}</body></html>"""
START = """code => {
  const bytes = Uint8Array.from(atob(code), c => c.charCodeAt(0)), module = new WebAssembly.Module(bytes), env = {};
  for (const { name } of WebAssembly.Module.imports(module)) env[name] = Math[name] ?? Math[name.replace(/f$/, '')];
  self.kernels = new WebAssembly.Instance(module, { env }).exports;
  const times = Array.from({ length: 5 }, () => { const begin = performance.now();
    new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
    return performance.now() - begin; });
  return Math.min(...times); }"""
RUN = """([name, given, calls]) => {
  const { memory, __heap_base } = kernels, place = (n) => Math.ceil(n / 64) * 64;
  let top = place(__heap_base.value);
  const values = given.map((v) => {
    if (typeof v === 'number') return v;
    const bytes = Uint8Array.from(atob(v), c => c.charCodeAt(0)), at = top;
    top = place(at + bytes.length);
    if (top > memory.buffer.byteLength) memory.grow(Math.ceil((top - memory.buffer.byteLength) / 65536));
    new Uint8Array(memory.buffer).set(bytes, at);
    return at; });
  kernels[name](...values);
  const begin = performance.now();
  for (let k = 0; k < calls; k++) kernels[name](...values);
  return (performance.now() - begin) / calls / 1000; }"""


def arguments(name: str):
    """Return a kernel's arguments, the same in every process."""
    return kernel_cases.build(**SIZES)[name](np.random.default_rng(1))


class Native:
    """This process's numba, called through C as the browser calls its module."""

    def __init__(self):
        import numba

        from mlrg_lib._kernels import live

        self.functions = {
            name: numba.cfunc(signature)(dispatcher.py_func).ctypes
            for name, (dispatcher, signature) in live.ENTRIES.items()
        }

    def seconds(self, name: str, calls: int) -> float:
        """Return the seconds of one call."""
        function, arrays = self.functions[name], []
        values = []
        for value, kind in zip(arguments(name), function.argtypes, strict=True):
            if isinstance(value, np.ndarray):
                arrays.append(np.ascontiguousarray(value))
                value = arrays[-1].ctypes.data_as(kind)
            values.append(value)
        function(*values)
        begin = time.perf_counter()
        for _ in range(calls):
            function(*values)
        return (time.perf_counter() - begin) / calls


class Process:
    """A :class:`Native` in a process of its own, for another processor."""

    def __init__(self, processor: str):
        environ = {**os.environ, "NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": ""}
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve"], env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, name: str, calls: int) -> float:
        self.process.stdin.write(f"{name} {calls}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Browser:
    """The module in Chromium."""

    def __init__(self, page):
        from mlrg_lib.widgets import wasm

        self.page, self.module = page, wasm.kernel_module()
        self.start_milliseconds = page.evaluate(START, base64.b64encode(self.module.code).decode())
        print(f"compiled and ready to run in {self.start_milliseconds:.1f} ms", flush=True)

    def seconds(self, name: str, calls: int) -> float:
        given = [
            base64.b64encode(value.tobytes()).decode() if isinstance(value, np.ndarray) else float(value)
            for value in arguments(name)
        ]
        return self.page.evaluate(RUN, [name, given, calls])


def serve() -> int:
    """Answer requests "kernel calls" with the seconds of one call, until the input ends."""
    native = Native()
    for line in sys.stdin:
        name, calls = line.split()
        print(native.seconds(name, int(calls)), flush=True)
    return 0


def kernel_rows(browser: Browser, native: Native, portable: Process, rounds: int) -> list[dict]:
    """Measure every kernel turn by turn; return a row for each, the most expensive objects first."""
    rows = []
    for name, size in sorted(browser.module.sizes.items(), key=lambda item: -item[1]):
        calls = max(1, math.ceil(LEAST / max(native.seconds(name, 1), 1e-7)))
        engines = {"browser": browser, "native": native, "portable": portable}
        times = {engine: [] for engine in engines}
        for turn in range(rounds):
            for engine in engines if turn % 2 == 0 else reversed(engines):
                times[engine].append(engines[engine].seconds(name, calls))
        rows.append(
            {
                "kernel": name,
                "bytes": size,
                "milliseconds": spread([1e3 * t for t in times["browser"]])._asdict(),
                "of_native": ratios(times["native"], times["browser"])._asdict(),
                "of_portable": ratios(times["portable"], times["browser"])._asdict(),
            }
        )
        print(f"{name}: {rows[-1]['of_portable']['median']:.2f} of portable numba", flush=True)
    return rows


def frame_rates(running, seconds: float = 5.0) -> list[dict]:
    """Return frames and sweeps a second of the live lattice at full speed, for every size it offers."""
    from mlrg_lib.widgets.live import static_html, write_assets

    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_assets(folder / "_static")
        for size in LATTICES:
            figure = static_html("ising", size=size, speed=6, level=1, seed=1)
            (folder / "page.html").write_text(PAGE.format(figure=figure), "utf8")
            page = running.new_page(viewport={"width": 1000, "height": 900})
            page.goto((folder / "page.html").as_uri())
            page.wait_for_function("() => Number(document.querySelector('.mlrg-figure')?.dataset.fps) > 0")
            seen = []
            for _ in range(math.ceil(seconds)):
                page.wait_for_timeout(1000)
                data = page.locator(".mlrg-figure").evaluate("e => ({ ...e.dataset })")
                seen.append((float(data["fps"]), float(data["sweepRate"])))
            page.close()
            frames, sweeps = (spread(column)._asdict() for column in zip(*seen, strict=True))
            rows.append({"L": size, "frames": frames, "sweeps": sweeps})
            print(f"{size}²: {frames['median']:.0f} frames/s, {sweeps['median']:.0f} sweeps/s", flush=True)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "book/results/browser.json")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        return serve()
    import browser as finder
    from playwright.sync_api import sync_playwright

    path = finder.find()
    if path is None:
        print("Chromium is needed: python tests/browser.py installs it or says how.", file=sys.stderr)
        return 1
    report.warn_if_busy(os.getloadavg()[0])
    begin, portable, native = time.perf_counter(), Process("generic"), Native()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(finder.ARGUMENTS))
        page = running.new_page()
        chromium = Browser(page)
        rows = kernel_rows(chromium, native, portable, options.rounds)
        page.close()
        rates, version = frame_rates(running), running.version
        running.close()
    portable.stop()
    contents = report.document(rows, {}, quick=False, seconds=time.perf_counter() - begin)
    contents |= {"command": "python benchmarks/browser.py", "browser": f"Chromium {version}", "frames": rates}
    contents |= {"module_bytes": len(chromium.module.code), "start_milliseconds": chromium.start_milliseconds}
    report.store(options.output, contents)
    return 0


if __name__ == "__main__":
    sys.exit(main())
