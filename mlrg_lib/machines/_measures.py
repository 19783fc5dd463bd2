"""What a restricted Boltzmann machine says of checked int8 rows, in float64."""

import numpy as np
from scipy.special import expit

from .._kernels import rbm as kernels
from .._rbm import RBMLike
from ._gibbs import chunks, hidden_fields, visible_fields

__all__ = ["free_energy", "hidden_energy", "pseudo_likelihood", "reconstruct"]


def reconstruct(rbm: RBMLike, V: np.ndarray) -> np.ndarray:
    """Return mean visible units from the mean hidden units given each row."""
    return -np.tanh(visible_fields(rbm, -np.tanh(hidden_fields(rbm, V))))


def free_energy(rbm: RBMLike, V: np.ndarray) -> np.ndarray:
    """Return −ln Tr_h exp(−E) of each row."""
    return _traced(hidden_fields, rbm, V, rbm.visible_bias_)


def hidden_energy(rbm: RBMLike, H: np.ndarray) -> np.ndarray:
    """Return −ln Tr_v exp(−E) of each row of hidden units."""
    return _traced(visible_fields, rbm, H, rbm.hidden_bias_)


def _traced(fields_of, rbm, rows, bias) -> np.ndarray:
    out = np.empty(len(rows))
    for part in chunks(len(rows)):
        fields = fields_of(rbm, rows[part])
        kernels.sum_log_cosh(out[part], fields, np.zeros(fields.shape[1]))
        out[part] = rows[part] @ bias - out[part]
    return out


def pseudo_likelihood(rbm: RBMLike, V: np.ndarray) -> np.ndarray:
    """Return Σ_i ln P(v_i | the other v) of each row."""
    out = np.empty(len(V))
    for start in range(0, len(V), 64):  # rows whose hidden probabilities stay in the second-level cache
        rows = slice(start, start + 64)
        fields = hidden_fields(rbm, V[rows])
        up, down = expit(2 * fields), expit(-2 * fields)
        kernels.pseudo_log_likelihood(out[rows], V[rows], fields, up, down, rbm.visible_bias_, rbm.weights_)
    return out
