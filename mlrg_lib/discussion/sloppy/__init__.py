"""Fisher information and its spectra: sloppy models, and how coarse-graining makes them.

The Fisher information of a model P(x | θ) is I_μν = ⟨∂_μ ln P ∂_ν ln P⟩. It is a metric on the space of parameters.
It is the inverse of a covariance in one sense only: (n I)⁻¹ is the asymptotic covariance of the maximum-likelihood
estimates of θ from n samples.
"""

from .diffusion import hop_density, hop_eigenvalues, hop_metric
from .gaussian import covariance_information
from .lattice import exact_metric, kept_sites, pair_operators, sampled_metric
from .models import exponentials_eigenvalues, exponentials_jacobian, vandermonde, vandermonde_eigenvalues
from .precision import gram_eigenvalues

__all__ = [
    "covariance_information",
    "exact_metric",
    "exponentials_eigenvalues",
    "exponentials_jacobian",
    "gram_eigenvalues",
    "hop_density",
    "hop_eigenvalues",
    "hop_metric",
    "kept_sites",
    "pair_operators",
    "sampled_metric",
    "vandermonde",
    "vandermonde_eigenvalues",
]
