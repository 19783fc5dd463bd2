"""A notebook away from home: its first cell finds the library beside it, on its site or in its repository."""

import http.server
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import away
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "book/_tools"), str(ROOT / "book/_ext")]
import launch  # noqa: E402
import package  # noqa: E402
import publish  # noqa: E402

PAGE = "book/rg_and_rbm/good_transformations"  # reads stored results
RESULTS = launch.results(PAGE)
WHEEL = "mlrg_lib-9.9.9-py3-none-any.whl"


@pytest.fixture
def site(tmp_path) -> Path:
    """A site in a folder whose name has a space and an umlaut, with all that the cell needs of one."""
    folder = tmp_path / "the site of Käfer"
    run = folder / "run"
    notebooks = [launch.notebook(page) for page in (PAGE, "book/crash_course/ising")]
    for name in (*notebooks, *(path.removeprefix("../") for path in RESULTS), WHEEL):
        (run / name).parent.mkdir(parents=True, exist_ok=True)
        (run / name).write_text("")
    shutil.copy(ROOT / "book/run/install_companion.py", run)
    files = {f"companion/{name}": path for name, path in package.contents(run).items()}
    package.write_archive(run / package.NOTEBOOKS, files)
    return folder


@pytest.fixture
def machine(tmp_path) -> away.Machine:
    return away.Machine(tmp_path)


def first_cell(where="", repository="", page=PAGE) -> str:
    code = launch.cell("", page).replace('SITE = r""', f'SITE = r"{where}"')
    return code.replace('REPOSITORY = r""', f'REPOSITORY = r"{repository}"') + "\n"


def arrives(machine, code: str, companion: Path | None = None, folder: Path | None = None):
    done = machine.run(code, folder)
    machine.arrived(done, companion or machine.home / "companion", "rg_and_rbm", RESULTS)
    return done


