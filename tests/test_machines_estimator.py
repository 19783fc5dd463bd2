"""The machines as scikit-learn estimators: its own checks, errors, storage, interruption, reproducibility."""

import json
import re
import warnings

import numpy as np
import pytest
from naive import machines as naive
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator
from threadpoolctl import threadpool_info, threadpool_limits

from mlrg_lib.machines import RBM, DeepBeliefNetwork, DeepBoltzmannMachine
from mlrg_lib.machines import _fitting as fitting
from mlrg_lib.machines import _training as training

DATA = np.where(np.random.default_rng(0).random((60, 6)) < 0.7, 1, -1).astype(np.int8)

BINARIZING = [
    RBM(4, n_epochs=2, binarize=0.0, rng=0),
    RBM(4, n_epochs=2, binarize=0.0, rng=0, method="pcd", k=2, l1=1e-3, l2=1e-3),
    RBM(3, n_epochs=2, binarize=0.0, rng=0, method="exact", batch_size=None),
    DeepBeliefNetwork((4, 2), n_epochs=2, binarize=0.0, rng=0),
    DeepBoltzmannMachine((4, 2), n_epochs=2, binarize=0.0, rng=0),
    DeepBoltzmannMachine((4, 2), method="pcd", n_epochs=2, binarize=0.0, rng=0),
]


@pytest.mark.parametrize("estimator", BINARIZING, ids=repr)
def test_scikit_learns_checks_on_any_numbers(estimator):
    """All checks pass; the one that is left out is for estimators whose tag claims the array API."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator, on_fail="raise", on_skip=None)
    assert {r["check_name"] for r in results if r["status"] != "passed"} <= {"check_array_api_input"}
    assert not estimator.__sklearn_tags__().array_api_support
    assert len(results) > 40


@pytest.mark.parametrize("estimator", [RBM(4, n_epochs=2, rng=0), DeepBeliefNetwork((4, 2), n_epochs=2, rng=0)])
def test_strict_machines_fail_only_the_checks_that_feed_other_numbers(estimator):
    """Scikit-learn's checks draw Gaussian data: each failure must be the ±1 error, everything else must pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = check_estimator(estimator, on_fail=None, on_skip=None)
    failed = [r for r in results if r["status"] == "failed"]
    for result in failed:
        chain, reasons = result["exception"], []
        while chain is not None:
            reasons.append(str(chain))
            chain = chain.__cause__ or chain.__context__
        assert any("X must hold only +1 and -1" in reason for reason in reasons), result["check_name"]
    assert {r["check_name"] for r in results if r["status"] == "skipped"} <= {"check_array_api_input"}
    assert len(results) - len(failed) >= 19


def test_the_tag_says_whether_two_fits_agree():
    assert RBM().__sklearn_tags__().non_deterministic
    assert not RBM(rng=3).__sklearn_tags__().non_deterministic


def test_names_of_the_outputs_and_pipelines():
    pipe = make_pipeline(RBM(3, n_epochs=1, rng=0), RBM(2, n_epochs=1, binarize=0.0, rng=0)).fit(DATA)
    assert list(pipe.get_feature_names_out()) == ["rbm0", "rbm1"]
    assert pipe.transform(DATA).shape == (60, 2)


# -- reproducibility and going on -----------------------------------------------------------------------------------


def parameters(rbm):
    return rbm.weights_, rbm.hidden_bias_, rbm.visible_bias_


def same(a, b):
    return all(np.array_equal(x, y) for x, y in zip(parameters(a), parameters(b), strict=True))


@pytest.mark.parametrize("method", ["cd", "pcd", "exact"])
def test_the_seed_decides_whatever_the_number_of_blas_threads(method):
    fits = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            fits.append(RBM(5, method=method, n_epochs=3, batch_size=16, rng=4).fit(DATA))
    assert same(*fits)
    assert fits[0].history_ == fits[1].history_
    assert not same(fits[0], RBM(5, method=method, n_epochs=3, batch_size=16, rng=5).fit(DATA))
    generator = np.random.default_rng(4)
    assert same(RBM(5, method=method, n_epochs=3, batch_size=16, rng=generator).fit(DATA), fits[0])
    assert not same(RBM(5, method=method, n_epochs=3, batch_size=16, rng=generator).fit(DATA), fits[0])


