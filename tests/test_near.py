"""What `make check` runs: the tests near a change, and not all of them."""

from pathlib import Path

import near
import pytest

TESTS = {file.name: file.read_text(encoding="utf-8") for file in Path(near.TESTS).glob("test_*.py")}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("mlrg_lib/machines/convolutional.py", "test_machines_convolutional.py"),
        ("mlrg_lib/_kernels/runs.py", "test_ising_runs.py"),
        ("mlrg_lib/ising/_pilot.py", "test_ising_sampling.py"),
        ("mlrg_lib/studies/weight_flow.py", "test_studies_weight_flow.py"),
        ("mlrg_lib/widgets/frontend/ising.js", "test_javascript.py"),
        ("book/_ext/tables.py", "test_book.py"),
        ("tests/near.py", "test_near.py"),
        ("tests/test_near.py", "test_near.py"),
    ],
)
def test_a_change_brings_its_test_and_few_others(path, wanted):
    found = near.near(path, TESTS) | {*near.ALWAYS}
    assert wanted in found
    assert len(found) < len(TESTS) / 3


def test_what_nothing_names_brings_nothing():
    assert near.near(f"book/{'no' * 3}.md", TESTS) == set()


def test_names_are_whole():
    """A file is not named by one whose name ends in its own."""
    assert near.near("book/own.py", {"test_a.py": "open('our-own.py')", "test_b.py": "open('x/own.py')"}) == {
        "test_b.py"
    }


def test_the_change_is_seen():
    assert near.changed()
    assert not [path for path in near.changed() if Path(path).is_absolute()]
