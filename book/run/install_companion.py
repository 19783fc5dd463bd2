"""Install the library whose wheel lies beside this file, with what its figures need; nothing if it is there.

The first cell of every notebook runs it where the library is missing.
"""

import importlib.util
import site
import subprocess
import sys
from pathlib import Path


def library() -> bool:
    """Tell whether the library is there: what pip may leave of an uninstalled one has no origin."""
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("mlrg_lib")
    return bool(spec and spec.origin)


def main() -> None:
    if library():
        return
    wheel = max(Path(__file__).resolve().parent.glob("mlrg_lib-*.whl"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", f"{wheel}[widgets]"]
    subprocess.run(pip, check=True)
    if not library():  # pip made the user's own folder of packages after Python started
        site.addsitedir(site.getusersitepackages())


main()
