"""Series, apart from trials: what they print, and what taking their bias into account would do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Any

from debulk.board.alike.effects import PrintedEffect, of_treatment
from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.core.strings import text
from debulk.emulation.laboratory.knobs import SELECTIONS, STRENGTHS, Unmeasured
from debulk.emulation.laboratory.knobs import Selection as Selecting
from debulk.evidence.effects.from_findings import effects_from_findings
from debulk.evidence.pooling.bias import BiasEstimate
from debulk.evidence.pooling.bias_adjusted import shifts_of
from debulk.evidence.pooling.bias_rules import BiasRule, assign_bias
from debulk.evidence.pooling.bias_table import BiasTable, read_bias_table
from debulk.survival.curves.limits import normal_width
from debulk.web.evidence.pooled import Answer, not_pooled, pooled
from debulk.web.evidence.selection import SERIES, Selection
from debulk.web.evidence.studies_table import StudyShown, studies_shown

_BIASED = ("some", "high", "unclear")
_UNBIASED = ("low", "not applicable")
MOST_EXTRA_SD = 2.0


@dataclass(frozen=True, slots=True)
class Situation:
    """A registry of the bias laboratory in which local treatment does nothing.

    Attributes
    ----------
    selecting : {"mild", "hard"}
        How strongly the board selects by what is recorded.
    unmeasured : {"none", "weak", "strong"}
        And by what is not.
    extra_sd : float
        How far a real study's bias may lie from the simulated one, on the log scale: the reader's
        assumption.
    """

    selecting: Selecting = "hard"
    unmeasured: Unmeasured = "strong"
    extra_sd: float = 0.2

    def rules(self) -> tuple[BiasRule, ...]:
        """Studies at risk of immortal time or of selection have the naive bias; others none."""
        naive = ("naive", "null", self.selecting, self.unmeasured)
        told = text("evidence.adjusting.why")
        first: dict[str, tuple[str, ...]] = {"immortal_time": _BIASED}
        chosen_on_response: dict[str, tuple[str, ...]] = {
            "immortal_time": _UNBIASED,
            "selection_on_response": _BIASED,
        }
        neither: dict[str, tuple[str, ...]] = {
            "immortal_time": _UNBIASED,
            "selection_on_response": _UNBIASED,
        }
        return (
            BiasRule(first, (naive,), self.extra_sd, told),
            BiasRule(chosen_on_response, (naive,), self.extra_sd, told),
            BiasRule(neither, (), 0.0, text("evidence.adjusting.none")),
        )


SITUATIONS = {"selecting": SELECTIONS, "unmeasured": STRENGTHS}


@cache
def laboratory() -> BiasTable:
    """The packaged table of the bias laboratory."""
    with as_file(files("debulk.data").joinpath("laboratory", "simple.json")) as path:
        return read_bias_table(path)


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison of treatments that a series prints, as published and with its bias taken off.

    Attributes
    ----------
    study, group, key : str
        The finding.
    published, adjusted : dict of str to float
        estimate, lower, upper: hazard ratios with 95 % limits.
    bias : BiasEstimate or None
        Of the log hazard ratio; None for a study without a risk of it.
    risks : dict of str to str
        Level of each bias.
    """

    study: str
    group: str
    key: str
    published: dict[str, float]
    adjusted: dict[str, float]
    bias: BiasEstimate | None
    risks: dict[str, str]

    @property
    def name(self) -> str:
        """Study and group."""
        return f"{self.study}, {self.group}" if self.group else self.study

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


@lru_cache(maxsize=64)
def compared(selection: Selection, situation: Situation) -> tuple[Compared, ...]:
    """Comparisons of treatments that series print, as far as they have a standard error."""
    found = (
        _compared(study, effect, situation)
        for study in studies_shown(selection)
        if not study.randomised
        for effect in study.effects
        if of_treatment(effect)
    )
    return tuple(each for each in found if each is not None)


def _compared(study: StudyShown, effect: PrintedEffect, situation: Situation) -> Compared | None:
    try:
        printed = effects_from_findings([effect.key], measure="hazard ratio")
    except InputError:
        # A ratio without a standard error stands in the table of studies alone.
        return None
    estimate, se = float(printed.estimates[0]), float(printed.std_errors[0])
    codes = {study.study: {"design": study.design, **study.risks}}
    bias = assign_bias(codes, situation.rules(), laboratory())
    (shift,), (added,) = shifts_of(bias, "shift")
    return Compared(
        study=study.study,
        group=effect.group,
        key=effect.key,
        published=_ratio(estimate, se),
        adjusted=_ratio(estimate + float(shift), math.hypot(se, float(added))),
        bias=bias[0],
        risks=study.risks,
    )


def _ratio(estimate: float, se: float) -> dict[str, float]:
    width = normal_width(0.95) * se
    ends = {"estimate": estimate, "lower": estimate - width, "upper": estimate + width}
    return {name: math.exp(value) for name, value in ends.items()}


@lru_cache(maxsize=64)
def followed(selection: Selection) -> Answer:
    """Shares alive in series, at the time that most of them print; pooled among series alone."""
    counts: dict[str, int] = {}
    for study in studies_shown(selection):
        if study.randomised:
            continue
        for quantity in {each.measure for each in study.effects if each.unit == "share"}:
            counts[quantity] = counts.get(quantity, 0) + 1
    if not counts:
        return {**not_pooled(text("evidence.series.no_shares")), "quantity": None}
    most = max(counts, key=lambda each: counts[each])
    told = pooled(selection, SERIES, measure="proportion", quantity=most)
    return {**told, "quantity": most}
