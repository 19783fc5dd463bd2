"""Put what a reader needs to run the book below the site: ``run/`` with the wheel, stored results and two archives.

The chapters' notebooks are there already: the builder writes them. The same sources give the same bytes, since files
bear the date of the release and fixed modes; the wheel is built again only when something in it changed.
"""

import calendar
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import setuptools
import yaml

ROOT = Path(__file__).resolve().parents[2]
BOOK = ROOT / "book"
sys.path.insert(0, str(BOOK / "_ext"))
import launch  # noqa: E402
import notebooks  # noqa: E402

WHEELS = ROOT / "_build/wheels"
LIBRARY = ("pyproject.toml", "README.md", "LICENSE", "mlrg_lib/")
NOTEBOOKS, SOURCE = "companion-notebooks.zip", "companion-source.zip"
LINK = re.compile(
    r'(<a [^>]*href="[./]*run/([^"/]+\.(?:zip|whl))"[^>]*>.*?</a>)(?: \([\d.]+ .B\))?',
    re.DOTALL,
)


def released() -> tuple[int, ...]:
    """Return noon of the day of the release, which all packed files bear."""
    day = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf8"))["date-released"]
    return day.year, day.month, day.day, 12, 0, 0


def walk(folder: Path, ignored: list[str]):
    for path in folder.iterdir():
        place = "/" + path.relative_to(ROOT).as_posix()
        if any(fnmatch(place if p[0] == "/" else path.name, p) for p in ignored):
            continue
        if path.is_dir():
            yield from walk(path, ignored)
        else:
            yield path.relative_to(ROOT).as_posix()


def sources() -> list[str]:
    """Return the project's files: what git tracks or, where there is no git, all that .gitignore lets through."""
    git = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    try:
        if not (ROOT / ".git").exists():
            raise FileNotFoundError
        listed = subprocess.run(git, capture_output=True, text=True, check=True)
        names = listed.stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        ignored = (ROOT / ".gitignore").read_text("utf8").split()
        names = walk(ROOT, [".git", *(pattern.rstrip("/") for pattern in ignored)])
    return sorted(name for name in names if name and (ROOT / name).is_file())


def wheel() -> Path:
    """Return the library's wheel, built from a clean copy of its sources by what is installed."""
    digest = hashlib.sha256(f"{setuptools.__version__} {released()}".encode())
    names = [name for name in sources() if name.startswith(LIBRARY)]
    for name in names:
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes() + b"\0")
    folder = WHEELS / digest.hexdigest()[:16]
    if not folder.exists():
        shutil.rmtree(WHEELS, ignore_errors=True)
        WHEELS.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=WHEELS) as new:
            build_wheel(names, Path(new, "sources"), Path(new, "wheel"))
            os.replace(Path(new, "wheel"), folder)
    (found,) = folder.glob("*.whl")
    return found


def build_wheel(names: list[str], copy: Path, out: Path) -> None:
    for name in names:
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
        target.chmod(0o644)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index"]
    command += ["--no-build-isolation", "--no-deps", "--wheel-dir", str(out), str(copy)]
    epoch = str(calendar.timegm(released()))
    dated = os.environ | {"SOURCE_DATE_EPOCH": epoch}
    subprocess.run(command, env=dated, umask=0o022, check=True)


def requirements(name: str) -> str:
    """Return the requirements of a machine that runs the notebooks: the wheel and the book's pins of its needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]
    needs = project["dependencies"] + project["optional-dependencies"]["widgets"]
    wanted = {re.match(r"[\w-]+", need)[0] for need in needs} | {"jupyterlab", "pyhuge"}
    pins = (ROOT / "requirements.txt").read_text("utf8").splitlines()
    found = [pin for pin in pins if pin.partition("==")[0] in wanted]
    return "\n".join(["# Python 3.11 or newer", f"./{name}[widgets]", *found, ""])


def write_archive(target: Path, files: dict[str, Path]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, path in sorted(files.items()):
            info = zipfile.ZipInfo(name, released())
            mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            info.external_attr = (0o100000 | mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(info, path.read_bytes())


def contents(run: Path) -> dict[str, Path]:
    """Return the files of the archive of notebooks and of the branch ``notebooks``, by their names in it."""
    files = {p.relative_to(run).as_posix(): p for p in run.rglob("*") if p.is_file()}
    return {
        name: path
        for name, path in files.items()
        if path.name not in (NOTEBOOKS, SOURCE) and "/." not in f"/{name}"
    }


def fill(run: Path) -> None:
    """Put the library, the stored results that chapters read and the files that explain them beside the notebooks."""
    for old in run.glob("*.whl"):
        old.unlink()
    shutil.rmtree(run / "results", ignore_errors=True)
    (run / "results").mkdir()
    for page in pages():
        for path in launch.results(page):
            name = Path(path).name
            shutil.copyfile(BOOK / "results" / name, run / "results" / name)
    library = wheel()
    shutil.copyfile(library, run / library.name)
    for name in ("README.md", "install_companion.py"):
        shutil.copyfile(BOOK / "run" / name, run / name)
    (run / "requirements.txt").write_text(requirements(library.name), "utf8")
    (run / "runtime.txt").write_text("python-3.11\n", "utf8")


def pages() -> list[str]:
    """Return the chapters as the builder names them: book/crash_course/ising, ..."""
    paths = (path.relative_to(ROOT).with_suffix("") for path in notebooks.chapters())
    return [path.as_posix() for path in paths]


def write_scripts(site: Path) -> None:
    """Write each notebook as a script, too: a page that is opened from a disk may load a script, but no data."""
    folder = site / "_static/notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    for page in pages():
        name = launch.notebook(page)
        notebook = json.loads((site / "run" / name).read_text("utf8"))
        text = json.dumps(notebook, ensure_ascii=False, separators=(",", ":"))
        script = (folder / name).with_suffix(".js")
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f"window.mlrgNotebook={text};\n", "utf8")


def size(path: Path) -> str:
    count = path.stat().st_size
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def write_sizes(site: Path) -> None:
    """Write the size of every archive and wheel behind the links to it."""
    for page in (site / "book").glob("*.html"):
        before = page.read_text("utf8")
        after = LINK.sub(lambda m: f"{m[1]} ({size(site / 'run' / m[2])})", before)
        if after != before:
            page.write_text(after, "utf8")


def main(site: Path = ROOT / "_build/html") -> None:
    run = site / "run"
    fill(run)
    files = {f"companion/{name}": path for name, path in contents(run).items()}
    write_archive(run / NOTEBOOKS, files)
    files = {f"companion-source/{name}": ROOT / name for name in sources()}
    write_archive(run / SOURCE, files)
    write_scripts(site)
    write_sizes(site)


if __name__ == "__main__":
    main()
