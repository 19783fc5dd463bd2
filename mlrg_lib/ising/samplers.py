"""Sampling the Ising model on the torus: independent configurations from many Markov chains."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._progress import progress
from .._validation import as_generator, check_array
from . import _engines
from ._driver import Driver
from ._pilot import BURN_IN, PILOT_CHAINS, measure_pilot
from ._plan import Plan

__all__ = ["sample", "simulate"]

_SPACING = 3  # thin = 3 tau: successive samples of a chain are left with a correlation of about exp(-3)
_CORRELATED = (
    "thin={thin} is below twice the autocorrelation time, {tau:.3g} updates: a chain's samples are correlated, and "
    "errors of the samples in their order do not see it; take simulate, and its result's chains(values) or chain_labels"
)
_LARGEST_CORRELATION = math.exp(-2)  # of a chain's successive samples; errors that miss it are 13 % too small


@dataclass(frozen=True)
class Simulation:
    """Sampled configurations and how they were made.

    Attributes
    ----------
    spins : ndarray of int8, shape (n_samples, L, L), or None
        Lattices of ±1. With several chains: first one sample from each of the ``n_chains``, then the next, and so on.
        None if a function measured them instead.
    algorithm : str
        "metropolis", "heat_bath", "wolff" or "swendsen_wang"; what "auto" chose.
    n_chains : int
        Independent Markov chains.
    burn_in : int
        Updates of every chain before its first sample, those that measured tau included.
    thin : int
        Updates between successive samples of a chain.
    tau, tau_error : float or None
        Integrated autocorrelation time, in updates, the slowest of those measured, and its error. None if both
        ``burn_in`` and ``thin`` were given, so that nothing was measured.
    clusters_per_update : int
        Wolff clusters in one update; 1 for the other algorithms, whose update is a sweep.
    last : ndarray of int8, shape (n_chains, L, L)
        Every chain's last lattice, without the random sign of the sample. To go on from there give it as ``start``,
        with ``burn_in=run.thin`` and ``thin=run.thin``; with ``burn_in=0`` the last samples would come twice. A new
        run with Wolff finds its own ``clusters_per_update``, so there leave out both.
    values : ndarray, shape (n_samples, ...), or None
        What ``measure`` returned, in the order of the samples; None without it.
    """

    spins: np.ndarray | None
    algorithm: str
    n_chains: int
    burn_in: int
    thin: int
    tau: float | None
    tau_error: float | None
    clusters_per_update: int
    last: np.ndarray
    values: np.ndarray | None = None

    @property
    def chain_labels(self) -> np.ndarray:
        """The chain that each sample comes from, int64 (n_samples,), to group samples by: chains are independent."""
        return np.arange(len(self.values if self.spins is None else self.spins)) % self.n_chains

    def chains(self, values: np.ndarray) -> np.ndarray:
        """Sort values that belong to the samples by chain, in the order of time.

        Parameters
        ----------
        values : ndarray, shape (n_samples, ...)
            One row for each sample: measurements, or the samples themselves.

        Returns
        -------
        ndarray, shape (n_chains, n_samples // n_chains, ...)
            A view where possible. Samples of a last round that not every chain has reached are left out.

        Notes
        -----
        Samples of one chain are n_chains apart, so errors of the plain series of samples see no correlation at all.
        With the default ``thin`` little is left of it (about exp(-3), or 5 % on an error); with a smaller one measure
        errors on the sorted series: ``mean_with_error(run.chains(values))``, and, so that each block is whole chains,
        ``binder(np.concatenate(run.chains(run.spins)), n_blocks)`` with n_blocks a divisor of n_chains. Functions that
        take a label for each sample take ``runs=run.chain_labels``, or ``run.chain_labels % 20`` for 20 groups.

        Examples
        --------
        >>> from mlrg_lib.ising.observables import energy, mean_with_error
        >>> run = simulate(8, 0.3, 6400, algorithm="heat_bath", n_chains=64, burn_in=100, thin=5, rng=0)
        >>> series = energy(run.spins)
        >>> run.chains(series).shape
        (64, 100)
        >>> mean_with_error(run.chains(series)).error > mean_with_error(series).error
        True
        """
        values, n_samples = check_array("values", values, ndim=tuple(range(1, 8)), dtype=None), len(self.chain_labels)
        if len(values) != n_samples:
            raise ValueError(f"values must have one row for each of the {n_samples} samples, got shape {values.shape}")
        n_rounds = n_samples // self.n_chains
        return values[: n_rounds * self.n_chains].reshape(n_rounds, self.n_chains, *values.shape[1:]).swapaxes(0, 1)


def sample(
    L: int,
    beta: float,
    n_samples: int,
    *,
    algorithm: str = "auto",
    thin: int | None = None,
    burn_in: int | None = None,
    n_chains: int | None = None,
    start: str | np.ndarray = "auto",
    symmetrize: bool = True,
    n_threads: int | None = None,
    rng: np.random.Generator | int | None = None,
    verbose: bool = False,
) -> np.ndarray:
    """Draw configurations of the L x L Ising model on the torus at inverse temperature beta.

    Parameters
    ----------
    L : int
        Side, >= 2, odd or even. At L = 2 each pair along an axis has two bonds.
    beta : float
        Inverse temperature, >= 0, in units J = k_B = 1.
    n_samples : int
        How many configurations, >= 1.
    algorithm : {"auto", "metropolis", "heat_bath", "wolff", "swendsen_wang"}
        "auto" takes a local algorithm where its chains decorrelate fast, and Swendsen-Wang elsewhere: in the ordered
        phase, and on large lattices near the critical point. See the notes.
    thin : int, optional
        Updates between successive samples of a chain. None measures the autocorrelation time tau of the energy and of
        the absolute magnetization (and of the signed one if ``symmetrize`` is False) and takes 3 tau, rounded up. With
        less, take errors chain by chain, see :meth:`Simulation.chains`; several chains at less than 2 tau warn.
    burn_in : int, optional
        Updates of each chain before its first sample; with ``thin=None`` they come on top of the measurement, whose
        chains are equilibrated already, so a transient needs ``thin=1``. None runs and measures until 20 tau have been
        thrown away and 20 tau, and 500 tau over all chains, have been measured; for ``n_chains=n_samples`` see the
        notes.
    n_chains : int, optional
        Independent chains. 1 gives one chain's samples in order; ``n_samples`` gives every sample a chain of its own.
        None chooses, see the notes.
    start : {"auto", "random", "ordered"} or ndarray of int, shape (n_chains, L, L) or (L, L)
        First configurations: fair coins, or all up. "auto" is "random" up to the critical point, "ordered" beyond.
        Lattices of ±1 are where each chain starts, and say how many there are; a single (L, L) is the start of all.
        Wolff makes a few updates on them before it counts any. Metropolis goes spin by spin, which is slower, if the
        neighbours of every site of some lattice cancel: in a fixed order it would never leave there.
    symmetrize : bool
        Multiply each sample by a random sign. It is an exact Gibbs move of the global flip, and saves waiting for the
        slowest one. Set it False to look at the magnetization's own dynamics.
    n_threads : int, optional
        Threads; None uses every processor that this process may use, and no more than ``numba.get_num_threads()``. The
        result does not depend on it.
    rng : numpy.random.Generator, int or None
        Source of randomness; a seed gives the same samples on any machine and with any number of threads. For parallel
        work also one of the seeds that ``numpy.random.SeedSequence(seed).spawn(n)`` returns.
    verbose : bool
        Show a progress bar.

    Returns
    -------
    ndarray of int8, shape (n_samples, L, L)
        Lattices of ±1 with P proportional to exp(-beta E). With several chains the first ``n_chains`` are one from
        each, then the next from each, and so on.

    Raises
    ------
    RuntimeError
        If the autocorrelation time cannot be measured in 2**18 updates; then use a cluster algorithm, or give
        ``burn_in`` and ``thin``.

    Warns
    -----
    UserWarning
        If several chains are sampled at a ``thin`` below about twice the tau that was measured: where successive
        samples of an exponential process with this tau correlate by more than exp(-2), so that errors which do not see
        it are more than 13 % too small.

    Notes
    -----
    One update is a sweep of L**2 attempts (metropolis, heat_bath), a Swendsen-Wang update, or as many Wolff clusters as
    make about one sweep. :func:`simulate` returns the same samples with what was measured.

    *Which algorithm.* In the disordered phase a local chain forgets itself in about tau = min(length, L/3)**2.17 / 4
    sweeps, from tau measured at L = 40 and 128; an attempt, with 64 chains in a word, costs 1/250 of a site in the five
    Swendsen-Wang updates that do the same. So "auto" is local up to tau = 250, or where fewer than 64 samples leave
    bits idle, tau = 250 n_samples / 64: "metropolis" for beta >= 0.1, below it "heat_bath". Beyond, and in the ordered
    phase, where local chains can rest in stripes, it is "swendsen_wang".

    *Which chains.* Thermalizing a chain costs 40 tau and more, another sample of it 3 tau. Local updates on 64 chains
    a word: up to 64 ceil(128 / L) samples are all independent, one of each chain; more come from an eighth as many
    chains, at least 64 ceil(128 / L), at most 8192. Other chains number ``n_samples / 64``, at least 32, at most 256.

    *Every sample a chain of its own* (``n_chains=n_samples``). With ``burn_in=None`` and more than 512 chains, another
    512 measure tau, and each chain is run for 20 tau from its start. From a random start a chain's distribution is
    symmetric at any time, so only even quantities relax, and those in tau: at L = 40, beta = 0.408, where tau = 17, the
    energy's excess is 1.4e-4 after 80 sweeps, and e times smaller for each 17 more.

    References
    ----------
    N. Metropolis et al., J. Chem. Phys. 21, 1087 (1953); R. H. Swendsen and J.-S. Wang, Phys. Rev. Lett. 58, 86 (1987);
    U. Wolff, Phys. Rev. Lett. 62, 361 (1989).

    Examples
    --------
    >>> spins = sample(8, 0.3, 100, rng=0)
    >>> spins.shape, spins.dtype, sorted(set(spins.ravel().tolist()))
    ((100, 8, 8), dtype('int8'), [-1, 1])
    """
    plan = Plan(L, beta, n_samples, algorithm, thin, burn_in, n_chains, start, symmetrize, None, n_threads, verbose)
    return _run(plan, as_generator(rng)).spins


def simulate(
    L: int,
    beta: float,
    n_samples: int,
    *,
    algorithm: str = "auto",
    thin: int | None = None,
    burn_in: int | None = None,
    n_chains: int | None = None,
    start: str | np.ndarray = "auto",
    symmetrize: bool = True,
    measure: Callable[[np.ndarray], np.ndarray] | None = None,
    n_threads: int | None = None,
    rng: np.random.Generator | int | None = None,
    verbose: bool = False,
) -> Simulation:
    """Draw configurations as :func:`sample` does, and report how: algorithm, chains, burn-in, spacing, measured tau.

    Parameters
    ----------
    L, beta, n_samples, algorithm, thin, burn_in, n_chains, start, symmetrize, n_threads, rng, verbose
        As in :func:`sample`.
    measure : callable, optional
        Is given the samples a round at a time, int8 (n, L, L) with n up to n_chains, and returns an array with one row
        for each; the samples themselves are not kept. They are those that are returned without it.

    Returns
    -------
    Simulation
        The samples are in its ``spins``, or what was measured on them in its ``values``.

    Raises
    ------
    ValueError, RuntimeError
        As :func:`sample`, and if ``measure`` returns something else.

    Warns
    -----
    UserWarning
        As :func:`sample`.

    Notes
    -----
    Samples take n_samples L**2 bytes, and ``last`` n_chains L**2. With ``measure`` two rounds are held, 2 n_chains L**2
    bytes, beside the values: have n_chains well below n_samples (the default is an eighth or less, at most 8192).

    Examples
    --------
    >>> run = simulate(16, 0.44, 64, algorithm="swendsen_wang", rng=1)
    >>> run.spins.shape, run.thin >= 3 * run.tau, run.burn_in >= 20 * run.tau
    ((64, 16, 16), True, True)

    Energies alone, and more of them from where the chains are:

    >>> from mlrg_lib.ising.observables import energy
    >>> run = simulate(16, 0.3, 20_000, measure=energy, rng=1)
    >>> run.values.shape, run.spins is None, run.last.shape
    ((20000,), True, (2560, 16, 16))
    >>> more = simulate(16, 0.3, 20_000, measure=energy, start=run.last, burn_in=run.thin, thin=run.thin, rng=2)
    >>> more.n_chains, more.burn_in == run.thin
    (2560, True)
    """
    plan = Plan(L, beta, n_samples, algorithm, thin, burn_in, n_chains, start, symmetrize, measure, n_threads, verbose)
    return _run(plan, as_generator(rng))


def _run(plan: Plan, rng: np.random.Generator) -> Simulation:
    """Do what the plan says; called by what the user called, so that warnings point there."""
    title = f"{plan.algorithm} {plan.L}x{plan.L}"
    with _engines.Pool(plan.n_threads) as pool, progress(plan.verbose, unit="update", desc=title) as bar:

        def engine_of(n_samples, n_chains):
            return _engines.create(plan.algorithm, plan.L, plan.beta, n_samples, n_chains, plan.start, rng, pool)

        engine = engine_of(plan.n_samples, plan.n_chains)
        advance = Driver(engine, bar)
        done, times, burn_in, thin, n_chains = 0, (None, None), plan.burn_in, plan.thin, engine.n_chains
        if burn_in is None and plan.n_samples == plan.n_chains > PILOT_CHAINS:
            times = measure_pilot(engine_of(PILOT_CHAINS, PILOT_CHAINS), plan.symmetrize, bar)[1:]
            burn_in = math.ceil(BURN_IN * times[0])
        if burn_in is not None:
            advance(burn_in)
            done = burn_in
        if times[0] is None and (burn_in is None or thin is None):
            pilot, *times = measure_pilot(engine, plan.symmetrize, bar)
            done += pilot
        if thin is None:
            thin = max(1, int(np.ceil(_SPACING * times[0])))
        several = 1 < n_chains < plan.n_samples
        if times[0] is not None and several and _correlation(times[0], thin) > _LARGEST_CORRELATION:
            warnings.warn(_CORRELATED.format(thin=thin, tau=times[0]), stacklevel=3)
        bar.total = bar.n + (-(-plan.n_samples // n_chains) - 1) * thin
        spins, values = _collect(plan, engine, advance, thin, rng)
        last = np.empty((n_chains, plan.L, plan.L), dtype=np.int8)
        engine.write(last)
    per_update = engine.clusters_per_update
    return Simulation(spins, plan.algorithm, n_chains, done, thin, *times, per_update, last, values)


def _collect(plan: Plan, engine, advance, thin: int, rng: np.random.Generator):
    """Return the samples and None, or None and what ``measure`` makes of them: a round of all chains every ``thin``."""
    n_samples, n_chains, measure = plan.n_samples, engine.n_chains, plan.measure
    signs = 2 * rng.integers(0, 2, size=(n_samples, 1, 1), dtype=np.int8) - 1 if plan.symmetrize else None
    shape = n_samples if measure is None else n_chains, plan.L, plan.L
    spins, values = np.empty(shape, dtype=np.int8), []
    for first in range(0, n_samples, n_chains):
        if first > 0:
            advance(thin)
        part = slice(first, min(first + n_chains, n_samples))
        batch = spins[part] if measure is None else spins[: part.stop - first]
        engine.write(batch)
        if signs is not None:
            batch *= signs[part]
        if measure is not None:
            values.append(_measured(measure, batch, values))
    return (spins, None) if measure is None else (None, np.concatenate(values))


def _measured(measure, batch: np.ndarray, before: list[np.ndarray]) -> np.ndarray:
    """Return a copy of what ``measure`` makes of a batch, or raise if it is not a row for each lattice, all alike."""
    returned, wanted = measure(batch), f"measure must return one row of real numbers for each of {len(batch)} lattices"
    try:
        rows = np.array(returned)
    except ValueError as error:
        raise ValueError(f"{wanted}, got no array: {error}") from error
    if rows.ndim == 0 or len(rows) != len(batch) or rows.dtype.kind not in "biuf":
        raise ValueError(f"{wanted}, got shape {rows.shape} and dtype {rows.dtype}")
    if before and rows.shape[1:] != before[0].shape[1:]:
        raise ValueError(f"measure must return rows of one shape, got {before[0].shape[1:]} and then {rows.shape[1:]}")
    return rows


def _correlation(tau: float, t: int) -> float:
    """Return the correlation after t updates of a process that forgets exponentially and has this integrated time."""
    return max(0.0, (2 * tau - 1) / (2 * tau + 1)) ** t
