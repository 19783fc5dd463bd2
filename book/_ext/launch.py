"""Buttons that open a chapter on Binder or Colab, once the repository has a public address; none before.

The one setting is ``companion_repository`` in ``_config.yml``: the address of the repository on a git host, with
``/tree/<branch>`` at its end for a branch other than main. The buttons are plain links: nothing is fetched until a
reader follows one. Chapters carry a cell that fetches the library where it is not installed; it holds the address too.
"""

import re
from urllib.parse import quote

BINDER = "https://mybinder.org/v2"
COLAB = "https://colab.research.google.com/github"
ADDRESS = re.compile(
    r"(?P<url>https?://(?P<host>[\w.-]+)/(?P<path>[\w./-]+?))(?:\.git)?/?"
)
CELL_MARK = "# Away from the book's repository"
CELL = """\
# Away from the book's repository, as on Colab, this cell fetches it. At home it does nothing.
import importlib.util
import os
import subprocess
import sys

REPOSITORY, BRANCH = "{url}", "{branch}"
if importlib.util.find_spec("mlrg_lib") is None:
    if not REPOSITORY:
        raise ModuleNotFoundError("mlrg_lib: put the repository's address above")
    clone = ["git", "clone", "-q", "--depth=1", "-b", BRANCH, REPOSITORY, "companion"]
    subprocess.run(clone, check=True)
    install = [sys.executable, "-m", "pip", "install", "-q", "./companion[widgets]"]
    subprocess.run(install, check=True)
    importlib.invalidate_caches()
if os.path.isdir("companion"):
    os.chdir("companion/{folder}")
    if "google.colab" in sys.modules:
        importlib.import_module("google.colab.output").enable_custom_widget_manager()"""


def split(address: str) -> tuple[str, str, str, str]:
    """Return (url, host, path, branch) of an address; four empty strings of an empty one."""
    if not address:
        return "", "", "", "main"
    base, _, branch = address.partition("/tree/")
    found = ADDRESS.fullmatch(base)
    if not found or "/" not in found["path"]:
        raise ValueError(
            f"companion_repository must look like https://host/owner/name, got {address!r}"
        )
    return found["url"], found["host"], found["path"], branch.strip("/") or "main"


def cell(address: str, page: str) -> str:
    """Return the source of the cell that fetches the library, for a chapter like "book/crash_course/ising"."""
    url, _, _, branch = split(address)
    return CELL.format(url=url, branch=branch, folder=page.rpartition("/")[0])


def links(address: str, page: str) -> dict[str, str]:
    """Return where the buttons of a chapter lead: Binder for any git host, Colab for GitHub only."""
    url, host, path, branch = split(address)
    if not url:
        return {}
    hosts = {"github.com": f"gh/{path}", "gitlab.com": f"gl/{quote(path, safe='')}"}
    place = hosts.get(host) or f"git/{quote(url, safe='')}"
    ref = quote(branch, safe="")
    found = {"Binder": f"{BINDER}/{place}/{ref}?urlpath=lab/tree/{page}.ipynb"}
    if host == "github.com":
        found["Colab"] = f"{COLAB}/{path}/blob/{branch}/{page}.ipynb"
    return found


def add_buttons(app, pagename, templatename, context, doctree):
    suffix = context.get("page_source_suffix") or ""
    found = (
        links(app.config.companion_repository, pagename) if suffix == ".ipynb" else {}
    )
    if not found:
        return
    buttons = [
        {
            "type": "link",
            "text": name,
            "tooltip": f"Run this chapter on {name}",
            "icon": "fas fa-rocket",
            "url": url,
        }
        for name, url in found.items()
    ]
    group = {
        "type": "group",
        "tooltip": "Run this chapter elsewhere",
        "icon": "fas fa-rocket",
        "buttons": buttons,
    }
    context["header_buttons"].append(group | {"label": "launch-buttons"})


def setup(app):
    app.add_config_value("companion_repository", "", "html", types=(str,))
    app.connect("html-page-context", add_buttons, priority=502)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
