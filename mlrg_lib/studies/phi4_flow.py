"""The flow of the φ⁴ coupling by simulation, for several spectra and starting couplings.

Run it with::

    python -m mlrg_lib.studies.phi4_flow book/results/phi4_flow.json

Each point integrates out the modes of a ring above six cut-offs; its bare mass is tuned until the mass measured
at the last cut-off is the one-loop critical mass there. Points are independent and seeded by their parameters, so
one can be recomputed alone: ``point(1.75, 0.007)``. A finished point is kept in a folder, so an interrupted study goes
on where it was.
"""

import numpy as np

from .._moved import moved
from ..rg import pca
from . import _results

__all__ = ["main"]

N_SITES = 128
_STARTS = {
    1.25: (0.004, 0.008, 0.014),
    1.5: (0.004, 0.01, 0.02),
    1.75: (0.0035, 0.007, 0.014),
    2.0: (0.004, 0.012),
    2.5: (0.006, 0.014),
}
GRID = [{"alpha": alpha, "start": start} for alpha, starts in _STARTS.items() for start in starts]
_WAVE_NUMBERS = (48, 36, 24, 16, 10, 6)


@_results.timed
def point(alpha: float, start: float, n_samples: int = 60_000) -> dict:
    """Measure the flow for a spectrum ρ ∝ λ^(α−1) from the dimensionless coupling ``start`` at the top.

    Parameters
    ----------
    alpha, start : float
        α and g̃ = gα at Λ0 = 1, both positive.
    n_samples : int
        Configurations for each cut-off.

    Returns
    -------
    dict
        "alpha", "start", bare "coupling" and "mass", and lists "cutoff", "mass_at", "mass_error", "coupling_at",
        "coupling_error", "chi2", "acceptance" of dimensionful results at each cut-off; "seconds".

    Examples
    --------
    >>> found = point(2.5, 0.006, n_samples=960)
    >>> found["coupling_at"][-1] < found["coupling"]
    True
    """
    rng = np.random.default_rng([int(1000 * alpha), int(1e6 * start)])
    values, modes = pca.power_law_eigenvalues(N_SITES, alpha), pca.ring_modes(N_SITES)
    cutoffs = 0.999 * values[[2 * q for q in _WAVE_NUMBERS]]
    coupling = start / alpha
    mass = -12 * coupling * float(np.mean(1 / (values[13:] + 0.02)))
    critical = pca.coupling_flow(start, pca.critical_mass(start, alpha), alpha, [0.0, -np.log(cutoffs[-1])]).mass[-1]
    for _ in range(8):
        left = pca.measure_coupling(values, modes, coupling, mass, cutoffs[-1:], n_samples=4800, rng=rng).mass[0]
        excess = float(left / cutoffs[-1] - critical)
        if abs(excess) < 0.02:
            break
        mass -= 0.8 * excess * float(cutoffs[-1])
    found = pca.measure_coupling(values, modes, coupling, mass, cutoffs, n_samples=n_samples, rng=rng)
    return {
        "alpha": alpha,
        "start": start,
        "coupling": coupling,
        "mass": mass,
        "cutoff": found.cutoff.tolist(),
        "mass_at": found.mass.tolist(),
        "mass_error": found.mass_error.tolist(),
        "coupling_at": found.coupling.tolist(),
        "coupling_error": found.coupling_error.tolist(),
        "chi2": found.chi2.tolist(),
        "acceptance": found.acceptance.tolist(),
    }


main = _results.main_of(
    "phi4_flow",
    point,
    GRID,
    lambda _, results: {"points": _results.plain(results)},
    seed="each point from its own parameters",
    n_sites=N_SITES,
)


__getattr__ = moved("mlrg_lib.studies.phi4_flow", {"run": "mlrg_lib.studies.phi4_flow.main"})


if __name__ == "__main__":
    _results.run("phi4_flow", main)
