"""Plans for a case: what each leaves, takes and costs, as far as the cards can say.

The price of a plan is that of the disease model: all modalities used count once, as if they were
independent, and systemic therapy pauses for the longest days before and after, longer after a
complication. A number without limits is not shown; the reason stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

from debulk.board.case import BoardCase
from debulk.board.facts.lesions_seen import SeenLesion, visible
from debulk.board.settings import BoardSettings
from debulk.core.binomial import exact_limits
from debulk.core.results import plain
from debulk.core.strings import text
from debulk.disease.parameters import parameter_entries
from debulk.evidence.effects.proportions import events_of_percentage
from debulk.evidence.record import findings_by_key
from debulk.treatments import Modality, Sourced, load_modalities, plan

_OPERATION_OR_ABLATION = ("removes", "destroys")
_MOST_NAMED = 3
_PERCENT = 100.0


@dataclass(frozen=True, slots=True)
class Limits:
    """An estimate with its interval."""

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Pause:
    """Days without systemic therapy around one local treatment, as the cards assume them."""

    without_complication: float
    with_complication: float


@dataclass(frozen=True, slots=True)
class LocalPlan:
    """One plan for a case.

    Attributes
    ----------
    plan, title, text : str
        Its name, its title, what it is.
    lesions_left : int
        Lesions in sight that it does not treat.
    share_left, volume_left_ml, volume_share_left : float or None
        Of lesions and volume in sight; volumes are unknown where a size is.
    sessions : int
        Sessions of local treatment.
    weeks : float
        From the first session to the end of recovery from the last.
    pause_days : Pause
        Pause of systemic therapy, without and with a major complication: assumptions of the cards.
    mortality_90_days, complication : Limits or None
        Probability of death by day 90 and of a complication of grade 3 or more; None where no
        interval can be given, `without_limits` names the cards.
    without_limits : mapping of str to tuple of str
        By risk the titles of the modalities used whose card gives no limits.
    by_lesion : mapping of str to str or None
        What each lesion in sight is treated with.
    titles : mapping of str to str
        Titles of the modalities used.
    remarks : tuple of str
        What a reader must know.
    """

    plan: str
    title: str
    text: str
    lesions_left: int
    share_left: float | None
    volume_left_ml: float | None
    volume_share_left: float | None
    sessions: int
    weeks: float
    pause_days: Pause
    mortality_90_days: Limits | None
    complication: Limits | None
    without_limits: Mapping[str, tuple[str, ...]]
    by_lesion: Mapping[str, str | None]
    titles: Mapping[str, str]
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {name: plain(getattr(self, name)) for name in self.__slots__}


def local_plans(case: BoardCase, settings: BoardSettings) -> tuple[LocalPlan, ...]:
    """Systemic therapy alone, resection and ablation, all treatable, after further response.

    Empty where no metastasis is in sight.
    """
    shown = visible(case, "now")
    if not shown:
        return ()
    cards = load_modalities()
    some = {n: c for n, c in cards.items() if c.kind in _OPERATION_OR_ABLATION}
    shrinking, seen = shrinking_of(case, settings)
    later = tuple(_smaller(each, shrinking) for each in shown)
    key = "facts.plans.after_response"
    said = text(f"{key}.{'as_seen' if seen else 'assumed'}", percent=f"{_PERCENT * shrinking:.0f}")
    everything = _plan(case, "all_treatable", shown, cards)
    return (
        _plan(case, "systemic_alone", shown, {}),
        _plan(case, "resection_ablation", shown, some),
        _titled_by_rest(everything),
        replace(_plan(case, "after_response", later, cards), text=said),
    )


def shrinking_of(case: BoardCase, settings: BoardSettings) -> tuple[float, bool]:
    """Share by which lesions shrink further, and whether this patient's scans showed it.

    The median over lesions with both sizes of 1 - latest / baseline; where that is not above 0,
    the department's assumption.
    """
    lesions = case.cohort.lesions.filter(case.cohort.lesions["organ"] != "primary")
    shrunk = [
        1.0 - row["diameter_mm"] / row["baseline_diameter_mm"]
        for row in lesions.iter_rows(named=True)
        if row["diameter_mm"] is not None and row["baseline_diameter_mm"] is not None
    ]
    found = median(shrunk) if shrunk else 0.0
    return (found, True) if found > 0.0 else (settings.shrink_by, False)


def _smaller(lesion: SeenLesion, share: float) -> SeenLesion:
    if lesion.size_mm is None:
        return lesion
    left = 1.0 - share
    volume = None if lesion.volume_ml is None else lesion.volume_ml * left**3
    return replace(lesion, size_mm=lesion.size_mm * left, volume_ml=volume)


def _titled_by_rest(found: LocalPlan) -> LocalPlan:
    rest = [name for name, modality in found.by_lesion.items() if modality is None]
    if not 0 < len(rest) <= _MOST_NAMED or len(rest) == len(found.by_lesion):
        return found
    return replace(found, title=text("facts.plans.all_but", lesions=", ".join(rest)))


def _plan(
    case: BoardCase,
    name: str,
    lesions: tuple[SeenLesion, ...],
    cards: Mapping[str, Modality],
) -> LocalPlan:
    patient = case.patient
    made = plan(
        [each.lesion for each in lesions],
        patient["liver_remnant_share"],
        modalities=cards,
        boldness=patient["panel_boldness"] or 0.0,
    )
    by_lesion = {
        each.lesion_id: done.modality for each, done in zip(lesions, made.lesions, strict=True)
    }
    used = [cards[each] for each in dict.fromkeys(filter(None, by_lesion.values()))]
    left = [each for each in lesions if by_lesion[each.lesion_id] is None]
    volume, volume_left = _volume(lesions), _volume(left)
    risks = {
        "mortality_90_days": [(each.title, each.mortality_90_days) for each in used],
        "complication": [(each.title, each.major_complication) for each in used],
    }
    found = {risk: _risk(numbers) for risk, numbers in risks.items()}
    remarks = [
        *_remarks(case, lesions, used),
        *(_source_of(risk, risks[risk]) for risk, limits in found.items() if limits is not None),
        *(made.remarks if used else ()),
    ]
    return LocalPlan(
        plan=name,
        title=text(f"facts.plans.{name}.title"),
        text="" if name == "after_response" else text(f"facts.plans.{name}.text"),
        lesions_left=len(left),
        share_left=len(left) / len(lesions),
        volume_left_ml=volume_left,
        volume_share_left=None if not volume or volume_left is None else volume_left / volume,
        sessions=len(made.sessions),
        weeks=made.weeks,
        pause_days=_pause(used),
        mortality_90_days=found["mortality_90_days"],
        complication=found["complication"],
        without_limits={risk: _without_limits(numbers) for risk, numbers in risks.items()},
        by_lesion=by_lesion,
        titles={each.name: each.title for each in used},
        remarks=tuple(remarks),
    )


def _volume(lesions: tuple[SeenLesion, ...] | list[SeenLesion]) -> float | None:
    known = [each.volume_ml for each in lesions if each.volume_ml is not None]
    return sum(known) if len(known) == len(lesions) else None


def _remarks(case: BoardCase, lesions: tuple[SeenLesion, ...], used: list[Modality]) -> list[str]:
    found = []
    primary = case.patient["primary_in_situ"]
    if primary is not False:
        found.append(text(f"facts.plans.remarks.primary_{'left' if primary else 'unknown'}"))
    unsized = sum(each.size_mm is None for each in lesions)
    if unsized and used:
        found.append(text("facts.plans.remarks.unsized", count=unsized))
    if not used:
        found.append(text("facts.plans.remarks.no_pause"))
    return found


def _pause(used: list[Modality]) -> Pause:
    """The model's rule: the longest days before and after, more after a complication."""
    if not used:
        return Pause(0.0, 0.0)
    before = max(each.pause_before_days.value for each in used)
    after = max(each.pause_after_days.value for each in used)
    longer = parameter_entries()["morbid_pause_days"].value
    return Pause(before + after, before + after + longer)


