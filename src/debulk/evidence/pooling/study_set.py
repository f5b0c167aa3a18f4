"""The studies that a check works on: pooled once, so that they are checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import debulk
from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.evidence.pooling.checks import PooledRow
from debulk.evidence.pooling.random_effects import pool
from debulk.evidence.pooling.studies import Studies, option, read_studies
from debulk.survival.subjects import is_missing, one_dimensional

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.evidence.pooling.pooled import IntervalMethod, Method, PooledEffect

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]

FEW_STUDIES = 10
"""Fewer leave tests for small-study effects and meta-regressions with little power (Sterne et al.
2011, BMJ 343:d4002)."""


@dataclass(frozen=True, slots=True)
class StudySet(Studies):
    """Checked studies, and how they are to be pooled.

    Attributes
    ----------
    overall : PooledEffect
        All of them, pooled as asked for.
    """

    overall: PooledEffect

    def __len__(self) -> int:
        return len(self.names)

    def pooled(self, which: Indices, **options: Any) -> PooledEffect:
        """Pool some of them as asked for, or otherwise where `options` say so."""
        asked = {
            "method": self.overall.method,
            "interval": self.overall.interval,
            "conf_level": self.overall.conf_level,
        }
        if len(which) == 1:
            asked |= {"method": "ee", "interval": "wald"}
        names = [self.names[index] for index in which]
        return pool(
            self.estimates[which], self.std_errors[which], names=names, **{**asked, **options}
        )

    def row(self, name: str, which: Indices) -> PooledRow:
        """Pool some of them into one line; one alone stands for itself."""
        alone = len(which) == 1
        try:
            pooled = self.pooled(which)
        except InputError as error:
            raise InputError(f"{error.where}, line {name!r}", error.found, error.remedy) from None
        return PooledRow(
            name=name,
            k=pooled.k,
            estimate=pooled.estimate,
            se=pooled.se,
            lower=pooled.lower,
            upper=pooled.upper,
            p=pooled.p,
            tau2=None if alone else pooled.tau2,
            i2=None if alone else pooled.i2,
            q=None if alone else pooled.q,
            q_p=None if alone else pooled.q_p,
        )

    def provenance(self, *remarks: str, **choices: tuple[Any, Any]) -> Provenance:
        """Inputs and choices of pooling, those of a check (value, default), and its remarks."""
        own = tuple(option(name, *each) for name, each in choices.items())
        return Provenance(
            version=debulk.__version__,
            inputs=self.overall.provenance.inputs,
            parameters=self.overall.provenance.parameters + own,
            remarks=tuple(each for each in remarks if each),
        )


def study_set(
    estimates: Any,
    std_errors: Any,
    *,
    names: Sequence[str] | None,
    method: Method = "ee",
    interval: IntervalMethod = "wald",
    conf_level: float = 0.95,
    least: int,
    purpose: str,
) -> StudySet:
    """Hold studies against what pooling and a check need.

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
        If they cannot be pooled, or are too few.
    """
    k = one_dimensional(estimates, "estimates").size
    if 0 < k < least:
        found = f"{k} {'study' if k == 1 else 'studies'} for {purpose}"
        raise InputError("estimates", found, f"Give at least {least} studies")
    studies = read_studies(estimates, std_errors, names)
    overall = pool(
        studies.estimates,
        studies.std_errors,
        names=studies.names,
        method=method,
        interval=interval,
        conf_level=conf_level,
    )
    return StudySet(studies.names, studies.estimates, studies.std_errors, overall)


def values_of(column: Any, names: Sequence[str], where: str) -> list[float | str]:
    """One value a study, none missing: numbers as they are, all else (dates, words) as text.

    Raises
    ------
    InputError
        If lengths differ, a value is missing (with the study), or numbers and words are mixed.
    """
    one_dimensional(column, where)
    found = [_as_python(each) for each in column]
    if len(found) != len(names):
        remedy = "Give one value a study"
        raise InputError(where, f"has {len(found)} values for {len(names)} studies", remedy)
    for name, value in zip(names, found, strict=True):
        if is_missing(value) or not str(value).strip():
            remedy = "Give a value, or leave the study out yourself and say so"
            raise InputError(f"{where}, study {name!r}", "the value is missing", remedy)
    told = [each if isinstance(each, int | float) else str(each).strip() for each in found]
    if len({isinstance(each, str) for each in told}) > 1:
        raise InputError(where, "holds numbers and words", "Give numbers alone, or words alone")
    return told


def _as_python(value: Any) -> Any:
    if not isinstance(value, np.generic):
        return value
    told = value.item()
    # A moment as text: as a number it would be nanoseconds.
    return str(value) if isinstance(value, np.datetime64) and told is not None else told


def spread_about_mean(values: Floats, weights: Floats) -> float:
    """Weighted sum of squares about the weighted mean: Cochran's Q."""
    mean = float(weights @ values / weights.sum())
    return float(weights @ (values - mean) ** 2)


def few_studies(k: int, what: str) -> str:
    """Remark on what a test of few studies is worth; empty where there are enough."""
    if k >= FEW_STUDIES:
        return ""
    studies = "1 study" if k == 1 else f"{k} studies"
    return (
        f"Only {studies}: with fewer than {FEW_STUDIES}, {what} has too little power for its "
        "silence to mean anything"
    )
