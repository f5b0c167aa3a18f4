"""The studies that a check works on, held against what can be pooled before anything starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm

import debulk
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Parameter, Provenance
from debulk.evidence.pooling.checks import PooledRow
from debulk.evidence.pooling.random_effects import pool

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.evidence.effects.study_effects import StudyEffects
    from debulk.evidence.pooling.pooled import IntervalMethod, Method, PooledEffect

    Floats = npt.NDArray[np.float64]

FEW_STUDIES = 10
"""Below this, tests for small-study effects and for moderators have little power (Sterne et al.
2011, BMJ 343:d4002; Cochrane Handbook, chapters 10 and 13)."""


@dataclass(frozen=True)
class Studies:
    """Effects and how they are to be pooled.

    Attributes
    ----------
    names : tuple of str
        One a study, each once.
    estimates, std_errors : float64 array, shape (studies,)
        Finite; standard errors above 0.
    method, interval, conf_level
        As `pool` takes them.
    """

    names: tuple[str, ...]
    estimates: Floats
    std_errors: Floats
    method: Method
    interval: IntervalMethod
    conf_level: float

    def __len__(self) -> int:
        return len(self.names)

    def pooled(self, which: Any = slice(None)) -> PooledEffect:
        """Pool some of the studies, by default all."""
        return pool(
            self.estimates[which],
            self.std_errors[which],
            method=self.method,
            interval=self.interval,
            names=list(np.array(self.names, dtype=object)[which]),
            conf_level=self.conf_level,
        )

    def row(self, name: str, which: npt.NDArray[np.int64]) -> PooledRow:
        """Pool some of the studies into one line; one alone stands for itself."""
        if len(which) == 1:
            return self._alone(name, int(which[0]))
        return row_of(name, self.pooled(which))

    def provenance(self, *remarks: str, **chosen: Any) -> Provenance:
        """Provenance with the choices of pooling, those of the check, and remarks."""
        choices = {
            "method": self.method,
            "interval": self.interval,
            "conf_level": self.conf_level,
            **chosen,
        }
        return Provenance(
            version=debulk.__version__,
            parameters=tuple(
                Parameter(name, value, "chosen", "argument") for name, value in choices.items()
            ),
            remarks=tuple(each for each in remarks if each),
        )

    def _alone(self, name: str, index: int) -> PooledRow:
        estimate, se = float(self.estimates[index]), float(self.std_errors[index])
        reach = float(norm.ppf((1.0 + self.conf_level) / 2.0)) * se
        p = 2.0 * float(norm.sf(abs(estimate) / se))
        lower, upper = estimate - reach, estimate + reach
        return PooledRow(name, 1, estimate, se, lower, upper, p, None, None, None, None)


def row_of(name: str, pooled: PooledEffect) -> PooledRow:
    """One line of a table from a pooled effect."""
    return PooledRow(
        name=name,
        k=pooled.k,
        estimate=pooled.estimate,
        se=pooled.se,
        lower=pooled.lower,
        upper=pooled.upper,
        p=pooled.p,
        tau2=pooled.tau2,
        i2=pooled.i2,
        q=pooled.q,
        q_p=pooled.q_p,
    )


def few_studies(k: int, what: str) -> str:
    """Remark on what a test of few studies is worth; empty where there are enough."""
    if k >= FEW_STUDIES:
        return ""
    return (
        f"Only {k} studies: with fewer than {FEW_STUDIES}, {what} has too little power to tell "
        "anything from its absence, and too few studies to rule out chance"
    )


def checked_studies(
    estimates: Any,
    std_errors: Any,
    *,
    names: Sequence[str] | None,
    method: Method,
    interval: IntervalMethod,
    conf_level: float,
    least: int,
    purpose: str,
) -> Studies:
    """Hold studies against what a check needs.

    Parameters
    ----------
    estimates, std_errors, names, method, interval, conf_level
        As `pool` takes them.
    least : int
        Studies needed at least.
    purpose : str
        What they are needed for, in words.

    Raises
    ------
    InputError
        If lengths differ, a number is missing or impossible, a name comes twice, or there are too
        few studies.
    """
    y, se = _numbers(estimates, "estimates"), _numbers(std_errors, "std_errors")
    if len(y) != len(se):
        found = f"{len(se)} standard errors for {len(y)} estimates"
        raise InputError("std_errors", found, "Give one standard error for each study")
    told = _names(names, len(y))
    for place, values in (("estimates", y), ("std_errors", se)):
        for name, value in zip(told, values, strict=True):
            if not math.isfinite(value) or (place == "std_errors" and value <= 0.0):
                remedy = "Give a number above 0" if place == "std_errors" else "Give a number"
                raise InputError(
                    f"{place}, study {name!r}",
                    f"{value!r} cannot be pooled",
                    f"{remedy}, or leave the study out",
                )
    if len(y) < least:
        studies = "1 study" if len(y) == 1 else f"{len(y)} studies"
        raise InputError("estimates", f"{studies} for {purpose}", f"Give at least {least} studies")
    return Studies(told, y, se, method, interval, conf_level)


def study_column(effects: StudyEffects, name: str) -> tuple[object, ...]:
    """Column of studies' properties, such as the year or the organ.

    Parameters
    ----------
    effects : StudyEffects
        Studies with their `groups`.
    name : str
        Name of the column.

    Raises
    ------
    InputError
        If there is no such column.
    """
    if name not in effects.groups:
        raise InputError("by", f"no column {name!r}", nearest(name, effects.groups))
    return tuple(effects.groups[name])


def column_of(values: Any, names: Sequence[str], where: str) -> list[float | str]:
    """One value a study, none missing: numbers as they are, all else (dates, words) as text.

    Raises
    ------
    InputError
        If lengths differ or a value is missing; with the study.
    """
    found = [values] if isinstance(values, str) or np.ndim(values) == 0 else list(values)
    if len(found) != len(names):
        raise InputError(
            where, f"{len(found)} values for {len(names)} studies", "Give one value for each study"
        )
    for name, value in zip(names, found, strict=True):
        if value is None or value != value or str(value).strip() == "":
            remedy = "Give a value, or leave the study out yourself and say so"
            raise InputError(f"{where}, study {name!r}", f"{value!r} is no value", remedy)
    return [_plain_value(each) for each in found]


def _plain_value(value: Any) -> float | str:
    value = value.item() if isinstance(value, np.generic) else value
    return value if isinstance(value, int | float) else str(value)


def _numbers(values: Any, where: str) -> Floats:
    try:
        found = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(where, f"{values!r:.60} are not numbers", "Give numbers") from None
    if found.ndim != 1:
        raise InputError(where, f"{found.ndim} dimensions", "Give one number for each study")
    return found


def _names(names: Sequence[str] | None, k: int) -> tuple[str, ...]:
    told = tuple(str(i + 1) for i in range(k)) if names is None else tuple(map(str, names))
    if len(told) != k:
        found = f"{len(told)} names for {k} studies"
        raise InputError("names", found, "Give one name for each study")
    twice = sorted({each for each in told if told.count(each) > 1})
    if twice:
        found = f"{twice[0]!r} comes twice"
        raise InputError("names", found, "Keep one, or give the two studies different names")
    return told
