"""Every sampler against the exact energy of the finite torus: ``python -m mlrg_lib.studies.sampler_validation``."""

import argparse
import itertools
import json
import os
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from llvmlite import binding

from .._files import replacing
from .._progress import progress
from .._validation import as_generator, check_choice, check_int, check_real
from ..ising import _engines, exact
from ..ising._pilot import measure_pilot
from ..ising._plan import ALGORITHMS

__all__ = ["energy_check"]

_CHAINS = 256
_MULTISPIN_CHAINS = 4096


@dataclass(frozen=True)
class EnergyCheck:
    """One sampler's mean energy per site against the exact one.

    Attributes
    ----------
    algorithm, L, beta
        What was sampled.
    energy, error : float
        Mean energy per site, and its standard error from the spread of independent chains' means.
    exact : float
        :func:`mlrg_lib.ising.exact.torus_energy`.
    n_chains, n_measured : int
        Independent chains, and configurations measured in all.
    seconds : float
        Time taken.
    """

    algorithm: str
    L: int
    beta: float
    energy: float
    error: float
    exact: float
    n_chains: int
    n_measured: int
    seconds: float

    @property
    def z(self) -> float:
        """Deviation from the exact energy in standard errors."""
        return (self.energy - self.exact) / self.error

    @property
    def relative_error(self) -> float:
        """Standard error over the exact energy's magnitude."""
        return self.error / abs(self.exact)

    def __str__(self) -> str:
        return (
            f"{self.algorithm:14s} {self.L:4d} {self.beta:9.6f} {self.energy:12.7f} {self.exact:12.7f} "
            f"{self.relative_error:9.1e} {self.z:+7.2f} {self.n_measured:11,d} {self.seconds:7.1f}"
        )


HEADER = (
    f"{'algorithm':14s} {'L':>4s} {'beta':>9s} {'energy':>12s} {'exact':>12s} {'rel. err.':>9s} {'z':>7s} "
    f"{'measured':>11s} {'s':>7s}"
)


def energy_check(
    algorithm: str,
    L: int,
    beta: float,
    *,
    relative_error: float = 1e-4,
    n_chains: int | None = None,
    rng: np.random.Generator | int | None = None,
    n_threads: int | None = None,
) -> EnergyCheck:
    """Sample until the mean energy is known to a relative standard error, and compare it with the exact energy.

    Parameters
    ----------
    algorithm : {"metropolis", "heat_bath", "wolff", "swendsen_wang"}
        The sampler.
    L : int
        Side, >= 2.
    beta : float
        Inverse temperature, > 0.
    relative_error : float
        Wanted standard error over the magnitude of the exact energy, between 1e-6 and 0.1.
    n_chains : int, optional
        Independent chains, >= 16. None takes 4096 where 64 lattices share a word, else 256. Local updates of fewer than
        64 chains have kernels of their own.
    rng : numpy.random.Generator, int or None
        Source of randomness.
    n_threads : int, optional
        Threads; None as in :func:`mlrg_lib.ising.sample`.

    Returns
    -------
    EnergyCheck
        With ``z``, the deviation in standard errors.

    Notes
    -----
    The error is the spread of the means of independent chains, so no autocorrelation time enters it.

    Examples
    --------
    >>> check = energy_check("heat_bath", 8, 0.3, relative_error=1e-3, rng=0)
    >>> abs(check.z) < 4, check.relative_error < 1e-3
    (True, True)
    """
    algorithm = check_choice("algorithm", algorithm, ALGORITHMS[1:])
    L = check_int("L", L, 2, 2**10)
    beta = check_real("beta", beta, 0.0, strict=True)
    relative_error = check_real("relative_error", relative_error, 1e-6, 0.1)
    n_threads = _engines.default_threads() if n_threads is None else check_int("n_threads", n_threads, 1)
    rng = as_generator(rng)
    if n_chains is None:
        n_chains = _MULTISPIN_CHAINS if _engines.is_multispin(algorithm, L, beta, None) else _CHAINS
    else:
        n_chains = check_int("n_chains", n_chains, 16)
    start = "ordered" if beta > exact.CRITICAL_BETA else "random"
    with _engines.Pool(n_threads) as pool:
        engine = _engines.create(algorithm, L, beta, n_chains, n_chains, start, rng, pool)
        return score(engine, algorithm, L, beta, relative_error)


