"""Sampling the Ising model on the torus: independent configurations from many Markov chains."""

import math
import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .._validation import as_generator, check_bool, check_choice, check_int, check_real
from . import _engines
from .exact import CRITICAL_BETA, correlation_length
from .statistics import autocorrelation_time

__all__ = ["Simulation", "sample", "simulate"]

ALGORITHMS = ("auto", "metropolis", "heat_bath", "wolff", "swendsen_wang")
STARTS = ("auto", "random", "ordered")
_SPACING = 3  # thin = 3 tau: successive samples of a chain are left with a correlation of about exp(-3)
_BURN_IN = 20  # the part of the pilot that is thrown away, and the part that is measured, are each 20 tau or more
_LONGEST_LOCAL_TIME = 250  # sweeps; beyond, five Swendsen-Wang updates cost less
_PILOT_LIMIT = 2**18
_PILOT_CHAINS = 512
_PILOT_RECORDS = 2**14  # of all chains together; half are analysed, so that 500 tau fit in with tau up to 16 records


class _Times(NamedTuple):
    tau: float
    error: float


@dataclass(frozen=True)
class Simulation:
    """Sampled configurations and how they were made.

    Attributes
    ----------
    spins : ndarray of int8, shape (n_samples, L, L)
        Lattices of ±1. With several chains: first one sample from each of the ``n_chains``, then the next, and so on.
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
    """

    spins: np.ndarray
    algorithm: str
    n_chains: int
    burn_in: int
    thin: int
    tau: float | None
    tau_error: float | None
    clusters_per_update: int


