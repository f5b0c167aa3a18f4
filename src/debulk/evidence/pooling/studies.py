"""The studies as users give them, checked once, with messages that name row and value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.provenance import Parameter, sha256_of
from debulk.survival.options import shown
from debulk.survival.subjects import numbers, one_dimensional

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

LARGEST = 1e30
SMALLEST_SE = 1e-30
"""Fourth powers of quotients of these, summed over studies, are still finite."""


@dataclass(frozen=True, slots=True)
class Studies:
    """Checked effects of studies.

    Attributes
    ----------
    names : tuple of str
        One a study, each once.
    estimates, std_errors : float64 array, shape (studies,)
        Finite; standard errors above 0.
    """

    names: tuple[str, ...]
    estimates: Floats
    std_errors: Floats

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of what entered, by argument."""
        return {
            "estimates": hash_of(self.estimates),
            "std_errors": hash_of(self.std_errors),
            "names": sha256_of("\n".join(self.names).encode()),
        }


def read_studies(estimates: Any, std_errors: Any, names: Sequence[str] | None) -> Studies:
    """Check the effects of studies.

    Parameters
    ----------
    estimates, std_errors : array_like, shape (studies,)
        Effects and their standard errors.
    names : sequence of str, optional
        Default 1, 2, ...

    Raises
    ------
    InputError
        If there is no study, lengths differ, a number is missing or impossible, or a study stands
        there twice.
    """
    effects, errors = numbers(estimates, "estimates"), numbers(std_errors, "std_errors")
    if effects.size == 0:
        raise InputError("estimates", "is empty", "Give one effect a study")
    if errors.size != effects.size:
        found = f"has {errors.size} values, estimates has {effects.size}"
        raise InputError("std_errors", found, "Give one standard error a study")
    for row in range(effects.size):
        check_effect(effects[row], f"estimates, row {row + 1}")
        check_error(errors[row], f"std_errors, row {row + 1}")
    return Studies(study_names(names, effects.size), effects, errors)


def check_effect(value: float, where: str) -> None:
    """Refuse an effect that is too large to reckon with."""
    if not abs(value) <= LARGEST:
        raise InputError(where, f"{value:g} is too large", f"Effects reach to {LARGEST:g}")


def check_error(value: float, where: str) -> None:
    """Refuse a standard error that is not above 0, or that is beyond reckoning."""
    if not value > 0.0:
        remedy = (
            "A standard error is above 0: look whether the study's events or interval allow one"
        )
        raise InputError(where, f"{value:g} is no standard error", remedy)
    if not SMALLEST_SE <= value <= LARGEST:
        remedy = f"Standard errors run from {SMALLEST_SE:g} to {LARGEST:g}"
        raise InputError(where, f"{value:g} is beyond reckoning", remedy)


def hash_of(values: Floats) -> str:
    """SHA-256 of numbers, the same on every machine."""
    return sha256_of(values.astype("<f8").tobytes())


def option(name: str, value: Any, default: Any) -> Parameter:
    """An argument in a provenance: chosen where it is not the default."""
    return Parameter(name, value, "default" if value == default else "chosen", "argument")


def study_names(names: Sequence[object] | None, k: int) -> tuple[str, ...]:
    """Names of `k` studies, each once; default 1, 2, ...

    Raises
    ------
    InputError
        If there are more or fewer, one is missing, or one stands there twice.
    """
    if names is None:
        return tuple(str(row + 1) for row in range(k))
    if isinstance(names, str):
        raise InputError("names", f"{shown(names)} is one text", "Give one name a study")
    given = one_dimensional(names, "names").tolist()
    if len(given) != k:
        found = f"has {len(given)} values for {k} studies"
        raise InputError("names", found, "Give one name a study")
    seen: dict[str, int] = {}
    for row, each in enumerate(given):
        if each is None or (isinstance(each, float) and math.isnan(each)) or not str(each).strip():
            raise InputError(f"names, row {row + 1}", "a name is missing", "Name every study")
        name = str(each).strip()
        if name in seen:
            found = f"two studies with one id: {shown(name)} in rows {seen[name]} and {row + 1}"
            remedy = "Drop the one that repeats the other, or tell them apart by their names"
            raise InputError("names", found, remedy)
        seen[name] = row + 1
    return tuple(seen)
