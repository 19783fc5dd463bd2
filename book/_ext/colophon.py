"""What pages say about the project itself: its address, how to run it elsewhere, how to install and to cite it.

Pages take it by substitutions. It comes from ``companion_repository`` in ``_config.yml`` and from ``CITATION.cff``;
where the address is missing the pages say so, and what would mend it.
"""

import html
import json
import re

import yaml
from launch import BRANCH, ROOT, hub_link, links, split

PAGES = ("book/how_to_use", "book/get")
NO_ADDRESS = """\
```{admonition} This copy of the book does not know its repository's address
:class: warning
So there are no buttons for Binder and Colab at the chapters, and no link for a JupyterHub. Whoever publishes the book \
sets `companion_repository` in `_config.yml` to its address, like `https://host/owner/name`, builds the book and runs \
`python book/_tools/publish.py` with the same address. That puts the notebooks on a branch of their own. On GitHub the \
workflow `pages.yml` does it by itself. The downloads above need none of this.
```"""
NO_PROJECT = """\
This copy of the book does not know its repository's address, as `companion_repository` in `_config.yml` is not set. \
Whoever gave it to you is the one to ask."""
PROJECT = (
    "The project is at {link}. Questions and corrections are welcome there, as issues."
)
ELSEWHERE = """\
The rocket at the top of each chapter opens it on {places}. Nothing is asked of them before you follow the link. The \
machine there forgets what you did when you leave: download what you want to keep."""
HUB = """\
Most teaching hubs have [nbgitpuller](https://nbgitpuller.readthedocs.io), which fetches the notebooks to your folder \
and opens one of them. A link of this form does it, with your hub's address in front: {mark}

```text
https://YOUR-HUB{link}
```

Give your students the link. Who follows it again gets what is new, and keeps what they changed."""
MARK = '<span class="mlrg-hub" data-chapters="{chapters}"></span>'  # where notebook.js makes a form
PIP = """\
```text
pip install "mlrg-lib[widgets] @ https://THIS-SITE/run/{wheel}"
```"""


def chapters() -> dict[str, str]:
    """Return the titles of the notebooks of the table of contents, by their pages."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text("utf8"))["parts"]
    files = [chapter["file"] for part in parts for chapter in part["chapters"]]
    sources = {file: ROOT / f"{file}.ipynb" for file in files}
    return {
        file: re.search(r'"# (.*?)(?:\\n)?"', path.read_text("utf8"))[1]
        for file, path in sources.items()
        if path.exists()
    }


def elsewhere(address: str) -> str:
    places = list(links(address, PAGES[0]))
    return ELSEWHERE.format(places=" or ".join(places)) if places else NO_ADDRESS


def hub(address: str) -> str:
    """Return how a JupyterHub gets the notebooks: a link, and a form that makes it."""
    if not address:
        return ""
    found = [[title, hub_link(address, page)] for page, title in chapters().items()]
    mark = MARK.format(chapters=html.escape(json.dumps(found)))
    return HUB.format(link=found[0][1], mark=mark)


def linked(url: str) -> str:
    """Return a link that shows the whole address, on paper, too: the theme shortens one that shows itself."""
    return f"[{url.partition('://')[2]}]({url})" if url else ""


def author(person: dict) -> str:
    parts = [person.get("family-names"), person.get("given-names")]
    return person.get("name") or ", ".join(filter(None, parts))


def citation(cff: dict, url: str) -> tuple[str, str]:
    """Return the sentence and the BibTeX entry by which the book is cited."""
    names = [author(person) for person in cff["authors"]]
    year = cff["date-released"].year
    doi = cff.get("doi", "")
    where = f"https://doi.org/{doi}" if doi else url
    text = f"{'; '.join(names)} ({year}). *{cff['title']}*, version {cff['version']}."
    fields = {
        "author": " and ".join(
            f"{{{name}}}" if "," not in name else name for name in names
        ),
        "title": f"{{{cff['title']}}}",
        "version": cff["version"],
        "year": year,
        "doi": doi,
        "url": where,
    }
    width = max(map(len, fields))
    lines = [
        f"  {key:{width}} = {{{value}}}," for key, value in fields.items() if value
    ]
    entry = "\n".join(["@software{mlrg_companion,", *lines, "}"])
    return f"{text} {linked(where)}".strip(), f"```bibtex\n{entry}\n```"


def fill(app, config):
    """Give the pages their substitutions."""
    address = config.companion_repository
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))
    text, entry = citation(cff, split(address)[0])
    wheel = f"mlrg_lib-{cff['version']}-py3-none-any.whl"
    config.myst_substitutions = {
        **config.myst_substitutions,
        "branch": f"`{BRANCH}`",
        "elsewhere": elsewhere(address),
        "jupyterhub": hub(address),
        "project": PROJECT.format(link=linked(split(address)[0]))
        if address
        else NO_PROJECT,
        "wheel": f'<a href="../run/{wheel}">{wheel}</a>',
        "pip": PIP.format(wheel=wheel),
        "citation": text,
        "bibtex": entry,
    }


def add_link(app, pagename, templatename, context, doctree):
    """Lead from the foot of every page to the page that says how to get and to cite the book."""
    there = context["pathto"]("book/get")
    context["theme_extra_footer"] = (
        f'{context.get("theme_extra_footer", "")} <a href="{there}">Get it and cite it</a>'
    )
    if pagename in PAGES:
        app.add_js_file("notebook.js", loading_method="defer")


def setup(app):
    app.connect("config-inited", fill)
    app.connect("html-page-context", add_link, priority=503)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
