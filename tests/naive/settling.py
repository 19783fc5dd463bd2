"""The rule for settled series, the slow way: from the whole series, without batches that are merged on the way."""

import numpy as np


def batch_means(series):
    """Return the means of batches and the values in one, after 256 batches have been merged as often as needed."""
    size = 1
    while len(series) // size >= 256:
        size *= 2
    n = len(series) // size
    return series[: n * size].reshape(n, size, 2).mean(axis=1), size


def describe(series):
    """Return per column the mean, its error and the correlation of neighbouring batches, and None before 96 of them."""
    means, _ = batch_means(series)
    kept = means[-(-len(means) // 4) :]
    n = len(kept)
    if n < 96:
        return None
    mean, deviation = kept.mean(axis=0), kept - kept.mean(axis=0)
    errors = []
    for together in (1, 2, 4, 8, 16):
        groups = kept[n % together :].reshape(-1, together, 2).mean(axis=1)
        errors.append(groups.std(axis=0, ddof=1) / np.sqrt(len(groups)))
    skewness = (deviation**3).mean(axis=0) / (deviation**2).mean(axis=0) ** 1.5
    error = np.max(errors, axis=0) * (1 + np.abs(skewness) / np.sqrt(n))
    return mean, error, (deviation[1:] * deviation[:-1]).sum(axis=0) / (deviation**2).sum(axis=0)


def verdicts(series, looks):
    """Return for each length in ``looks`` whether the series up to there has settled; None where nothing is said."""
    since, answers = 0, []
    for length in looks:
        found = describe(series[:length])
        if found is None:
            answers.append(None)
            continue
        memory = found[2].max()
        if memory >= 0.3:
            since = 0
        elif since == 0 and memory < 0.15:
            since = length
        answers.append(0 < 2 * since <= length)
    return answers
