"""Critical exponents of the O(n) class from the ε-expansion, and the values they are compared with."""

from dataclasses import dataclass

import numpy as np

from ..._validation import check_choice, check_int, check_real
from .epsilon import epsilon_series
from .resummation import pade_table, resum

__all__ = ["ACCEPTED_3D", "EXACT_2D", "exponents"]

# Ising class in three dimensions, conformal bootstrap [Kos, Poland, Simmons-Duffin, Vichi, JHEP 08 (2016) 036;
# omega: Simmons-Duffin, JHEP 03 (2017) 086], value and error.
ACCEPTED_3D = {"nu": (0.629971, 0.000004), "eta": (0.0362978, 0.0000020), "omega": (0.82966, 0.00009)}
# Ising class in two dimensions [Onsager, Phys. Rev. 65, 117 (1944); Yang, Phys. Rev. 85, 808 (1952)], exact.
EXACT_2D = {"nu": (1.0, 0.0), "eta": (0.25, 0.0)}


@dataclass(frozen=True)
class Exponents:
    """Critical exponents with errors; ν, η and ω are resummed, the others follow by scaling relations.

    Attributes
    ----------
    nu, eta, omega, gamma, beta, alpha, delta : float
    nu_error, eta_error, omega_error, gamma_error, beta_error, alpha_error, delta_error : float
        The spread of the resummation, propagated linearly; NaN for partial sums, which have no error.
    """

    nu: float
    eta: float
    omega: float
    gamma: float
    beta: float
    alpha: float
    delta: float
    nu_error: float
    eta_error: float
    omega_error: float
    gamma_error: float
    beta_error: float
    alpha_error: float
    delta_error: float


def exponents(d: float, order: int = 1, n: float = 1, *, method: str = "sum") -> Exponents:
    r"""Return the critical exponents of the O(n) class in d dimensions.

    Parameters
    ----------
    d : float
        Dimension, from 2 up. At d ≥ 4 the mean-field (Gaussian) ones are returned, with ω = d − 4.
    order : int
        Highest power of ε = 4 − d: 1 to 6 for n = 1, 1 to 3 otherwise.
    n : float
        Number of components, above −2.
    method : {"sum", "pade", "borel"}
        Partial sum of the series of 1/ν, η and ω; the median of the near-diagonal Padé approximants of full
        order, with their spread; or conformal Borel resummation. The latter two need order ≥ 3.

    Returns
    -------
    Exponents

    Notes
    -----
    γ = ν(2 − η), β = ν(d − 2 + η)/2, α = 2 − dν, δ = (d + 2 − η)/(d − 2 + η); hyperscaling is assumed, and
    for d > 4, where it fails, mean-field values are given. At order 1, ν = 1/(2 − ε/3), 0.6 at d = 3.

    References
    ----------
    .. [1] K. G. Wilson and M. E. Fisher, Phys. Rev. Lett. 28, 240 (1972).
    .. [2] M. V. Kompaniets and E. Panzer, Phys. Rev. D 96, 036016 (2017).

    Examples
    --------
    >>> round(exponents(3, order=1).nu, 12)
    0.6
    >>> best = exponents(3, order=6, method="borel")
    >>> abs(best.nu - ACCEPTED_3D["nu"][0]) < best.nu_error
    True
    """
    d = check_real("d", d, minimum=2.0)
    n = check_real("n", n, minimum=-2.0, strict=True)
    order = check_int("order", order, minimum=1, maximum=6 if n == 1 else 3)
    check_choice("method", method, ("sum", "pade", "borel"))
    if method != "sum" and order < 3:
        raise ValueError(f"order must be at least 3 for method {method!r}, got {order}")
    if d >= 4:
        mean_field = (0.5, 0.0, d - 4, 1.0, 0.5, 0.0, 3.0)
        return Exponents(*mean_field, *[0.0] * 7)
    epsilon = 4 - d
    (y, dy), (eta, deta), (omega, domega) = (
        _evaluate(epsilon_series(name, n, order), epsilon, n, method) for name in ("inverse_nu", "eta", "omega")
    )
    nu, dnu = 1 / y, dy / y**2
    low = d - 2 + eta
    return Exponents(
        nu=nu,
        eta=eta,
        omega=omega,
        gamma=nu * (2 - eta),
        beta=nu * low / 2,
        alpha=2 - d * nu,
        delta=(d + 2 - eta) / low if low > 0 else np.inf,
        nu_error=dnu,
        eta_error=deta,
        omega_error=domega,
        gamma_error=float(np.hypot(dnu * (2 - eta), nu * deta)),
        beta_error=float(np.hypot(dnu * low / 2, nu * deta / 2)),
        alpha_error=d * dnu,
        delta_error=2 * d * deta / low**2 if low > 0 else np.nan,
    )


def _evaluate(series, epsilon, n, method) -> tuple[float, float]:
    if method == "sum":
        return float(np.polynomial.polynomial.polyval(epsilon, series)), float("nan")
    if method == "borel":
        found = resum(series, epsilon, singularity=3 / (n + 8))
        return found.value, found.error
    first = int(np.flatnonzero(series)[0])
    table = pade_table(series[first:], epsilon) * epsilon**first
    full = len(series) - 1 - first
    candidates = np.array(
        [table[i, full - i] for i in range(1, full)] + [table[i, full - 1 - i] for i in range(1, full - 1)]
    )
    candidates = candidates[np.isfinite(candidates)]
    middle = np.median(candidates) if len(candidates) else table[0, full]
    return float(middle), float(np.median(np.abs(candidates - middle))) if len(candidates) else float("nan")
