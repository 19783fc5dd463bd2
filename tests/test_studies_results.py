"""Files of whole studies: one way to write and read them; all studies go on where they were."""

import inspect
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mlrg_lib import studies
from mlrg_lib._files import replacing
from mlrg_lib.studies import _code, _results, learning_ising, runner
from mlrg_lib.studies import phi4_flow as flow
from mlrg_lib.studies import shell_coupling as shells

STORED = Path(__file__).resolve().parents[1] / "book" / "results"
STUDIES = {  # and what each needs to be small
    "block_or_correlation": {"points": [{"kind": "coins", "beta": 0.5, "n_hidden": 4, "l1": 0.0, "seed": 0,
                                         "n_epochs": 1, "side": 6, "n_samples": 50}]},
    "learning_ising": {"side": 16, "n_samples": 400, "n_epochs": 1, "widths": [64, 16, 4]},
    "modes_in_data": {"points": [{"process": "Gaussian", "shape": "fMRI", "seed": 1}]},
    "phi4_flow": {"points": [{"alpha": 2.5, "start": 0.006, "n_samples": 96}]},
    "rbm_flow": {"points": [{"training": "only 3", "n_hidden": 4, "n_epochs": 1, "method": "cd", "seed": 1,
                             "n_samples": 50, "n_chains": 20, "steps": [0, 1]}]},
    "shell_coupling": {"points": [{"d": 3, "u": 0.25, "n_repeats": 1, "n_samples": 960}]},
    "weight_flow": {"points": [{"arm": "window 2", "side": 16, "x": 0.0, "seed": 0, "n_samples": 40}]},
}  # fmt: skip
LOADED = {"block_or_correlation.json", "good_transformations.json", "learning_ising.npz", "rbm_flow.json"}
LOADED |= {"weight_flow.json", "modes_in_data.json", "good_again.json"}


def suffix(name: str) -> str:
    return ".npz" if name == "learning_ising" else ".json"


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_a_study_that_was_interrupted_goes_on_where_it_was(name, tmp_path, monkeypatch):
    study, path = getattr(studies, name), tmp_path / f"out{suffix(name)}"
    first = study.main(path, tmp_path / "parts", **STUDIES[name])
    path.unlink()
    monkeypatch.setattr(runner, "_evaluate", lambda *_: pytest.fail("computed again"))
    again = study.main(path, tmp_path / "parts", **STUDIES[name])
    assert again["provenance"] == first["provenance"]
    assert {"command", "date", "mlrg_lib", "numpy", "python", "processor"} <= set(first["provenance"])
    assert f"mlrg_lib.studies.{name} {path}" in first["provenance"]["command"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [path.name, "parts"]
    if name == "learning_ising":
        provenance, stacks = study.load(path)
        assert stacks["ising"].layers[0].units["radius"].shape == (64,)
        assert provenance["settings"]["side"] == 16
    else:
        assert json.loads(path.read_text(encoding="utf-8")) == first


@pytest.mark.parametrize("module", [flow, shells])
def test_points_keep_every_digit_and_lose_only_their_seconds(module, tmp_path):
    (given,) = STUDIES[module.__name__.rpartition(".")[2]]["points"]
    (stored,) = module.main(tmp_path / "out.json", tmp_path / "parts", points=[given])["points"]
    direct = module.point(**given)
    assert direct.pop("seconds") > 0
    assert json.loads(json.dumps(direct)) == stored


def test_every_study_has_the_same_main_and_the_same_command():
    for name in [*STUDIES, "good_transformations", "good_again"]:
        parameters = list(inspect.signature(getattr(studies, name).main).parameters.values())
        assert [p.name for p in parameters[:3]] == ["path", "folder", "n_jobs"], name
        assert [p.default for p in parameters[1:3]] == [_results.FOLDER, 1], name
    command = [sys.executable, "-m", "mlrg_lib.studies.phi4_flow"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "the following arguments are required: path" in done.stderr


@pytest.mark.parametrize("name", sorted(LOADED))
def test_what_is_missing_says_how_to_make_it_and_what_is_another_s_is_refused(name, tmp_path):
    study = Path(name).stem
    with pytest.raises(FileNotFoundError, match=rf"make study.*-m mlrg_lib.studies.{study} "):
        getattr(studies, study).load(tmp_path / name)
    wrong = tmp_path / name
    wrong.write_bytes((STORED / ("shell_coupling.json" if study != "rbm_flow" else "validation.json")).read_bytes())
    with pytest.raises(ValueError, match=f"path must be a result of studies.{study}, got"):
        getattr(studies, study).load(wrong)


def test_json_has_no_nan_and_as_many_figures_as_asked():
    value = {"a": np.array([1 / 3, np.nan, -np.inf]), "b": (np.int8(3), 2, True, None, "x"), "c": 1e-9 / 3}
    assert _results.plain(value, 3) == {"a": [0.333, None, None], "b": [3, 2, True, None, "x"], "c": 3.33e-10}
    assert _results.plain(value)["a"][0] == 1 / 3
    assert type(_results.plain(np.float32(0.5))) is float


def test_an_error_while_writing_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "new folder" / "out.json"
    _results.write(path, "phi4_flow", {"points": []})
    old = path.read_bytes()
    with pytest.raises(ValueError, match="JSON compliant"):
        _results.write(path, "phi4_flow", {"points": [float("nan")]})
    with pytest.raises(TypeError), replacing(path) as file:
        file.write("not bytes")
    assert path.read_bytes() == old
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_others_may_read_what_was_written(tmp_path):
    with replacing(tmp_path / "file") as file:
        file.write(b"x")
    plain = tmp_path / "plain"
    plain.write_bytes(b"x")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_timed_point_is_compared_by_the_code_inside():
    assert _code.differ(_code.digest(flow.point), _code.digest(shells.point))
    assert _code.digest(flow.point) == _code.digest(flow.point.__wrapped__)
    assert _code.digest(learning_ising.train_layer)


@pytest.mark.parametrize("module", [flow, shells])
def test_the_old_name_of_main_is_told_the_new_one(module):
    with pytest.raises(AttributeError, match=rf"run is now {module.__name__}\.main"):
        module.run  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        module.nothing  # noqa: B018
