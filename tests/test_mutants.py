"""The mutation run: every kernel file has tests to meet its mutants, and the page tells what is stored."""

import json

import mutants
import pytest

TESTS = mutants.ROOT / "tests"


def stored():
    return json.loads(mutants.STORED.read_text(encoding="utf8"))


def page():
    return mutants.PAGE.read_text(encoding="utf8")


def test_every_kernel_file_has_tests_that_are_there():
    folder = mutants.ROOT / mutants.KERNELS
    files = {path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.py")}
    assert set(mutants.TESTS) == {name for name in files if "/_" not in f"/{name}" and not name.startswith("live/")}
    for names in mutants.TESTS.values():
        assert all((TESTS / f"test_{name}.py").is_file() for name in names.split())


def test_the_page_has_the_table_of_what_is_stored():
    assert page().partition(mutants.BEGIN)[2].partition(mutants.END)[0].strip() == mutants.table(stored())


def test_the_page_names_every_survivor():
    lines = ["{file}.py:{line} `{before}` → `{after}`".format(**one) for one in stored()["survivors"]]
    assert [line for line in lines if line not in page()] == []


def test_counts_are_those_of_the_survivors():
    files = stored()["files"]
    assert list(files) == list(mutants.TESTS)
    for name, counts in files.items():
        assert counts["tried"] == counts["noticed"] + counts["survived"] <= counts["mutants"]
        assert counts["survived"] == sum(one["file"] == name for one in stored()["survivors"])


@pytest.mark.parametrize(
    ("operator", "line", "wanted"),
    [
        ("core/NumberReplacer", "    k = 1", True),
        ("core/ReplaceBinaryOperator_Add_Sub", "    x = a + b", True),
        ("core/ReplaceUnaryOperator_Delete_USub", "    x = -a", True),
        ("core/ReplaceComparisonOperator_Lt_LtE", "    while a < b:", True),
        ("core/ReplaceBinaryOperator_Add_Pow", "    x = a + b", False),
        ("core/ReplaceComparisonOperator_Lt_Is", "    while a < b:", False),
        ("core/RemoveDecorator", "@kernel", False),
        ("core/NumberReplacer", "@kernel(option=1)", False),
    ],
)
def test_slips_that_a_person_could_make_are_meant(operator, line, wanted):
    assert mutants.is_meant(operator, line) == wanted


def test_the_interval_is_wilsons():
    low, high = mutants.interval(8, 10)
    assert (low, high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert mutants.interval(10, 10)[1] == pytest.approx(1)
