"""Series in ε = 4 − d of the critical exponents, from the renormalization-group functions in minimal subtraction."""

import numpy as np
from scipy.special import zeta

from ..._validation import check_choice, check_int, check_real

__all__ = ["epsilon_series"]

_EXPONENTS = ("inverse_nu", "eta", "omega", "nu", "gamma")
_Z3, _Z4, _Z5, _Z6, _Z7 = (float(zeta(k)) for k in (3, 4, 5, 6, 7))


def _minimal_subtraction(n: float) -> dict[str, np.ndarray]:
    r"""Return the coefficients of g^k in "beta" (without its −εg), "gamma_phi" and "gamma_m2" of the O(n) φ⁴ theory.

    In the normalization of [1]_, β₂ = 3 at n = 1. Input from the literature, not computed here: six loops for n = 1;
    for any other n three loops of β and four of the anomalous dimensions. The last two coefficients of γ_m² and the
    last of γ_φ and β are decimals of exact expressions.

    References
    ----------
    .. [1] M. V. Kompaniets and E. Panzer, Phys. Rev. D 96, 036016 (2017), arXiv:1705.06483.
    .. [2] H. Kleinert and V. Schulte-Frohlinde, Critical Properties of φ⁴-Theories (2001), ch. 17.
    """
    beta = [0, 0, (n + 8) / 3, -(3 * n + 14) / 3, (33 * n**2 + 922 * n + 2960 + 96 * (5 * n + 22) * _Z3) / 216]
    gamma_phi = [0, 0, (n + 2) / 36, -(n + 2) * (n + 8) / 432, 5 * (n + 2) * (-(n**2) + 18 * n + 100) / 5184]
    four_loops = -(n**2) + 7578 * n + 31060 + 48 * (3 * n**2 + 10 * n + 68) * _Z3 + 288 * (5 * n + 22) * _Z4
    gamma_m2 = [0, -(n + 2) / 3, 5 * (n + 2) / 18, -(n + 2) * (5 * n + 37) / 36, (n + 2) * four_loops / 7776]
    if n == 1:
        beta += [
            -(3499 / 48 + 78 * _Z3 - 18 * _Z4 + 120 * _Z5),
            764621 / 2304 + 7965 / 16 * _Z3 - 1189 / 8 * _Z4 + 987 * _Z5 + 45 * _Z3**2 - 675 / 2 * _Z6 + 1323 * _Z7,
            -34776.13,
        ]
        gamma_phi += [-1.9256, 14.384]
        gamma_m2 += [-150.756, 1354.64]
    return {"beta": np.array(beta), "gamma_phi": np.array(gamma_phi), "gamma_m2": np.array(gamma_m2)}


def epsilon_series(exponent: str, n: float = 1, order: int | None = None) -> np.ndarray:
    r"""Return the coefficients of an exponent's expansion in ε = 4 − d.

    The fixed point g*(ε) of :math:`\beta` is inverted order by order; then :math:`\eta = 2\gamma_\phi(g^*)`,
    :math:`1/\nu = 2 + \gamma_{m^2}(g^*)`, :math:`\omega = \beta'(g^*)` and γ = ν(2 − η).

    Parameters
    ----------
    exponent : {"inverse_nu", "eta", "omega", "nu", "gamma"}
        Which one.
    n : float
        Number of components, above −2.
    order : int, optional
        Highest power of ε; the highest known by default: 6 for n = 1, otherwise 3 (4 for η).

    Returns
    -------
    ndarray of float64, shape (order + 1,)
        Entry k is the coefficient of ε^k.

    Notes
    -----
    The functions of the renormalization group in minimal subtraction are those of M. V. Kompaniets and E. Panzer, Phys.
    Rev. D 96, 036016 (2017), and of H. Kleinert and V. Schulte-Frohlinde, Critical Properties of φ⁴-Theories (2001).

    Examples
    --------
    >>> epsilon_series("inverse_nu", order=2).round(6).tolist()
    [2.0, -0.333333, -0.117284]
    """
    check_choice("exponent", exponent, _EXPONENTS)
    n = check_real("n", n, minimum=-2.0, strict=True)
    functions = _minimal_subtraction(n)
    known = 6 if n == 1 else 4 if exponent == "eta" else 3
    order = known if order is None else check_int("order", order, minimum=1, maximum=known)
    beta = functions["beta"]
    size = len(beta)
    point = np.zeros(size)  # g*(ε) by fixed-point iteration of g = (ε − Σ_{k>2} β_k g^(k−1)) / β_2, one order a turn
    linear = np.zeros(size)
    linear[1] = 1.0
    for _ in range(size):
        rest = sum((beta[k] * _power(point, k - 1) for k in range(3, len(beta))), np.zeros(size))
        point = (linear - rest) / beta[2]
    if exponent == "omega":
        series = -linear + sum(k * beta[k] * _power(point, k - 1) for k in range(2, len(beta)))
    elif exponent == "eta":
        series = 2 * _compose(functions["gamma_phi"], point)
    else:
        series = _compose(functions["gamma_m2"], point)
        series[0] = 2.0
        if exponent != "inverse_nu":
            series = _reciprocal(series)
        if exponent == "gamma":
            two_minus_eta = -2 * _compose(functions["gamma_phi"], point)
            two_minus_eta[0] = 2.0
            series = np.convolve(series, two_minus_eta)[:size]
    return series[: order + 1] if len(series) > order else np.pad(series, (0, order + 1 - len(series)))


def _power(series, exponent) -> np.ndarray:
    out = np.zeros(len(series))
    out[0] = 1.0
    for _ in range(exponent):
        out = np.convolve(out, series)[: len(series)]
    return out


def _compose(coefficients, point) -> np.ndarray:
    return sum((c * _power(point, k) for k, c in enumerate(coefficients)), np.zeros(len(point)))


def _reciprocal(series) -> np.ndarray:
    out = np.zeros(len(series))
    out[0] = 1 / series[0]
    for k in range(1, len(series)):
        out[k] = -np.dot(series[1 : k + 1], out[k - 1 :: -1][:k]) / series[0]
    return out
