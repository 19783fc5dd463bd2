"""Draw the pictures of the page "What we found" from the stored results.

    python book/_tools/stills.py          write book/_static/found-*.svg
    python book/_tools/stills.py check    say which of them the results have outdated

The same results give the same pictures. Seen on white, on black and on paper: a picture
brings its own ground. Whatever is said in words is in the page, not here.
"""

import itertools
import re
import sys
from html import escape
from pathlib import Path

import numpy as np
from mlrg_lib.ising import exact
from mlrg_lib.rg import pca
from mlrg_lib.studies import (
    block_fits,
    block_or_correlation,
    good_again,
    weight_fits,
    weight_flow,
)
from scipy import linalg, stats

ROOT = Path(__file__).resolve().parents[2]
RESULTS, STATIC = ROOT / "book/results", ROOT / "book/_static"
WIDTH, HEIGHT = 640, 370
LEFT, RIGHT, TOP, BOTTOM = 96, 178, 18, 74  # what the frame leaves for the labels
BLUE, ORANGE, GREEN, GREY = "#0f5f99", "#b94b00", "#00725a", "#5d666e"
STYLE = (
    "text{font:19px sans-serif;fill:#14202b}.t{text-anchor:middle}.e{text-anchor:end}"
    ".g{fill:#fff;stroke:#b9c2c9}.f{fill:none;stroke-width:2}"
)


INSIDE = 'clip-path="url(#in)"'


class Picture:
    """A frame with two axes, and what is drawn into it in their units."""

    def __init__(self, x, y, *, log=(False, False), ticks=(None, None), labels):
        self.ranges, self.log, self.parts, self.named = (x, y), log, [], []
        self.low = [
            np.log(a[0]) if flag else a[0] for a, flag in zip((x, y), log, strict=True)
        ]
        self.high = [
            np.log(a[1]) if flag else a[1] for a, flag in zip((x, y), log, strict=True)
        ]
        right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
        frame = f'x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}"'
        self.parts.append(f'<rect class="g" {frame}/>')
        self.parts.append(f'<clipPath id="in"><rect {frame}/></clipPath>')
        for value, text in ticks[0]:
            self.text(self.at(value, y[0])[0], bottom + 25, text, "t")
        for value, text in ticks[1]:
            self.text(LEFT - 8, self.at(x[0], value)[1] + 6, text, "e")
        self.text((LEFT + right) / 2, HEIGHT - 16, labels[0], "t")
        middle = (TOP + bottom) / 2
        turn = f'transform="rotate(-90 22 {middle:.0f})"'
        self.text(22, middle, labels[1], "t", turn)

    def at(self, x, y) -> tuple[float, float]:
        """Return the place of a point of the axes on the picture."""
        value = [
            np.log(v) if flag else v for v, flag in zip((x, y), self.log, strict=True)
        ]
        part = [
            (v - a) / (b - a)
            for v, a, b in zip(value, self.low, self.high, strict=True)
        ]
        width, height = WIDTH - RIGHT - LEFT, HEIGHT - BOTTOM - TOP
        return LEFT + part[0] * width, TOP + (1 - part[1]) * height

    def text(self, x, y, words, kind="", more=""):
        place = f'x="{x:.0f}" y="{y:.0f}" class="{kind}" {more}'
        index = r'<tspan dy="5" font-size="14">\1</tspan><tspan dy="-5">\2</tspan>'
        signs = re.sub(r"_(\w)(.*)", index, escape(words))
        self.parts.append(f"<text {place}>{signs}</text>")

    def line(self, xs, ys, color, dash=False):
        path = " ".join(
            "{:.1f},{:.1f}".format(*self.at(*p)) for p in zip(xs, ys, strict=True)
        )
        dashed = ' stroke-dasharray="6 5"' if dash else ""
        self.parts.append(
            f'<polyline class="f" points="{path}" stroke="{color}"{dashed} {INSIDE}/>'
        )

    def points(self, xs, ys, errors, color):
        low, high = self.ranges[1]
        for x, y, error in zip(xs, ys, errors, strict=True):
            a, b = (self.at(x, np.clip(y + s * error, low, high)) for s in (-1, 1))
            ends = "M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*a, *b)
            self.parts.append(f'<path class="f" d="{ends}" stroke="{color}" {INSIDE}/>')
            place = 'cx="{:.1f}" cy="{:.1f}"'.format(*self.at(x, y))
            self.parts.append(f'<circle {place} r="4" fill="{color}" {INSIDE}/>')

    def label(self, y, words, color):
        """Write a name beside the right edge, where a line ends or leaves the frame."""
        y = self.at(self.ranges[0][1], np.clip(y, *self.ranges[1]))[1]
        self.named.append([y, words, color])

    def svg(self, alt: str) -> str:
        self.named.sort()
        for above, below in itertools.pairwise(self.named):
            below[0] = max(below[0], above[0] + 23)
        for y, words, color in self.named:
            x = WIDTH - RIGHT + 8
            self.text(x, y + 6, words, "", f'style="fill:{color}"')
        box = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(alt)}"'
        ground = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#f7f9fb"/>'
        body = "\n".join([ground, *self.parts])
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {box}>'
        return f"{head}<style>{STYLE}</style>\n{body}\n</svg>\n"


def decades(*exponents) -> list[tuple[float, str]]:
    powers = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
    return [(10.0**k, f"10{str(k).translate(powers)}") for k in exponents]


def numbers(*values) -> list[tuple[float, str]]:
    return [(v, f"{v:g}".replace("-", "−")) for v in values]