Numbers = list[tuple[str, Sourced[float]]]
"""A number of each card used, with the card's title."""


def _risk(numbers: Numbers) -> Limits | None:
    """Probability that any of the modalities does harm; None where one has no limits."""
    if not numbers:
        return None
    whole = lower = upper = 1.0
    for _, entry in numbers:
        limits = _limits(entry)
        if limits is None:
            return None
        whole *= 1.0 - entry.value
        lower *= 1.0 - limits[0]
        upper *= 1.0 - limits[1]
    return Limits(1.0 - whole, 1.0 - lower, 1.0 - upper)


def _without_limits(numbers: Numbers) -> tuple[str, ...]:
    return tuple(title for title, entry in numbers if _limits(entry) is None)


def _source_of(risk: str, numbers: Numbers) -> str:
    """Where the limits come from, with what the cards note: limits hold chance alone."""
    cards = ", ".join(title for title, _ in numbers)
    said = text("facts.plans.remarks.interval", what=text(f"facts.plans.{risk}"), cards=cards)
    notes = [f"{title}: {entry.note}." for title, entry in numbers if entry.note]
    return " ".join([said, *notes])


def _limits(entry: Sourced[float]) -> tuple[float, float] | None:
    """Limits of the number in the evidence row behind it: those printed, else those of its counts.

    Counts give exact 95 % limits.
    """
    rows = findings_by_key()
    for key in entry.keys():  # noqa: SIM118 - not a mapping
        row = rows.get(key)
        if row is None or row.unit != "%" or row.value is None:
            continue
        if abs(row.value / _PERCENT - entry.value) > 1e-9:
            continue
        if row.lower is not None and row.upper is not None:
            return row.lower / _PERCENT, row.upper / _PERCENT
        patients = row.n or _counted(row.population)
        if patients:
            return exact_limits(events_of_percentage(row.value, patients)[0], patients)
    return None


def _counted(population: str) -> int:
    """Patients of a row whose population begins with their number; 0 where it names none or two."""
    found = re.match(r"(\d+) [A-Za-z]", population)
    return int(found[1]) if found else 0
