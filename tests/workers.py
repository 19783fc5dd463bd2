"""Print how many tests may run beside each other: one for each core that we may use and each two gigabytes free."""

from pathlib import Path

import joblib
import psutil

EACH = 2 << 30
LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container


def workers() -> int:
    memory = psutil.virtual_memory().available
    if LIMIT.exists() and (limit := LIMIT.read_text().strip()).isdecimal():
        memory = min(memory, int(limit))
    return max(1, min(joblib.cpu_count(), memory // EACH))


if __name__ == "__main__":
    print(workers())
