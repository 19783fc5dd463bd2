"""Known numbers of the discussion's chapters, each with its source."""

# Sum of exponentials, six rates evenly from 0.5 to 2, 200 times evenly from 0 to 5, per observation; and the matrix of
# Vandermonde, eight parameters evenly from 0.9 to 1.1: log10 of the eigenvalues, from separate runs with 80 digits.
EXPONENTIALS_6 = (-0.60, -1.48, -2.77, -4.42, -6.42, -8.86)
VANDERMONDE_8 = (1.86, 0.14, -2.34, -5.28, -8.60, -12.3, -16.5, -21.3)

# Walker with seven equal rates: exponents of the first six eigenvalues between t = 128 and 256. The law is 2 − n,
# Machta, Chachra, Transtrum and Sethna, Science 342, 604 (2013).
HOP_EXPONENTS = (2.000, 1.000, -0.0035, -1.011, -2.022, -3.04)

# Product gate of softplus neurons on [−1, 1]²: the largest error is σ_4/(3 σ_2) λ² = λ²/6.
GATE = 1 / 6

# Energy errors of wavelet states on 512 cells, from a separate implementation.
WAVELET_ERRORS = {
    (1, 0): 0.2146,
    (1, 1): 0.0135,
    (2, 1): 0.0080,
    (2, 2): 0.00078,
    (3, 2): 0.00044,
    (4, 2): 0.00030,
    (3, 3): 4.9e-5,
    (4, 3): 2.7e-5,
}

# Daubechies' filter of length four in closed form: (1 + √3, 3 + √3, 3 − √3, 1 − √3)/(4√2).
DAUBECHIES_4 = tuple((a + b * 3**0.5) / (4 * 2**0.5) for a, b in ((1, 1), (3, 1), (3, -1), (1, -1)))

# Conformal field theory of the critical Ising model: Belavin, Polyakov and Zamolodchikov (1984).
CENTRAL_CHARGE = 0.5
SPIN_DIMENSION, ENERGY_DIMENSION = 0.125, 1.0
