"""What is kept on disk only saves time: where it cannot be kept or is damaged, all runs, and one line says so."""

import compileall
import functools
import os
import resource
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from test_compile import ASK, package  # noqa: F401

import mlrg_lib
from mlrg_lib.widgets import wasm

pytestmark = pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
# Permissions do not bind root, unless it gives up the capability to pass over them.
BOUND = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
CAN_BE_BOUND = not BOUND or shutil.which("setpriv")
LIMIT = 2000  # bytes: less than any compiled kernel


def python(code, *folders, cache="", limit=None, home=os.devnull, bound=True):
    """Run code in a fresh process that finds modules in the folders; its words, and the lines of its log."""
    command = [*(BOUND if bound else []), sys.executable, "-W", "error", "-c", code]
    settings = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, folders)), "HOME": str(home)}
    settings |= {"XDG_CACHE_HOME": f"{home}/cache", "NUMBA_CACHE_DIR": str(cache), "PYTHONDONTWRITEBYTECODE": "1"}
    start = limit and functools.partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit))
    run = subprocess.run(command, env=settings, capture_output=True, text=True, check=False, preexec_fn=start, cwd="/")
    assert run.returncode == 0, run.stderr
    return run.stdout.split(), run.stderr.splitlines()


@pytest.fixture
def read_only(tmp_path):
    """Call it last: all that the test made can then be read only."""
    changed = []

    def close(folder=tmp_path):
        for path in [folder, *(p for p in folder.rglob("*") if p.is_dir())]:
            changed.append((path, path.stat().st_mode))
            path.chmod(0o555)

    yield close
    for path, mode in changed:
        path.chmod(mode)


@pytest.mark.skipif(not CAN_BE_BOUND, reason="root, and nothing to drop its privilege with")
@pytest.mark.parametrize("cache", ["", "a_file/below", "read_only"])
def test_nothing_that_can_be_written(package, read_only, cache):  # noqa: F811
    folder = package.parent
    (folder / "a_file").touch()
    (folder / "read_only").mkdir()
    read_only()
    words, log = python(ASK, folder, cache=cache and folder / cache)
    assert words == ["42", "compiled"]
    assert len(log) == 1
    assert "Set NUMBA_CACHE_DIR" in log[0]


def test_what_pip_installed_it_can_remove(package, tmp_path):  # noqa: F811
    """Nothing is written beside sources that pip keeps a list of: else an empty package would stay, and be imported."""
    installed = tmp_path / "lib" / "site-packages"
    shutil.copytree(package, installed / "package")
    before = {path for path in installed.rglob("*") if "__pycache__" not in path.parts}
    for kept in ("compiled", "found"):
        assert python(ASK, installed, home=tmp_path / "home") == (["42", kept], [])
    assert {path for path in installed.rglob("*") if path.is_file()} == {path for path in before if path.is_file()}
    assert [path for path in (tmp_path / "home").rglob("*") if path.is_file()]


