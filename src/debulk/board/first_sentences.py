"""The first sentences of a case: extent, what is treatable, trials, futures, evidence, the missing.

Page, print and JSON say the same words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from debulk.board.facts.facts_of_case import Facts
from debulk.board.matching.board_trials import takes_patients
from debulk.board.matching.missing import MissingAnswer, summary
from debulk.board.matching.trial_match import TrialMatch
from debulk.board.settings import EXTENT_KS, BoardSettings
from debulk.core.strings import text


def in_short(
    now: Facts,
    settings: BoardSettings,
    trials: Sequence[TrialMatch],
    futures: Mapping[str, Any] | None,
    equipoise: Mapping[str, Any] | None,
    evidence: Mapping[str, Any],
    missing: Sequence[MissingAnswer],
) -> tuple[str, ...]:
    """The sentences under *in short*, in the page's order."""
    said = [
        extent_sentence(now, settings),
        burden_sentence(now),
        treatable_sentence(now, "now"),
        trials_sentence(trials),
    ]
    told = (_futures_sentence(futures, equipoise, settings), evidence.get("text"), summary(missing))
    return tuple(each for each in (*said, *told) if each)


def _futures_sentence(
    futures: Mapping[str, Any] | None,
    equipoise: Mapping[str, Any] | None,
    settings: BoardSettings,
) -> str:
    """Whether the model can tell the options apart, or why nothing is shown."""
    if futures is None or equipoise is None:
        return text("facts.futures.not_asked")
    if futures["state"] == "not_enough_known":
        return text("facts.futures.not_enough", said=futures["text"])
    verdict = equipoise["model"]["verdict"]
    delta, draws = f"{settings.delta_months:g}", settings.leans_at
    return text(f"facts.futures.{verdict}", delta=delta, draws=draws)


def extent_sentence(facts: Facts, settings: BoardSettings) -> str:
    """Extent with its counts, by the department's k and by the other one."""
    other_k = next(k for k in EXTENT_KS if k != settings.extent_k)
    other = getattr(facts, f"extent_k{other_k}")
    same = other == facts.extent
    return text(
        "facts.in_short.extent",
        extent=_extent(facts.extent),
        organs=_count("organs", facts.organs_involved, facts),
        lesions=_count("lesions", facts.lesions, facts),
        largest=_largest(facts),
        other_k=other_k,
        other=text("facts.in_short.the_same") if same else _extent(other),
    )


def _extent(name: str | None) -> str:
    return text(f"facts.extents.{name or 'unknown'}")


def _count(what: str, number: int | None, facts: Facts) -> str:
    said = text(f"facts.in_short.{what}", count=number or 0)
    return text("facts.in_short.at_least", what=said) if facts.counts_are_lower_bounds else said


def _largest(facts: Facts) -> str:
    if facts.largest_diameter_mm is None:
        return ""
    key = "largest_at_least" if facts.largest_is_lower_bound else "largest"
    return ", " + text(f"facts.in_short.{key}", mm=f"{facts.largest_diameter_mm:g}")


def burden_sentence(facts: Facts) -> str:
    """Volume of all lesions and tumour burden score of those in the liver; empty without any."""
    if not facts.lesions:
        return ""
    if facts.volume_ml is not None:
        volume = text("facts.in_short.volume_ml", ml=_ml(facts.volume_ml))
    elif facts.counts_are_lower_bounds:
        volume = text("facts.in_short.volume_unknown", why=text("facts.in_short.unknown_list"))
    else:
        unsized, lesions = facts.lesions_without_size, facts.lesions
        why = text("facts.in_short.no_sizes", count=unsized, lesions=lesions)
        volume = text("facts.in_short.volume_unknown", why=why)
    return text("facts.in_short.burden", volume=volume, score=_burden_score(facts))


def _burden_score(facts: Facts) -> str:
    """The score is one of the liver: without metastases there it has no meaning."""
    if facts.tumour_burden_score is not None:
        return f"{facts.tumour_burden_score:.1f}"
    return text(f"facts.in_short.score_{'without_liver' if facts.hepatic == 0 else 'unknown'}")


_SMALL_ML = 10.0


def _ml(volume: float) -> str:
    """Two digits at least: nobody measures more."""
    return f"{volume:.0f}" if volume >= _SMALL_ML else f"{volume:.2g}"


def treatable_sentence(facts: Facts, moment: str) -> str:
    """How many lesions can be treated, how panels differ, and the share by volume."""
    when = text(f"facts.moments.{moment}")
    if facts.lesions == 0:
        return text("facts.in_short.treatable_none", moment=when)
    if facts.treatable is None or facts.treatable_share is None:
        return text("facts.in_short.treatable_unknown", moment=when, why=_why_unknown(facts))
    volume = ""
    if facts.treatable_share_volume is not None:
        share = f"{100 * facts.treatable_share_volume:.0f}"
        volume = ". " + text("facts.in_short.volume", percent=share)
    return text(
        "facts.in_short.treatable",
        moment=when,
        treatable=f"{facts.treatable:.3g}",
        lesions=facts.lesions,
        percent=f"{100 * facts.treatable_share:.0f}",
        plan="" if facts.judged else text("facts.in_short.in_one_plan"),
        panel=_panel(facts),
        volume=volume,
    )


def _why_unknown(facts: Facts) -> str:
    if facts.counts_are_lower_bounds:
        return ", " + text("facts.in_short.unknown_list")
    if facts.judged:
        return ", " + text("facts.in_short.unknown_judged")
    return ", " + text("facts.in_short.unknown_sizes", count=facts.lesions_without_size)


def _panel(facts: Facts) -> str:
    spread = facts.panel
    if spread is None:
        return ""
    key = "members" if spread.judged else "panel"
    if spread.judged and spread.draws == 1:
        key = "one_member"
    elif spread.lower == spread.upper:
        key += "_same"
    said = text(f"facts.in_short.{key}", lower=spread.lower, upper=spread.upper)
    return f"; {said}"


def trials_sentence(trials: Sequence[TrialMatch]) -> str:
    """How many trials fit, may fit, and do not; how many of the first two take patients."""
    fits = [each.in_force.fit for each in trials]
    unknown = sum(
        each.in_force.count("unknown") for each in trials if each.in_force.fit == "may fit"
    )
    possible = [each.trial.status for each in trials if each.in_force.fit != "does not fit"]
    taking = sum(map(takes_patients, possible))
    answers = " " + text("matching.all.answers", count=unknown) if unknown else ""
    said = text(
        "matching.all.trials",
        fit=fits.count("fits"),
        fit_word=text("matching.all.fit_word", count=fits.count("fits")),
        may=fits.count("may fit"),
        answers=answers,
        not_fit=fits.count("does not fit"),
        not_word=text("matching.all.not_word", count=fits.count("does not fit")),
    )
    return f"{said} {text('matching.all.taking', count=taking)}" if possible else said
