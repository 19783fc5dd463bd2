"""What the page on speed says of stored measurements, in Markdown."""

from collections.abc import Mapping, Sequence

from mlrg_lib.figures.performance import is_yardstick

from .report import number

_BUILT_FOR = {"haswell": "AVX2, 256 bits", "nehalem": "SSE4.2, 128 bits", "generic": "the plainest of its kind"}


def provenance(stored: Mapping) -> str:
    """Return, in Markdown, where and when a stored result was measured, and which peers are missing and why.

    Parameters
    ----------
    stored : mapping
        What ``benchmarks/run.py`` wrote.
    """
    machine, found = stored["machine"], stored["versions"]
    load = machine["load_average"]
    text = (
        f"Measured on {stored['date'][:10]} by `{stored['command']}` on {machine['processor']} "
        f"({machine['vectors']}, {machine['n_processors']} processors), Python {machine['python']}, "
        + ", ".join(f"{name} {version}" for name, version in found.items())
        + "."
    )
    if load and load[0] > machine["n_processors"]:
        text += f" Other work was running (load average {load[0]:.0f}), so read the ranges."
    for name, reason in stored.get("missing", {}).items():
        text += f" Not measured: {name} ({reason})."
    return text


def table(rows: Sequence[Mapping]) -> str:
    """Return the stored rows as a Markdown table: ours, each peer, the ratio with its range, the part of the bound.

    Parameters
    ----------
    rows : sequence of mapping
        As in `mlrg_lib.figures.performance.ratios`, with "unit", "ours" and "bound" too.
    """
    lines = ["| work | ours | peer | ratio [range] | of the bound |", "|---|---|---|---|---|"]
    for row in rows:
        ours = f"{number(row['ours']['median'])} {row['unit']}"
        bound = f"{row['bound']['fraction']['median']:.2f} ({row['bound']['name']})" if row["bound"] else ""
        first = (row["work"], ours)
        for name, peer in row["peers"].items() or [("", None)]:
            ratio = ""
            if peer:
                yardstick = "yardstick, " if is_yardstick(name) else ""
                name = f"{yardstick}{name}: {number(peer['value']['median'])}"
                ratio = " ".join((f"{number(peer['ratio']['median'])}×", _range(peer["ratio"])))
            lines.append(f"| {first[0]} | {first[1]} | {name} | {ratio} | {bound} |")
            first, bound = ("", ""), ""
    return "\n".join(lines)


