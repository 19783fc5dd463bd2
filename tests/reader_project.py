"""A small book with one of everything that the chapters use, and its readers' notebooks."""

import subprocess
import sys
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = f"""
import sys
sys.path.insert(0, {str(ROOT / "book/_ext")!r})
extensions = ["myst_nb", "sphinx_design", "sphinx_exercise", "sphinxcontrib.bibtex", "launch", "readers"]
html_theme = "basic"
nb_execution_mode = "off"
master_doc = "book/intro"
numfig = True
exercise_style = "solution_follow_exercise"
bibtex_bibfiles = ["book/references.bib"]
bibtex_reference_style = "author_year"
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
"""
BIBLIOGRAPHY = """
@article{wilson1974, author={Wilson, Kenneth G. and Kogut, John}, title={The $\\epsilon$ expansion},
  journal={Physics Reports}, year={1974}}
@book{liu2017, author={Liu, Zhiru}, title={An essay, with "quotes"}, publisher={Urbana}, year={2017}}
"""
INTRO = """# Welcome

```{toctree}
part/one
part/two
notes
get
glossary
bibliography
api
```

See {doc}`part/one`.
"""
GLOSSARY = r"""# Glossary

```{glossary}
block spin
  One spin for a block of $b \times b$ spins, at $\xi \ge 1$.

coupling
  A coefficient.
```
"""
NOTES = r"""# Notes: for $x$

(notes-first)=
**Eq. (1)** {bdg-success}`verified`
: $$a = b$$

  It *holds*, as {ref}`the next <notes-second>` does.

A plain term
: Its definition.

(notes-second)=
**Eq. (2)**
: Two | bars.

| left | right | none |
|:--|--:|---|
| $\|x$ | `a\|b` | {eq}`eq-one` |

```sh
make live
```
"""
GET = """# Get it

Unpack <a href="../run/mlrg_lib-1.zip">mlrg_lib-1.zip</a>, or H<sub>2</sub>O.

| file | what |
|---|---|
| <a href="../run/a.whl">a.whl</a> | a wheel |

```text
pip install "mlrg-lib[widgets] @ https://THIS-SITE/run/a.whl"
```
"""
PAGES = {
    "book/intro.md": INTRO,
    "book/glossary.md": GLOSSARY,
    "book/notes.md": NOTES,
    "book/get.md": GET,
    "book/bibliography.md": "# Bibliography\n\n```{bibliography}\n:style: unsrt\n:all:\n```\n",
    "book/api.md": "# Library\n\nNames.\n",
    "book/references.bib": BIBLIOGRAPHY,
}


def markdown(name, source):
    return nbformat.v4.new_markdown_cell(source, id=name)


def code(name, source, *, tags=(), figure=None):
    metadata = {"tags": list(tags)} if tags else {}
    outputs = []
    if figure:
        metadata["mystnb"] = {"figure": {"name": figure[0], "caption": figure[1]}}
        outputs = [nbformat.v4.new_output("display_data", {"text/html": "<b>picture</b>"})]
    return nbformat.v4.new_code_cell(source, id=name, metadata=metadata, outputs=outputs, execution_count=1)


def build(folder: Path, one, two=(), pages=PAGES) -> subprocess.CompletedProcess:
    """Build the book with these cells in its chapters; the notebooks are in ``folder / "html/run"``."""
    for name, text in (pages | {"conf.py": CONFIGURATION}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf8")
    for name, cells in (("one", one), ("two", two or [markdown("two", "# Two")])):
        path = folder / f"book/part/{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(folder), str(folder / "html")]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
