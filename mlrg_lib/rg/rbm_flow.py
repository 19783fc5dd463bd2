r"""The flow v → h → v → … of a restricted Boltzmann machine, followed with thermometers.

A step draws the hidden layer given the visible one and back. That is a step of Gibbs sampling, so the flow of an
ensemble ends in the machine's own distribution, wherever it starts. What a thermometer reads there is decided by what
the machine was trained on: :func:`mixture` says what it would read on the training data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .._moved import moved
from .._rbm import Parameters, RBMLike, alternate, checked_parameters, draw_seed, mean, sampler
from .._validation import as_generator, check_array, check_choice, check_int, check_lattices
from ..ising import exact, thermometer
from ..ising.observables import energy

__all__ = ["iterate", "mixture", "trajectory"]

__getattr__ = moved("mlrg_lib.rg.rbm_flow", {"flow": "mlrg_lib.rg.rbm_flow.trajectory"})

_MODES = ("stochastic", "mean_field")


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Thermometer readings along a flow; arrays of shape (n_steps,).

    Attributes
    ----------
    steps : ndarray of int
        Steps v → h → v after which the ensemble was read.
    energy, energy_error : ndarray
        Mean energy per site and its standard error.
    temperature, temperature_error : ndarray
        From the energy. Zero, with error NaN, for an ensemble of ground states.
    beta_long, error_long : ndarray
        Inverse temperature from the squared magnetization.
    chi2 : ndarray
        Disagreement of the two thermometers, chi-squared with one degree of freedom for Ising configurations.
    dispersion, dispersion_error : ndarray
        Variance of the energy over that of the Ising model of the same mean energy.
    """

    steps: np.ndarray
    energy: np.ndarray
    energy_error: np.ndarray
    temperature: np.ndarray
    temperature_error: np.ndarray
    beta_long: np.ndarray
    error_long: np.ndarray
    chi2: np.ndarray
    dispersion: np.ndarray
    dispersion_error: np.ndarray


class Mixture(NamedTuple):
    """What the thermometers read, exactly, on equal parts of several Ising ensembles.

    Attributes
    ----------
    temperature : float
        Of the one Ising ensemble with the mixture's mean energy.
    dispersion : float
        Variance of the mixture's energy over that of this ensemble.
    """

    temperature: float
    dispersion: float


def mixture(L: int, temperatures: ArrayLike) -> Mixture:
    """Return what the energy thermometer reads on equal parts of Ising ensembles at several temperatures.

    Parameters
    ----------
    L : int
        Side of the torus, even, >= 2.
    temperatures : array_like, shape (n,)
        At least one; each >= 0, zero for the ground states.

    Returns
    -------
    Mixture

    Examples
    --------
    >>> alone = mixture(10, [2.5])
    >>> round(alone.temperature, 10), round(alone.dispersion, 10)
    (2.5, 1.0)
    >>> round(mixture(10, [0.0, 6.0]).dispersion, 1)
    9.9
    """
    temperatures = check_array("temperatures", temperatures, ndim=1)
    if temperatures.min() < 0 or temperatures.max() == 0:
        raise ValueError(f"temperatures must be >= 0 and not all zero, got {temperatures.tolist()}")
    betas = 1 / np.maximum(temperatures, 1e-2)  # at T = 0.01 not one spin of any lattice is turned
    energies = exact.torus_energy(L, betas)
    beta = thermometer.temperature_of_energy(L, float(energies.mean()))
    variances = exact.torus_heat_capacity(L, np.append(betas, beta)) / np.append(betas, beta) ** 2 / L**2
    return Mixture(1 / beta, float((variances[:-1].mean() + energies.var()) / variances[-1]))


def iterate(
    rbm: RBMLike,
    spins: ArrayLike,
    n_steps: int,
    *,
    mode: str = "stochastic",
    rng: np.random.Generator | int | None = None,
) -> np.ndarray:
    r"""Send visible states through the machine and back, ``n_steps`` times.

    Parameters
    ----------
    rbm : RBM or the like
        A machine with ``weights_``, ``hidden_bias_`` and ``visible_bias_``.
    spins : array_like, shape (n_samples, L, L)
        Lattices of ±1; L * L is the machine's number of visible units.
    n_steps : int
        Steps, >= 0.
    mode : {"stochastic", "mean_field"}
        Draw both layers at every step; or replace them by their means, :math:`h=-\tanh(b+W^{T}v)` and
        :math:`v=-\tanh(c+Wh)`, and draw ±1 spins from the last means only.
    rng : numpy.random.Generator, int or None

    Returns
    -------
    ndarray of int8, shape (n_samples, L, L)

    Notes
    -----
    The mean-field map is no sampling: each configuration falls into a fixed point of the map, and different machines
    with one and the same distribution can have different ones.

    Examples
    --------
    >>> from mlrg_lib.rg import variational
    >>> copier = variational.RBMWeights(-4.0 * np.eye(4), np.zeros(4), np.zeros(4))
    >>> iterate(copier, [[[1, -1], [1, 1]]], 3, rng=0).tolist()
    [[[1, -1], [1, 1]]]
    """
    spins = check_lattices("spins", spins)
    check_choice("mode", mode, _MODES)
    rng = as_generator(rng)
    n_steps = check_int("n_steps", n_steps, 0)
    return _iterate(_parameters(rbm, spins), spins, n_steps, mode, rng)