def blocks() -> str:
    """Draw the size of receptive fields against the correlation length."""
    _, points = block_or_correlation.load(RESULTS / "block_or_correlation.json")
    betas = block_or_correlation.BETAS[5:10]
    xis = [exact.correlation_length(beta) for beta in betas]
    main = {"kind": "ising", "l1": block_or_correlation.PENALTY, "side": 16}
    main |= {"n_epochs": block_or_correlation.N_EPOCHS}
    sizes = block_fits.group(points, "size", **main)
    fig = Picture(
        (0.7, 7),
        (0.7, 9),
        log=(True, True),
        ticks=(numbers(1, 2, 3, 5), numbers(1, 2, 4, 8)),
        labels=("correlation length ξ of the spins", "size of a block (sites)"),
    )
    fig.line([0.7, 7], [0.7, 7], GREY, dash=True)
    fig.label(7.4, "if it were ξ", GREY)
    for n, color in zip(
        block_or_correlation.WIDTHS, (BLUE, ORANGE, GREEN), strict=True
    ):
        rows = [block_fits.mean_and_error(sizes[n, beta]) for beta in betas]
        mean, error = np.array(rows).T
        fig.line(xis, mean, color)
        fig.points(xis, mean, error, color)
        fig.label(mean[np.argmax(xis)], f"{n} hidden units", color)
    return fig.svg("Block sizes hardly change with the correlation length.")


def approach() -> str:
    """Draw how far the magnetic exponent of five rules is from 15/8, by level."""
    _, measured = good_again.load(RESULTS / "good_again.json")
    shown = {"majority": "majority rule", "window 4 × 4": "window built in"}
    shown |= {"stack: mean": "free machine", "decimation": "decimation"}
    fig = Picture(
        (0.8, 5.2),
        (3e-5, 0.3),
        log=(False, True),
        ticks=(numbers(1, 2, 3, 4, 5), decades(-4, -3, -2, -1)),
        labels=("block-spin step", "|y_h − 15/8|"),
    )
    for (rule, words), color in zip(
        shown.items(), (GREY, BLUE, ORANGE, GREEN), strict=True
    ):
        y, error = (measured[rule][k][:5] for k in ("y_h", "y_h_error"))
        away, steps = np.abs(y - 15 / 8), np.arange(1, len(y) + 1)
        fig.line(steps, away, color)
        fig.points(steps, away, error, color)
        fig.label(away[-1], words, color)
    return fig.svg("Distances from the exact exponent fall with the step, but one.")


def weights() -> str:
    """Draw the sum of the weights level after level, at and off the critical point."""
    _, points = weight_flow.load(RESULTS / "weight_flow.json")
    fig = Picture(
        (0.8, 5.2),
        (3, 9.5),
        ticks=(
            [
                (n, f"{n}th" if n > 3 else ["1st", "2nd", "3rd"][n - 1])
                for n in range(1, 6)
            ],
            numbers(4, 6, 8),
        ),
        labels=("machine", "sum of its weights"),
    )
    words = {0.0: "critical", 2.56: "2 % colder", -2.56: "2 % hotter"}
    words |= {0.64: "½ % colder", -0.64: "½ % hotter"}
    for x in (2.56, 0.64, 0.0, -0.64, -2.56):
        rows = [
            weight_fits.shape(p["kernels"])[:, -1]
            for p in points
            if (p["arm"], p["side"], p["x"]) == ("learned", 128, x)
        ]
        mean = np.mean(rows, axis=0)
        error = np.std(rows, axis=0, ddof=1) / np.sqrt(len(rows))
        color = GREY if x == 0 else BLUE if x > 0 else ORANGE
        steps = np.arange(1, len(mean) + 1)
        fig.line(steps, mean, color)
        fig.points(steps, mean, error, color)
        fig.label(mean[-1], words[x], color)
    return fig.svg("Weights stay at the critical point and leave off it.")


def gain_couplings() -> np.ndarray:
    """Return rows of fourth moment, fitted coupling 36 g̃ and its error: Gaussian data
    times one gain, log-normal and more and more variable."""
    rng = np.random.default_rng(563)
    field = rng.standard_normal((60_000, 40)) / np.sqrt(np.arange(1, 41))
    field, noise = (
        field @ linalg.hadamard(64)[:40, :40] / 8,
        rng.standard_normal(60_000),
    )
    rows = []
    for spread in np.linspace(0, 1.2, 9):
        X = field * np.exp(spread * noise)[:, None]
        fit = pca.estimate_coupling(X, [0.25])
        fitted = 36 * fit.dimensionless[0], 36 * fit.dimensionless_error[0]
        rows.append((np.median(stats.kurtosis(X, fisher=False)), *fitted))
    return np.array(rows)


def coupling() -> str:
    """Draw the fitted coupling of data that are not of the fitted kind."""
    fig = Picture(
        (2.5, 400),
        (-0.08, 0.02),
        log=(True, False),
        ticks=(numbers(3, 10, 30, 100), numbers(-0.08, -0.04, 0)),
        labels=("fourth moment of the data", "fitted coupling 36 g̃"),
    )
    x, y, error = gain_couplings().T
    fig.line(x, y, BLUE)
    fig.points(x, y, error, BLUE)
    return fig.svg("The fitted coupling falls and comes back while the tails grow.")


PICTURES = {
    "blocks": blocks,
    "approach": approach,
    "weights": weights,
    "coupling": coupling,
}


def main(action: str = "write") -> int:
    outdated = []
    for name, draw in PICTURES.items():
        path, text = STATIC / f"found-{name}.svg", draw()
        if action == "write":
            path.write_text(text, encoding="utf8")
        elif not path.exists() or path.read_text("utf8") != text:
            outdated.append(path.name)
    if outdated:
        print(*outdated, ": run `python book/_tools/stills.py`")
    return bool(outdated)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
