"""Learning a phase transition by confusion: train on wrong labels, and see for which ones training works best."""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from .._validation import as_generator, check_array, check_int

__all__ = ["energy_distributions", "energy_levels", "optimal_accuracy", "trained_accuracy"]


class ConfusionCurve(NamedTuple):
    """How well a machine tells samples apart that a guess of the transition has labelled.

    Attributes
    ----------
    accuracy, error : ndarray, shape (n_guesses,)
        On held-out samples, and its binomial standard error.
    """

    accuracy: np.ndarray
    error: np.ndarray


def energy_levels(L: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how many states of the L x L Ising torus have each energy, exactly.

    Parameters
    ----------
    L : int
        Side, 3 to 7.

    Returns
    -------
    energies : ndarray of int64, shape (L² + 1,)
        −2L², −2L² + 4, …, 2L²; for odd L the highest levels are empty.
    counts : ndarray of int64, shape (L² + 1,)
        Their sum is 2^(L²).

    Notes
    -----
    A transfer matrix adds one site at a time to polynomials in the number of broken bonds, for each first row.
    Cost: O(L⁴ 4^L); a second at L = 6.

    Examples
    --------
    >>> energies, counts = energy_levels(4)
    >>> dict(zip(energies[:4].tolist(), counts[:4].tolist()))
    {-32: 2, -28: 0, -24: 32, -20: 64}
    """
    L = check_int("L", L, minimum=3, maximum=7)
    n_rows, n_bonds = 2**L, 2 * L * L
    rows = np.arange(n_rows)
    bits = (rows[:, None] >> np.arange(L)) & 1
    ring = (bits ^ np.roll(bits, 1, axis=1)).sum(axis=1)
    total = np.zeros(n_bonds + 1, dtype=np.int64)
    for first in range(n_rows // 2):  # the other half follows by flipping all spins
        # ways[row, k]: configurations of the rows so far with k broken bonds that end in this row
        ways = np.zeros((n_rows, n_bonds + 1), dtype=np.int64)
        ways[first, ring[first]] = 1
        for _ in range(L - 1):
            for column in range(L):
                flipped = ways[rows ^ (1 << column)]
                ways[:, 1:] += flipped[:, :-1]
            for broken in np.unique(ring[ring > 0]):
                select = ring == broken
                ways[select] = np.pad(ways[select], ((0, 0), (broken, 0)))[:, : n_bonds + 1]
        for row in range(n_rows):
            closing = int(bits[row ^ first].sum())
            total[closing:] += 2 * ways[row, : n_bonds + 1 - closing]
    return 4 * np.arange(L * L + 1, dtype=np.int64) - 2 * L * L, total[::2]


def energy_distributions(L: int, temperatures: ArrayLike) -> np.ndarray:
    """Return the exact distribution of the energy of the L x L Ising torus at each temperature.

    Parameters
    ----------
    L : int
        Side, 3 to 7.
    temperatures : array_like, shape (n,)
        T > 0.

    Returns
    -------
    ndarray of float64, shape (n, L² + 1)
        Probabilities of the levels of :func:`energy_levels`.

    Examples
    --------
    >>> energy_distributions(4, [2.0]).sum().round(12).item()
    1.0
    """
    temperatures = check_array("temperatures", temperatures, ndim=1)
    if temperatures.min() <= 0:
        raise ValueError(f"temperatures must be positive, got {temperatures.min()}")
    energies, counts = energy_levels(L)
    weights = counts * np.exp(-(energies - energies[0]) / temperatures[:, None])
    return weights / weights.sum(axis=1, keepdims=True)


def optimal_accuracy(distributions: ArrayLike) -> np.ndarray:
    r"""Return the accuracy of the best possible classifier for each guess of the transition.

    Parameters
    ----------
    distributions : array_like, shape (n_temperatures, n_outcomes)
        Probability of each outcome of what the classifier sees, at each temperature, in increasing order.

    Returns
    -------
    ndarray of float64, shape (n_temperatures + 1,)
        Entry k labels the first k temperatures "below" and the others "above"; the two ends are 1 by definition.

    Notes
    -----
    All temperatures are equally frequent. Bayes' rule gives :math:`\frac1n \sum_x \max(\sum_{i<k} P_i(x), \sum_{i \ge
    k} P_i(x))`. If x is the energy, a sufficient statistic for T, no classifier of spins does better.

    References
    ----------
    E. P. L. van Nieuwenburg, Y.-H. Liu and S. D. Huber, Nat. Phys. 13, 435 (2017); J. Arnold and F. Schäfer,
    Phys. Rev. X 12, 031044 (2022).

    Examples
    --------
    >>> optimal_accuracy([[1.0, 0.0], [0.5, 0.5]]).tolist()
    [1.0, 0.75, 1.0]
    """
    distributions = check_array("distributions", distributions, ndim=2)
    if distributions.min() < 0 or not np.allclose(distributions.sum(axis=1), 1):
        raise ValueError("distributions must hold probabilities that sum to 1 in each row")
    below = np.vstack([np.zeros(distributions.shape[1]), np.cumsum(distributions, axis=0)])
    return np.maximum(below, below[-1] - below).sum(axis=1) / len(distributions)


def trained_accuracy(
    samples: ArrayLike, *, n_hidden: int = 16, n_epochs: int = 30, rng: np.random.Generator | int | None = None
) -> ConfusionCurve:
    """Train one small network for each guess of the transition, and measure it on samples it has not seen.

    Parameters
    ----------
    samples : array_like, shape (n_temperatures, n_samples, n_features)
        What the network sees, in order of temperature; the second half of each row of samples is held out.
    n_hidden : int
        Units of the one hidden layer (rectified linear).
    n_epochs : int
        Passes over the training data (Adam, batches of 200).
    rng : numpy.random.Generator, int or None
        Source of randomness.

    Returns
    -------
    ConfusionCurve
        ``accuracy``, ``error``: shape (n_temperatures + 1,), ends included as in :func:`optimal_accuracy`.

    Raises
    ------
    ValueError
        If there are fewer than 2 temperatures or 4 samples of each.

    Examples
    --------
    >>> data = np.random.default_rng(0).normal(size=(3, 100, 1)) + 9 * np.array([0, 0, 1])[:, None, None]
    >>> trained_accuracy(data, rng=0).accuracy[[0, 2, 3]].tolist()
    [1.0, 1.0, 1.0]
    """
    samples = check_array("samples", samples, ndim=3)
    n_temperatures, n_samples = samples.shape[:2]
    if n_temperatures < 2 or n_samples < 4:
        raise ValueError(f"samples must have at least 2 temperatures and 4 samples of each, got shape {samples.shape}")
    n_hidden, n_epochs = check_int("n_hidden", n_hidden, minimum=1), check_int("n_epochs", n_epochs, minimum=1)
    rng = as_generator(rng)
    seen, held_out = samples[:, : n_samples // 2], samples[:, n_samples // 2 :]
    training, testing = np.concatenate(seen), np.concatenate(held_out)
    temperature = np.repeat(np.arange(n_temperatures), n_samples // 2)
    tested = np.repeat(np.arange(n_temperatures), held_out.shape[1])
    accuracy = np.ones(n_temperatures + 1)
    for guess in range(1, n_temperatures):
        network = MLPClassifier(
            (n_hidden,), max_iter=n_epochs, learning_rate_init=0.01, random_state=int(rng.integers(2**31))
        )
        with warnings.catch_warnings():
            # The number of epochs is chosen, so stopping there is no accident.
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(training, temperature < guess)
        accuracy[guess] = np.mean(network.predict(testing) == (tested < guess))
    return ConfusionCurve(accuracy, np.sqrt(accuracy * (1 - accuracy) / len(testing)))
