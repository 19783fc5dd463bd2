"""Argument checks shared by the public modules: each error names the argument, what came and what is allowed."""

import numbers
import reprlib

import numpy as np

_SHORT = reprlib.Repr()
_SHORT.maxother = _SHORT.maxstring = 60


def _show(value) -> str:
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    return _SHORT.repr(value)


def as_generator(rng) -> np.random.Generator:
    """Return a NumPy generator from a generator, a non-negative integer seed, or None (fresh entropy).

    Also from a SeedSequence, such as another's ``spawn`` returns for parallel work, and it seeds the same stream each
    time; and from a BitGenerator, whose state advances.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None or isinstance(rng, np.random.SeedSequence | np.random.BitGenerator):
        return np.random.default_rng(rng)
    if isinstance(rng, numbers.Integral) and not isinstance(rng, bool) and rng >= 0:
        return np.random.default_rng(int(rng))
    raise ValueError(
        "rng must be a numpy.random.Generator, SeedSequence or BitGenerator, a non-negative integer seed or None, "
        f"got {_show(rng)}"
    )


def check_int(name: str, value, minimum: int | None = None, maximum: int | None = None) -> int:
    """Return ``value`` as an int, or raise naming the argument, what came and the allowed range."""
    allowed = f"an integer{_range_text(minimum, maximum)}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise ValueError(f"{name} must be {allowed}, got {_show(value)}")
    value = int(value)
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        raise ValueError(f"{name} must be {allowed}, got {value}")
    return value


def check_real(name: str, value, minimum: float | None = None, maximum: float | None = None, *, strict=False) -> float:
    """Return ``value`` as a finite float in the allowed range; ``strict`` excludes the end points."""
    allowed = f"a finite number{_range_text(minimum, maximum, strict)}"
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise ValueError(f"{name} must be {allowed}, got {_show(value)}")
    value = float(value)
    low = minimum is not None and (value < minimum or (strict and value == minimum))
    high = maximum is not None and (value > maximum or (strict and value == maximum))
    if not np.isfinite(value) or low or high:
        raise ValueError(f"{name} must be {allowed}, got {value}")
    return value


def check_choice(name: str, value, allowed) -> str:
    """Return ``value`` if it is one of ``allowed``, or raise listing the choices."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {_show(value)}")
    return value


def check_bool(name: str, value) -> bool:
    """Return ``value`` as a bool; anything but True or False is an error."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {_show(value)}")
    return bool(value)


def check_unmasked(name: str, value) -> None:
    """Refuse an array that hides some of its entries: what is behind a mask would count as data."""
    parts = [value, *value] if isinstance(value, list | tuple) else [value]
    if any(np.ma.is_masked(part) for part in parts):
        raise ValueError(f"{name} must not hide entries behind a mask, got a masked array; fill or leave them out")


def check_array(
    name: str, value, *, ndim: int | tuple[int, ...] | None = None, dtype=np.float64, finite: bool = True
) -> np.ndarray:
    """Return ``value`` as a non-empty, C-contiguous real array of the wanted number of dimensions, finite or not."""
    check_unmasked(name, value)
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{name} must be a rectangular array of numbers, got {_show(value)}") from error
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be an array of real numbers, got dtype {array.dtype}")
    if ndim is not None:
        allowed = ndim if isinstance(ndim, tuple) else (ndim,)
        if array.ndim not in allowed:
            wanted = " or ".join(map(str, allowed))
            raise ValueError(f"{name} must have {wanted} dimension(s), got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    if finite and array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite everywhere, got NaN or infinity")
    return np.ascontiguousarray(array, dtype=dtype)


def check_units(name: str, value, *, ndim: int | tuple[int, ...] | None = None, dtype=np.int8) -> np.ndarray:
    """Return ``value`` as a C-contiguous array whose entries are all +1 or -1."""
    array = check_array(name, value, ndim=ndim, dtype=None)
    if not (np.abs(array) == 1).all():
        bad = array[np.abs(array) != 1].ravel()[0]
        raise ValueError(f"{name} must hold only +1 and -1, got {bad!r} (for 0/1 data use 2*x - 1)")
    return np.ascontiguousarray(array, dtype=dtype)


def check_lattices(name: str, value) -> np.ndarray:
    """Return ``value`` as int8 spins of shape (n_samples, L, L); a single (L, L) lattice becomes a batch of one."""
    spins = check_units(name, value, ndim=(2, 3))
    if spins.ndim == 2:
        spins = spins[None]
    if spins.shape[1] != spins.shape[2] or spins.shape[1] < 2:
        raise ValueError(f"{name} must be square lattices (n_samples, L, L) with L >= 2, got shape {spins.shape}")
    return spins


def _range_text(minimum, maximum, strict=False) -> str:
    low, high = (">", "<") if strict else (">=", "<=")
    parts = [f"{low} {minimum}"] * (minimum is not None) + [f"{high} {maximum}"] * (maximum is not None)
    return " " + " and ".join(parts) if parts else ""
