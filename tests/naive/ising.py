"""Slow, obvious twins of the Ising kernels, in plain Python integers."""

import numpy as np

MASK = 2**64 - 1


class Generator:
    """xoshiro256+ on Python integers."""

    def __init__(self, state):
        self.state = [int(x) for x in state]

    def word(self):
        s0, s1, s2, s3 = self.state
        result = (s0 + s3) & MASK
        t = (s1 << 17) & MASK
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = ((s3 << 45) | (s3 >> 19)) & MASK
        self.state = [s0, s1, s2, s3]
        return result

    def double(self):
        return (self.word() >> 11) / 2**53

    def below(self, n):
        return ((self.word() >> 32) * n) >> 32


def neighbours(y, x, L):
    return [((y - 1) % L, x), ((y + 1) % L, x), (y, (x - 1) % L), (y, (x + 1) % L)]


def field(s, y, x):
    return sum(int(s[q]) for q in neighbours(y, x, len(s)))


def metropolis_sweeps(spins, accept, n_sweeps, states):
    spins, states = spins.copy(), states.copy()
    for s, state in zip(spins, states, strict=True):
        rng, L = Generator(state), len(s)
        for _ in range(n_sweeps * L * L):
            y = rng.below(L)
            x = rng.below(L)
            p = accept[(s[y, x] * field(s, y, x) + 4) // 2]
            if p >= 1 or rng.double() < p:
                s[y, x] *= -1
        state[:] = rng.state
    return spins, states


def heat_bath_sweeps(spins, p_up, n_sweeps, states):
    spins, states = spins.copy(), states.copy()
    for s, state in zip(spins, states, strict=True):
        rng = Generator(state)
        for _ in range(n_sweeps):
            for y, x in np.ndindex(s.shape):
                s[y, x] = 1 if rng.double() < p_up[(field(s, y, x) + 4) // 2] else -1
        state[:] = rng.state
    return spins, states


def is_open(half, high, low, rng):
    """Decide a bond from 32 random bits; on a tie draw another word."""
    return half < high or (half == high and rng.word() < low)


def components(bonds, sites):
    """Label sites by the smallest site that the open bonds join them to."""
    label = {site: site for site in sites}
    changed = True
    while changed:
        changed = False
        for a, b in bonds:
            low = min(label[a], label[b])
            if label[a] != low or label[b] != low:
                label[a] = label[b] = low
                changed = True
    return label


def wolff_updates(spins, high, low, n_updates, states):
    spins, states = spins.copy(), states.copy()
    flipped = 0
    for s, state in zip(spins, states, strict=True):
        rng, L = Generator(state), len(s)
        for _ in range(n_updates):
            seed = divmod(rng.below(L * L), L)
            old = s[seed]
            s[seed] = -old
            stack = [seed]
            while stack:
                y, x = stack.pop()
                flipped += 1
                up, down, left, right = neighbours(y, x, L)
                for pair in ((up, down), (left, right)):
                    w = rng.word()
                    for site, half in zip(pair, (w >> 32, w & 0xFFFFFFFF), strict=True):
                        if s[site] == old and is_open(half, high, low, rng):
                            s[site] = -old
                            stack.append(site)
        state[:] = rng.state
    return spins, states, flipped


def bit_parallel_update(spins, y, x, lattices, rng, heat_bath, p_low, p_high):
    """Update one site of 64 lattices from 13 words of one generator; a probability is (T, F) as integers."""
    tie, *words = [rng.word() for _ in range(13)]
    for bit, k in enumerate(lattices):
        s = spins[k]
        h = field(s, y, x)
        aligned = abs(h) if heat_bath else int(s[y, x]) * h
        whole, fraction = p_low if aligned == 4 else p_high
        t = [whole >> j & 1 for j in range(12)]
        w = [word >> bit & 1 for word in words]
        number = sum((1 ^ w[j] ^ t[j]) << j for j in range(12))
        chosen = number < whole or (number == whole and tie < fraction)
        if heat_bath:
            up = bool(w[11]) if h == 0 else (not chosen if h > 0 else chosen)
            s[y, x] = 1 if up else -1
        elif aligned <= 0 or chosen:
            s[y, x] *= -1


def even_sweeps(spins, width, states, heat_bath, p_low, p_high, n_sweeps):
    """Checkerboard sweeps of 64 * width lattices; word positions of a row take the generators in turn."""
    spins = spins.copy()
    L, lanes = spins.shape[1], states.shape[1]
    generators = [Generator(states[:, lane]) for lane in range(lanes)]
    for _ in range(n_sweeps):
        for colour in range(2):
            for y in range(L):
                for i in range(L // 2 * width):
                    x, v = 2 * (i // width) + (y + colour) % 2, i % width
                    lattices = range(64 * v, 64 * v + 64)
                    bit_parallel_update(spins, y, x, lattices, generators[i % lanes], heat_bath, p_low, p_high)
    return spins, np.array([g.state for g in generators], dtype=np.uint64).T


def odd_sweeps(spins, width, states, heat_bath, p_low, p_high, n_sweeps):
    """Sweeps in reading order of 64 * width lattices, one generator per word."""
    spins = spins.copy()
    L = spins.shape[1]
    generators = [Generator(states[:, v]) for v in range(width)]
    for _ in range(n_sweeps):
        for y, x in np.ndindex(L, L):
            for v in range(width):
                lattices = range(64 * v, 64 * v + 64)
                bit_parallel_update(spins, y, x, lattices, generators[v], heat_bath, p_low, p_high)
    return spins, np.array([g.state for g in generators], dtype=np.uint64).T


def energy(s):
    """Energy per site of one lattice, bond by bond."""
    L = len(s)
    return -sum(int(s[y, x]) * (int(s[y, (x + 1) % L]) + int(s[(y + 1) % L, x])) for y, x in np.ndindex(L, L)) / L**2


def axis_correlation(s, r):
    """Mean of s(x) s(x + r) over sites and both axes."""
    L = len(s)
    pairs = [int(s[y, x]) * (int(s[y, (x + r) % L]) + int(s[(y + r) % L, x])) for y, x in np.ndindex(L, L)]
    return sum(pairs) / (2 * L**2)


def autocovariance(series, lag):
    """Autocovariance of one chain at a lag, normalised by the number of pairs."""
    mean = sum(series) / len(series)
    pairs = [(a - mean) * (b - mean) for a, b in zip(series, series[lag:], strict=False)]
    return sum(pairs) / len(pairs)
