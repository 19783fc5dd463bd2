"""Execute the chapters and keep only the outputs that are checked; or prove that they are kept so.

    python book/_tools/notebooks.py refresh [chapter.ipynb ...]   execute, store checked outputs, strip the rest
    python book/_tools/notebooks.py check                         fail if a chapter is not in that form

A checked cell carries the comment ``# NBVAL_CHECK_OUTPUT``; nbval compares its output when it runs the
chapters. A checked cell without a stored count or output would pass whatever it prints, so it is an error.
"""

import argparse
import sys
import time
from pathlib import Path

import nbformat

BOOK = Path(__file__).resolve().parents[1]
MARK = "NBVAL_CHECK_OUTPUT"
METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def chapters() -> list[Path]:
    return sorted(
        p
        for p in BOOK.rglob("*.ipynb")
        if not any(part.startswith((".", "_")) for part in p.relative_to(BOOK).parts)
    )


def is_checked(cell) -> bool:
    return cell.cell_type == "code" and MARK in cell.source


def strip(notebook):
    """Remove every output, count and piece of run-time metadata that is not a checked cell's."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code" and not is_checked(cell):
            cell.outputs, cell.execution_count = [], None
    return notebook


def problems(path: Path) -> list[str]:
    """What keeps this chapter from being in stored form."""
    notebook = nbformat.read(path, as_version=4)
    found = []
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        where = f"{path.relative_to(BOOK.parent)}: cell {number}"
        if is_checked(cell):
            if not cell.execution_count or not cell.outputs:
                found.append(
                    f"{where} is checked but has no stored count and output: run `make notebooks`"
                )
        elif cell.outputs or cell.execution_count is not None:
            found.append(
                f"{where} stores an output that nothing checks: run `make notebooks`"
            )
    if not any(is_checked(cell) for cell in notebook.cells):
        found.append(f"{path.relative_to(BOOK.parent)}: no checked cell")
    return found


def refresh(path: Path) -> float:
    """Execute one chapter in its own folder and store it stripped; return the seconds it took."""
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    began = time.perf_counter()
    NotebookClient(
        notebook,
        timeout=3600,
        kernel_name="python3",
        resources={"metadata": {"path": path.parent}},
    ).execute()
    seconds = time.perf_counter() - began
    notebook.cells = strip(notebook).cells
    nbformat.write(notebook, path)
    return seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("refresh", "check"))
    parser.add_argument("paths", nargs="*", type=Path)
    arguments = parser.parse_args()
    paths = [p.resolve() for p in arguments.paths] or chapters()
    if arguments.action == "refresh":
        for path in paths:
            print(f"{path.relative_to(BOOK)}: {refresh(path):.1f} s", flush=True)
        return 0
    found = [p for path in paths for p in problems(path)]
    print("\n".join(found) or f"{len(paths)} chapters hold checked outputs only")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
