"""Numba behind two typed decorators, so that kernels read like the functions they are.

Nothing here relaxes floating point: a kernel gives the same bits for any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import numba

from debulk.core.errors import InputError
from debulk.core.kernel_cache import forget_old, kernel_folder

_folder = kernel_folder(Path(__file__).parents[1], str(getattr(numba.config, "CACHE_DIR", "")))
if not _folder.exists():
    forget_old(_folder)
numba.config.CACHE_DIR = str(_folder)  # type: ignore[attr-defined]

if TYPE_CHECKING:
    prange = range
else:
    prange = numba.prange

Function = TypeVar("Function", bound=Callable[..., object])

__all__ = ["kernel", "parallel_kernel", "prange", "use_threads"]


def kernel(function: Function) -> Function:
    """Compile a function of flat arrays and numbers; the result is cached on disk."""
    return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def parallel_kernel(function: Function) -> Function:
    """Compile a function whose ``prange`` loops run on threads; each turn writes only its own."""
    compiled = numba.njit(cache=True, nogil=True, parallel=True, error_model="numpy")(function)
    return cast(Function, compiled)


def use_threads(workers: int | None) -> int:
    """Set how many threads the parallel kernels use; None means all there are.

    Parameters
    ----------
    workers : int or None
        At least 1. More than the machine has is cut to what it has, since no result depends
        on it.

    Returns
    -------
    int
        The number of threads in use.

    Raises
    ------
    InputError
        If `workers` is no whole number from 1 on.
    """
    most = int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]
    if workers is not None:
        remedy = "Give 1 or more, or leave it out"
        if isinstance(workers, bool) or not isinstance(workers, Integral):
            raise InputError("workers", f"{workers!r:.60} is no whole number", remedy)
        if workers < 1:
            raise InputError("workers", f"{workers} is below 1", remedy)
    chosen = most if workers is None else int(min(workers, most))
    numba.set_num_threads(chosen)
    return chosen
