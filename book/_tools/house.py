"""Draw the rooms of mlrg_lib and who imports whom, as the code has it.

    python book/_tools/house.py   write book/_static/house.svg

A room is a folder of the library. An arrow leads from a room to one that it imports;
one that follows from others is left out: who imports `rg` may use what `rg` stands on.
The same code gives the same picture, and the tests say when it is out of date.
"""

import ast
import itertools
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "mlrg_lib"
PICTURE = ROOT / "book/_static/house.svg"
WIDTH, HEIGHT, STEP_X, STEP_Y, MARGIN = 98, 38, 104, 88, 2
# Seen on white, on black and on paper: a box brings its own ground.
STYLE = (
    "rect{fill:#eef3f7;stroke:#5b7083}"
    "text{font:600 14px sans-serif;fill:#14202b;text-anchor:middle}"
    "path{fill:none;stroke:#7d8a96;stroke-width:1.5}marker path{fill:#7d8a96}"
)
HEAD = (
    '<marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker>'
)


def imported(path: Path) -> set[str]:
    """Return the parts of the library, folders or single files, that a file imports."""
    here, found = (PACKAGE.name, *path.relative_to(PACKAGE).parts), set()
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level] if node.level else ()
            stem = [*base, *(node.module or "").split(".")]
            names = [[*filter(None, stem), alias.name] for alias in node.names]
        else:
            continue
        found |= {name[1] for name in names if name[0] == PACKAGE.name and name[1:]}
    return found


def below(part: str, arrows: dict[str, set[str]]) -> set[str]:
    """Return all that a part stands on, directly or not."""
    return arrows[part].union(*(below(other, arrows) for other in arrows[part]))


def rooms() -> dict[str, set[str]]:
    """Return each room with those it imports, directly or by a single file."""
    files = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path != PACKAGE / "__init__.py":
            part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
            files.setdefault(part, set()).update(imported(path))
    arrows = {part: (found & set(files)) - {part} for part, found in files.items()}
    folders = {part for part in arrows if (PACKAGE / part).is_dir()}
    return {part: below(part, arrows) & folders for part in sorted(folders)}


def needed(arrows: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the arrows without those that follow from others."""
    return {
        room: to - set().union(*(below(other, arrows) for other in to))
        for room, to in arrows.items()
    }


def floors(arrows: dict[str, set[str]]) -> list[list[str]]:
    """Return the rooms of each floor, the lowest first: each right below its users."""

    def depth(room):
        users = [user for user, to in arrows.items() if room in to]
        return 1 + max(map(depth, users), default=-1)

    depths = {room: depth(room) for room in arrows}
    return [
        sorted(room for room in arrows if depths[room] == k)
        for k in reversed(range(max(depths.values()) + 1))
    ]


def _badness(places: dict, arrows: dict[str, set[str]]) -> float:
    """Return how hard a picture is to read: crossings, arrows over rooms, slant."""
    lines = [(places[a], places[b]) for a, to in arrows.items() for b in to]
    bad = 0.01 * sum(abs(x - u) for (x, _), (u, _) in lines)
    for ((x, y), (u, v)), ((z, w), (s, t)) in itertools.combinations(lines, 2):
        for row in range(max(v, t), min(y, w)):  # between two floors both pass
            at = [
                (x + (u - x) * (y - k) / (y - v), z + (s - z) * (w - k) / (w - t))
                for k in (row, row + 1)
            ]
            bad += (at[0][0] - at[0][1]) * (at[1][0] - at[1][1]) < 0
    for (x, y), (u, v) in lines:
        slant = (x - u) / (y - v)
        for place, row in places.values():
            if v < row < y:
                bad += 5 * (abs(u + slant * (row - v) - place) < 0.5 + 0.2 * abs(slant))
    return bad


def placed(levels: list[list[str]], arrows: dict[str, set[str]]) -> dict:
    """Return a column and a floor for each room, such that the picture reads well."""
    columns = range(max(map(len, levels)))
    best = None
    starts = itertools.permutations(columns, len(max(levels, key=len)))
    for first in itertools.islice(starts, 0, None, 10):  # the best of a dozen descents
        places = {
            room: (column, k)
            for k, level in enumerate(levels)
            for room, column in zip(level, first, strict=False)
        }
        for k in (*range(len(levels)), *range(len(levels))):
            trials = [
                places | {r: (c, k) for r, c in zip(levels[k], order, strict=True)}
                for order in itertools.permutations(columns, len(levels[k]))
            ]
            places = min(trials, key=lambda trial: _badness(trial, arrows))
        if best is None or _badness(places, arrows) < _badness(best, arrows):
            best = places
    return best


def sentence(arrows: dict[str, set[str]]) -> str:
    """Return the picture in words."""
    parts = []
    for room, to in arrows.items():
        *most, last = sorted(to) or ["nothing"]
        parts.append(f"{room} to {', '.join(most)}{' and ' if most else ''}{last}")
    return (
        "The rooms of mlrg_lib, with arrows from each to those that it imports: "
        f"{'; '.join(parts)}."
    )


def svg() -> str:
    arrows = needed(rooms())
    places = placed(floors(arrows), arrows)
    top = max(floor for _, floor in places.values())

    def corner(room):
        column, floor = places[room]
        return MARGIN + column * STEP_X, MARGIN + (top - floor) * STEP_Y

    width = 2 * MARGIN + max(corner(room)[0] for room in arrows) - MARGIN + WIDTH
    height = 2 * MARGIN + top * STEP_Y + HEIGHT
    lines, boxes = [], []
    for room, to in arrows.items():
        x, y = corner(room)
        for other in sorted(to):
            u, v = corner(other)
            start, end = x + WIDTH // 2, u + WIDTH // 2
            lines.append(
                f'<path d="M{start} {y + HEIGHT}L{end} {v - 1}" '
                'marker-end="url(#head)"/>'
            )
        boxes.append(
            f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>'
            f'<text x="{x + WIDTH // 2}" y="{y + HEIGHT // 2 + 5}">{room}</text>'
        )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}">',
            f"<style>{STYLE}</style><defs>{HEAD}</defs>",
            *lines,
            *boxes,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(svg(), encoding="utf8")
    print(sentence(needed(rooms())))