def sample(
    L: int,
    beta: float,
    n_samples: int,
    *,
    algorithm: str = "auto",
    thin: int | None = None,
    burn_in: int | None = None,
    n_chains: int | None = None,
    start: str = "auto",
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
        the absolute magnetization (and of the signed one if ``symmetrize`` is False) and takes 3 tau, rounded up.
    burn_in : int, optional
        Updates of each chain before its first sample; with ``thin=None`` they come on top of the measurement, whose
        chains are equilibrated already, so a transient needs ``thin=1``. None runs and measures until 20 tau have been
        thrown away and 20 tau, and 500 tau over all chains, have been measured; for ``n_chains=n_samples`` see the
        notes.
    n_chains : int, optional
        Independent chains. 1 gives one chain's samples in order; ``n_samples`` gives every sample a chain of its own.
        None chooses, see the notes.
    start : {"auto", "random", "ordered"}
        First configurations: fair coins, or all up. "auto" is "random" up to the critical point, "ordered" beyond.
    symmetrize : bool
        Multiply each sample by a random sign. It is an exact Gibbs move of the global flip, and saves waiting for the
        slowest one. Set it False to look at the magnetization's own dynamics.
    n_threads : int, optional
        Threads; None uses every processor. The result does not depend on it.
    rng : numpy.random.Generator, int or None
        Source of randomness; a seed gives the same samples on any machine and with any number of threads.
    verbose : bool
        Show a progress bar.

    Returns
    -------
    ndarray of int8, shape (n_samples, L, L)
        Lattices of ±1 with P proportional to exp(-beta E). With several chains the first ``n_chains`` are one from
        each, then the next from each, and so on.

    Raises
    ------
    ValueError
        If an argument is out of range.
    RuntimeError
        If the autocorrelation time cannot be measured in 2**18 updates; then use a cluster algorithm, or give
        ``burn_in`` and ``thin``.

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
    return simulate(
        L,
        beta,
        n_samples,
        algorithm=algorithm,
        thin=thin,
        burn_in=burn_in,
        n_chains=n_chains,
        start=start,
        symmetrize=symmetrize,
        n_threads=n_threads,
        rng=rng,
        verbose=verbose,
    ).spins


def simulate(
    L: int,
    beta: float,
    n_samples: int,
    *,
    algorithm: str = "auto",
    thin: int | None = None,
    burn_in: int | None = None,
    n_chains: int | None = None,
    start: str = "auto",
    symmetrize: bool = True,
    n_threads: int | None = None,
    rng: np.random.Generator | int | None = None,
    verbose: bool = False,
) -> Simulation:
    """Draw configurations as :func:`sample` does, and report how: algorithm, chains, burn-in, spacing, measured tau.

    Parameters
    ----------
    L, beta, n_samples, algorithm, thin, burn_in, n_chains, start, symmetrize, n_threads, rng, verbose
        As in :func:`sample`.

    Returns
    -------
    Simulation
        The samples are in its ``spins``.

    Raises
    ------
    ValueError, RuntimeError
        As :func:`sample`.

    Examples
    --------
    >>> run = simulate(16, 0.44, 64, algorithm="swendsen_wang", rng=1)
    >>> run.spins.shape, run.thin >= 3 * run.tau, run.burn_in >= 20 * run.tau
    ((64, 16, 16), True, True)
    """
    L = check_int("L", L, 2, 2**14)
    beta = check_real("beta", beta, 0.0)
    n_samples = check_int("n_samples", n_samples, 1)
    algorithm = check_choice("algorithm", algorithm, ALGORITHMS)
    thin = None if thin is None else check_int("thin", thin, 1)
    burn_in = None if burn_in is None else check_int("burn_in", burn_in, 0)
    n_chains = None if n_chains is None else check_int("n_chains", n_chains, 1, n_samples)
    start = check_choice("start", start, STARTS)
    symmetrize = check_bool("symmetrize", symmetrize)
    n_threads = _engines.cpu_count() if n_threads is None else check_int("n_threads", n_threads, 1)
    verbose = check_bool("verbose", verbose)
    rng = as_generator(rng)

    if algorithm == "auto":
        algorithm = _choose(L, beta, n_samples)
    if start == "auto":
        start = "ordered" if beta > CRITICAL_BETA else "random"
    with _engines.Pool(n_threads) as pool, _progress(verbose, f"{algorithm} {L}x{L}") as bar:
        engine = _engines.create(algorithm, L, beta, n_samples, n_chains, start, rng, pool)
        advance = _Driver(engine, bar)
        done, times = 0, (None, None)
        if burn_in is None and n_samples == n_chains > _PILOT_CHAINS:
            pilot = _engines.create(algorithm, L, beta, _PILOT_CHAINS, _PILOT_CHAINS, start, rng, pool)
            times = measure_pilot(pilot, symmetrize, bar)[1:]
            burn_in = math.ceil(_BURN_IN * times[0])
        if burn_in is not None:
            advance(burn_in)
            done = burn_in
        if times[0] is None and (burn_in is None or thin is None):
            pilot, *times = measure_pilot(engine, symmetrize, bar)
            done += pilot
        if thin is None:
            thin = max(1, int(np.ceil(_SPACING * times[0])))
        spins = np.empty((n_samples, L, L), dtype=np.int8)
        n_rounds = -(-n_samples // engine.n_chains)
        bar.total = bar.n + (n_rounds - 1) * thin
        for k in range(n_rounds):
            if k > 0:
                advance(thin)
            engine.write(spins[k * engine.n_chains : (k + 1) * engine.n_chains])
    if symmetrize:
        spins *= 2 * rng.integers(0, 2, size=(n_samples, 1, 1), dtype=np.int8) - 1
    return Simulation(
        spins=spins,
        algorithm=algorithm,
        n_chains=engine.n_chains,
        burn_in=done,
        thin=thin,
        tau=times[0],
        tau_error=times[1],
        clusters_per_update=engine.clusters_per_update,
    )


def _local_time(L: int, beta: float) -> float:
    """Return about the autocorrelation time of local updates, in sweeps, up to the critical point.

    The form is that of critical slowing down; the factor fits what was measured at L = 40 (17 at beta = 0.408, 69 at
    the critical point) and L = 128 (830 at the critical point).
    """
    return 0.25 * min(correlation_length(beta), L / 3) ** 2.17


def _choose(L: int, beta: float, n_samples: int) -> str:
    """Pick an algorithm from the expected cost of an independent sample; see the notes of :func:`sample`."""
    if beta > CRITICAL_BETA or _local_time(L, beta) * max(1.0, 64 / n_samples) > _LONGEST_LOCAL_TIME:
        return "swendsen_wang"
    return "metropolis" if beta >= _engines.MULTISPIN_METROPOLIS_BETA else "heat_bath"


class _Silence:
    """A progress bar that shows nothing."""

    n = total = 0

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def update(self, n):
        pass


def _progress(verbose: bool, title: str):
    """Return a progress bar; tqdm.auto imports asyncio, which takes longer than a first sample, so only when asked."""
    if not verbose:
        return _Silence()
    from tqdm.auto import tqdm

    return tqdm(unit="update", desc=title)


class _Driver:
    """Advances an engine in pieces of about a tenth of a second, so that the bar moves and Ctrl-C is heard."""

    def __init__(self, engine, bar):
        self._engine, self._bar, self._piece = engine, bar, 1

    def __call__(self, n: int) -> None:
        while n > 0:
            step = min(self._piece, n)
            begin = time.perf_counter()
            self._engine.advance(step)
            if step == self._piece and time.perf_counter() - begin < 0.05:
                self._piece *= 2
            self._bar.update(step)
            n -= step


def measure_pilot(engine, symmetrize: bool = True, bar=None) -> tuple[int, float, float]:
    """Advance until the autocorrelation time is known; return the updates made, the slowest
    time and its error, both in updates.

    The first half of the run is dropped. Records are kept every ``stride`` updates; when there are many, every other
    one is dropped. How many that is depends on the chains, since few of them need long series for 500 tau in all.
    """
    stride, done, records, last = 1, 0, [], "no measurement"
    most = max(512, _PILOT_RECORDS // engine.n_chains)
    target = 64
    while done < _PILOT_LIMIT:
        while done < target:
            engine.advance(stride)
            done += stride
            if bar is not None:
                bar.update(stride)
            records.append(engine.measure(_PILOT_CHAINS))
        half = np.array(records[len(records) // 2 :])  # (time, observable, chain)
        energy, magnetization = half[:, 0].T, half[:, 1].T
        observed = [energy, np.abs(magnetization)] + ([] if symmetrize else [magnetization])
        try:
            times = _slowest(observed)
        except ValueError as error:
            last = str(error)
        else:
            n_records, n_chains = energy.shape[1], energy.shape[0]
            if n_records >= _BURN_IN * times.tau and n_records * n_chains >= 500 * times.tau:
                return done, times.tau * stride, times.error * stride
            last = f"tau about {times.tau * stride:.3g} after {done} updates"
        target *= 2
        if len(records) >= most:
            records, stride = records[1::2], 2 * stride
    raise RuntimeError(
        f"the autocorrelation time could not be measured within {_PILOT_LIMIT} updates ({last}); "
        "use a cluster algorithm, or give burn_in and thin"
    )


def _slowest(observed) -> _Times:
    """Return the largest autocorrelation time of the observables; one that never changes at all counts as 1/2."""
    times = [_Times(0.5, 0.0)]
    for series in observed:
        if np.ptp(series) > 0:
            times.append(_Times(*autocorrelation_time(series)))
    return max(times)
