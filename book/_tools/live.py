"""Bring ``live/``, the reader's working folder, up to date with the built site: what `make live` does first.

    python book/_tools/live.py

The readers' notebooks and the stored results are copied into it. A notebook that the reader changed is never
overwritten. Changed means its cells: outputs, and what JupyterLab notes when it opens a file, do not count.
"""

import hashlib
import json
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN, RESULTS, LIVE = ROOT / "_build/html/run", ROOT / "book/results", ROOT / "live"
COPIED = ".copied.json"  # what was last copied: a hash for each file


def contents(file: Path) -> str:
    """Return a hash of a file; of a notebook, of what a reader can write in it."""
    text = file.read_bytes()
    if file.suffix == ".ipynb":
        try:
            cells = json.loads(text)["cells"]
            written = [
                (c["cell_type"], "".join(c["source"]), c.get("attachments"))
                for c in cells
            ]
            text = json.dumps(written).encode()
        except (ValueError, KeyError, TypeError):
            pass  # no notebook any more, but still the reader's
    return hashlib.sha256(text).hexdigest()


def sources(run: Path, results: Path) -> dict[str, Path]:
    """Return what belongs into the working folder, by its place there."""
    notebooks = {p.relative_to(run).as_posix(): p for p in run.rglob("*.ipynb")}
    data = {f"results/{p.name}": p for p in results.iterdir() if p.is_file()}
    return dict(sorted((notebooks | data).items()))


def update(run: Path = RUN, results: Path = RESULTS, live: Path = LIVE) -> list[str]:
    """Copy what is new or as it was copied before; return a line for each newer file that the reader's own keeps out."""
    record, kept = live / COPIED, []
    try:
        copied = json.loads(record.read_text("utf8"))
    except (
        OSError,
        ValueError,
    ):  # none yet, or damaged: then what is here is the reader's
        copied = {}
    for name, source in sources(run, results).items():
        target, new = live / name, contents(source)
        here = contents(target) if target.exists() else None
        if here in (None, copied.get(name)):
            if here != new:
                _write(target, source.read_bytes())
            copied[name] = new
        elif here == new:
            copied[name] = new
        elif copied.get(name) != new:
            kept.append(
                f"{live.name}/{name} has your changes and stays. For the book's newer one, rename yours "
                "and run make live again."
            )
    _write(record, json.dumps(copied, indent=1).encode())
    return kept


def _write(target: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(data)
    os.replace(part, target)


if __name__ == "__main__":
    print("\n".join([*update(), f"Working folder: {LIVE}"]))