def score(engine, algorithm: str, L: int, beta: float, relative_error: float) -> EnergyCheck:
    """Compare the mean energy of an engine's chains with the exact energy at ``beta``; see :func:`energy_check`."""
    begin = time.perf_counter()
    _, tau, _ = measure_pilot(engine)
    gap = max(1, round(tau / 4))
    target = exact.torus_energy(L, beta)
    total = np.zeros(engine.n_chains)
    n_rounds = 0
    error = np.inf
    while n_rounds < 8 or error > relative_error * abs(target):
        engine.advance(gap)
        total += engine.measure()[0]
        n_rounds += 1
        means = total / n_rounds
        error = means.std(ddof=1) / np.sqrt(len(means))
    energy, n_measured, seconds = float(means.mean()), engine.n_chains * n_rounds, time.perf_counter() - begin
    return EnergyCheck(algorithm, L, beta, energy, float(error), target, engine.n_chains, n_measured, seconds)


def energy_table(
    sides: Iterable[int] = (16, 17, 40),
    betas: Iterable[float] = (0.3, 0.408, exact.CRITICAL_BETA, 0.5),
    algorithms: Iterable[str] = ALGORITHMS[1:],
    *,
    relative_error: float = 1e-4,
    n_chains: int | None = None,
    rng: np.random.Generator | int | None = None,
    verbose: bool = True,
) -> list[EnergyCheck]:
    """Run :func:`energy_check` over a grid, printing each line as it is known if ``verbose``.

    Parameters
    ----------
    sides, betas, algorithms : iterable
        The grid.
    relative_error, n_chains : float and int or None
        As in :func:`energy_check`.
    rng : numpy.random.Generator, int or None
        Source of randomness.
    verbose : bool
        Print the table.

    Returns
    -------
    list of EnergyCheck
        In the order algorithm, side, temperature.

    Examples
    --------
    >>> checks = energy_table([4], [0.3], relative_error=1e-2, rng=0, verbose=False)
    >>> [check.algorithm for check in checks]
    ['metropolis', 'heat_bath', 'wolff', 'swendsen_wang']
    """
    rng = as_generator(rng)
    checks = []
    if verbose:
        print(HEADER)
    cases = list(itertools.product(algorithms, sides, betas))
    with progress(verbose, total=len(cases)) as bar:
        for algorithm, L, beta in cases:
            checks.append(energy_check(algorithm, L, beta, relative_error=relative_error, n_chains=n_chains, rng=rng))
            bar.update(1)
            if verbose:
                bar.write(str(checks[-1]))
    return checks


def _random_numbers(algorithm: str, L: int, beta: float) -> str:
    """Return what a decision compares with its probability; every sampler draws from xoshiro256+."""
    if _engines.is_bit_parallel(algorithm, L, beta):
        return "12 bits, then a tie-break to 2^-76"
    return {"wolff": "32 bits, then 64", "swendsen_wang": "up to 64 bits"}.get(algorithm, "53 bits")


def report(checks: list[EnergyCheck], seed: int) -> dict:
    """Return the table with the processor and the date, ready for JSON."""
    rows = []
    for check in checks:
        random_numbers = _random_numbers(check.algorithm, check.L, check.beta)
        rows.append(asdict(check) | {"z": check.z, "generator": "xoshiro256+", "random numbers": random_numbers})
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "target": os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name(),
        "seed": seed,
        "checks": rows,
    }


def main(arguments: list[str] | None = None) -> int:
    """Print the table; the exit status is 1 if some \\|z\\| is 4 or more."""
    parser = argparse.ArgumentParser(prog="python -m mlrg_lib.studies.sampler_validation", description=__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[16, 17, 40])
    parser.add_argument("--betas", type=float, nargs="+", default=[0.3, 0.408, exact.CRITICAL_BETA, 0.5])
    parser.add_argument("--algorithms", nargs="+", choices=ALGORITHMS[1:], default=list(ALGORITHMS[1:]))
    parser.add_argument("--relative-error", type=float, default=1e-4)
    parser.add_argument("--chains", type=int, help="independent chains; fewer than 64 take the kernels of few chains")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="also write the table here")
    options = parser.parse_args(arguments)
    settings = {"relative_error": options.relative_error, "n_chains": options.chains, "rng": options.seed}
    checks = energy_table(options.sides, options.betas, options.algorithms, **settings)
    if options.json is not None:
        with replacing(options.json) as file:
            file.write((json.dumps(report(checks, options.seed), indent=1) + "\n").encode("utf-8"))
    worst = max(checks, key=lambda check: abs(check.z))
    chi2 = sum(check.z**2 for check in checks)
    print(f"{len(checks)} checks, sum of squared z {chi2:.1f}, largest |z| {abs(worst.z):.2f}")
    return int(abs(worst.z) >= 4)


if __name__ == "__main__":
    raise SystemExit(main())
