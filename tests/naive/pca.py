"""Slow, obvious versions of the moment flow and of the φ⁴ force, loop by loop."""

import numpy as np


def moment_sums(vectors, scores):
    """Sums over samples of x² and x⁴ of every variable, rebuilt from the first k modes, for every k."""
    n_modes, n_variables = vectors.shape
    second = np.zeros((n_modes, n_variables))
    fourth = np.zeros((n_modes, n_variables))
    for k in range(n_modes):
        for i in range(n_variables):
            for t in range(scores.shape[1]):
                x = sum(float(vectors[m, i]) * float(scores[m, t]) for m in range(k + 1))
                second[k, i] += x**2
                fourth[k, i] += x**4
    return second, fourth


def mode_flow(X, n_kept, n_dropped=0, center=True, standardize=False):
    """Median over variables of <φ⁴>/<φ²>² with modes n_dropped .. n_kept kept, projecting once per call."""
    X = np.array(X, dtype=float)
    if center:
        X = X - X.mean(axis=0)
    if standardize:
        X = X / X.std(axis=0)
    values, columns = np.linalg.eigh(X.T @ X / len(X))
    kept = columns[:, np.argsort(values)[::-1][n_dropped : n_dropped + n_kept]]
    rebuilt = X @ kept @ kept.T
    return np.median(np.mean(rebuilt**4, axis=0) / np.mean(rebuilt**2, axis=0) ** 2)


def quartic(field, background, coupling, mass):
    """Energy and minus its gradient for one chain, site by site."""
    energy, force = 0.0, []
    for x in field:
        energy += coupling * (x + background) ** 4 + 0.5 * mass * x**2
        force.append(-4 * coupling * (x + background) ** 3 - mass * x)
    return energy, np.array(force)


def one_loop_recursion(eigenvalues, coupling, mass, n_sites, loop):
    """Integrate out one mode after the other, from the largest eigenvalue down."""
    out = []
    for value in sorted(eigenvalues, reverse=True):
        out.append((coupling, mass))
        step = coupling / (value + mass)
        coupling, mass = coupling - loop / n_sites * step**2, mass + loop / 3 / n_sites * step
    return np.array(out)