def kernels(rows: Sequence[Mapping]) -> str:
    """Return as a Markdown table what each kernel weighs and costs in a browser, and its rate beside numba's.

    Parameters
    ----------
    rows : sequence of mapping
        What ``benchmarks/browser.py`` stored: "kernel", "bytes", "milliseconds" a call, and the ratios "of_native" and
        "of_portable" of numba's time to the browser's, each with median, low and high.
    """
    lines = [
        "| kernel | object, bytes | a call, ms | of portable numba's rate | of native numba's |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        portable, native = (f"{row[key]['median']:.2f} {_range(row[key])}" for key in ("of_portable", "of_native"))
        milliseconds = number(row["milliseconds"]["median"])
        lines.append(f"| `{row['kernel']}` | {row['bytes']:,} | {milliseconds} | {portable} | {native} |")
    return "\n".join(lines)


def frames(rows: Sequence[Mapping]) -> str:
    """Return as a Markdown table the frames and sweeps a second of the live lattice, by its size.

    Parameters
    ----------
    rows : sequence of mapping
        What ``benchmarks/browser.py`` stored: "L", and "frames" and "sweeps" with median, low and high.
    """
    lines = ["| lattice | frames a second | sweeps a second |", "|---|---|---|"]
    for row in rows:
        shown = (f"{number(row[key]['median'])} {_range(row[key])}" for key in ("frames", "sweeps"))
        lines.append(f"| {row['L']}² | {' | '.join(shown)} |")
    return "\n".join(lines)


def notes(rows: Sequence[Mapping]) -> str:
    """Return what must be known to read the rows, as a Markdown list: notes, and numbers found while setting up.

    Parts of a note that say what was aimed at are passed over.

    Parameters
    ----------
    rows : sequence of mapping
        As in `mlrg_lib.figures.performance.ratios`, with "note" and "numbers" too.
    """
    lines = []
    for row in rows:
        parts = [part for part in row["note"].split("; ") if part and not part.startswith("target")]
        parts += [f"{name}, {number(value)}" for name, value in row["numbers"].items() if "MiB" not in name]
        if parts:
            lines.append(f"- {row['work']}: {'; '.join(parts)}.")
    return "\n".join(lines)


def behind(rows: Sequence[Mapping]) -> str:
    """Return a sentence that names the rows in which a peer was faster, with the ratios.

    Parameters
    ----------
    rows : sequence of mapping
        As in `mlrg_lib.figures.performance.ratios`. Yardsticks are passed over, and named if there are any.
    """
    yardsticks = sorted({name for row in rows for name in row["peers"] if is_yardstick(name)})
    rest = f" Not peers but yardsticks: {'; '.join(yardsticks)}." if yardsticks else ""
    slower = [
        f"{row['work']} ({name}, {number(peer['ratio']['median'])}×)"
        for row in rows
        for name, peer in row["peers"].items()
        if peer["ratio"]["median"] < 1 and not is_yardstick(name)
    ]
    if not slower:
        return "In no row of this run was a peer faster." + rest
    return "A peer was faster in " + "; ".join(slower) + "." + rest


def memory(rows: Sequence[Mapping]) -> str:
    """Return a sentence on the peak memory of the data sets, or why there is none.

    Parameters
    ----------
    rows : sequence of mapping
        As in `mlrg_lib.figures.performance.ratios`, with "numbers" too.
    """
    found = [row for row in rows if "MiB at peak" in row["numbers"]]
    if not found:
        return "The system that this was measured on does not tell a process its peak memory."
    sentences = []
    for row in found:
        numbers = row["numbers"]
        grown = numbers["MiB at peak"] - numbers["MiB at peak before"]
        sentences.append(
            f"{row['work']}: the process holds at most {numbers['MiB at peak']:.0f} MiB, {grown:.0f} MiB more than "
            f"before the draw, of which the configurations themselves are {numbers['MiB of output']:.0f}."
        )
    return " ".join(sentences)


def flatness(curve: Mapping, names: Sequence[str], smallest: float = 64) -> str:
    """Return a sentence on how far a series strays from its middle, for sizes from ``smallest`` on.

    Parameters
    ----------
    curve : mapping
        As in `mlrg_lib.figures.performance.scaling`.
    names : sequence of str
        Series taken together; those that are not in the curve are passed over.
    smallest : float
    """
    series = [curve["series"][name] for name in names if name in curve["series"]]
    points = [(x, y) for s in series for x, y in zip(s["x"], s["median"], strict=True) if x >= smallest]
    sizes, values = zip(*points, strict=True)
    return (
        f"From {curve['x']} = {min(sizes):g} to {max(sizes):g} the median lies between {number(min(values))} and "
        f"{number(max(values))} {curve['y']}: a factor {max(values) / min(values):.2f} over a factor "
        f"{number((max(sizes) / min(sizes)) ** 2)} in the number of sites."
    )


def targets(entries: Sequence[Mapping]) -> str:
    """Return a Markdown table of one kernel compiled for several processors, and a sentence on what is missing.

    Parameters
    ----------
    entries : sequence of mapping
        What ``benchmarks/run.py --targets`` stored: "machine" and "rows" of each, the same rows in all.
    """
    lines = ["| compiled for | work | attempts/ns | of the random words | ratio to the first peer |"]
    lines.append("|---|---|---|---|---|")
    for entry in entries:
        name = entry["machine"]["forced_target"]
        first = f"{name}: {_BUILT_FOR.get(name, name)}" if name else f"this processor ({entry['machine']['vectors']})"
        for row in entry["rows"]:
            peer = next(iter(row["peers"].values()), None)
            ratio = f"{number(peer['ratio']['median'])}× {_range(peer['ratio'])}" if peer else ""
            part = f"{row['bound']['fraction']['median']:.2f}"
            lines.append(f"| {first} | {row['work']} | {number(row['ours']['median'])} | {part} | {ratio} |")
            first = ""
    if not any(entry["machine"]["vectors"] == "avx512f" for entry in entries):
        lines += ["", "This processor has no 512-bit vectors. On one that has them, the same command adds their row."]
    return "\n".join(lines)


def validation(checks: Sequence[Mapping]) -> str:
    """Return as a Markdown table the deviations z from the exact energy, and in a sentence what they amount to.

    Parameters
    ----------
    checks : sequence of mapping
        What ``python -m mlrg_lib.studies.sampler_validation --json`` stored: "algorithm", "generator", "random
        numbers", "L", "beta", "error" and "z".
    """
    rows: dict[tuple, dict] = {}
    for check in checks:
        key = (check["algorithm"].replace("_", " "), check["generator"], check["random numbers"], check["L"])
        rows.setdefault(key, {})[check["beta"]] = check["z"]
    betas = sorted({check["beta"] for check in checks})
    lines = [
        f"| algorithm | generator | random numbers | L | {' | '.join(f'β = {beta:.4g}' for beta in betas)} |",
        "|---" * (4 + len(betas)) + "|",
    ]
    for key, found in rows.items():
        values = (f"{found[beta]:+.2f}".replace("-", "−") if beta in found else "" for beta in betas)
        lines.append(f"| {' | '.join(map(str, key))} | {' | '.join(values)} |")
    squares, largest = sum(check["z"] ** 2 for check in checks), max(abs(check["z"]) for check in checks)
    errors = [check["error"] for check in checks]
    lines += [
        "",
        f"In {len(checks)} checks the sum of z² is {squares:.0f} and the largest |z| is {largest:.2f}. "
        f"The standard errors of the energy per spin lie between {min(errors):.1g} and {max(errors):.1g}.",
    ]
    return "\n".join(lines)


def _range(ratio: Mapping) -> str:
    return f"[{number(ratio['low'])}–{number(ratio['high'])}]"