def trajectory(
    rbm: RBMLike,
    spins: ArrayLike,
    steps: Sequence[int],
    *,
    mode: str = "stochastic",
    rng: np.random.Generator | int | None = None,
) -> Trajectory:
    """Follow an ensemble through the machine and read its temperature on the way.

    Parameters
    ----------
    rbm : RBM or the like
        A machine with ``weights_``, ``hidden_bias_`` and ``visible_bias_``.
    spins : array_like, shape (n_samples, L, L)
        Independent configurations of even side, 4 to 10.
    steps : sequence of int
        Steps after which to read, ascending, the first >= 0.
    mode : {"stochastic", "mean_field"}
        As for :func:`iterate`. Means, once there, are carried on from reading to reading.
    rng : numpy.random.Generator, int or None

    Returns
    -------
    Trajectory

    References
    ----------
    S. Iso, S. Shiba and S. Yokoo, Phys. Rev. E 97, 053304 (2018).

    Examples
    --------
    >>> from mlrg_lib.rg import variational
    >>> noise = variational.RBMWeights(np.zeros((16, 2)), np.zeros(2), np.zeros(16))
    >>> found = trajectory(noise, np.ones((400, 4, 4)), [0, 1], rng=0)
    >>> float(found.temperature[0]), bool(abs(found.energy[1]) < 4 * found.energy_error[1])
    (0.0, True)
    """
    spins = check_lattices("spins", spins)
    check_choice("mode", mode, _MODES)
    rng = as_generator(rng)
    parameters = _parameters(rbm, spins)
    steps = check_array("steps", steps, ndim=1, dtype=None)
    if steps.dtype.kind not in "iu" or steps[0] < 0 or (np.diff(steps) <= 0).any():
        raise ValueError(f"steps must be ascending integers >= 0, got {steps.tolist()}")
    rows, state, done = [], spins.reshape(len(spins), -1).astype(np.float32), 0
    for step in steps:
        state = _advance(parameters, state, int(step) - done, mode, rng)
        done = int(step)
        drawn = _draw_means(state, rng).reshape(spins.shape) if mode == "mean_field" else state.reshape(spins.shape)
        rows.append(_reading(drawn.astype(np.int8)))
    return Trajectory(steps, *np.array(rows).T)


def _reading(spins) -> tuple[float, ...]:
    energies, r = energy(spins), thermometer.read(spins)
    temperature = 1 / r.beta if r.beta else np.inf
    spread = r.error * temperature**2
    mean_error = energies.std(ddof=1) / np.sqrt(len(energies))
    return (energies.mean(), mean_error, temperature, spread, r.beta_long, r.error_long, *r[5:])


def _iterate(parameters, spins, n_steps, mode, rng) -> np.ndarray:
    state = _advance(parameters, spins.reshape(len(spins), -1).astype(np.float32), n_steps, mode, rng)
    if mode == "mean_field":
        state = _draw_means(state, rng)
    return state.reshape(spins.shape).astype(np.int8)


def _advance(parameters, visible, n_steps, mode, rng) -> np.ndarray:
    visible, draw = visible.copy(), sampler(draw_seed(rng))
    alternate(parameters, visible, n_steps, draw if mode == "stochastic" else mean)
    return visible


def _draw_means(means, rng) -> np.ndarray:
    return np.where(rng.random(means.shape, dtype=np.float32) < (1 + means) / 2, 1, -1)


def _parameters(rbm, spins) -> Parameters:
    parameters, n = checked_parameters(rbm, np.float32), spins[0].size
    if len(parameters[2]) != n:
        raise ValueError(f"rbm must have one visible unit per site, {n}, got {len(parameters[2])}")
    return parameters
