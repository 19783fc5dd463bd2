"""What the site ships for running: a wheel of the whole library, archives, a branch that hubs can follow."""

import io
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book/_tools"))
import package  # noqa: E402
import publish  # noqa: E402
from package import launch  # noqa: E402

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["project"]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The wheel, built by two people whose files have other modes and times."""
    names = [name for name in package.sources() if name.startswith(package.LIBRARY)]
    found = []
    for k in range(2):
        folder = tmp_path_factory.mktemp("wheel")
        package.build_wheel(names, folder / f"a copy {k}", folder / "out")
        found.extend((folder / "out").glob("*.whl"))
    return found


@pytest.mark.slow
def test_the_wheel_holds_all_of_the_library_and_is_the_same_each_time(wheels):
    first, second = wheels
    assert first.read_bytes() == second.read_bytes()
    library = {name for name in package.sources() if name.startswith("mlrg_lib/")}
    assert {name for name in zipfile.ZipFile(first).namelist() if ".dist-info/" not in name} == library


def test_the_wheel_is_built_again_only_when_something_in_it_changed(monkeypatch, tmp_path):
    built = []
    monkeypatch.setattr(package, "WHEELS", tmp_path / "wheels")
    monkeypatch.setattr(
        package,
        "build_wheel",
        lambda names, copy, out: (out.mkdir(parents=True), built.append(out), (out / "a.whl").touch()),
    )
    assert package.wheel() == package.wheel()
    monkeypatch.setattr(package, "LIBRARY", ("mlrg_lib/ising/",))
    package.wheel()
    assert len(built) == 2


def test_what_the_figures_need_comes_with_the_extra():
    """ziglang links the live figures, and plotly shows none without nbformat: both fail at the first figure only."""
    needs = {re.match(r"[\w-]+", need)[0] for need in PROJECT["optional-dependencies"]["widgets"]}
    assert needs >= {"plotly", "nbformat", "ipywidgets", "anywidget", "ziglang"}


def test_a_machine_for_the_notebooks_gets_the_wheel_and_the_books_pins():
    lines = package.requirements("a.whl").splitlines()
    assert "./a.whl[widgets]" in lines
    pinned = {line.partition("==")[0] for line in lines if "==" in line}
    needs = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["widgets"]
    assert {re.match(r"[\w-]+", need)[0] for need in needs} | {"jupyterlab"} <= pinned


# The archives


def copy_of_the_project(folder: Path, names: list[str]) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return folder


def test_without_git_the_archive_of_the_project_has_the_same_files(monkeypatch, tmp_path):
    names = package.sources()
    assert {"Makefile", "_config.yml", "requirements.lock", ".ci/run", "book/results/validation.json"} <= set(names)
    folder = copy_of_the_project(tmp_path / "companion-source", names)
    for made in (
        "_build/html/index.html",
        ".venv/bin/python",
        "mlrg_lib/__pycache__/a.pyc",
        "mlrg_lib.egg-info/PKG-INFO",
    ):
        (folder / made).parent.mkdir(parents=True, exist_ok=True)
        (folder / made).write_text("")
    monkeypatch.setattr(package, "ROOT", folder)
    assert package.sources() == names


def test_an_archive_is_the_same_each_time_and_keeps_what_can_be_run(tmp_path):
    archives = []
    for k in range(2):
        folder = tmp_path / str(k)
        folder.mkdir()
        (folder / "run").write_text("#!/bin/sh")
        (folder / "run").chmod(0o700)
        (folder / "a ü.txt").write_text("text")
        files = {f"top/{path.name}": path for path in reversed(sorted(folder.iterdir()))}
        package.write_archive(folder / "x.zip", files)
        archives.append((folder / "x.zip").read_bytes())
    assert archives[0] == archives[1]
    modes = {
        info.filename: info.external_attr >> 16 & 0o777 for info in zipfile.ZipFile(io.BytesIO(archives[0])).infolist()
    }
    assert modes == {"top/run": 0o755, "top/a ü.txt": 0o644}


@pytest.mark.parametrize(("count", "shown"), [(917_262, "917 kB"), (1_502_954, "1.5 MB"), (400, "0 kB")])
def test_sizes_are_written_once_behind_the_links(tmp_path, count, shown):
    (tmp_path / "book").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run/a.zip").write_bytes(bytes(count))
    page = tmp_path / "book/get.html"
    page.write_text('<p><a class="x" href="../run/a.zip">a.zip</a>. <a href="../run/x.ipynb">no</a></p>')
    for _ in range(2):
        package.write_sizes(tmp_path)
        assert page.read_text() == (
            f'<p><a class="x" href="../run/a.zip">a.zip</a> ({shown}). <a href="../run/x.ipynb">no</a></p>'
        )


# The branch that Binder, Colab and hubs read


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")


def git(*words) -> str:
    return subprocess.run(["git", *map(str, words)], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def run(tmp_path) -> Path:
    folder = tmp_path / "run"
    (folder / "crash_course/.ipynb_checkpoints").mkdir(parents=True)
    for name in (
        "a.whl",
        "crash_course/ising.ipynb",
        "crash_course/.ipynb_checkpoints/x",
        package.NOTEBOOKS,
        package.SOURCE,
    ):
        (folder / name).write_text(name)
    return folder


@needs_git
def test_the_branch_grows_by_what_changed_so_that_a_hub_can_follow(tmp_path, run):
    repository, hub = tmp_path / "a b.git", tmp_path / "hub"
    git("init", "-q", "--bare", repository)
    assert publish.publish(str(repository), run)
    git("clone", "-q", "-b", launch.BRANCH, repository, hub)
    assert git("-C", hub, "ls-files").split() == ["a.whl", "crash_course/ising.ipynb"]
    assert not publish.publish(str(repository), run)
    (run / "a.whl").rename(run / "b.whl")
    assert publish.publish(str(repository), run)
    git("-C", hub, "pull", "-q", "--ff-only")
    assert git("-C", hub, "ls-files").split() == ["b.whl", "crash_course/ising.ipynb"]
    assert len(git("-C", hub, "log", "--format=%H").split()) == 2


def test_publishing_needs_an_address_and_a_built_site(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(sys, "argv", ["publish.py", "https://github.com/a/b"])
    monkeypatch.setattr(package, "ROOT", tmp_path)
    assert publish.main() == 2
    assert "make book" in capsys.readouterr().err


def test_the_workflow_publishes_the_pages_and_the_branch():
    workflow = yaml.safe_load((ROOT / ".github/workflows/pages.yml").read_text("utf8"))
    assert workflow["permissions"] == {"contents": "write", "pages": "write", "id-token": "write"}
    steps = workflow["jobs"]["build"]["steps"]
    runs = [step.get("run", step.get("uses", "")) for step in steps]
    (built,) = (k for k, text in enumerate(runs) if text == "make book")
    (shown,) = (k for k, text in enumerate(runs) if "upload-pages-artifact" in text)
    (branch,) = (k for k, text in enumerate(runs) if "publish.py" in text)
    assert built < shown < branch
    python, tool, address = runs[branch].split()
    assert (ROOT / tool).exists()
    assert python == f"{re.search('^VENV *:= *(.*)$', (ROOT / 'Makefile').read_text(), re.M)[1]}/bin/python"
    assert address == '"$REPOSITORY"'
    assert steps[branch]["env"]["REPOSITORY"].endswith("@github.com/${{ github.repository }}")
