"""How a chapter runs elsewhere: its first cell, the button that downloads it, links to Binder, Colab and JupyterHub.

The one setting is ``companion_repository`` in ``_config.yml``: the address of the repository on a git host. Its branch
``notebooks`` holds what the site has below ``run/``. The buttons are plain links: nothing is fetched until a reader
follows one. Without an address only the downloads are there, and *How to use* says what is missing.
"""

import re
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
BRANCH = "notebooks"
BINDER = "https://mybinder.org/v2"
COLAB = "https://colab.research.google.com/github"
ADDRESS = re.compile(
    r"(?P<url>https?://(?P<host>[\w.-]+)/(?P<path>[\w.-]+(/[\w.-]+)+))"
)
CELL = (ROOT / "book/run/first_cell.py").read_text("utf8").strip()
CELL_MARK = CELL.splitlines()[0]


def split(address: str) -> tuple[str, str, str]:
    """Return (url, host, path) of a repository's address; three empty strings of an empty one."""
    if not address:
        return "", "", ""
    found = ADDRESS.fullmatch(address.rstrip("/").removesuffix(".git"))
    if not found or "tree" in found["path"].split("/"):
        raise ValueError(
            f"companion_repository must look like https://host/owner/name, got {address!r}"
        )
    return found["url"], found["host"], found["path"]


def notebook(page: str) -> str:
    """Return where below ``run/`` the notebook of a page like "book/crash_course/ising" is."""
    return f"{page.removeprefix('book/')}.ipynb"


def results(page: str) -> list[str]:
    """Return the stored results that a chapter reads, by the paths it reads them from."""
    source = ROOT / f"{page}.ipynb"
    text = source.read_text("utf8") if source.exists() else ""
    return sorted(set(re.findall(r"\.\./results/[\w.-]+\w", text)))


def cell(address: str, page: str) -> str:
    """Return the source of the cell that fetches the library, for a chapter like "book/crash_course/ising"."""
    folder = notebook(page).rpartition("/")[0]
    top = "/".join([".."] * len(folder.split("/"))) if folder else "."
    found = CELL.replace('REPOSITORY = r""', f'REPOSITORY = r"{split(address)[0]}"')
    return found.replace(
        'FOLDER, TOP, NEEDS = "", "..", []',
        f'FOLDER, TOP, NEEDS = "{folder}", "{top}", {results(page)}',
    )


def links(address: str, page: str) -> dict[str, str]:
    """Return where the buttons of a chapter lead: Binder for any git host, Colab for GitHub only."""
    url, host, path = split(address)
    if not url:
        return {}
    hosts = {"github.com": f"gh/{path}", "gitlab.com": f"gl/{quote(path, safe='')}"}
    place = hosts.get(host) or f"git/{quote(url, safe='')}"
    file = notebook(page)
    found = {"Binder": f"{BINDER}/{place}/{BRANCH}?urlpath=lab/tree/{file}"}
    if host == "github.com":
        found["Colab"] = f"{COLAB}/{path}/blob/{BRANCH}/{file}"
    return found


def hub_link(address: str, page: str) -> str:
    """Return what follows a JupyterHub's address: its nbgitpuller fetches the notebooks and opens a chapter."""
    url, _, path = split(address)
    where = f"lab/tree/{path.rpartition('/')[2]}/{notebook(page)}"
    query = (
        f"repo={quote(url, safe='')}&branch={BRANCH}&urlpath={quote(where, safe='')}"
    )
    return f"/hub/user-redirect/git-pull?{query}"


def link(name: str, url: str, tip: str, icon: str = "fas fa-rocket", **more) -> dict:
    return {
        "type": "link", "text": name, "url": url, "tooltip": tip, "icon": icon, **more
    }  # fmt: skip


def add_buttons(app, pagename, templatename, context, doctree):
    """Let the download button of a chapter give the notebook that readers run, and add the launch buttons."""
    if context.get("page_source_suffix") != ".ipynb":
        return
    pathto, address = context["pathto"], app.config.companion_repository
    own = link(
        ".ipynb",
        pathto(f"run/{notebook(pagename)}", 1),
        "Download this chapter as a notebook that runs anywhere",
        "fas fa-code",
        label="download-notebook-button",
    )
    groups = context.get("header_buttons", [])  # none in another theme than the book's
    for group in groups:
        if group.get("label") == "download-buttons":
            group["buttons"] = [
                own,
                *(b for b in group["buttons"] if b["type"] != "link"),
            ]
            app.add_js_file("notebook.js", loading_method="defer")
    found = links(address, pagename)
    if not found:
        return
    hub = link(
        "JupyterHub", pathto("book/how_to_use") + "#jupyterhub", "Run it on your hub"
    )
    buttons = [
        link(name, url, f"Run this chapter on {name}") for name, url in found.items()
    ]
    groups.append(
        {
            "type": "group",
            "tooltip": "Run this chapter elsewhere",
            "icon": "fas fa-rocket",
            "buttons": [*buttons, hub],
            "label": "launch-buttons",
        }
    )


def setup(app):
    app.add_config_value("companion_repository", "", "html", types=(str,))
    app.connect("html-page-context", add_buttons, priority=502)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
