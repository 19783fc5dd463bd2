"""Sorting in place and the median: NumPy's allocate."""

from .._compile import kernel


@kernel
def sort(values):
    """Sort float64 (n,) in place, by Shell's method; for a few hundred values."""
    gap = 1
    while 3 * gap < values.size:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, values.size):
            value, j = values[i], i
            while j >= gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value
        gap //= 3


@kernel
def median(values):
    """Return the median of float64 (n,), n >= 1, which are sorted in place."""
    sort(values)
    half = values.size // 2
    return values[half] if values.size % 2 else 0.5 * (values[half - 1] + values[half])
