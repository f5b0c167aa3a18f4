"""What a study reports of survival, with its interval or the statement that none was printed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from debulk.core.results import plain
from debulk.core.strings import text
from debulk.evidence.record import Finding, citation, findings_by_key

_OUTCOMES = (
    "overall survival",
    "cancer-specific survival",
    "progression-free survival",
    "disease-free survival",
)
_UNITS = {"ratio": "ratio", "HR": "ratio", "%": "share", "months": "months", "years": "years"}
_OF_TREATMENT = ("hazard ratio for", "vs systemic")
"""Measures of which a ratio compares treatments; other ratios are of prognostic factors."""

_ORDER = {"ratio": 0, "share": 1, "months": 2, "years": 2}


_NO_REMARKS = ("limits as printed", "p<", "p=")
"""What the interval says already, and p values, which do not stand alone."""


@dataclass(frozen=True, slots=True)
class PrintedEffect:
    """One effect, or the survival of one group.

    Attributes
    ----------
    measure, group : str
        What was measured, in whom, as printed.
    outcome : str
    value : float
    lower, upper : float or None
        Limits as printed; None where none were.
    unit : {"ratio", "share", "months", "years"}
        A share is in percent.
    remark : str
        What the table says of the number, such as "from the first 65 patients".
    key, source : str
        The finding, and how to cite it.
    role : str
        What the finding may be used for.
    """

    measure: str
    group: str
    outcome: str
    value: float
    lower: float | None
    upper: float | None
    unit: str
    remark: str
    key: str
    source: str
    role: str

    @property
    def text(self) -> str:
        """The effect in words, never without its interval or the lack of one."""
        known = self.lower is not None and self.upper is not None
        form = self.unit if known else f"no_interval_{self.unit}"
        said = text(
            f"alike.effect.{form}",
            measure=self.measure[:1].upper() + self.measure[1:],
            group=self.group or text("alike.effect.all"),
            value=self._digits(self.value),
            lower=self._digits(self.lower),
            upper=self._digits(self.upper),
        )
        return text("alike.effect.remark", effect=said, remark=self.remark) if self.remark else said

    def _digits(self, value: float | None) -> str:
        """A ratio with at least two decimals, so that its limits stand as they were printed."""
        if value is None:
            return ""
        plain_digits = f"{value:g}"
        return f"{value:.2f}" if self.unit == "ratio" and len(plain_digits) < 4 else plain_digits

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        told = {name: plain(getattr(self, name)) for name in self.__dataclass_fields__}
        return {**told, "text": self.text}


@lru_cache(maxsize=1_024)
def printed_effects(study: str, outcome: str | None = None) -> tuple[PrintedEffect, ...]:
    """The effects of a study that say most: all groups of one measure; empty where none.

    Overall survival comes before other outcomes, ratios of treatments before shares alive before
    medians before ratios of prognostic factors, and what has an interval before what has none.

    Parameters
    ----------
    study : str
    outcome : str, optional
        Of this outcome alone, which need not be survival.
    """
    asked = _OUTCOMES if outcome is None else (outcome,)
    found = _findings().get(study, ())
    told = [_effect(each) for each in found if each.outcome in asked]
    if not told:
        return ()
    first = min(told, key=lambda each: _rank(each, asked))
    # A number that two tables repeat is told once.
    alike = [each for each in told if _measured(each) == _measured(first)]
    groups = [each.group for each in alike]
    return tuple(
        replace(each, group=_told_apart(each)) if groups.count(each.group) > 1 else each
        for each in alike
    )


def _measured(effect: PrintedEffect) -> tuple[str, str, str]:
    return (effect.key.partition(":")[0], effect.measure, effect.unit)


def _told_apart(effect: PrintedEffect) -> str:
    """The group with what its key says before it, such as liver-only of ``.../liver-only#none``."""
    return f"{effect.key.partition('#')[0].rpartition('/')[2]}, {effect.group}"


def of_treatment(effect: PrintedEffect) -> bool:
    """Whether an effect compares treatments; other ratios are of prognostic factors."""
    return effect.unit == "ratio" and any(each in effect.measure for each in _OF_TREATMENT)


def _rank(effect: PrintedEffect, outcomes: tuple[str, ...]) -> tuple[int, int, int]:
    factor = effect.unit == "ratio" and not of_treatment(effect)
    return (
        outcomes.index(effect.outcome),
        3 if factor else _ORDER[effect.unit],
        0 if effect.lower is not None else 1,
    )


@cache
def _findings() -> dict[str, list[Finding]]:
    by_study: dict[str, list[Finding]] = defaultdict(list)
    for each in findings_by_key().values():
        known = each.value is not None and each.unit in _UNITS
        if known and each.role not in ("planned", "protocol"):
            by_study[each.study].append(each)
    return by_study


def _effect(found: Finding) -> PrintedEffect:
    assert found.value is not None  # as `_findings` keeps them
    return PrintedEffect(
        measure=found.quantity,
        group=found.group,
        outcome=found.outcome,
        value=found.value,
        lower=found.lower,
        upper=found.upper,
        unit=_UNITS[found.unit],
        remark="" if found.statistic.startswith(_NO_REMARKS) else found.statistic,
        key=found.key,
        source=citation(found),
        role=found.role,
    )
