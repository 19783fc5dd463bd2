"""How long a chain remembers, measured while it equilibrates."""

from typing import NamedTuple

import numpy as np

from ..analysis.series import autocorrelation_time

__all__: list[str] = []

BURN_IN = 20  # the part of the pilot that is thrown away, and the part that is measured, are each 20 tau or more
PILOT_CHAINS = 512
_PILOT_LIMIT = 2**18
_PILOT_RECORDS = 2**14  # of all chains together; half are analysed, so that 500 tau fit in with tau up to 16 records


class _Times(NamedTuple):
    tau: float
    error: float


def measure_pilot(engine, symmetrize: bool = True, bar=None) -> tuple[int, float, float]:
    """Advance until the autocorrelation time is known; return the updates made, the slowest
    time and its error, both in updates.

    The first half of the run is dropped. Records are kept every ``stride`` updates; when there are many, every other
    one is dropped. How many that is depends on the chains, since few of them need long series for 500 tau in all.
    """
    stride, done, records, last = 1, 0, [], "no measurement"
    most = max(512, _PILOT_RECORDS // engine.n_chains)
    target = 64
    while done < _PILOT_LIMIT:
        while done < target:
            engine.advance(stride)
            done += stride
            if bar is not None:
                bar.update(stride)
            records.append(engine.measure(PILOT_CHAINS))
        half = np.array(records[len(records) // 2 :])  # (time, observable, chain)
        energy, magnetization = half[:, 0].T, half[:, 1].T
        observed = [energy, np.abs(magnetization)] + ([] if symmetrize else [magnetization])
        try:
            times = _slowest(observed)
        except ValueError as error:
            last = str(error)
        else:
            n_records, n_chains = energy.shape[1], energy.shape[0]
            if n_records >= BURN_IN * times.tau and n_records * n_chains >= 500 * times.tau:
                return done, times.tau * stride, times.error * stride
            last = f"tau about {times.tau * stride:.3g} after {done} updates"
        target *= 2
        if len(records) >= most:
            records, stride = records[1::2], 2 * stride
    raise RuntimeError(
        f"the autocorrelation time could not be measured within {_PILOT_LIMIT} updates ({last}); "
        "use a cluster algorithm, or give burn_in and thin"
    )


def _slowest(observed) -> _Times:
    """Return the largest autocorrelation time of the observables; one that never changes at all counts as 1/2."""
    times = [_Times(0.5, 0.0)]
    for series in observed:
        if np.ptp(series) > 0:
            times.append(_Times(*autocorrelation_time(series)))
    return max(times)
