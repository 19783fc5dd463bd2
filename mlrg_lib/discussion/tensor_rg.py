"""Tensor renormalization of the two-dimensional Ising model: a variational RG whose error can be bought down."""

from dataclasses import dataclass

import numpy as np

from .._validation import check_int, check_real

__all__ = ["renormalize"]


@dataclass(frozen=True)
class TensorFlow:
    """What each step of a tensor renormalization found.

    Attributes
    ----------
    log_partition : ndarray of float64, shape (n_steps + 1,)
        ln Z per site of the torus of 2^step sites (a tilted square for odd steps); the last is the thermodynamic limit.
    discarded : ndarray of float64, shape (n_steps,)
        Relative weight Σ s² of the singular values dropped, the larger of the two splits.
    central_charge : ndarray of float64, shape (n_steps,)
        c estimated from steps k and k + 1 with the cylinder formula; right only at criticality, for lattices large
        enough and not yet spoilt by truncation.
    scaling_dimensions : ndarray of float64, shape (n_steps + 1, 8)
        x_i = ln(λ_0/λ_i)/2π of the eigenvalues of the transfer matrix, increasing; NaN where there are fewer.
    """

    log_partition: np.ndarray
    discarded: np.ndarray
    central_charge: np.ndarray
    scaling_dimensions: np.ndarray


def _site_tensor(beta: float) -> np.ndarray:
    """Return the tensor of one site, T[up, left, down, right], each bond in the even or the odd state.

    Contracted over a lattice it gives Z. Entries with an odd number of odd bonds vanish.
    """
    root = np.array([[1.0, 1.0], [1.0, -1.0]]) * np.sqrt([np.cosh(beta), np.sinh(beta)])
    return np.einsum("si,sj,sk,sl->ijkl", root, root, root, root)


def renormalize(beta: float, bond_dimension: int, n_steps: int = 40) -> TensorFlow:
    r"""Coarse-grain the Ising model with the tensor renormalization group of Levin and Nave.

    Parameters
    ----------
    beta : float
        Inverse temperature, > 0.
    bond_dimension : int
        χ >= 2, the states kept on each bond. Cost O(χ⁶) a step; χ = 16 takes a tenth of a second for 40 steps.
    n_steps : int
        Each halves the number of tensors.

    Returns
    -------
    TensorFlow

    Notes
    -----
    Each tensor is split in two by a singular value decomposition across a diagonal, and four halves around a plaquette
    make a new tensor, rotated by 45°. Keeping the χ largest singular values is the best approximation of each tensor
    by itself in the 2-norm, which is the variational step; it does not know the tensor's surroundings. The Z₂ symmetry
    splits each matrix into an even and an odd block.

    The cylinder formula :math:`\lambda_0 = e^{-\beta f L^2 + \pi c/6}`, :math:`\lambda_i/\lambda_0 = e^{-2\pi x_i}` for
    a square of side L gives c and x_i at criticality.

    References
    ----------
    M. Levin and C. P. Nave, Phys. Rev. Lett. 99, 120601 (2007); Z.-C. Gu and X.-G. Wen, Phys. Rev. B 80, 155131 (2009).

    Examples
    --------
    >>> from mlrg_lib.ising.exact import onsager_log_partition
    >>> flow = renormalize(0.4, 12)
    >>> bool(abs(flow.log_partition[-1] / onsager_log_partition(0.4) - 1) < 1e-5)
    True
    """
    beta = check_real("beta", beta, 0.0, strict=True)
    bond_dimension = check_int("bond_dimension", bond_dimension, minimum=2)
    n_steps = check_int("n_steps", n_steps, minimum=1)
    tensor, parity = _site_tensor(beta), (np.array([0, 1]), np.array([0, 1]))
    log_scale, log_z, log_largest = 0.0, [], []
    discarded, dimensions = [], []
    for step in range(n_steps + 1):
        scale = np.abs(tensor).max()
        tensor = tensor / scale
        # ln(scale) stands for 2^step sites.
        log_scale += np.log(scale) / 2.0**step
        transfer = np.einsum("ulkl->uk", tensor)
        values = np.sort(np.abs(np.linalg.eigvals(transfer)))[::-1]
        log_z.append(log_scale + np.log(np.trace(transfer)) / 2.0**step)
        log_largest.append(log_scale * 2.0**step + np.log(values[0]))
        with np.errstate(divide="ignore", over="ignore"):  # eigenvalues that are zero, or nearly
            found = np.log(values[0] / values[:8]) / (2 * np.pi)
        dimensions.append(np.pad(found, (0, 8 - len(found)), constant_values=np.nan))
        if step < n_steps:
            tensor, parity, lost = _coarsen(tensor, parity, bond_dimension)
            discarded.append(lost)
    largest = np.array(log_largest)
    return TensorFlow(
        np.array(log_z), np.array(discarded), 6 / np.pi * (2 * largest[:-1] - largest[1:]), np.array(dimensions)
    )


