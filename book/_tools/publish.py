"""Put what the site has below ``run/`` on the branch ``notebooks`` of a repository, which Binder, Colab and hubs read.

    python book/_tools/publish.py https://github.com/owner/name

The branch has a history of its own, and each time one commit more: a hub that fetched it before can follow.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import package
from package import launch

WHO = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "companion"), ("EMAIL", "companion@localhost"))
}


def publish(repository: str, run: Path) -> bool:
    """Return whether the branch had to change."""
    with tempfile.TemporaryDirectory() as folder:

        def git(*words: str, check: bool = True) -> str:
            command = ["git", "-C", folder, *words]
            done = subprocess.run(
                command,
                stdout=subprocess.PIPE,
                text=True,
                check=check,
                env=os.environ | WHO,
            )
            return done.stdout.strip() if done.returncode == 0 else ""

        git("init", "--quiet")
        for name, path in package.contents(run).items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, Path(folder, name))
        git("add", "--all", "--force")
        parents, old = [], git("ls-remote", repository, f"refs/heads/{launch.BRANCH}")
        if old:
            git("fetch", "--quiet", "--depth=1", repository, launch.BRANCH)
            parents = ["-p", "FETCH_HEAD"]
        tree = git("write-tree")
        if old and tree == git("rev-parse", "FETCH_HEAD^{tree}"):
            return False
        commit = git("commit-tree", tree, *parents, "-m", "The book's notebooks")
        git("push", "--quiet", repository, f"{commit}:refs/heads/{launch.BRANCH}")
    return True


def main() -> int:
    run = package.ROOT / "_build/html/run"
    if len(sys.argv) != 2 or not (run / package.NOTEBOOKS).exists():
        print(f"{__doc__}\nThe book must be built first: make book", file=sys.stderr)
        return 2
    changed = publish(sys.argv[1], run)
    print(f"{launch.BRANCH}: {'published' if changed else 'is up to date'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
