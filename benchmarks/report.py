"""The table and the stored result: machine, date, versions, rows."""

import datetime
import json
import os
import platform
import sys
from importlib import metadata
from pathlib import Path

from mlrg_lib._files import replacing

PACKAGES = ("numpy", "numba", "llvmlite", "scipy", "mcising", "peapods", "scikit-learn", "torch", "rbms")
HEADER = ("work", "unit", "ours", "peer", "ratio: median [min–max]", "bound", "of bound")


def number(x: float) -> str:
    """Write a number with three figures."""
    return f"{x:,.0f}" if abs(x) >= 1000 else f"{x:#.3g}".rstrip(".")


def lines(result: dict) -> list[tuple[str, ...]]:
    """Return a row's lines in the table: one for each peer, or a single one."""
    bound, fraction = "", ""
    if result["bound"]:
        bound = f"{number(result['bound']['value']['median'])} ({result['bound']['name']})"
        fraction = f"{result['bound']['fraction']['median']:.2f}"
    first = (result["work"], result["unit"], number(result["ours"]["median"]))
    if not result["peers"]:
        return [(*first, "", "", bound, fraction)]
    out = []
    for k, (name, peer) in enumerate(result["peers"].items()):
        ratio = peer["ratio"]
        shown = f"{number(ratio['median'])}× [{number(ratio['low'])}–{number(ratio['high'])}]"
        out.append(
            (
                *(first if k == 0 else ("", "", "")),
                f"{name} {number(peer['value']['median'])}",
                shown,
                *((bound, fraction) if k == 0 else ("", "")),
            )
        )
    return out


def table(results: list[dict], missing: dict[str, str]) -> str:
    """Return the table as Markdown, then the notes, then the peers that are not in it and why."""
    rows = [HEADER, *(line for result in results for line in lines(result))]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADER))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    text += [""] + [f"{result['work']}: {result['note']}" for result in results if result["note"]]
    for result in results:
        text += [f"{result['work']}: {name} {value:.4g}" for name, value in result["numbers"].items()]
    text += [f"not measured: {name} ({reason})" for name, reason in missing.items()]
    return "\n".join(text)


def machine() -> dict:
    """Describe the processor, the system and how busy it is."""
    model, flags = platform.processor() or platform.machine(), set()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                model = value.strip()
            elif name.strip() == "flags":
                flags = set(value.split())
    widest = next((name for name in ("avx512f", "avx2", "asimd") if name in flags), "unknown")
    return {
        "processor": model,
        "architecture": platform.machine(),
        "vectors": widest,
        "n_processors": os.cpu_count(),
        "forced_target": os.environ.get("NUMBA_CPU_NAME", ""),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_average": list(os.getloadavg()) if hasattr(os, "getloadavg") else None,
    }


def versions() -> dict[str, str]:
    """Return the versions of what is measured."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def document(results: list[dict], missing: dict[str, str], *, quick: bool, seconds: float) -> dict:
    """Return everything to store."""
    return {
        "command": "python benchmarks/run.py" + (" --quick" if quick else ""),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "machine": machine(),
        "versions": versions(),
        "missing": missing,
        "rows": results,
    }


def store(path: Path, contents: dict) -> None:
    """Write JSON whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        file.write((json.dumps(contents, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))


def warn_if_busy(load: float, stream=sys.stderr) -> None:
    """Say when other work is likely to be in the numbers."""
    if load > 0.5:
        print(f"load average {load:.1f} before the start: other work is in these numbers, read the ranges", file=stream)
