"""The annotated essay: every equation, reference and erratum has a verdict, and a link to cells that test it."""

import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest

BOOK = Path(__file__).resolve().parents[1] / "book"
PAGE = BOOK / "essay_annotated.md"
TEXT = PAGE.read_text(encoding="utf8")
NUMBERS = {"eq": 24, "ref": 11, "erratum": 28}
COLOURS = {"verified": "success", "measured": "info", "corrected": "warning", "open": "secondary"}

LABEL = re.compile(r"^\(([\w-]+)\)=$", re.M)
HEADING = re.compile(r"^(#+) ")
ENTRY = re.compile(r"^\(essay-(eq|ref|erratum)-(\d+)\)=\n(.*?)(?=^\([\w-]+\)=$|^#|\Z)", re.M | re.S)
BADGE = re.compile(r"\{bdg-(\w+)\}`([^`]*)`")
LINK = re.compile(r"\{(?:ref|numref|eq)\}`(?:[^`<]*<)?([\w-]+)>?`")


def entries(text: str) -> list[tuple[str, int, str]]:
    return [(kind, int(number), body) for kind, number, body in ENTRY.findall(text)]


def labels_of(path: Path) -> dict[str, bool]:
    """The labels of a chapter, and whether what each of them names contains a code cell.

    A section lasts to the next heading of its own level or a higher one, and an equation stands for the section
    it is in. A figure is a code cell by itself.
    """
    found, sections = {}, []  # of open sections: level, labels
    waiting = []  # labels seen since the last heading or paragraph
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            figure = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
            if figure:
                found[figure] = True
            for _, labels in sections:
                found |= dict.fromkeys(labels, True)
            continue
        for line in cell.source.split("\n"):
            if label := LABEL.match(line):
                waiting.append(label[1])
            elif heading := HEADING.match(line):
                level = len(heading[1])
                sections = [s for s in sections if s[0] < level] + [(level, waiting)]
                found |= dict.fromkeys(waiting, False)
                waiting = []
            elif line.strip():
                waiting = []
            if equation := re.match(r"\$\$ \(([\w-]+)\)$", line):
                found.setdefault(equation[1], False)
                if sections:
                    sections[-1][1].append(equation[1])
    return found


def all_labels() -> dict[str, bool]:
    return {k: v for path in sorted(BOOK.rglob("[!.]*.ipynb")) for k, v in labels_of(path).items()}


def faults(text: str, labels: dict[str, bool]) -> list[str]:
    """What is missing from an annotated essay: entries, verdicts, links, or what the links lead to."""
    here = set(LABEL.findall(text))
    wrong = []
    for kind, last in NUMBERS.items():
        numbers = [n for k, n, _ in entries(text) if k == kind]
        if numbers != list(range(1, last + 1)):
            wrong.append(f"{kind}: {numbers}")
    for kind, number, body in entries(text):
        if not BADGE.search(body):
            wrong.append(f"{kind} {number} has no verdict")
        if not [t for t in LINK.findall(body) if labels.get(t)]:
            wrong.append(f"{kind} {number} has no link to a code cell")
        if kind == "eq" and "$$" not in body:
            wrong.append(f"eq {number} is not written out")
    wrong += [f"badge {colour} {name}" for colour, name in BADGE.findall(text) if COLOURS.get(name) != colour]
    targets = set(LINK.findall(text)) - here
    return wrong + [f"link to {t}" for t in sorted(targets) if not labels.get(t)]


def test_everything_has_a_verdict_and_a_link_to_a_cell():
    assert faults(TEXT, all_labels()) == []


def test_the_page_counts_its_verdicts_rightly():
    first = Counter(BADGE.search(body)[2] for kind, _, body in entries(TEXT) if kind == "eq")
    sentence = re.search(
        r"Of the (\d+) equations, (\d+) are verified, (\d+) is measured, and (\d+) are corrected\.", TEXT
    )
    assert [int(n) for n in sentence.groups()] == [
        first.total(),
        first["verified"],
        first["measured"],
        first["corrected"],
    ]


def test_verified_equations_with_an_erratum_are_named_and_linked():
    verdicts = {number: (BADGE.search(body)[2], body) for kind, number, body in entries(TEXT) if kind == "eq"}
    wrong = {}
    for kind, erratum, body in entries(TEXT):
        heading = body.split("{bdg")[0] if kind == "erratum" else ""
        for number in map(int, re.findall(r"\((\d+)\)", heading if "eq" in heading else "")):
            if verdicts[number][0] == "verified":
                wrong.setdefault(number, []).append(f"<essay-erratum-{erratum}>")
    sentence = re.search(r"Of those verified, (.*?) have an erratum", TEXT)[1]
    assert sorted(wrong) == [int(n) for n in re.findall(r"\((\d+)\)", sentence)]
    for number, links in wrong.items():
        assert any(link in verdicts[number][1] for link in links), number


def test_every_reference_of_the_essay_is_cited():
    keys = set(re.findall(r"^@\w+\{(\w+),", (BOOK / "references.bib").read_text(encoding="utf8"), re.M))
    for kind, number, body in entries(TEXT):
        if kind == "ref":
            cited = re.search(r"\{cite\}`(\w+)`", body)
            assert cited, number
            assert cited[1] in keys, number


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("(essay-eq-7)=\n", "", "eq: ["),
        ("(essay-ref-11)=\n", "", "ref: ["),
        ("(essay-erratum-19)=\n", "", "erratum: ["),
        ("**Eq. (9)** {bdg-success}`verified`", "**Eq. (9)**", "eq 9 has no verdict"),
        ("**Eq. (9)** {bdg-success}`verified`", "**Eq. (9)** {bdg-success}`corrected`", "badge success corrected"),
        ("{ref}`sec-sloppiness-uniform`", "{ref}`sec-nowhere`", "link to sec-nowhere"),
        ("{numref}`fig-pca-cloud`", "the chapter", "erratum 1 has no link to a code cell"),
        ("{ref}`sec-sloppiness-walker`", "{ref}`sec-talk`", "link to sec-talk"),
    ],
)
def test_what_is_missing_is_found(old, new, complaint):
    labels = {**all_labels(), "sec-talk": False}
    assert old in TEXT
    assert any(complaint in fault for fault in faults(TEXT.replace(old, new), labels))


def test_a_section_without_code_does_not_count_as_a_check(tmp_path):
    make = nbformat.v4
    cells = [
        make.new_markdown_cell("# T\n\n(sec-a)=\n## A\n\n$$\nx\n$$ (eq-a)\n\n(sec-a-one)=\n### One\n\nwords"),
        make.new_code_cell("1"),
        make.new_markdown_cell("(sec-b)=\n## B\n\nonly words\n\n$$\ny\n$$ (eq-b)"),
        make.new_markdown_cell("(sec-c)=\n\nno heading follows\n\n## C"),
        make.new_code_cell("2", metadata={"mystnb": {"figure": {"name": "fig-c"}}}),
    ]
    path = tmp_path / "chapter.ipynb"
    nbformat.write(make.new_notebook(cells=cells), path)
    assert labels_of(path) == {
        "sec-a": True,
        "eq-a": True,
        "sec-a-one": True,
        "sec-b": False,
        "eq-b": False,
        "fig-c": True,
    }
