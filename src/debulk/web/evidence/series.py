"""Series, apart from trials: what they print, and what taking their bias into account would do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Any

from debulk.board.alike.effects import of_treatment
from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.emulation.laboratory.knobs import SELECTIONS, STRENGTHS, Unmeasured
from debulk.emulation.laboratory.knobs import Selection as Selecting
from debulk.evidence.answers.answering import answer
from debulk.evidence.answers.asked import Asked, Bias
from debulk.evidence.answers.selecting import Filters, chosen
from debulk.evidence.pooling.bias_rules import BiasRule
from debulk.evidence.pooling.bias_table import BiasTable, read_bias_table
from debulk.evidence.schema import RISKS
from debulk.web.evidence.pooled import Answer, not_pooled, pooled
from debulk.web.evidence.selection import SERIES, Selection
from debulk.web.evidence.studies_table import StudyShown, studies_shown

_BIASED = ("some", "high", "unclear")
_UNBIASED = ("low", "not applicable")
_HOW = Asked(method="ee", interval="wald")
"""One finding is shown, not pooled: its own interval."""

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
        """Studies with any risk of immortal time or of selection have the naive bias; others none."""
        naive = ("naive", "null", self.selecting, self.unmeasured)
        told = text("evidence.adjusting.why")
        first = {"immortal_time": _BIASED}
        chosen_on_response = {"immortal_time": _UNBIASED, "selection_on_response": _BIASED}
        neither = {"immortal_time": _UNBIASED, "selection_on_response": _UNBIASED}
        return (
            BiasRule(first, (naive,), self.extra_sd, told),
            BiasRule(chosen_on_response, (naive,), self.extra_sd, told),
            BiasRule(neither, (), 0.0, text("evidence.adjusting.none")),
        )

    def bias(self) -> Bias:
        """What the studies are adjusted by."""
        return Bias(laboratory(), self.rules(), {}, "shift")


SITUATIONS = {"selecting": SELECTIONS, "unmeasured": STRENGTHS}


@cache
def laboratory() -> BiasTable:
    """The packaged table of the bias laboratory."""
    with as_file(files("debulk.data").joinpath("laboratory", "simple.json")) as path:
        return read_bias_table(path)


@lru_cache(maxsize=64)
def compared(selection: Selection, situation: Situation) -> list[dict[str, Any]]:
    """Comparisons of treatments that series print with an interval, as published and adjusted.

    Returns
    -------
    list of dict
        study, group, key, ``pool`` (the answer of ``debulk evidence pool --key KEY --method ee
        --interval wald --bias TABLE --bias-rules RULES``) and the risks of bias.
    """
    found = []
    for study in studies_shown(selection):
        if study.randomised:
            continue
        for effect in study.effects:
            if of_treatment(effect) and effect.lower is not None:
                told = _adjusted(effect.key, situation)
                if told is not None:
                    found.append(_row(study, effect.group, effect.key, told))
    return found


def _row(study: StudyShown, group: str, key: str, told: dict[str, Any]) -> dict[str, Any]:
    risks = {risk: study.risks[risk] for risk in RISKS}
    return {"study": study.study, "group": group, "key": key, "risks": risks, "pool": told}


def _adjusted(key: str, situation: Situation) -> dict[str, Any] | None:
    how = Asked(method=_HOW.method, interval=_HOW.interval, bias=situation.bias())
    try:
        return answer(chosen(Filters(key=[key])), how)
    except InputError:
        # A ratio without a standard error stands in the table alone.
        return None


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
