"""Contenders timed turn by turn, and the numbers that remain: medians, ranges, ratios within a turn."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Contender:
    """One way to do a row's work.

    Attributes
    ----------
    name : str
        "ours", a peer's name, or what a bound is the bound of.
    run : callable
        Does ``amount`` units of the work.
    amount : float
        Units of work in one call: attempts, sites, samples.
    """

    name: str
    run: Callable[[], object]
    amount: float = 1.0


@dataclass(frozen=True)
class Row:
    """One line of work for several contenders.

    Attributes
    ----------
    key : str
        Short name, to choose rows by.
    work : str
        What is done, in words.
    unit : str
        Unit of the number shown.
    scale : float
        Number shown = scale * units per second if ``rate``, else scale * seconds per unit.
    rate : bool
        Whether more is better.
    ours, peers, bound
        The contenders; ``bound`` does only what no implementation of the method can leave out.
    target : float, optional
        The ratio aimed at, against the first peer.
    note : str
        What must be known to read the ratio.
    numbers : dict
        Further numbers found while setting up, stored with the row.
    threads : int
        With 1, processor time is measured, which other work on the machine hardly enters; with more, or 0
        for other processes, the wall's clock.
    """

    key: str
    work: str
    unit: str
    scale: float
    rate: bool
    ours: Contender
    peers: tuple[Contender, ...] = ()
    bound: Contender | None = None
    target: float | None = None
    note: str = ""
    numbers: dict = field(default_factory=dict)
    threads: int = 1


class Range(NamedTuple):
    """Median, smallest and largest of some numbers."""

    median: float
    low: float
    high: float


def spread(values) -> Range:
    """Return the median and the extremes."""
    return Range(statistics.median(values), min(values), max(values))


def interleave(contenders, rounds: int, clock=time.perf_counter) -> dict[str, list[float]]:
    """Time the contenders in turn, ``rounds`` times after a warm-up; return seconds per unit of work by name.

    Each round runs through all of them, every other round backwards, so that a slow minute hits all alike.
    """
    seconds = {contender.name: [] for contender in contenders}
    if len(seconds) < len(contenders):
        raise ValueError(f"contenders must have different names, got {[c.name for c in contenders]}")
    for contender in contenders:
        contender.run()
    for turn in range(rounds):
        for contender in contenders if turn % 2 == 0 else reversed(contenders):
            begin = clock()
            contender.run()
            seconds[contender.name].append((clock() - begin) / contender.amount)
    return seconds


def ratios(slower: list[float], faster: list[float]) -> Range:
    """Return the spread of slower / faster, round by round: how many times the second is ahead of the first."""
    return spread([a / b for a, b in zip(slower, faster, strict=True)])


def summarise(row: Row, seconds: dict[str, list[float]]) -> dict:
    """Return the row as plain numbers, ready for JSON."""

    def shown(times):
        return spread([row.scale / t if row.rate else row.scale * t for t in times])._asdict()

    ours = seconds[row.ours.name]
    result = {
        "key": row.key,
        "work": row.work,
        "unit": row.unit,
        "more_is_better": row.rate,
        "ours": shown(ours),
        "peers": {
            peer.name: {"value": shown(seconds[peer.name]), "ratio": ratios(seconds[peer.name], ours)._asdict()}
            for peer in row.peers
        },
        "bound": None,
        "target": row.target,
        "note": row.note,
        "numbers": dict(row.numbers),
        "rounds": len(ours),
        "threads": row.threads,
    }
    if row.bound is not None:
        times = seconds[row.bound.name]
        result["bound"] = {
            "name": row.bound.name,
            "value": shown(times),
            "fraction": ratios(times, ours)._asdict(),
        }
    return result


def measure(row: Row, rounds: int) -> dict:
    """Time a row's contenders turn by turn and summarise."""
    contenders = [row.ours, *row.peers, *([row.bound] if row.bound is not None else [])]
    clock = time.process_time if row.threads == 1 else time.perf_counter
    return summarise(row, interleave(contenders, rounds, clock))
