"""The readers' notebooks of a small book: every role and directive in use, and what the writer refuses."""

import json
import sys
from pathlib import Path

import nbformat
import pytest
import reader_project
from docutils import nodes
from reader_project import code, markdown

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "book/_ext"), str(ROOT / "book/_tools")]
import notebooks  # noqa: E402
import readers  # noqa: E402
import readers_code  # noqa: E402
import readers_markdown  # noqa: E402

ONE = [
    markdown("title", "# One: a *first* chapter\n\nIts sentence."),
    code("setup", "import math\n\nf = lambda x: x  # noqa: E731\ng = [1]  # fmt: skip", tags=["hide-input"]),
    code("lead", "# NBVAL_CHECK_OUTPUT\nprint(f(1))  # one", figure=("fig-one", "At $T_c$, see {eq}`eq-one`.")),
    markdown(
        "text",
        r"""## Overview

Cited {cite}`wilson1974`, and {cite:t}`liu2017`. A {term}`block spin`, {term}`couplings <coupling>`.

(sec-machine)=
## The machine's energy

$$
E = \sum_{i<j} v_i v_j
$$ (eq-one)

$$
a &= b \\
c &= d
$$

Here {eq}`eq-one`, {ref}`sec-machine`, {ref}`text <sec-machine>`, {numref}`fig-one`. There {doc}`two`, {ref}`sec-two`,
{eq}`eq-two`, {doc}`../api`, {ref}`the first <ex-first>`, {doc}`../notes`.
""",
    ),
    markdown(
        "more",
        r"""A 2 * 3 * 4, snake_case, \_x\_ \[a\](b), 5 < 6, a<b.

- tight **bold**
- $x$

1. first

   more
2. second

> quoted

```{admonition} Erratum
:class: erratum
Wrong: $x$.
```

:::{note}
Mind.
:::

## Exercises

```{exercise} A first, or not?
:label: ex-first

*Derive.* It.
```""",
    ),
    code("stub", "def answer(x):\n    return ...  # your turn"),
    markdown("begin", "````{solution-start} ex-first\n:label: sol-first\n:class: dropdown\n````\n\nSo."),
    code("solved", 'def answer(x):\n    """Two backquotes: ```."""\n    return x  # noqa: E731'),
    markdown("end", "Done.\n\n```{solution-end}\n```\n\n```{exercise}\n:label: ex-second\n\nTwo.\n```"),
    code("last", "y = g"),
]
TWO = [markdown("two", "# Two\n\n(sec-two)=\n## Deep\n\n$$ y $$ (eq-two)\n\n## Deep\n\n{ref}`sec-two`\n")]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    done = reader_project.build(folder, ONE, TWO)
    assert done.returncode == 0, done.stderr
    return folder / "html/run"


@pytest.fixture(scope="module")
def one(built):
    return nbformat.read(built / "part/one.ipynb", as_version=4)


def cells(built, name) -> dict:
    return {cell.id: cell.source for cell in nbformat.read(built / name, as_version=4).cells}


def test_cells_and_their_names_are_the_sources_and_the_notebook_is_valid(built, one):
    assert [cell.id for cell in one.cells] == [
        *("title", "launch", "setup", "lead", "lead-caption", "text", "more"),
        *("ex-first", "stub", "sol-first", "ex-second", "last"),
    ]
    for path in built.rglob("*.ipynb"):
        notebook = json.loads(path.read_text("utf8"))
        nbformat.validate(notebook)
        assert {key: notebook["metadata"][key] for key in notebooks.METADATA} == notebooks.METADATA


def test_code_is_the_sources_without_marks_outputs_and_counts(one):
    code = {cell.id: cell for cell in one.cells if cell.cell_type == "code"}
    assert code["setup"].source == "import math\n\nf = lambda x: x\ng = [1]"
    assert code["lead"].source == "print(f(1))  # one"
    assert not any(cell.outputs or cell.execution_count for cell in code.values())
    folded = {name for name, cell in code.items() if cell.metadata == {"jupyter": {"source_hidden": True}}}
    assert folded == {"launch", "setup"}
    assert not any(cell.metadata for name, cell in code.items() if name not in folded)


def test_a_figures_caption_follows_it_with_the_pages_number(built):
    assert cells(built, "part/one.ipynb")["lead-caption"] == "**Fig. 1.** At $T_c$, see [(1)](#The-machine's-energy)."