DAMAGE = {
    "empty": lambda data: b"",
    "cut in half": lambda data: data[: len(data) // 2],
    "something else": lambda data: b"something else" * 100,
    "one bit, where the machine code is": lambda data: data[:-500] + bytes([data[-500] ^ 1]) + data[-499:],
    "zeros of the right number": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("how", ["empty", "one bit, where the machine code is"])
def test_a_damaged_file_is_as_none_and_is_replaced(package, tmp_path, how):  # noqa: F811
    cache = tmp_path / "cache"
    assert python(ASK, tmp_path, cache=cache) == (["42", "compiled"], [])
    assert python(ASK, tmp_path, cache=cache) == (["42", "found"], [])
    kept = [path for path in cache.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(DAMAGE[how](path.read_bytes()))
    words, log = python(ASK, tmp_path, cache=cache)
    assert words == ["42", "compiled"]
    assert len(log) == 1
    assert f"{kept[0].parent} is damaged" in log[0]
    assert python(ASK, tmp_path, cache=cache) == (["42", "found"], [])


def test_a_file_that_cannot_be_replaced(package, tmp_path):  # noqa: F811
    cache = tmp_path / "cache"
    python(ASK, tmp_path, cache=cache)
    for path in [path for path in cache.rglob("*") if path.is_file()]:
        path.unlink()
        path.mkdir()
    words, log = python(ASK, tmp_path, cache=cache)
    assert words == ["42", "compiled"]
    assert len(log) == 1
    assert "NUMBA_CACHE_DIR" in log[0]


def test_a_write_that_fails_leaves_nothing(package, tmp_path):  # noqa: F811
    cache = tmp_path / "cache"
    words, log = python(ASK, tmp_path, cache=cache, limit=LIMIT)
    assert words == ["42", "compiled"]
    assert len(log) == 1
    assert log[0].startswith("File too large: nothing is kept in")
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_a_full_disk(package, tmp_path):  # noqa: F811
    cache = tmp_path / "small"
    cache.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12k", "none", str(cache)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can make a small disk")
    try:
        words, log = python(ASK, tmp_path, cache=cache)
    finally:
        subprocess.run(["umount", str(cache)], check=True)
    assert words == ["42", "compiled"]
    assert len(log) == 1
    assert log[0].startswith("No space left on device")


def zipped(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as file:
        for path in folder.rglob("*"):
            if "__pycache__" not in path.parts:
                file.write(path, path.relative_to(folder.parent))
    return archive


def test_sources_in_an_archive(package, tmp_path):  # noqa: F811
    archive = zipped(package, tmp_path / "package.zip")
    shutil.rmtree(package)
    words, log = python(ASK, archive, home=tmp_path)
    assert words == ["42", "compiled"]
    assert len(log) == 1
    assert "beside plain source files" in log[0]


def test_no_sources(package, tmp_path):  # noqa: F811
    compileall.compile_dir(package, quiet=2, legacy=True)
    for path in package.glob("*.py"):
        path.unlink()
    words, log = python(ASK, tmp_path, home=tmp_path)
    assert words == ["42", "compiled"]
    assert len(log) == 1


LIBRARY = """
import importlib, pkgutil, mlrg_lib
for module in pkgutil.walk_packages(mlrg_lib.__path__, "mlrg_lib."):
    importlib.import_module(module.name)
assert mlrg_lib.__file__.startswith({where!r})
print(*mlrg_lib.ising.observables.energy([[1, 1], [1, 1]]), mlrg_lib.datasets.neurons().X.ndim)
"""


@pytest.mark.skipif(not CAN_BE_BOUND, reason="root, and nothing to drop its privilege with")
@pytest.mark.parametrize("form", ["folder", "archive"])
def test_the_library_runs_where_nothing_can_be_kept(tmp_path, read_only, form):
    source = Path(mlrg_lib.__file__).parent
    if form == "archive":
        where = zipped(source, tmp_path / "library.zip")
    else:
        where = tmp_path
        shutil.copytree(source, where / "mlrg_lib", ignore=shutil.ignore_patterns("__pycache__"))
    read_only()
    words, log = python(LIBRARY.format(where=str(where)), where)
    assert words == ["-2.0", "2"]
    assert len(log) == 1


@pytest.fixture
def built(monkeypatch, tmp_path):
    """The numbers of builds so far; a build takes no time."""
    count = []

    def build(entries):
        count.append(entries)
        return wasm.KernelModule(b"\0asm\n\n" * 100, {"kernel": 600}, ("exp",))

    build.__code__ = build.__code__.replace(co_filename=wasm.__file__)
    monkeypatch.setattr(wasm, "build", build)
    monkeypatch.setattr("numba.config.CACHE_DIR", str(tmp_path))
    monkeypatch.delattr(os, "getuid")  # Windows has none
    wasm._built.cache_clear()
    yield count
    wasm._built.cache_clear()


def again(count):
    """Ask for the module as a new process would."""
    wasm._built.cache_clear()
    return wasm.kernel_module(), len(count)


def test_the_browser_module_is_kept_until_it_is_damaged(built, tmp_path):
    first, _ = again(built)
    assert again(built) == (first, 1)
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    for k, damage in enumerate(DAMAGE.values()):
        kept.write_bytes(damage(kept.read_bytes()))
        assert again(built) == (first, k + 2)
        assert again(built) == (first, k + 2)


def test_an_older_browser_module_that_may_not_be_removed(built, tmp_path):
    again(built)
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    old = kept.with_name("wasm.0123456789abcdef-0123456789abcdef")
    kept.rename(old)
    again(built)
    assert not old.exists()
    kept.unlink()
    old.mkdir()  # cannot be unlinked
    kept.mkdir()  # nor replaced
    module, count = again(built)
    assert (module.imports, count) == (("exp",), 3)


def test_a_browser_module_that_cannot_be_kept_is_built_once(built, monkeypatch):
    def nowhere(function):
        raise RuntimeError("cannot cache function")

    monkeypatch.setattr(wasm, "FunctionCache", nowhere)
    assert wasm.kernel_module() == wasm.kernel_module()
    assert len(built) == 1