@pytest.mark.parametrize("method", ["cd", "pcd", "exact"])
def test_saving_and_going_on_is_training_in_one_go(method, tmp_path):
    options = {"method": method, "batch_size": 25, "rng": 1, "k": 2}
    whole = RBM(4, n_epochs=5, **options).fit(DATA)
    first = RBM(4, n_epochs=3, **options).fit(DATA)
    first.save(tmp_path / "machine.npz")
    second = RBM.load(tmp_path / "machine.npz")
    assert same(first, second)
    assert second.get_params() == first.get_params()
    assert second.history_ == first.history_
    for _ in range(2):
        second.partial_fit(DATA)
    assert same(whole, second)
    assert second.history_ == whole.history_
    assert second.n_epochs_ == 5
    np.testing.assert_array_equal(second.transform(DATA), whole.transform(DATA))


def test_partial_fit_from_nothing_is_one_epoch_of_fit():
    assert same(RBM(3, rng=0).partial_fit(DATA), RBM(3, n_epochs=1, rng=0).fit(DATA))


def test_partial_fit_takes_parameters_the_user_changed():
    rbm = RBM(3, n_epochs=1, rng=0, learning_rate=1e-6).fit(DATA)
    rbm.weights_ = np.full((6, 3), 0.25)
    assert np.allclose(rbm.partial_fit(DATA).weights_, 0.25, atol=1e-4)


def test_zero_epochs_leave_the_start():
    rbm = RBM(3, n_epochs=0, rng=0).fit(DATA)
    np.testing.assert_allclose(-np.tanh(rbm.visible_bias_), DATA.mean(axis=0), atol=0.05)
    assert rbm.history_ == {}
    assert np.abs(rbm.weights_).max() < 0.05


def test_files_hold_no_pickles_and_leave_nothing_else_behind(tmp_path):
    rbm = RBM(2, n_epochs=1, rng=np.random.default_rng(0), on_epoch=lambda r, e: None).fit(DATA)
    rbm.save(tmp_path / "a.npz")
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]
    loaded = RBM.load(tmp_path / "a.npz")
    assert loaded.rng is None
    assert loaded.on_epoch is None
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert json.loads(file["header"].tobytes())["parameters"]["n_hidden"] == 2


