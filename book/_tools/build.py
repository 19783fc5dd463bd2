"""Build the site into _build/html, warnings as errors; executed chapters are reused until something they run changes.

The execution cache keys on a chapter's cells alone, so it is dropped here whenever the library, the stored
results or the requirements differ from those it was filled with.
"""

import datetime
import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import package

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "_build"
CACHE = BUILD / ".jupyter_cache"
STAMP = CACHE / "inputs.sha256"
SOURCES = (
    *("mlrg_lib/**/*", "benchmarks/*.py"),
    *("book/results/**/*", "requirements.txt"),
)
# No chapter reads the table of their times, or the scripts of the page, which are shipped anew by every build.
IGNORED = {"__pycache__", "course.json", "frontend"}


def inputs_hash() -> str:
    digest = hashlib.sha256(sys.version.encode())
    files = {
        path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file()
    }
    for path in sorted(files):
        if IGNORED.isdisjoint(path.parts):
            digest.update(
                path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes()
            )
    return digest.hexdigest()


def main() -> int:
    wanted = inputs_hash()
    if not STAMP.exists() or STAMP.read_text() != wanted:
        shutil.rmtree(CACHE, ignore_errors=True)
        shutil.rmtree(BUILD / ".doctrees", ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(wanted)
    began = time.time()
    command = [
        str(Path(sys.executable).with_name("jupyter-book")),
        "build",
        str(ROOT),
        "-W",
        "-n",
        "--keep-going",
    ]
    status = subprocess.run(command, cwd=ROOT, check=False).returncode
    if status:
        report_failures()
    print(where_the_time_went(executed(began), time.time() - began))
    if not status:
        package.main(BUILD / "html")
        page = (BUILD / "html/index.html").as_uri()
        print(f"Built. Open {page} or run: make serve")
    return status


def executed(since: float) -> dict[str, float]:
    """Return the seconds of each chapter that was executed since that time."""
    from jupyter_cache import get_cache

    found = {}
    for record in get_cache(CACHE).list_cache_records():
        if record.created.replace(tzinfo=datetime.UTC).timestamp() >= since:
            chapter = Path(record.uri).stem
            found[chapter] = record.data.get("execution_seconds", 0.0)
    return found


def where_the_time_went(chapters: dict[str, float], total: float) -> str:
    rows = sorted(chapters.items(), key=lambda item: -item[1])
    rows.append(("all else, by Sphinx", total - sum(chapters.values())))
    rows.append(("together", total))
    return "\n".join(
        ["", "Seconds"] + [f"{seconds:7.0f}  {name}" for name, seconds in rows]
    )


def report_failures():
    """Show why a chapter failed: Sphinx itself names only the file of the traceback."""
    for log in sorted((BUILD / "html/reports").rglob("*.err.log")):
        print(
            f"--- {log.relative_to(BUILD)}",
            log.read_text()[-4000:],
            sep="\n",
            file=sys.stderr,
        )


if __name__ == "__main__":
    sys.exit(main())