def test_at_home_the_cell_does_nothing(machine):
    machine.add("mlrg_lib/__init__.py", "")
    (machine.home.parent / "results").mkdir()
    for path in RESULTS:
        (machine.home / path).write_text("")
    done = machine.run(first_cell("http://127.0.0.1:9/"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0] == str(machine.home.resolve())
    assert machine.asked() == []


def test_a_chapter_without_stored_results_needs_the_library_only(machine):
    machine.add("mlrg_lib/__init__.py", "")
    assert launch.results("book/crash_course/pca") == []
    done = machine.run(first_cell(page="book/crash_course/pca"))
    assert (done.returncode, machine.asked()) == (0, []), done.stderr


@pytest.mark.parametrize("times", [1, 2])
def test_in_the_unpacked_archive_the_wheel_lies_beside(machine, site, times):
    companion = machine.home / "companion"
    shutil.copytree(site / "run", companion)
    arrives(machine, times * first_cell(), folder=companion / "rg_and_rbm")


@pytest.mark.parametrize("unpacked", [True, False])
def test_a_page_at_the_top_finds_all_as_well(machine, site, unpacked):
    if unpacked:
        shutil.copytree(site / "run", machine.home / "companion")
    folder = machine.home / "companion" if unpacked else machine.home
    done = machine.run(first_cell(site, page="book/intro"), folder)
    machine.arrived(done, machine.home / "companion", "", [])


@pytest.mark.parametrize("name", [package.NOTEBOOKS, "companion-notebooks (1).zip"])
def test_the_archive_lies_beside_the_notebook(machine, site, name):
    shutil.copy(site / "run" / package.NOTEBOOKS, machine.home / name)
    arrives(machine, first_cell())


@pytest.mark.parametrize("tail", ["", "/", "/book/crash_course/rbm.html#sec"])
@pytest.mark.parametrize("kind", ["folder", "address"])
def test_the_site_is_a_folder_with_a_space_and_an_umlaut(machine, site, kind, tail):
    arrives(machine, first_cell((str(site) if kind == "folder" else site.as_uri()) + tail))


def test_a_path_of_windows_is_a_path():
    code = launch.cell("", PAGE).replace('SITE = r""', r'SITE = r"C:\Users\Näme\site\book\intro.html"')
    line = next(line for line in code.splitlines() if "re.sub" in line).strip()
    names = {"re": __import__("re"), "SITE": r"C:\Users\Näme\site\book\intro.html"}
    exec(line, names)
    assert names["site"] == r"C:\Users\Näme\site"
    assert "://" not in names["site"]
    compile(code, "first cell", "exec")


def test_twice_is_once_and_a_new_kernel_finds_what_is_there(machine, site):
    arrives(machine, 2 * first_cell(site))
    shutil.rmtree(site)
    arrives(machine, first_cell(site))


def test_what_a_reader_changed_in_the_unpacked_folder_stays(machine, site):
    arrives(machine, first_cell(site))
    changed = machine.home / "companion/crash_course/ising.ipynb"
    changed.write_text("mine")
    arrives(machine, first_cell(site))
    assert changed.read_text() == "mine"


@pytest.fixture
def server(site):
    """The site on a loopback port; yields its address and a list: for each entry an answer is cut short."""
    cut = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def copyfile(self, source, output):
            data = source.read()
            output.write(data[: len(data) // 2] if cut and cut.pop() else data)

        def log_message(self, *args):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *args: Handler(*args, directory=str(site)))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}", cut
    running.shutdown()
    running.server_close()


@pytest.mark.parametrize("tail", ["/", "/book/get.html"])
def test_the_site_is_an_address(machine, server, tail):
    arrives(machine, first_cell(server[0] + tail))


def test_a_download_that_was_cut_is_repeated(machine, server):
    address, cut = server
    cut += [True, True]
    arrives(machine, first_cell(address))
    assert cut == []


def test_a_damaged_archive_beside_the_notebook_is_passed_over(machine, site):
    whole = (site / "run" / package.NOTEBOOKS).read_bytes()
    (machine.home / package.NOTEBOOKS).write_bytes(whole[:200])
    done = machine.run(first_cell())
    assert (done.returncode, machine.asked()) == (1, [])
    assert f"{package.NOTEBOOKS}: File is not a zip file" in done.stderr
    assert [path.name for path in machine.home.iterdir()] == [package.NOTEBOOKS]
    arrives(machine, first_cell(site))


def test_one_damaged_file_in_the_archive_leaves_nothing(machine, site):
    data = bytearray((site / "run" / package.NOTEBOOKS).read_bytes())
    place = data.index(b"install_companion.py") + 60
    data[place : place + 8] = bytes(8)
    (machine.home / package.NOTEBOOKS).write_bytes(data)
    done = machine.run(first_cell())
    assert (done.returncode, machine.asked()) == (1, [])
    assert [path.name for path in machine.home.iterdir()] == [package.NOTEBOOKS]


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git here")


def bare(folder: Path, site: Path) -> Path:
    repository = folder / "a b.git"
    subprocess.run(["git", "init", "-q", "--bare", str(repository)], check=True)
    assert publish.publish(str(repository), site / "run")
    return repository


@needs_git
def test_the_library_comes_from_the_repository(machine, site):
    arrives(machine, first_cell(repository=bare(machine.home.parent, site)))


@needs_git
def test_where_the_site_is_gone_the_repository_is_asked(machine, site):
    repository = bare(machine.home.parent, site)
    shutil.rmtree(site)
    arrives(machine, first_cell(site, repository))


def test_with_nothing_set_the_cell_says_what_is_missing_and_three_ways_out(machine):
    done = machine.run(first_cell())
    assert (done.returncode, machine.asked()) == (1, [])
    message = " ".join(done.stderr.partition("ModuleNotFoundError: ")[2].split())
    assert message.startswith("mlrg_lib or stored results are missing. One of three mends it: put companion-")
    assert "into SITE above" in message
    assert "into REPOSITORY" in message


def test_a_site_that_does_not_answer_is_named(machine):
    done = machine.run(first_cell("http://127.0.0.1:9/somewhere"))
    assert done.stderr.count("Tried http://127.0.0.1:9/somewhere/run/companion-notebooks.zip: <urlopen error") == 1


def test_a_folder_left_of_an_uninstalled_library_fools_nobody(machine, site):
    (machine.python / "mlrg_lib/__pycache__").mkdir(parents=True)
    arrives(machine, first_cell(site))


def test_what_pip_puts_into_the_users_own_folder_is_found_at_once(machine, site):
    """As on a hub: Python looks at a user's own packages only if their folder was there when it started."""
    folder = 'pathlib.Path(__file__).parents[1] / "mlrg_lib"'
    own = 'pathlib.Path(__import__("site").getusersitepackages()) / "mlrg_lib"'
    machine.add("pip/__main__.py", away.PIP.replace(folder, own).replace("mkdir(", "mkdir(parents=True, "))
    arrives(machine, first_cell(site) + "import mlrg_lib\n")


def test_on_colab_its_widgets_are_switched_on(machine, site):
    machine.add("google/colab/output.py", "def enable_custom_widget_manager():\n    print('widgets on')\n")
    done = arrives(machine, "import google.colab\n" + first_cell(site))
    assert "widgets on" in done.stdout
