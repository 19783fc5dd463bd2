"""Photograph the live figures into _build/pictures.

    python book/_tools/pictures.py      each in light, in dark and on a phone; all in figures.png; strip.png
    python book/_tools/pictures.py --strip book/_static/strip.png       frames of a quench, for the readme

Needs Chromium, not the built site: each figure stands on a page of its own.
"""

import argparse
import base64
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
import browser  # noqa: E402
from mlrg_lib.widgets.live import static_html, write_assets  # noqa: E402

TARGET = ROOT / "_build/pictures"
FIGURES = {
    "ising": {"size": 256, "seed": 1}, "rbm": {"seed": 1}, "flow": {}, "variational": {},
    "ellipse": {"seed": 1}, "modes": {"seed": 1},
}  # fmt: skip
VIEWS = {"light": ("light", 900), "dark": ("dark", 900), "phone": ("light", 360)}
SWEEPS = (0, 1, 4, 16, 64, 256)  # after the quench, of each frame of the strip
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><head><meta charset="utf-8"><title>figure</title>
<meta name="viewport" content="width=device-width"><style>body {{ margin: 12px; background: {paper} }}</style>
<script defer src="_static/mlrg-live.js"></script></head><body>{figure}</body></html>"""
PAPER = {"light": "#fff", "dark": "#14181e"}
SHEET = "body { margin: 12px; font: 14px sans-serif; color: #222; background: #fff } main { display: inline-block }"


def open_figure(context, folder: Path, name: str, theme: str, **values):
    """Return a page with one figure, once it shows something."""
    file = folder / "page.html"
    file.write_text(
        PAGE.format(
            theme=theme, paper=PAPER[theme], figure=static_html(name, **values)
        ),
        "utf8",
    )
    page = context.new_page()
    page.goto(file.as_uri())
    page.wait_for_function(
        "() => document.querySelector('.mlrg-figure')?.dataset.state === 'ready'"
    )
    return page


def as_image(png: bytes, width: int) -> str:
    return f'<img width="{width}" src="data:image/png;base64,{base64.b64encode(png).decode()}" alt="">'


def photograph(context, content: str, target: Path) -> None:
    """Lay out some HTML and write its picture."""
    page = context.new_page()
    page.set_content(
        f"<!doctype html><title>sheet</title><style>{SHEET}</style><main>{content}</main>"
    )
    page.wait_for_function(
        "() => [...document.images].every((image) => image.complete)"
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    page.locator("main").screenshot(path=target)
    page.close()
    print(f"{target.name}: {target.stat().st_size} bytes")


def contact_sheet(running, folder: Path) -> None:
    """Every figure in every view, a row each, after some seconds of running."""
    rows = []
    for name, values in FIGURES.items():
        cells = []
        for view, (theme, width) in VIEWS.items():
            context = running.new_context(
                viewport={"width": width, "height": 100}, color_scheme=theme
            )
            page = open_figure(context, folder, name, theme, **values)
            page.wait_for_timeout(6000 if name in ("rbm", "ising") else 1500)
            image = page.screenshot(full_page=True, path=TARGET / f"{name}-{view}.png")
            cells.append(f"<td>{as_image(image, width // 2)}</td>")
            context.close()
        rows.append(f"<tr valign=top><th>{name}</th>{''.join(cells)}</tr>")
    head = "".join(f"<th>{view}</th>" for view in VIEWS)
    context = running.new_context(
        viewport={"width": 1250, "height": 900}, device_scale_factor=2
    )
    photograph(
        context,
        f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>",
        TARGET / "figures.png",
    )
    context.close()


def strip(running, folder: Path, target: Path) -> None:
    """Frames of a quench to T = 1.5, sweep by sweep, above the same lattice coarse-grained twice."""
    context = running.new_context(
        viewport={"width": 1000, "height": 900}, reduced_motion="reduce"
    )
    page = open_figure(
        context,
        folder,
        "ising",
        "light",
        size=256,
        temperature=1.5,
        level=2,
        order="hot",
        seed=1,
    )
    step = page.get_by_role("button", name="Step", exact=True)
    canvas = "(k) => document.querySelectorAll('.mlrg-figure canvas')[k].toDataURL('image/png')"
    frames, made = [], 0
    for wanted in SWEEPS:
        while made < wanted:
            page.evaluate(
                "() => { document.querySelector('.mlrg-figure').dataset.state = 'waiting' }"
            )
            step.click()
            page.wait_for_function(
                "() => document.querySelector('.mlrg-figure').dataset.state === 'ready'"
            )
            made += 1
        images = "".join(
            f'<img width="190" height="190" style="image-rendering:pixelated;margin:2px" src="{page.evaluate(canvas, k)}" alt="">'
            for k in range(2)
        )  # fmt: skip
        caption = "1 sweep" if wanted == 1 else f"{wanted} sweeps"
        frames.append(
            f'<td style="width:194px;text-align:center">{images}{caption}</td>'
        )
    context.close()
    context = running.new_context(viewport={"width": 1250, "height": 600})
    photograph(context, f"<table><tr>{''.join(frames)}</tr></table>", target)
    context.close()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--strip", type=Path, metavar="FILE", help="only the strip, to this file"
    )
    options = parser.parse_args()
    path = browser.find()
    if path is None:
        print(
            "Chromium is needed: python tests/browser.py installs it or says how.",
            file=sys.stderr,
        )
        return 1
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        write_assets(folder / "_static")
        running = playwright.chromium.launch(
            executable_path=path, args=list(browser.ARGUMENTS)
        )
        strip(running, folder, options.strip or TARGET / "strip.png")
        if options.strip is None:
            contact_sheet(running, folder)
        running.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