WILSON = "Kenneth G. Wilson and John Kogut. The ε expansion. Physics Reports, 1974."
LIU = "Zhiru Liu. An essay, with &quot;quotes&quot;. Urbana, 2017."


@pytest.mark.parametrize(
    "text",
    [
        f'[[Wilson and Kogut, 1974](../bibliography.ipynb#cell-id=id2 "{WILSON}")]',
        f'Liu [[2017](../bibliography.ipynb#cell-id=id3 "{LIU}")]',
        '[block spin](../glossary.ipynb#cell-id=term-block-spin "One spin for a block of b × b spins, at ξ ≥ 1.")',
        '[couplings](../glossary.ipynb#cell-id=term-coupling "A coefficient.")',
        "Here [(1)](#The-machine's-energy), [The machine’s energy](#The-machine's-energy)",
        "[text](#The-machine's-energy), [Fig. 1](#One:-a-first-chapter).",
        "There [Two](two.ipynb), [Deep](two.ipynb#cell-id=two), [(2)](two.ipynb#cell-id=two), Library, ",
        "[the first](<#Exercise-1-(A-first,-or-not?)>), [Notes: for x](../notes.ipynb).",
        "\n\n## The machine's energy\n\n$$\nE = \\sum_{i< j} v_i v_j\n\\tag{1}\n$$\n\n",
        "$$\n\\begin{split}a &= b \\\\\nc &= d\\end{split}\n$$",
    ],
)
def test_roles_become_links_and_numbers(built, text):
    assert text in cells(built, "part/one.ipynb")["text"]


@pytest.mark.parametrize(
    "text",
    [
        r"A 2 \* 3 \* 4, snake_case, \_x\_ [a\](b), 5 < 6, a\<b.",
        "- tight **bold**\n- $x$",
        "1. first\n\n   more\n\n2. second",
        "> quoted",
        '<div class="alert alert-info">\n\n**Erratum**\n\nWrong: $x$.\n\n</div>',
        '<div class="alert alert-info">\n\n**Note**\n\nMind.\n\n</div>',
    ],
)
def test_text_lists_and_boxes(built, text):
    assert f"{text}\n\n" in cells(built, "part/one.ipynb")["more"]


def test_an_exercise_is_a_heading_and_its_solution_folded_text(built):
    found = cells(built, "part/one.ipynb")
    assert found["ex-first"] == "### Exercise 1 (A first, or not?)\n\n*Derive.* It."
    assert found["ex-second"] == "### Exercise 2\n\nTwo."
    assert found["sol-first"] == (
        "<details>\n<summary>Solution to exercise 1</summary>\n\nSo.\n\n````python\ndef answer(x):\n"
        '    """Two backquotes: ```."""\n    return x\n````\n\nDone.\n\n</details>'
    )


def test_pages_of_text(built):
    notes, glossary = cells(built, "notes.ipynb"), cells(built, "glossary.ipynb")
    assert notes["notes-for-x"] == "# Notes: for $x$"
    assert notes["notes-first"] == (
        "#### **Eq. (1)** `verified`\n\n$$\na = b\n$$\n\nIt *holds*, as [the next](<#Eq.-(2)>) does.\n\n"
        "- **A plain term**\n\n  Its definition."
    )
    assert notes["notes-second"] == (
        "#### **Eq. (2)**\n\nTwo | bars.\n\n| left | right | none |\n| :-- | --: | --- |\n"
        "| $\\vert x$ | `a\\|b` | [(1)](part/one.ipynb#cell-id=text) |\n\n```sh\nmake live\n```"
    )
    assert glossary["term-coupling"] == "#### coupling\n\nA coefficient."
    assert cells(built, "bibliography.ipynb")["id3"] == '**[2]** Zhiru Liu. *An essay, with "quotes"*. Urbana, 2017.'
    assert "- [One: a *first* chapter](part/one.ipynb)\n" in cells(built, "intro.ipynb")["welcome"]
    assert not (built / "api.ipynb").exists()


def test_what_only_the_site_has_is_named_and_not_linked_to(built):
    assert cells(built, "get.ipynb")["get-it"] == (
        "# Get it\n\nUnpack mlrg_lib-1.zip (on the book's site), or H<sub>2</sub>O.\n\n| file | what |\n| --- | --- |\n"
        "| a.whl (on the book's site) | a wheel |\n\n"
        '```text\n# in the folder that holds a.whl\npip install "./a.whl[widgets]"\n```'
    )


