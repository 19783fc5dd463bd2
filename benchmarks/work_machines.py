"""Rows of the restricted Boltzmann machine: training epochs, and ln Z by enumeration."""

import numpy as np

from mlrg_lib.machines import RBM, exact

from .bounds import product_bound
from .measure import Contender, Row
from .peers import load
from .plain import NumpyRBM, log_partition_gray, log_partition_numpy

N_VISIBLE, N_HIDDEN, RATE, MOMENTUM, L1 = 1600, 400, 0.01, 0.5, 1e-4


def data(n):
    """Return n rows of fair coins, int8 (n, 1600)."""
    return (2 * np.random.default_rng(0).integers(0, 2, size=(n, N_VISIBLE)) - 1).astype(np.int8)


def products_bound(n, batch, k, n_hidden=N_HIDDEN) -> Contender:
    """Return the matrix products of an epoch and nothing else: 3 + 2 k of them, both gradient halves in one."""
    rng = np.random.default_rng(1)
    W = rng.standard_normal((N_VISIBLE, n_hidden), dtype=np.float32)
    visible = rng.standard_normal((2 * batch, N_VISIBLE), dtype=np.float32)
    hidden = rng.standard_normal((2 * batch, n_hidden), dtype=np.float32)
    gradient = np.empty_like(W)

    sampled = hidden[batch:].copy(), visible[batch:].copy()  # what the products read does not grow

    def run():
        for _ in range(n // batch):
            np.dot(visible[:batch], W, out=hidden[:batch])
            for _ in range(k):
                np.dot(sampled[0], W.T, out=visible[batch:])
                np.dot(sampled[1], W, out=hidden[batch:])
            np.dot(visible.T, hidden, out=gradient)

    return Contender("matrix products", run, n)


def ours(X, method, batch, k, n_hidden=N_HIDDEN) -> Contender:
    """Return an epoch of the estimator."""
    machine = RBM(n_hidden, method=method, k=k, learning_rate=RATE, batch_size=batch, momentum=MOMENTUM, l1=L1,
                  evaluate_every=0, rng=0)  # fmt: skip
    return Contender("ours", lambda: machine.partial_fit(X), len(X))


def numpy_peer(X, batch, k) -> Contender:
    """Return the same by whole-array numpy."""
    machine, data = NumpyRBM(N_VISIBLE, N_HIDDEN, RATE, MOMENTUM, L1), X.astype(np.float32)
    return Contender("numpy float32", lambda: machine.epoch(data, batch, k), len(X))


def torch_peer(X, batch, k) -> tuple[Contender, ...]:
    """Return the same in torch, as one writes it."""
    torch = load("torch")
    if torch is None:
        return ()
    torch.set_num_threads(1)
    data = torch.from_numpy(X.astype(np.float32))
    generator = torch.Generator().manual_seed(0)
    W = 0.01 * torch.randn(N_VISIBLE, N_HIDDEN, generator=generator)
    b, c, velocity = torch.zeros(N_HIDDEN), torch.zeros(N_VISIBLE), torch.zeros(N_VISIBLE, N_HIDDEN)

    def draw(fields):
        p = torch.sigmoid(-2 * fields)
        return 2 * torch.bernoulli(p, generator=generator) - 1, 2 * p - 1

    @torch.no_grad()
    def epoch():
        for first in range(0, len(data), batch):
            v0 = data[first : first + batch]
            h, m0 = draw(v0 @ W + b)
            for _ in range(k):
                v, _ = draw(h @ W.T + c)
                h, m = draw(v @ W + b)
            step = (v.T @ m - v0.T @ m0) / len(v0) - L1 * torch.sign(W)
            velocity.mul_(MOMENTUM).add_(step, alpha=RATE)
            W.add_(velocity)
            b.add_((m - m0).mean(0), alpha=RATE)
            c.add_((v - v0).mean(0), alpha=RATE)

    return (Contender("torch", epoch, len(X)),)


def sklearn_peers(X, batch) -> tuple[Contender, ...]:
    """Return scikit-learn's persistent chains, units 0 and 1, a step for each batch: float32 and its usual float64."""
    module = load("sklearn.neural_network")
    found = []
    for kind in (np.float32, np.float64) if module is not None else ():
        data = ((X + 1) / 2).astype(kind)
        machine = module.BernoulliRBM(N_HIDDEN, learning_rate=RATE, batch_size=batch, random_state=0)

        def epoch(machine=machine, data=data):
            for first in range(0, len(data), batch):
                machine.partial_fit(data[first : first + batch])

        found.append(Contender(f"scikit-learn {np.dtype(kind).name}", epoch, len(X)))
    return tuple(found)


def rbms_peer(X, batch) -> tuple[Contender, ...]:
    """Return the step of the package rbms: persistent chains, units 0 and 1, plain ascent."""
    torch, classes, training = load("torch"), load("rbms.bernoulli_bernoulli.classes"), load("rbms.training.pcd")
    if None in (torch, classes, training):
        return ()
    torch.set_num_threads(1)
    data, weight = torch.from_numpy((X + 1) / 2).float(), torch.ones(batch)
    machine = classes.BBRBM(0.01 * torch.randn(N_VISIBLE, N_HIDDEN), torch.zeros(N_VISIBLE), torch.zeros(N_HIDDEN))
    for parameter in machine.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer = torch.optim.SGD(machine.parameters(), lr=RATE, maximize=True)
    chains = machine.init_chains(batch)

    @torch.no_grad()
    def epoch():
        nonlocal chains
        for first in range(0, len(data), batch):
            part = data[first : first + batch]
            chains, _ = training.fit_batch_pcd((part, weight), chains, machine, 1, 1.0, centered=False)
            optimizer.step()

    return (Contender("rbms", epoch, len(X)),)


def training_row(method, k, batch, quick):
    """One epoch of 1600 x 400 units on one thread."""
    n = (1000 if quick else 4000) // (5 if k > 1 else 1)
    X = data(-(-n // batch) * batch)  # whole batches: the bound has no other
    if method == "cd":
        peers = (*torch_peer(X, batch, k), numpy_peer(X, batch, k))
        target = 1.8 if k > 1 else 1.4
        note = ""
    else:
        peers, target = (*sklearn_peers(X, batch), *rbms_peer(X, batch)), 1.4
        note = "the peers have units 0 and 1, no momentum and no penalty: less work than ours"
    work = f"RBM {method.upper()}-{k}, 1600×400, batch {batch}"
    return Row(f"rbm-{method}-{k}-{batch}", work, "samples/s", 1.0, True,
               ours(X, method, batch, k), peers, products_bound(len(X), batch, k), target, note)  # fmt: skip


def enumeration_row(quick):
    """ln Z of a machine of 20 x 20 units."""
    rng = np.random.default_rng(2)
    machine = exact_machine(rng, 20)
    arguments = -machine.weights_, machine.visible_bias_, -machine.hidden_bias_
    values = exact.log_partition(machine), log_partition_numpy(*arguments), log_partition_gray(*arguments)
    if np.ptp(values) > 1e-9:
        raise RuntimeError(f"the three ways to ln Z differ: {values}")
    peers = (
        Contender("Gray code, numba", lambda: log_partition_gray(*arguments)),
        Contender("numpy in chunks", lambda: log_partition_numpy(*arguments)),
    )
    return Row("log-partition", "ln Z by enumeration, 20×20", "ms", 1e3, False,
               Contender("ours", lambda: exact.log_partition(machine)), peers,
               product_bound(20 * 2**20), 40.0)  # fmt: skip


def exact_machine(rng, n):
    """Return a machine with random parameters."""
    machine = RBM(n, rng=0)
    machine.set_params(n_epochs=1, evaluate_every=0)
    machine.fit(2 * rng.integers(0, 2, size=(20, n)) - 1)
    machine.weights_ = 0.3 * rng.standard_normal((n, n))
    machine.hidden_bias_, machine.visible_bias_ = 0.3 * rng.standard_normal((2, n))
    return machine


ROWS = {
    **{
        f"rbm-{method}-{k}-{batch}": (lambda quick, a=(method, k, batch): training_row(*a, quick))
        for method, k, batch in (("cd", 1, 100), ("cd", 1, 500), ("cd", 10, 100), ("pcd", 1, 100))
    },
    "log-partition": enumeration_row,
}
