"""A restricted Boltzmann machine as a wave function: the ground state of the quantum Ising chain, exactly summed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve
from scipy.sparse.linalg import LinearOperator, eigsh

from .._validation import as_generator, check_array, check_int, check_real

__all__ = ["chain_energy", "exact_ground_state", "log_amplitude", "optimize"]


@dataclass(frozen=True)
class NeuralGroundState:
    """An optimized wave function ψ(v) = Tr_h exp(−E(v, h)) and how it was reached.

    Attributes
    ----------
    visible_bias, hidden_bias, weights : ndarray of float64, shapes (n_sites,), (n_hidden,), (n_sites, n_hidden)
        c, b and W of the essay's eq. 2, its signs kept.
    energy : ndarray of float64, shape (n_iterations + 1,)
        Exact ⟨H⟩ of the state before each iteration and after the last.
    variance : float
        ⟨H²⟩ − ⟨H⟩² of the last state; zero for an eigenstate.
    overlap : float
        ``|⟨ψ|ground state⟩|²``, last state.
    information : ndarray of float64, shape (n_parameters,)
        Decreasing eigenvalues of the matrix S of stochastic reconfiguration in the last state; the Fisher information
        of ``|ψ|²`` is 4 S.
    """

    visible_bias: np.ndarray
    hidden_bias: np.ndarray
    weights: np.ndarray
    energy: np.ndarray
    variance: float
    overlap: float
    information: np.ndarray


def chain_energy(n_sites: int, field: float) -> float:
    r"""Return the ground-state energy of the transverse-field Ising chain with periodic boundary, in closed form.

    Parameters
    ----------
    n_sites : int
        N >= 3.
    field : float
        Γ >= 0, in units of the coupling; critical at 1.

    Returns
    -------
    float
        Of :math:`H = -\sum \sigma^z_i \sigma^z_{i+1} - \Gamma \sum \sigma^x_i`.

    Notes
    -----
    :math:`-\sum_k \sqrt{1 + \Gamma^2 - 2\Gamma\cos k}` over :math:`k = (2m + 1)\pi/N`.

    References
    ----------
    P. Pfeuty, Ann. Phys. 57, 79 (1970).

    Examples
    --------
    >>> round(chain_energy(10, 1.0), 10)
    -12.784906443
    """
    n_sites, field = check_int("n_sites", n_sites, minimum=3), check_real("field", field, minimum=0.0)
    k = (2 * np.arange(n_sites) + 1) * np.pi / n_sites
    return float(-np.sqrt(np.maximum(1 + field**2 - 2 * field * np.cos(k), 0)).sum())


def _apply_hamiltonian(state: np.ndarray, field: float) -> np.ndarray:
    """Return H ψ of the chain, (2^N,); bit i of an index is 1 where spin i is up."""
    n_sites = len(state).bit_length() - 1
    spins = _states(n_sites)
    out = -(spins * np.roll(spins, -1, axis=1)).sum(axis=1) * state
    index = np.arange(len(state))
    for site in range(n_sites):
        out -= field * state[index ^ (1 << site)]
    return out


def exact_ground_state(n_sites: int, field: float) -> tuple[float, np.ndarray]:
    """Return the ground state of the chain by diagonalization.

    Parameters
    ----------
    n_sites : int
        3 to 16.
    field : float
        Γ > 0: without it there are two ground states.

    Returns
    -------
    energy : float
    state : ndarray of float64, shape (2^N,)
        Normalized, all amplitudes positive.

    Examples
    --------
    >>> energy, state = exact_ground_state(6, 1.0)
    >>> abs(energy - chain_energy(6, 1.0)) < 1e-10, bool((state > 0).all())
    (True, True)
    """
    n_sites = check_int("n_sites", n_sites, minimum=3, maximum=16)
    field = check_real("field", field, 0.0, strict=True)
    size = 2**n_sites
    operator = LinearOperator((size, size), matvec=lambda v: _apply_hamiltonian(v.ravel(), field), dtype=np.float64)
    values, vectors = eigsh(operator, k=1, which="SA", v0=np.ones(size), tol=1e-12)
    return float(values[0]), np.abs(vectors[:, 0])


def log_amplitude(visible_bias: ArrayLike, hidden_bias: ArrayLike, weights: ArrayLike, spins: ArrayLike) -> np.ndarray:
    """Return ln ψ(v) of the machine's wave function.

    Parameters
    ----------
    visible_bias, hidden_bias, weights : array_like, shapes (n_sites,), (n_hidden,), (n_sites, n_hidden)
        c, b, W of the essay's eq. 2.
    spins : array_like of ±1, shape (n, n_sites)

    Returns
    -------
    ndarray of float64, shape (n,)
        −c·v + Σ_j ln 2cosh(b_j + Σ_i v_i W_ij).

    Examples
    --------
    >>> log_amplitude([0.0], [0.0], [[0.0]], [[1.0]]).round(6).tolist()
    [0.693147]
    """
    c = check_array("visible_bias", visible_bias, ndim=1)
    b = check_array("hidden_bias", hidden_bias, ndim=1)
    w = check_array("weights", weights, ndim=2)
    spins = check_array("spins", spins, ndim=2)
    if w.shape != (len(c), len(b)) or spins.shape[1] != len(c):
        raise ValueError(f"weights must have shape ({len(c)}, {len(b)}) and spins {len(c)} columns, got {w.shape}, "
                         f"{spins.shape}")  # fmt: skip
    total = b + spins @ w
    return -spins @ c + np.logaddexp(total, -total).sum(axis=1)


def optimize(
    n_sites: int,
    field: float,
    n_hidden: int,
    *,
    n_iterations: int = 300,
    learning_rate: float = 0.1,
    shift: float = 1e-4,
    n_samples: int | None = None,
    rng: np.random.Generator | int | None = None,
) -> NeuralGroundState:
    r"""Find the ground state of the quantum Ising chain with a restricted Boltzmann machine.

    Parameters
    ----------
    n_sites : int
        3 to 14: all states are summed over.
    field : float
        Γ > 0.
    n_hidden : int
        Hidden units, >= 1.
    n_iterations : int
        Steps, >= 1.
    learning_rate : float
        η > 0, a step of imaginary time.
    shift : float
        Added to the diagonal of S, > 0.
    n_samples : int, optional
        Estimate the gradient and S from that many independent samples of \|ψ\|², as a Monte Carlo calculation would.
        None sums over all states.
    rng : numpy.random.Generator, int or None
        Of the first parameters, and of the samples.

    Returns
    -------
    NeuralGroundState

    Notes
    -----
    Stochastic reconfiguration: with :math:`O_k = \partial_k \ln \psi` and :math:`E_{loc} = H\psi/\psi`, the parameters
    move by :math:`-\eta\,(S + \epsilon)^{-1} F`, :math:`S = \mathrm{cov}(O, O)`, :math:`F = \mathrm{cov}(O, E_{loc})`,
    averages over \|ψ\|². It is natural gradient: S is a quarter of the Fisher information of \|ψ\|². The ground state
    has positive amplitudes, so real parameters are enough; signs and phases need complex ones.

    References
    ----------
    G. Carleo and M. Troyer, Science 355, 602 (2017); S. Sorella, Phys. Rev. Lett. 80, 4558 (1998).

    Examples
    --------
    >>> found = optimize(6, 1.0, 6, n_iterations=200, rng=0)
    >>> bool(found.energy[-1] / chain_energy(6, 1.0) > 0.9999)
    True
    """
    n_sites = check_int("n_sites", n_sites, minimum=3, maximum=14)
    _, ground = exact_ground_state(n_sites, field)
    n_hidden = check_int("n_hidden", n_hidden, minimum=1)
    n_iterations = check_int("n_iterations", n_iterations, minimum=1)
    learning_rate = check_real("learning_rate", learning_rate, 0.0, strict=True)
    shift = check_real("shift", shift, 0.0, strict=True)
    n_samples = None if n_samples is None else check_int("n_samples", n_samples, minimum=2)
    rng = as_generator(rng)
    spins = _states(n_sites)
    shapes = (n_sites, n_hidden, n_sites * n_hidden)
    parameters = 0.1 * rng.standard_normal(sum(shapes))
    energies = np.empty(n_iterations + 1)
    for step in range(n_iterations + 1):
        state, local, derivatives = _evaluate(parameters, spins, n_hidden, field)
        probability = state**2
        energies[step] = probability @ local
        if step == n_iterations:
            break
        weight = probability
        if n_samples is not None:
            weight = rng.multinomial(n_samples, probability / probability.sum()) / n_samples
        information, force = _moments(weight, derivatives, local)
        information[np.diag_indices_from(information)] += shift
        parameters = parameters - learning_rate * solve(information, force, assume_a="pos")
    c, b, w = np.split(parameters, np.cumsum(shapes[:-1]))
    return NeuralGroundState(
        visible_bias=c,
        hidden_bias=b,
        weights=w.reshape(n_sites, n_hidden),
        energy=energies,
        variance=float(probability @ (local - energies[-1]) ** 2),
        overlap=float((state @ ground) ** 2),
        information=np.linalg.eigvalsh(_moments(probability, derivatives, local)[0])[::-1],
    )


def _evaluate(parameters, spins, n_hidden, field):
    n_sites = spins.shape[1]
    c, b = parameters[:n_sites], parameters[n_sites : n_sites + n_hidden]
    w = parameters[n_sites + n_hidden :].reshape(n_sites, n_hidden)
    logs = log_amplitude(c, b, w, spins)
    state = np.exp(logs - logs.max())
    state /= np.linalg.norm(state)
    local = _apply_hamiltonian(state, field) / state
    hidden = np.tanh(b + spins @ w)
    products = (spins[:, :, None] * hidden[:, None, :]).reshape(len(spins), -1)
    return state, local, np.hstack([-spins, hidden, products])


def _moments(weight, derivatives, local):
    centred = derivatives - weight @ derivatives
    scaled = centred * weight[:, None]
    return scaled.T @ centred, scaled.T @ (local - weight @ local)


def _states(n_sites: int) -> np.ndarray:
    return 2.0 * ((np.arange(2**n_sites)[:, None] >> np.arange(n_sites)) & 1) - 1.0
