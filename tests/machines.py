"""Run commands in fresh clones as if on other machines, and print the table machine x command x verdict.

    python tests/machines.py                            every machine below, `make book` and `make test`: hours
    python tests/machines.py folder core -- make lint   some of them, and one command
    python tests/machines.py user+font+folder           one that is all of these at once

Each clone installs for itself. Linux; another user needs root.
"""

import contextlib
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("make book", "make test")
OURS = ("PYTHON", "VIRTUAL_ENV", "XDG_", "NUMBA_", "MLRG_", "JUPYTER", "MAKE", "OPENBLAS", "CI")  # not of a new machine
BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    for _ in range(10**6):\n        pass"
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/cache</cachedir></fontconfig>"""
USER = "companion-tester"


class Machine:
    """A clone, the environment of its commands, and words that go before each of them."""

    def __init__(self, folder: Path):
        self.folder, self.clone, self.before = folder, folder / "clone", []
        self.home = folder / "home"
        self.home.mkdir()
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
        path = [entry for entry in os.environ["PATH"].split(os.pathsep) if ".venv" not in entry]
        self.environment |= {"HOME": str(self.home), "PATH": os.pathsep.join(path)}
        self.closing = contextlib.ExitStack()

    def make_clone(self):
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(ROOT), str(self.clone)], check=True)

    def run(self, command: str) -> int:
        log = self.folder / f"{command.replace(' ', '-').replace('/', '-')}.log"
        with log.open("wb") as file:
            call = [*self.before, "sh", "-c", command]
            status = subprocess.run(call, cwd=self.clone, env=self.environment, stdout=file, stderr=file, check=False)
        if status.returncode:
            print(f"--- {log}", *log.read_text(errors="replace").splitlines()[-40:], sep="\n", flush=True)
        return status.returncode


def plain(machine):
    """A clone, an empty HOME."""


def folder(machine):
    """A path with a space and an umlaut."""
    machine.clone = machine.folder / "Ä path x" / "clone"
    machine.clone.parent.mkdir()


def archive(machine):
    """No git: the files alone."""

    def unpack():
        machine.clone.mkdir()
        files = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", str(machine.clone)], input=files, check=True)

    machine.make_clone = unpack


def core(machine):
    """One core."""
    machine.before += ["taskset", "-c", str(min(os.sched_getaffinity(0)))]


def font(machine):
    """One font."""
    (machine.folder / "fonts").mkdir()
    found = subprocess.run(["fc-list", ":lang=en", "file"], capture_output=True, text=True, check=True).stdout
    shutil.copy(sorted(line.rstrip(": ") for line in found.splitlines())[0], machine.folder / "fonts")
    (machine.folder / "fonts.conf").write_text(FONTS.format(folder=machine.folder))
    machine.environment["FONTCONFIG_FILE"] = str(machine.folder / "fonts.conf")


def load(machine):
    """Sixteen others at work."""
    for _ in range(16):  # in sessions of their own, as other people's are, which a system may give as much as ours
        busy = subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True)
        machine.closing.callback(busy.wait)
        machine.closing.callback(busy.kill)


def user(machine):
    """Another user, who may write in the clone and in an empty HOME, and nowhere around them."""
    subprocess.run(["useradd", "--no-create-home", "--home-dir", str(machine.home), USER], check=True)
    machine.closing.callback(subprocess.run, ["userdel", USER], check=True)
    machine.environment |= {"USER": USER, "LOGNAME": USER}
    person = pwd.getpwnam(USER)
    machine.before += ["setpriv", f"--reuid={person.pw_uid}", f"--regid={person.pw_gid}", "--clear-groups"]
    clone = machine.make_clone

    def own():
        clone()
        subprocess.run(["chown", "-R", f"{person.pw_uid}:{person.pw_gid}", machine.clone, machine.home], check=True)

    machine.make_clone = own


MACHINES = {function.__name__: function for function in (plain, folder, archive, core, font, load, user)}


def main(names: list[str], commands: list[str]) -> int:
    rows = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="machine-", ignore_cleanup_errors=True) as place:
            os.chmod(place, 0o755)
            machine = Machine(Path(place))
            with machine.closing:
                for part in name.split("+"):
                    MACHINES[part](machine)
                machine.make_clone()
                for command in commands:
                    print(f"=== {name}: {command}", flush=True)
                    began = time.monotonic()
                    status = machine.run(command)
                    seconds = round(time.monotonic() - began)
                    rows.append((name, command, f"failed ({status})" if status else "passed", seconds))
    wide, long = max(map(len, commands)), max(map(len, ["machine", *names]))
    print(f"\n{'machine':{long}} {'command':{wide}} verdict        time")
    for name, command, verdict, seconds in rows:
        told = " ".join(MACHINES[part].__doc__ for part in name.split("+"))
        print(f"{name:{long}} {command:{wide}} {verdict:12} {seconds // 60:3}:{seconds % 60:02}  {told}")
    return any(verdict != "passed" for _, _, verdict, _ in rows)


if __name__ == "__main__":
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    sys.exit(main(words[:cut] or list(MACHINES), [shlex.join(words[cut + 1 :])] if words[cut + 1 :] else [*COMMANDS]))