def test_the_metadata_say_where_on_the_site_each_link_that_leaves_the_notebook_leads(one, built):
    assert one.metadata.companion == {
        "page": "book/part/one.html",
        "links": {
            "../bibliography.ipynb#cell-id=id2": "book/bibliography.html#id2",
            "../bibliography.ipynb#cell-id=id3": "book/bibliography.html#id3",
            "../glossary.ipynb#cell-id=term-block-spin": "book/glossary.html#term-block-spin",
            "../glossary.ipynb#cell-id=term-coupling": "book/glossary.html#term-coupling",
            "../notes.ipynb": "book/notes.html",
            "two.ipynb": "book/part/two.html",
            "two.ipynb#cell-id=two": "book/part/two.html#two",
        },
    }
    links = nbformat.read(built / "notes.ipynb", as_version=4).metadata.companion.links
    assert links == {"part/one.ipynb#cell-id=text": "book/part/one.html#equation-eq-one"}


def test_a_heading_that_is_there_twice_is_linked_to_by_its_cell(built):
    assert "[Deep](two.ipynb#cell-id=two)" in cells(built, "part/two.ipynb")["two"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ([markdown("x", ":::{card}\nText.\n:::")], "one.ipynb: cell 1: no notebook form of container"),
        ([code("x", "1", tags=["remove-cell"])], "one.ipynb, cell 1: is not on the page"),
        ([code("x", "1", tags=["hide-output"])], "one.ipynb, cell 1: has tags that mean nothing in a notebook"),
        (
            [*ONE[4:7], code("x", "z = 1"), markdown("y", "```{solution-end}\n```"), code("w", "z += 1")],
            "one.ipynb, cell 6: needs z of the solution sol-first, which no one runs in a notebook",
        ),
    ],
    ids=["directive", "lost code", "tag", "name of a solution"],
)
def test_what_would_be_lost_is_an_error_that_names_file_and_cell(tmp_path, more, message):
    tests_own = {**reader_project.PAGES, "book/notes.md": "# Notes\n"}
    done = reader_project.build(tmp_path, [ONE[0], *more], pages=tests_own)
    assert done.returncode != 0
    assert message in done.stderr


@pytest.mark.parametrize(
    ("source", "needed", "made"),
    [
        ("import a.b as c\nc.d(e)", {"e"}, {"c"}),
        ("x = x + 1", {"x"}, {"x"}),
        ("x += 1", {"x"}, {"x"}),
        ("x = 1\nx += y", {"y"}, {"x"}),
        ("for k in range(n):\n    s = k", {"range", "n"}, {"k", "s"}),
        ("def f(a):\n    b = a\n    return g(b)", {"g"}, {"f"}),
        ("h = [q for q in p]", {"p"}, {"h"}),
    ],
)
def test_names_that_a_cell_needs_and_makes(source, needed, made):
    assert readers_code.names_in(source) == (needed, made)


def test_a_live_figure_of_a_text_page_is_a_cell():
    source = readers_code.live_code("ising", {"temperature": 2.27, "size": 256})
    assert source == 'from mlrg_lib.widgets import live\n\nlive("ising", temperature=2.27, size=256)'


def test_the_writer_refuses_what_markdown_would_change():
    write = readers_markdown.Markdown(lambda node: (None, ""), lambda node: "")
    paragraph = nodes.paragraph("", "", nodes.Text("5 $ and 6 $"))
    amsmath = nodes.math_block("", r"\begin{align}a\end{align}", nowrap=True)
    for node in (paragraph, amsmath, nodes.raw("", "<video>", format="html"), nodes.footnote()):
        with pytest.raises(readers_markdown.UnknownNode, match="no notebook form of"):
            write.block(node)


def test_emphasis_that_asterisks_cannot_make():
    write = readers_markdown.Markdown(lambda node: (None, ""), lambda node: "")
    inside = nodes.paragraph("", "", nodes.emphasis("", "one."), nodes.Text("two"))
    assert write.block(inside) == "<em>one.</em>two"
    assert write.block(nodes.paragraph("", "", nodes.strong("", "one."), nodes.Text(" two"))) == "**one.** two"


def test_the_kernel_of_the_notebooks_is_the_sources():
    assert readers.METADATA == notebooks.METADATA
