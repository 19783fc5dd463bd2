"""When a running mean may be believed: batches of two series that grow, and the rule by which they count as settled.

A simulation that starts far from equilibrium forgets its start in its own time, which is not known beforehand. Here the
series so far is kept as 128 to 256 means of batches of one length, which doubles when there are 256. The first quarter
is dropped. The two series count as *settled* while

1. neighbouring batches of either are correlated by less than 0.15 when the rule first holds and 0.3 from then on, so
   that a batch is longer than the memory of the series: what is kept spans hundreds of correlation times;
2. this has held, look after look, while the run grew to twice its length.

The error of a mean is the largest of those from the scatter of the batches one by one, in pairs, fours, eights and
sixteens, so that a memory the batches do not show can show in longer ones, and is raised by the skewness of the batch
means: where rare excursions to one side matter, a run that has seen none of them looks better than it is.

What no look at two series can find is a change that both of them hide: an offset that neither drifts nor fluctuates.
"""

import math

from .._compile import kernel

N_BATCHES = 256
_FEWEST, _COARSEST = 96, 16
_ENTER, _LEAVE = 0.15, 0.3


@kernel
def add(batches, filling, counts, first, second):
    """Take one more pair of values.

    Modified in place: ``batches`` float64 (256, 2), ``filling`` float64 (2,), the sums of the batch not yet full, and
    ``counts`` int64 (4,): full batches, values in a batch, values in ``filling``, and the length of the run at which
    the rule began to hold, 0 if it does not. All start at zero, but ``counts[1]`` at one.
    """
    filling[0] += first
    filling[1] += second
    counts[2] += 1
    if counts[2] < counts[1]:
        return
    n = counts[0]
    for c in range(2):
        batches[n, c] = filling[c] / counts[1]
        filling[c] = 0.0
    counts[0], counts[2] = n + 1, 0
    if n + 1 == batches.shape[0]:
        for k in range((n + 1) // 2):
            for c in range(2):
                batches[k, c] = 0.5 * (batches[2 * k, c] + batches[2 * k + 1, c])
        counts[0], counts[1] = (n + 1) // 2, 2 * counts[1]


@kernel
def _describe(x):
    """Return mean, squared error, and correlation of neighbours of the batch means ``x`` float64 (n,), n >= 96."""
    n = x.size
    mean = square = product = cube = 0.0
    for k in range(n):
        mean += x[k] / n
    for k in range(n):
        d = x[k] - mean
        square += d * d
        cube += d * d * d
        if k > 0:
            product += d * (x[k - 1] - mean)
    if square <= 0.0:
        return mean, 0.0, 1.0
    worst, together = square / (n - 1) / n, 2
    while together <= _COARSEST:
        groups = n // together
        left_out = n - groups * together
        middle = scatter = 0.0
        for k in range(left_out, n):
            middle += x[k] / (n - left_out)
        for g in range(groups):
            part = 0.0
            for k in range(left_out + g * together, left_out + (g + 1) * together):
                part += x[k] / together
            scatter += (part - middle) * (part - middle)
        worst = max(worst, scatter / (groups - 1) / groups)
        together *= 2
    skewness = cube / n / (square / n) ** 1.5
    raised = 1.0 + abs(skewness) / math.sqrt(n)
    return mean, worst * raised * raised, product / square


@kernel
def judge(out, batches, counts):
    """Look at the run so far; return whether it has settled, and -1 while there is too little to say anything.

    Modified in place: ``out`` float64 (4,), mean and error of the first series, then of the second, and ``counts[3]``.
    ``batches`` and ``counts`` as in :func:`add`. The errors hold for a run that has settled.
    """
    n, start = counts[0], (counts[0] + 3) // 4
    if n - start < _FEWEST:
        return -1
    memory = 0.0
    for c in range(2):
        mean, squared_error, correlation = _describe(batches[start:n, c])
        out[2 * c], out[2 * c + 1] = mean, math.sqrt(squared_error)
        memory = max(memory, correlation)
    length = n * counts[1] + counts[2]
    if memory >= _LEAVE:
        counts[3] = 0
    elif counts[3] == 0 and memory < _ENTER:
        counts[3] = length
    return 1 if 0 < 2 * counts[3] <= length else 0
