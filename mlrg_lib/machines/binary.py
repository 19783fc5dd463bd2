"""The exact map between ±1 units and {0, 1} units, v = 2x − 1 and h = 2y − 1."""

from dataclasses import dataclass

import numpy as np
from sklearn.neural_network import BernoulliRBM

from .._rbm import RBMLike, checked_parameters
from .._validation import check_array
from .rbm import RBM

__all__ = ["from_binary", "to_binary"]


@dataclass(frozen=True, eq=False)
class BinaryParameters:
    """A machine on {0, 1} units under scikit-learn's names, E(x, y) = −x·b_v − y·b_h − y·C·x.

    Attributes
    ----------
    components_ : ndarray, float64, shape (n_hidden, n_visible)
        C.
    intercept_hidden_ : ndarray, float64, shape (n_hidden,)
        b_h.
    intercept_visible_ : ndarray, float64, shape (n_visible,)
        b_v.
    energy_offset : float
        What the energy of the ±1 machine has on top: E(v, h) = E(x, y) + energy_offset.

    Examples
    --------
    >>> to_binary(RBM.from_parameters([[0.5]])).components_
    array([[-2.]])
    """

    components_: np.ndarray
    intercept_hidden_: np.ndarray
    intercept_visible_: np.ndarray
    energy_offset: float = 0.0

    def as_sklearn(self) -> BernoulliRBM:
        """Return a scikit-learn machine with these parameters, ready for everything but ``partial_fit``'s memory."""
        machine = BernoulliRBM(n_components=len(self.intercept_hidden_))
        machine.components_ = self.components_.copy()
        machine.intercept_hidden_ = self.intercept_hidden_.copy()
        machine.intercept_visible_ = self.intercept_visible_.copy()
        machine.n_features_in_ = len(self.intercept_visible_)
        return machine


def to_binary(rbm: RBMLike) -> BinaryParameters:
    """Return the same distribution on {0, 1} units.

    Parameters
    ----------
    rbm : RBM or the like

    Returns
    -------
    BinaryParameters

    Notes
    -----
    C = −4 Wᵀ, b_h = −2 b + 2 Σ_i W_ij, b_v = −2 c + 2 Σ_j W_ij, offset −Σ b − Σ c + Σ W.

    Examples
    --------
    >>> rbm = RBM.from_parameters([[0.3, -0.2], [0.1, 0.4]], [0.5, 0.0], [0.0, -0.1])
    >>> binary = to_binary(rbm)
    >>> x = np.array([[0, 1], [1, 1]])
    >>> bool(np.allclose(rbm.free_energy(2 * x - 1), binary.as_sklearn()._free_energy(x) + binary.energy_offset))
    True
    """
    W, b, c = checked_parameters(rbm)
    return BinaryParameters(
        -4.0 * W.T.copy(),
        -2.0 * b + 2.0 * W.sum(axis=0),
        -2.0 * c + 2.0 * W.sum(axis=1),
        float(W.sum() - b.sum() - c.sum()),
    )


def from_binary(machine: BinaryParameters | BernoulliRBM) -> RBM:
    """Return the same distribution on ±1 units.

    Parameters
    ----------
    machine : BinaryParameters, BernoulliRBM or the like
        Anything with ``components_``, ``intercept_hidden_`` and ``intercept_visible_``.

    Returns
    -------
    RBM

    Examples
    --------
    >>> rbm = RBM.from_parameters([[0.3], [0.1]], [0.5], [0.0, -0.1])
    >>> from_binary(to_binary(rbm)).weights_.tolist()
    [[0.3], [0.1]]
    """
    try:
        parts = machine.components_, machine.intercept_hidden_, machine.intercept_visible_
    except AttributeError as error:
        raise ValueError(f"machine must have components_, intercept_hidden_ and intercept_visible_: {error}") from None
    C = check_array("machine.components_", parts[0], ndim=2)
    hidden = check_array("machine.intercept_hidden_", parts[1], ndim=1)
    visible = check_array("machine.intercept_visible_", parts[2], ndim=1)
    if C.shape != (len(hidden), len(visible)):
        raise ValueError(
            f"machine must have intercepts that fit components of shape {C.shape}, got {len(hidden)} and {len(visible)}"
        )
    return RBM.from_parameters(-C.T / 4, -hidden / 2 - C.sum(axis=1) / 4, -visible / 2 - C.sum(axis=0) / 4)
