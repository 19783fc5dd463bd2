"""Execute the chapters and keep only the outputs that are checked; or prove that they are kept so.

    python book/_tools/notebooks.py refresh [chapter.ipynb ...]   execute, store checked outputs, strip the rest
    python book/_tools/notebooks.py check                         fail if a chapter is not in that form
    python book/_tools/notebooks.py launch                        put the repository's address into the chapters

A checked cell carries the comment ``# NBVAL_CHECK_OUTPUT``; nbval compares its output when it runs the
chapters. A checked cell without a stored count or output would pass whatever it prints, so it is an error. The address is ``companion_repository``
of ``_config.yml``; the cell that holds it fetches the library where it is not installed, and the site leaves it out.
"""

import argparse
import sys
import time
from pathlib import Path

import nbformat
import yaml

BOOK = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(BOOK / "_ext"))
import launch  # noqa: E402

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


def address() -> str:
    config = yaml.safe_load((BOOK.parent / "_config.yml").read_text("utf8"))
    return config["sphinx"]["config"]["companion_repository"]


def launch_cell(path: Path, where: str):
    """Return the cell that fetches the library, folded in JupyterLab and left out of the site."""
    page = path.relative_to(BOOK.parent).with_suffix("").as_posix()
    metadata = {"tags": ["remove-cell"], "jupyter": {"source_hidden": True}}
    return nbformat.v4.new_code_cell(launch.cell(where, page), metadata=metadata)


def launch_cells(notebook) -> list[int]:
    """Return where such cells are."""
    cells = enumerate(notebook.cells)
    return [k for k, cell in cells if cell.source.startswith(launch.CELL_MARK)]


def launch_problems(path: Path) -> list[str]:
    """What keeps this chapter from fetching the library from the address of the configuration."""
    notebook = nbformat.read(path, as_version=4)
    found = launch_cells(notebook)
    wanted = launch_cell(path, address()).source
    if len(found) == 1 and notebook.cells[found[0]].source == wanted:
        before = notebook.cells[: found[0]]
        if all(cell.cell_type == "markdown" for cell in before):
            return []
    say = "its cell that fetches the library is not the configuration's"
    return [f"{path.relative_to(BOOK.parent)}: {say}: run notebooks.py launch"]


def write_launch_cell(path: Path) -> None:
    """Put the cell behind the title, before all other code, in the place of an older one."""
    notebook = nbformat.read(path, as_version=4)
    new = launch_cell(path, address())
    for k in reversed(launch_cells(notebook)):
        new.id = notebook.cells.pop(k).id
    notebook.cells.insert(1, new)
    nbformat.write(notebook, path)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("refresh", "check", "launch"))
    parser.add_argument("paths", nargs="*", type=Path)
    arguments = parser.parse_args()
    paths = [p.resolve() for p in arguments.paths] or chapters()
    if arguments.action == "refresh":
        for path in paths:
            print(f"{path.relative_to(BOOK)}: {refresh(path):.1f} s", flush=True)
        return 0
    if arguments.action == "launch":
        for path in paths:
            write_launch_cell(path)
    found = [p for path in paths for p in problems(path) + launch_problems(path)]
    print("\n".join(found) or f"{len(paths)} chapters hold checked outputs only")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