def _coarsen(tensor, parity, bond_dimension):
    """Split both sublattices' tensors and join four halves; ``parity`` is that of the (vertical, horizontal) bonds."""
    vertical, horizontal = parity
    n_v, n_h = len(vertical), len(horizontal)
    pair = (vertical[:, None] ^ horizontal).ravel()
    first = tensor.reshape(n_v * n_h, n_v * n_h)  # (up left | down right)
    second = tensor.transpose(0, 3, 2, 1).reshape(n_v * n_h, n_v * n_h)  # (up right | down left)
    upper_left, lower_right, parity_a, lost_a = _split(first, pair, bond_dimension)
    upper_right, lower_left, parity_b, lost_b = _split(second, pair, bond_dimension)
    upper_left = upper_left.reshape(n_v, n_h, -1)  # (up, left, a)
    upper_right = upper_right.reshape(n_v, n_h, -1)  # (up, right, b)
    lower_right = lower_right.reshape(-1, n_v, n_h)  # (a, down, right)
    lower_left = lower_left.reshape(-1, n_v, n_h)  # (b, down, left)
    # Around a plaquette: the site at its upper left contributes its lower right half, and so on.
    top = np.tensordot(lower_right, lower_left, (2, 2))  # (a, down-left bond, b, down-right bond)
    bottom = np.tensordot(upper_left, upper_right, (1, 1))  # (down-right bond, a', down-left bond, b')
    joined = np.tensordot(top, bottom, ((1, 3), (2, 0)))  # (a, b, a', b') = NW, NE, SE, SW
    return joined.transpose(0, 3, 2, 1), (parity_a, parity_b), max(lost_a, lost_b)


def _split(matrix, pair, bond_dimension):
    """Split a Z₂-symmetric matrix into two factors joined by at most ``bond_dimension`` states."""
    blocks = []
    for sector in (0, 1):
        index = np.nonzero(pair == sector)[0]
        left, values, right = np.linalg.svd(matrix[np.ix_(index, index)])
        blocks.append((index, left, values, right))
    values = np.concatenate([block[2] for block in blocks])
    sector = np.concatenate([np.full(len(block[2]), k) for k, block in enumerate(blocks)])
    order = np.argsort(-values, kind="stable")
    keep = order[: min(bond_dimension, int((values > 1e-15 * values.max()).sum()))]
    lost = 1.0 - (values[keep] ** 2).sum() / (values**2).sum()
    first = np.zeros((len(matrix), len(keep)))
    second = np.zeros((len(keep), len(matrix)))
    place = 0
    for k, (index, left, size, right) in enumerate(blocks):
        n = int((sector[keep] == k).sum())
        root = np.sqrt(size[:n])
        first[index, place : place + n] = left[:, :n] * root
        second[place : place + n, index] = root[:, None] * right[:n]
        place += n
    return first, second, np.sort(sector[keep]), max(float(lost), 0.0)
