"""Kernels that only kernels call: compiled into their callers, without an entry from Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

# The last two are options of Numba that its types do not list.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}

Function = TypeVar("Function", bound=Callable[..., object])


def inner(function: Function) -> Function:
    """Compile a function that only kernels call.

    As `debulk.core.compiled.kernel`, but without what a call from Python needs and without a file
    of its own in the cache, which takes most of the time that a short function needs to compile.
    """
    return cast(Function, numba.njit(**_OPTIONS)(function))


def hot(function: Function) -> Function:
    """Compile a function that one kernel calls in every step, into its caller's body.

    A call hands over every field of every array, which for a patient's lesions takes longer than what
    most steps do.
    """
    return cast(Function, numba.njit(**_OPTIONS, forceinline=True)(function))