@pytest.mark.parametrize("damage", ["truncated", "flipped", "text", "other", "empty"])
def test_damaged_files_are_refused(damage, tmp_path):
    path = tmp_path / "a.npz"
    RBM(8, n_epochs=1, rng=0).fit(np.tile(DATA, (1, 10))).save(path)
    content = bytearray(path.read_bytes())
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        content[len(content) // 3] ^= 0xFF
        path.write_bytes(content)
    elif damage == "text":
        path.write_text("not a machine")
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        np.savez(path, weights=np.zeros((2, 2)))
    with pytest.raises(ValueError, match="path must name a saved RBM"):
        RBM.load(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        RBM.load(tmp_path / "nowhere.npz")


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "a.npz"
    rbm = RBM(2, n_epochs=1, rng=0).fit(DATA)
    rbm.save(path)
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez", lambda file, **arrays: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        rbm.save(path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1


def test_every_epoch_sees_every_sample_once_in_a_new_order(monkeypatch):
    X, batches, gradient = naive.states(5).astype(np.int8), [], training._exact_gradient
    monkeypatch.setattr(training, "_exact_gradient", lambda s, V, rows: batches.append(V[rows]) or gradient(s, V, rows))
    RBM(2, method="exact", batch_size=10, n_epochs=2, rng=0).fit(X)
    assert [len(b) for b in batches] == [10, 10, 10, 2] * 2
    orders = [np.concatenate(batches[:4]), np.concatenate(batches[4:])]
    assert not np.array_equal(*orders)
    for order in orders:
        np.testing.assert_array_equal(np.unique(order, axis=0), np.unique(X, axis=0))


def test_blas_runs_on_one_thread_while_training():
    seen = []

    def look(rbm, epoch):
        seen.extend(lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas")

    with threadpool_limits(limits=2):
        RBM(2, n_epochs=1, rng=0, on_epoch=look).fit(DATA)
        after = [lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"]
    assert set(seen) == {1}
    assert set(after) == {2}


def test_what_the_passes_walk_through_lies_side_by_side():
    """Whole, separate, of the right shape, and without a gap of more than a cache line."""
    arrays = training.adjacent(np.float32, (7, 3), (5,), (2, 33))
    assert [a.shape for a in arrays] == [(7, 3), (5,), (2, 33)]
    for number, a in enumerate(arrays):
        a[...] = number
    assert [np.unique(a).tolist() for a in arrays] == [[0], [1], [2]]
    starts, sizes = [a.ctypes.data for a in arrays], [a.nbytes for a in arrays]
    gaps = np.diff(starts) - sizes[:-1]
    assert (gaps >= 0).all()
    assert (gaps < 64).all()
    machine = RBM(2, momentum=0.5, n_epochs=1, rng=0).fit(DATA)
    before = [machine._state.weights.copy(), machine._state.velocities[0].copy()]
    machine._state.lay_out()
    np.testing.assert_array_equal([machine._state.weights, machine._state.velocities[0]], before)


# -- stopping -------------------------------------------------------------------------------------------------------


def test_an_interrupt_leaves_the_last_complete_epoch(monkeypatch):
    train, calls = fitting.train_epoch, []

    def interrupted(state, X, settings):
        train(state, X, settings)
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "train_epoch", interrupted)
    rbm = RBM(3, n_epochs=10, method="pcd", rng=0)
    with pytest.raises(KeyboardInterrupt):
        rbm.fit(DATA)
    monkeypatch.undo()
    assert rbm.n_epochs_ == 2
    assert same(rbm, RBM(3, n_epochs=2, method="pcd", rng=0).fit(DATA))
    rbm.partial_fit(DATA)
    assert same(rbm, RBM(3, n_epochs=3, method="pcd", rng=0).fit(DATA))


def test_the_callback_sees_every_epoch_and_may_stop():
    seen = []
    rbm = RBM(3, n_epochs=9, rng=0, on_epoch=lambda r, e: seen.append((e, r.weights_.copy())) or e == 4).fit(DATA)
    assert [e for e, _ in seen] == [1, 2, 3, 4]
    assert rbm.n_epochs_ == 4
    np.testing.assert_array_equal(seen[-1][1], rbm.weights_)
    assert not np.array_equal(seen[0][1], seen[1][1])


@pytest.mark.parametrize("method", ["cd", "pcd", "exact"])
def test_divergence_names_the_epoch_and_the_rate_and_keeps_the_last_state(method):
    rate = 1e180 if method == "exact" else 1e20
    rbm = RBM(3, method=method, learning_rate=rate, l2=rate, batch_size=10, n_epochs=5, rng=0)
    with pytest.raises(FloatingPointError, match=rf"diverged in epoch 1 with learning_rate={re.escape(str(rate))}"):
        rbm.fit(DATA)
    assert all(np.isfinite(a).all() for a in parameters(rbm))
    slow = RBM(3, method=method, learning_rate=5.0, l2=10.0, batch_size=None, momentum=0.0, n_epochs=300, rng=0)
    with pytest.raises(FloatingPointError, match=r"diverged in epoch (?!1 )\d+ with learning_rate=5\.0"):
        slow.fit(DATA)
    assert slow.n_epochs_ >= 1


def test_the_progress_bar_shows_on_request_only(capsys):
    RBM(3, n_epochs=2, rng=0).fit(DATA)
    assert capsys.readouterr().err == ""
    RBM(3, n_epochs=2, rng=0, verbose=True).fit(DATA)
    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert "log_likelihood" in shown


def test_history_has_what_it_says():
    rbm = RBM(3, n_epochs=6, evaluate_every=2, rng=0).fit(DATA)
    assert rbm.history_["epoch"] == [2, 4, 6]
    assert set(rbm.history_) == {"epoch", "reconstruction_error", "pseudo_likelihood", "log_likelihood"}
    assert rbm.history_["pseudo_likelihood"][-1] == pytest.approx(rbm.score(DATA))
    assert rbm.history_["reconstruction_error"][-1] == pytest.approx(np.mean((DATA - rbm.reconstruct(DATA)) ** 2))
    wide = RBM(21, n_epochs=1, rng=0).fit(np.tile(DATA, (1, 4)))
    assert "log_likelihood" not in wide.history_
    assert RBM(3, n_epochs=2, evaluate_every=0, rng=0).fit(DATA).history_ == {}


# -- errors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_hidden": 0}, "n_hidden must be"),
        ({"n_hidden": 2.5}, "n_hidden must be"),
        ({"method": "sgd"}, "method must be one of 'cd', 'pcd', 'exact', got 'sgd'"),
        ({"k": 0}, "k must be"),
        ({"learning_rate": 0.0}, "learning_rate must be above 0"),
        ({"learning_rate": -1}, "learning_rate must be"),
        ({"learning_rate": float("nan")}, "learning_rate must be"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"n_epochs": -1}, "n_epochs must be"),
        ({"momentum": 1.0}, "momentum must be below 1"),
        ({"momentum": -0.1}, "momentum must be"),
        ({"l1": -1.0}, "l1 must be"),
        ({"l2": "much"}, "l2 must be"),
        ({"evaluate_every": -1}, "evaluate_every must be"),
        ({"on_epoch": 3}, "on_epoch must be callable"),
        ({"verbose": 2}, "verbose must be"),
        ({"rng": -1}, "rng must be"),
        ({"binarize": "yes"}, "binarize must be"),
    ],
)
def test_bad_parameters_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        RBM(**{"n_epochs": 1, **options}).fit(DATA)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda r: r.fit((DATA + 1) // 2), r"X must hold only \+1 and -1, got .*0.*2\*x - 1"),
        (lambda r: r.fit(DATA * 0.5), "X must hold only"),
        (lambda r: r.fit(np.where(DATA > 0, np.nan, 1)), "NaN"),
        (lambda r: r.fit(DATA.reshape(60, 2, 3)), "dim 3"),
        (lambda r: r.transform(DATA[:, :4]), "4 features"),
        (lambda r: r.free_energy(DATA * 3), "X must hold only"),
        (lambda r: r.hidden_energy(DATA), "H must have 3 columns"),
        (lambda r: r.hidden_energy([[1, 0, 1]]), "H must hold only"),
        (lambda r: r.sample(0), "n must be"),
        (lambda r: r.sample(2, -1), "n_steps must be"),
        (lambda r: r.sample(2, start=DATA[:3]), r"start must have shape \(2, 6\)"),
        (lambda r: r.sample(2, start=np.zeros((2, 6))), "start must hold only"),
        (lambda r: r.sample(2, rng="dice"), "rng must be"),
        (lambda r: RBM.from_parameters([1.0]), "weights must have 2 dimension"),
        (lambda r: RBM.from_parameters([[np.inf]]), "weights must be finite"),
        (lambda r: RBM.from_parameters([[1.0]], [1.0, 2.0]), "hidden_bias must have 1 entries"),
        (lambda r: RBM.from_parameters([[1.0]], [1.0], [1.0, 2.0]), "visible_bias must have 1 entries"),
        (lambda r: RBM(25, method="exact").fit(np.tile(DATA, (1, 5))), "at most 24 units in its smaller layer"),
    ],
)
def test_bad_inputs_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call(RBM(3, n_epochs=1, rng=0).fit(DATA))


def test_clone_and_sampling_from_a_start():
    rbm = RBM(3, n_epochs=1, rng=0).fit(DATA)
    assert clone(rbm).get_params() == rbm.get_params()
    np.testing.assert_array_equal(rbm.sample(5, 0, start=DATA[:5]), DATA[:5])
    assert rbm.sample(5, 3, rng=1).dtype == np.int8
    np.testing.assert_array_equal(rbm.sample(5, 3, rng=1), rbm.sample(5, 3, rng=1))
