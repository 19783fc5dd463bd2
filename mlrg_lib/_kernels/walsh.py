"""Fast Walsh-Hadamard transform of a function on the 2**n states of n spins."""

from ._compile import kernel

_TILE = 2048  # float64 values that stay in the first-level cache


@kernel
def walsh_hadamard(values):
    """Replace ``values`` (float64, shape (2**n,), n >= 0) by its unnormalised Walsh-Hadamard transform.

    Modified in place: ``out[S] = sum_s values[s] * (-1)**popcount(s & S)``. Twice in a row multiplies by
    2**n. Cost: n 2**n additions; the first eleven stages run inside a tile of the first-level cache, later
    ones two at a time, so memory is passed over 1 + (n - 11) / 2 times.
    """
    n = values.shape[0]
    tile = min(n, _TILE)
    for part in range(n // tile):  # not by steps of the tile: a step that is not a constant could be 0, and raise
        block = values[part * tile : (part + 1) * tile]
        half = 1
        while half < tile:
            for pair in range(tile // (2 * half)):
                for k in range(2 * half * pair, 2 * half * pair + half):
                    a, b = block[k], block[k + half]
                    block[k], block[k + half] = a + b, a - b
            half *= 2
    half = tile
    while 4 * half <= n:
        for part in range(n // (4 * half)):
            for k in range(4 * half * part, 4 * half * part + half):
                a, b = values[k], values[k + half]
                c, d = values[k + 2 * half], values[k + 3 * half]
                a, b = a + b, a - b
                c, d = c + d, c - d
                values[k], values[k + half] = a + c, b + d
                values[k + 2 * half], values[k + 3 * half] = a - c, b - d
        half *= 4
    if half < n:
        for k in range(half):
            a, b = values[k], values[k + half]
            values[k], values[k + half] = a + b, a - b
