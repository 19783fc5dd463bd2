"""Swendsen-Wang with the library's order of random words, bond by bond."""

import numpy as np

from .ising import Generator, components


def open_bonds(wanted, p, rng):
    """Open the bits of ``wanted`` with probability p / 2**64 each; a word for each bit of p, until all are known."""
    opened, undecided = 0, set(wanted)
    for k in reversed(range(64)):
        if not undecided:
            break
        word, bit = rng.word(), p >> k & 1
        for b in sorted(undecided):
            if word >> b & 1 != bit:
                undecided.remove(b)
                opened |= bit << b
    return opened


def swendsen_wang_sweeps(spins, high, low, n_sweeps, states):
    spins, states = spins.copy(), states.copy()
    p = min((high << 32) + (low >> 32), 2**64 - 1)
    for s, state in zip(spins, states, strict=True):
        rng, L = Generator(state), len(s)
        for _ in range(n_sweeps):
            left, up = np.zeros((2, L, L), dtype=bool)

            def draw(out, y, first, other, s=s, rng=rng):
                columns = [x for x in range(first, min(first + 64, len(s))) if s[y, x] == other[x]]
                bits = open_bonds([x - first for x in columns], p, rng)
                for x in columns:
                    out[y, x] = bits >> (x - first) & 1

            for y in range(L):
                for first in range(0, L, 64):
                    draw(left, y, first, np.roll(s[y], 1))
                    if y > 0:
                        draw(up, y, first, s[y - 1])
            for first in range(0, L, 64):
                draw(up, 0, first, s[L - 1])
            sites = list(np.ndindex(s.shape))
            bonds = [((y, x), (y, (x - 1) % L)) for y, x in sites if left[y, x]]
            bonds += [((y, x), ((y - 1) % L, x)) for y, x in sites if up[y, x]]
            label = components(bonds, sites)
            number, runs = {}, 0
            for y, x in sites:
                runs += x == 0 or not left[y, x]
                number[y, x] = runs - 1
            words = [rng.word() for _ in range(-(-runs // 64))]
            root = {}
            for site in sites:  # in order, so that the first site of a cluster is in its smallest run
                first_run = root.setdefault(label[site], number[site])
                s[site] = 1 if words[first_run // 64] >> (first_run % 64) & 1 else -1
        state[:] = rng.state
    return spins, states
