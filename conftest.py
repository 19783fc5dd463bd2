"""What the tests and the chapters have in common: one BLAS thread a process, quiet Jupyter, patience."""

import os

from patience import PATIENCE

for name, value in {
    "OPENBLAS_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
}.items():
    os.environ.setdefault(name, value)


def pytest_collection_modifyitems(items):
    for item in items:
        if hasattr(item, "output_timeout"):  # a chapter's cell: nbval waits five seconds for what it prints
            item.output_timeout = PATIENCE
