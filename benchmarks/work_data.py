"""Rows of the principal components: the fourth moment for all fractions of modes at once."""

import numpy as np

from mlrg_lib.rg.pca import mode_flow

from .bounds import moments_bound
from .measure import Contender, Row
from .plain import modes_and_scores, moments_by_products

MEASURED = 25  # numbers of modes that the loop is run for when all would take minutes


def data(n_samples, n_variables):
    """Return correlated non-Gaussian samples, float64 (n_samples, n_variables)."""
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((n_variables, n_variables)) / np.sqrt(n_variables)
    mixing += np.diag(1 + np.arange(n_variables) / n_variables)
    return rng.laplace(size=(n_samples, n_variables)) @ mixing


def product_loop(X, numbers) -> Contender:
    """Return the loop over numbers of modes; where it is run for a part of them, scaled without its one fit."""
    if len(numbers) == X.shape[1]:
        return Contender("a product each", lambda: moments_by_products(*modes_and_scores(X), numbers))
    fit = modes_and_scores(X)
    return Contender("a product each", lambda: moments_by_products(*fit, numbers), len(numbers) / X.shape[1])


def flow_row(n_variables, n_samples, target, quick):
    """All n fractions, without errors, which the loop does not have either."""
    if quick:
        n_samples //= 2
    X = data(n_samples, n_variables)
    everything = np.arange(n_variables, 0, -1)
    measured = 10 if quick else MEASURED
    few = everything if n_variables <= 256 and not quick else everything[:: len(everything) // measured]
    expected = moments_by_products(*modes_and_scores(X), few)
    found = mode_flow(X, few / n_variables, n_blocks=0).moment
    if np.abs(found / expected - 1).max() > 1e-3:
        raise RuntimeError("the two ways to the moments differ")
    rng = np.random.default_rng(1)
    A = rng.standard_normal((n_samples, n_variables), dtype=np.float32)
    B = rng.standard_normal((n_variables, n_variables), dtype=np.float32)
    product = Contender("one matrix product", lambda: np.dot(A, B))
    note = "target ≤ 5 matrix products, where vectors have 512 bits"
    if len(few) < len(everything):
        note += f"; the loop is run for {len(few)} of {n_variables} fractions and scaled, its one fit left out"
    return Row(f"mode-flow-{n_variables}", f"fourth moments, all {n_variables} fractions, {n_samples:,} samples", "ms",
               1e3, False, Contender("ours", lambda: mode_flow(X, n_blocks=0)), (product_loop(X, few), product),
               moments_bound(float(n_variables) ** 2 * n_samples), target, note)  # fmt: skip


ROWS = {
    "mode-flow-256": lambda quick: flow_row(256, 16384, 25.0, quick),
    "mode-flow-1000": lambda quick: flow_row(1000, 8192, 70.0, quick),
}
