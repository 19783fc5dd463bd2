"""The page for developers and CONTRIBUTING.md say what is true: every path, target and name, and the picture."""

import re
import sys
from operator import attrgetter
from pathlib import Path

import pytest
import test_layers

import mlrg_lib

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book/_tools"))
import house  # noqa: E402

PAGES = ["CONTRIBUTING.md", "book/developers.md"]
MADE = (".venv/", "_build/")  # by `make book`
FILE = re.compile(r"[\w./<>-]*[\w>](?:/[\w./<>-]+|\.(?:py|js|md|ipynb|json|toml|txt|yml|cff|lock))")


def code(text: str) -> list[str]:
    """Return what stands in backticks and in blocks of code, a line each; comments are words."""
    blocks = re.findall(r"^```bash\n(.*?)^```", text, re.M | re.S)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    rest = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    return [*lines, *re.findall(r"(?<!`)`([^`\n]+)`(?!`)", rest)]


def missing(text: str) -> list[str]:
    """Return the paths that are not there, the targets that are none, and the names that the library lacks."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf8"), re.M))
    found = []
    for piece in code(text):
        if piece.startswith("make "):
            found += [piece] if piece.removeprefix("make ") not in targets else []
        elif re.fullmatch(r"mlrg(_lib)?\.[\w.]+", piece):
            try:
                attrgetter(piece.split(".", 1)[1])(mlrg_lib)
            except AttributeError:
                found.append(piece)
        else:
            paths = [path for path in piece.split() if FILE.fullmatch(path) and not path.startswith(MADE)]
            found += [path for path in paths if not list(ROOT.glob(re.sub(r"<\w+>", "*", path)))]
    return found


@pytest.mark.parametrize("name", PAGES)
def test_every_path_target_and_name_exists(name):
    text = (ROOT / name).read_text(encoding="utf8")
    assert len(code(text)) > 10
    assert missing(text) == []


def test_what_does_not_exist_is_found():
    text = "`make nothing`, `mlrg.ising.nothing`, `book/_tools/nothing.py`, `Nothing.md`, `mlrg_lib/no/<name>.js`\n"
    text += "```bash\n.venv/bin/python -m pytest tests/test_nothing.py  # all/of/it.py\n```\n"
    wrong = ["make nothing", "mlrg.ising.nothing", "book/_tools/nothing.py", "Nothing.md", "mlrg_lib/no/<name>.js"]
    assert sorted(missing(text)) == sorted([*wrong, "tests/test_nothing.py"])


def test_folders_of_the_house_are_all_told_of():
    page = (ROOT / "book/developers.md").read_text(encoding="utf8")
    assert set(re.findall(r"^\| `mlrg_lib/(\w+)` \|", page, re.M)) == set(house.rooms())


# The picture


def closure(arrows: dict[str, set[str]]) -> dict[str, set[str]]:
    found = {room: set(to) for room, to in arrows.items()}
    for _ in found:
        found = {room: to.union(*(found[other] for other in to)) for room, to in found.items()}
    return found


def test_the_picture_stands_for_the_imports_of_the_code():
    """Whatever a file imports is an arrow or follows from arrows, by another reading of the code than the picture's."""
    parts = {path.relative_to(house.PACKAGE).parts[0].removesuffix(".py") for path in house.PACKAGE.rglob("*.py")}
    parts -= {"__init__"}
    real = {part: set() for part in parts}
    for part in parts:
        for path in test_layers.modules(part):
            names = {name.split(".")[1] for name in test_layers.imports(path) if name.startswith("mlrg_lib.")}
            real[part] |= (names & parts) - {part}
    folders = {part for part in parts if (house.PACKAGE / part).is_dir()}
    wanted = {part: to & folders for part, to in closure(real).items() if part in folders}
    assert closure(house.needed(house.rooms())) == wanted


def test_no_arrow_leads_up_or_could_be_left_out():
    arrows = house.needed(house.rooms())
    floor = {room: k for k, level in enumerate(house.floors(arrows)) for room in level}
    assert all(floor[other] < floor[room] for room, to in arrows.items() for other in to)
    for room, to in arrows.items():
        for other in to:
            assert other not in closure(arrows | {room: to - {other}})[room]


def test_the_picture_is_the_one_of_the_code_and_is_told_in_words():
    assert house.PICTURE.read_text(encoding="utf8") == house.svg(), "draw it: python book/_tools/house.py"
    page = (ROOT / "book/developers.md").read_text(encoding="utf8")
    assert f':alt: "{house.sentence(house.needed(house.rooms()))}"' in page


def test_a_new_import_changes_the_picture(tmp_path, monkeypatch):
    for name, text in {
        "low/a.py": "",
        "high/b.py": "from ..low import a\n",
        "mid/c.py": "import mlrg_lib.low.a\n",
    }.items():
        (tmp_path / "mlrg_lib" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mlrg_lib" / name).write_text(text)
    monkeypatch.setattr(house, "PACKAGE", tmp_path / "mlrg_lib")
    assert house.rooms() == {"high": {"low"}, "low": set(), "mid": {"low"}}
    (tmp_path / "mlrg_lib/_by.py").write_text("from .mid import c\n")
    (tmp_path / "mlrg_lib/high/b.py").write_text("from .. import _by\nfrom ..low import a\n")
    assert house.needed(house.rooms()) == {"high": {"mid"}, "low": set(), "mid": {"low"}}
