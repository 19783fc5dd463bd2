# Where the library or stored results are missing, this cell fetches them. At home it does nothing.
SITE = r""  # the book's site: its address, or the folder it lies in
REPOSITORY = r""  # or the address of the project's repository
FOLDER, TOP, NEEDS = "", "..", []

import importlib.util, io, os, re, runpy, subprocess, sys, tempfile, urllib.request, zipfile
from pathlib import Path


def fetch(source):
    with tempfile.TemporaryDirectory(dir=".") as new:  # moved when whole: no half stays
        if source == REPOSITORY:
            clone = ["git", "clone", "-q", "-b", "notebooks"]
            subprocess.run([*clone, source, f"{new}/companion"], check=True)
        else:
            with urllib.request.urlopen(source, timeout=60) as file:
                zipfile.ZipFile(io.BytesIO(file.read())).extractall(new)
        os.rename(f"{new}/companion", "companion")


library = importlib.util.find_spec("mlrg_lib")  # an uninstalled one has no origin
if not (library and library.origin and all(map(os.path.exists, NEEDS))):
    site = re.sub(r"(.*)[\\/]book[\\/].*\.html.*", r"\1", SITE)  # of a page of it, too
    if site and "://" not in site:
        site = Path(site).resolve().as_uri()
    beside = Path().glob("companion-notebooks*.zip")
    sources = [file.resolve().as_uri() for file in beside]
    sources += [f"{site.rstrip('/')}/run/companion-notebooks.zip"] * 3 * bool(site)
    sources += [REPOSITORY] * bool(REPOSITORY)
    tried = """mlrg_lib or stored results are missing. One of three mends it: put
companion-notebooks.zip of the book's site beside this notebook, or write the site's
address or folder into SITE above, or the repository's address into REPOSITORY."""
    start = f"{TOP}/install_companion.py"
    there = Path("companion/install_companion.py")
    while not (os.path.exists(start) or there.exists()):
        if not sources:
            raise ModuleNotFoundError(tried)
        try:
            fetch(sources[0])
        except Exception as error:
            why = f"\nTried {sources[0]}: {error}"
            tried += why * (why not in tried)
        del sources[0]
    if not os.path.exists(start):
        os.chdir(f"companion/{FOLDER}")
    runpy.run_path(start)
if "google.colab" in sys.modules:
    importlib.import_module("google.colab.output").enable_custom_widget_manager()
