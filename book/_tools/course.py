"""Minutes to read and seconds to run of every chapter, counted and measured, and the lines of the book that say them.

    python book/_tools/course.py measure   store how long the last `make book` took to execute each chapter
    python book/_tools/course.py write     put the numbers into the chapters' face lines and the syllabus
    python book/_tools/course.py check     fail if a line says something else

Reading: 100 words a minute up to the exercises, half a minute for each displayed equation and each figure, rounded up
to five minutes. Running: the executed seconds of ``book/results/course.json``, rounded up to five seconds. All cells
count, solutions and the frames of figures with sliders too; the library is compiled beforehand.
"""

import argparse
import json
import math
import os
import platform
import re
import sys
from pathlib import Path

import nbformat
import notebooks
import yaml

ROOT = Path(__file__).resolve().parents[2]
STORED = ROOT / "book/results/course.json"
SYLLABUS = ROOT / "book/syllabus.md"
CACHE = ROOT / "_build/.jupyter_cache"
FACE = re.compile(
    r"(\| Prerequisites \| To read \| To run \|\n\|[-|]+\|\n\|.*\|) \d+ minutes \| \d+ seconds \|"
)
BEGIN, END = "<!-- chapters: begin -->", "<!-- chapters: end -->"
EXERCISE = re.compile(
    r"\{exercise\}[^\n]*\n:label: ([\w-]+)\n\s*(?:\*([^*]+)\.\* )?", re.MULTILINE
)
KINDS = {
    "derive": r"\bderive\b",
    "code": r"(^|and )code\b",
    "experiment": r"\bexperiment\b|\bmeasure\b",
    "find the error": r"\bfind the error\b",
    "a common bug": r"\bcommon bug\b",
}


def name(path: Path) -> str:
    return path.relative_to(notebooks.BOOK).with_suffix("").as_posix()


def markdown(path: Path) -> str:
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def words(text: str) -> int:
    """Count the words of the prose: no displayed equation, no directive's fence; a formula or a link is one word."""
    text = re.sub(r"\$\$.*?\$\$(\s*\([\w-]+\))?", "", text, flags=re.DOTALL)
    text = re.sub(r"^(```|:\w+:|\([\w-]+\)=).*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\$[^$]*\$|\{[\w:]+\}`[^`]*`", "x", text)
    return len(re.findall(r"\w[\w'’-]*", text))


def reading_minutes(path: Path) -> int:
    text = markdown(path).split("\n## Exercises")[0]
    cells = nbformat.read(path, as_version=4).cells
    figures = sum("figure" in cell.metadata.get("mystnb", {}) for cell in cells)
    minutes = words(text) / 100 + (text.count("$$") // 2 + figures) / 2
    return up_to_five(minutes)


def up_to_five(number: float) -> int:
    return 5 * max(1, math.ceil(number / 5))


def exercises(path: Path) -> dict[str, list[str]]:
    """Return the kinds of each exercise, by its label; one that does not say its kind in its first words has none."""
    found = {}
    for label, first in EXERCISE.findall(markdown(path)):
        text = first.lower()
        found[label] = [kind for kind, mark in KINDS.items() if re.search(mark, text)]
    return found


def stored() -> dict:
    return json.loads(STORED.read_text("utf8"))


def stated_seconds(path: Path) -> int:
    return up_to_five(stored()["seconds"][name(path)])


def executed(cache: Path = CACHE) -> dict[str, float]:
    """Return the seconds that the last execution of each chapter took, from the builder's cache."""
    from jupyter_cache import get_cache

    records = get_cache(str(cache)).list_cache_records()
    found = {}
    for record in sorted(records, key=lambda record: record.created):
        _, _, tail = record.uri.rpartition("/book/")
        found[tail.removesuffix(".ipynb")] = record.data["execution_seconds"]
    return {name(path): found[name(path)] for path in notebooks.chapters()}


def processor() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text() if info.exists() else ""
    model = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    return model[1] if model else platform.processor() or platform.machine()


def measure(cache: Path = CACHE) -> None:
    from jupyter_cache import get_cache

    seconds = {key: round(value, 1) for key, value in executed(cache).items()}
    created = max(r.created for r in get_cache(str(cache)).list_cache_records())
    provenance = {
        "command": "make book, then python book/_tools/course.py measure",
        "date": created.strftime("%Y-%m-%d"),
        "processor": f"{processor()}, {os.cpu_count()} logical cores",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }
    text = json.dumps({"provenance": provenance, "seconds": seconds}, indent=1)
    STORED.write_text(text + "\n", encoding="utf8")


def in_order() -> list[Path]:
    """Return the chapters in the order of the contents."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))
    files = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    paths = [ROOT / f"{file}.ipynb" for file in files]
    return [path for path in paths if path.exists()]


def face(path: Path, text: str) -> str:
    line = rf"\1 {reading_minutes(path)} minutes | {stated_seconds(path)} seconds |"
    return FACE.sub(line, text)


def table() -> str:
    """Return the syllabus's table of all chapters."""
    head = ["chapter", "to read", "to run", *KINDS]
    rows = [head, ["---"] * 3 + [":-:"] * len(KINDS)]
    for path in in_order():
        kinds = list(exercises(path).values())
        counts = [sum(kind in of for of in kinds) or "" for kind in KINDS]
        minutes, seconds = reading_minutes(path), stated_seconds(path)
        rows.append(
            [f"{{doc}}`{name(path)}`", f"{minutes} min", f"{seconds} s", *counts]
        )
    body = "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)
    since = stored()["provenance"]
    note = (
        f"Seconds from {since['date']}, {since['processor']}, Python {since['python']}."
    )
    return f"{BEGIN}\n{body}\n\n{note}\n{END}"


def syllabus(text: str) -> str:
    before, rest = text.split(BEGIN)
    return before + table() + rest.split(END)[1]


def problems() -> list[str]:
    found = []
    for path in notebooks.chapters():
        text = markdown(path)
        if not FACE.search(text):
            found.append(f"{name(path)}: no face line")
        elif face(path, text) != text:
            found.append(f"{name(path)}: {FACE.search(text)[0].splitlines()[-1]}")
    text = SYLLABUS.read_text("utf8")
    if syllabus(text) != text:
        found.append("syllabus.md: the table of chapters")
    return [f"{line}: run `python book/_tools/course.py write`" for line in found]


def write() -> None:
    for path in notebooks.chapters():
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = face(path, cell.source)
        nbformat.write(notebook, path)
    SYLLABUS.write_text(syllabus(SYLLABUS.read_text("utf8")), encoding="utf8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("measure", "write", "check"))
    action = parser.parse_args().action
    if action != "check":
        {"measure": measure, "write": write}[action]()
    found = problems()
    print("\n".join(found) or table())
    return bool(found) and action != "measure"


if __name__ == "__main__":
    sys.exit(main())
