"""The README and the pages say what is true: their code runs, their targets and folders exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf8"), flags=re.S)


@pytest.mark.parametrize("name", ["README.md", "book/how_to_use.md"])
def test_code_in_the_text_runs(name):
    for block in python_blocks(ROOT / name):
        quick = block.replace("20_000", "500").replace(".show()", ".to_json()")
        exec(compile(quick, name, "exec"), {})


@pytest.mark.parametrize("name", ["README.md", "book/how_to_use.md"])
def test_make_targets_in_the_text_exist(name):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    assert set(re.findall(r"\bmake ([a-z-]+)", (ROOT / name).read_text(encoding="utf8"))) <= targets


def test_folders_in_the_readme_exist():
    for path in re.findall(r"^\| `([^`]+)`", (ROOT / "README.md").read_text(encoding="utf8"), flags=re.M):
        stem, _, group = path.partition("{")
        names = group.split("}")[0].split(",") if group else [""]
        assert all((ROOT / f"{stem}{name}").is_dir() for name in names), path
