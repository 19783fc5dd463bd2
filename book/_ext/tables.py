"""Tables that a narrow screen can show: rows of words become cards there, rows of numbers scroll beside their names.

What a cell prints in lines too long for paper says how long, and is set smaller there. Names in code and of types may be broken behind ``_``, ``.``, ``/`` and ``=``; no other word is, and no number.
"""

import html
import re
from pathlib import Path
from statistics import mean

from bs4 import BeautifulSoup
from docutils.utils.math.tex2unichar import mathalpha

WRAP = '<div class="pst-scrollable-table-container">'
TABLE = re.compile(rf"({WRAP})?(<table\b.*?</table>)(?(1)\s*</div>)", re.DOTALL)
FORMULA = re.compile(r"\\\((.*?)\\\)")
CODE = re.compile(r'(<span class="pre">|<em>)([^<]*)(</)')
JOINT = re.compile(r"(?<=[^\W\d])(_|\.|/|==?)(?=\w)")
PRINTED = re.compile(r'(<div class="highlight"><pre)>(.*?)(?=</pre>)', re.DOTALL)
PAPER = 66  # characters in a line of a cell's output on paper, in a solution
READ = 22  # characters of a cell on average; shorter ones are compared, down a column
SHORT = 12  # characters of a cell that stays on one line: a number with its unit
ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tr": "row",
    "td": "cell",
    "th": "columnheader",
}


def dress_tables(out: Path) -> None:
    """Mark every table of the site as cards or as scrolling, long lines of output, and the joints of names in code."""
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf8")
        after = text
        if "mlrg-wide" not in text:  # else this build did not write it
            after = TABLE.sub(
                lambda m: f'<div class="mlrg-wide">{WRAP}{dressed(m[2])}</div></div>',
                text,
            )
        after = PRINTED.sub(lambda m: f"{m[1]}{columns(m[2])}>{m[2]}", after)
        after = CODE.sub(lambda m: m[1] + JOINT.sub(r"\1<wbr>", m[2]) + m[3], after)
        if after != text:
            page.write_text(after, encoding="utf8")


def columns(printed: str) -> str:
    """Return the style that says how long the longest line is, or none where all fit on paper."""
    text = html.unescape(re.sub("<[^>]*>", "", printed))
    longest = max(map(len, text.splitlines()), default=0)
    return f' style="--columns: {longest}"' if longest > PAPER else ""


def plain(text: str) -> str:
    """Return a text with its formulas as letters: a label cannot typeset them."""
    letter = re.compile(r"\\([A-Za-z]+) ?")
    return FORMULA.sub(
        lambda m: letter.sub(lambda n: mathalpha.get(n[1], n[1]), m[1]), text
    )


def dressed(table: str) -> str:
    """Return the table with its kind as a class, and each cell of a card with the name of its column."""
    soup = BeautifulSoup(table, "html.parser")
    head, *body = soup.find_all("tr")
    names = [plain(cell.get_text(" ", strip=True)) for cell in head.find_all("th")]
    rows = [row.find_all(["td", "th"]) for row in body]
    if not rows or {len(row) for row in rows} != {len(names)}:
        return table
    lengths = [len(cell.get_text(" ", strip=True)) for row in rows for cell in row[1:]]
    cards = len(names) > 2 and mean(filter(None, lengths)) > READ
    kinds = ["mlrg-cards" if cards else "mlrg-numbers"]
    if names[0] == "Prerequisites":  # of a chapter: its words may be broken into lines
        kinds.append("mlrg-facts")
    soup.table["class"] = [*soup.table.get("class", []), *kinds]
    for cell in (cell for row in rows for cell in row):
        if len(cell.get_text(" ", strip=True)) <= SHORT:
            cell["class"] = [*cell.get("class", []), "mlrg-short"]
    if cards:
        head["class"] = [*head.get("class", []), "mlrg-head"]
        for row in rows:
            for name, cell in zip(names, row, strict=True):
                cell["data-column"] = name
        for tag in soup.find_all(
            list(ROLES)
        ):  # a browser forgets them where the cells are blocks
            tag["role"] = ROLES[tag.name]
    return str(soup)
