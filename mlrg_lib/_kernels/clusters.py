"""Wolff's cluster updates of single lattices.

A lattice is ``int8`` (L, L) on a torus, any L >= 2; at L = 2 a pair along an axis has two bonds, each tried on its own.
Random words come from one xoshiro256+ state per chain, ``uint64`` (4,), kept in registers inside a kernel.

A bond between equal spins is open with probability p = 1 - exp(-2 beta). Half a random word is compared with ``high``,
the whole part of p 2**32; one time in 2**32 they are equal, and then a further word is compared with ``low``, the
fraction that remains, so that p is exact.
"""

import numpy as np

from ._compile import kernel
from .words import U32, split, step

_HALF = np.uint64(0xFFFFFFFF)


@kernel
def wolff_updates(spins, stack, p, n_updates, states):
    """Flip ``n_updates`` Wolff clusters in each chain and return the number of spins flipped in all.

    Modified in place: ``spins`` int8 (n_chains, L, L), ``states`` uint64 (n_chains, 4), and the work space ``stack``
    int32 (L*L,). The upper half of one word, times L*L, is the seed site. Each site taken from the stack draws two
    words: the upper and lower half of the first are for the neighbours up and down, of the second for left and right,
    if they still carry the cluster's old sign. A half that ties then draws its further word at once.
    Cost: 15 to 25 ns a flipped site.
    """
    n_chains, L, _ = spins.shape
    high, low = split(p, 4294967296.0)
    sites = L * L
    flipped = 0
    for chain in range(n_chains):
        s = spins[chain].reshape(sites)
        a, b, c, d = states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3]
        for _ in range(n_updates):
            w, a, b, c, d = step(a, b, c, d)
            seed = np.int64(((w >> U32) * np.uint64(sites)) >> U32)
            old = s[seed]
            s[seed] = -old
            stack[0] = seed
            depth = 1
            while depth > 0:
                depth -= 1
                i = np.int64(stack[depth])
                flipped += 1
                x = i % L
                for axis in range(2):
                    w, a, b, c, d = step(a, b, c, d)
                    if axis == 0:
                        first = i - L if i >= L else i + sites - L
                        second = i + L if i < sites - L else x
                    else:
                        first = i - 1 if x > 0 else i + L - 1
                        second = i + 1 if x < L - 1 else i - L + 1
                    half = w >> U32
                    for j in (first, second):
                        if s[j] == old and half <= high:
                            is_open = half < high
                            if not is_open:
                                tie, a, b, c, d = step(a, b, c, d)
                                is_open = tie < low
                            if is_open:
                                s[j] = -old
                                stack[depth] = j
                                depth += 1
                        half = w & _HALF
        states[chain, 0], states[chain, 1], states[chain, 2], states[chain, 3] = a, b, c, d
    return flipped
