"""What is known of a case that virtual patients can be compared by, and what keeps it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from debulk.board.case import BoardCase
from debulk.board.settings import BoardSettings
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease.course.outcome import RESPONSES
from debulk.disease.growth import STEP_DAYS
from debulk.disease.lumps import SINGLE_MOST
from debulk.patients.sight import Moment, see

MOST_LESIONS = SINGLE_MOST
"""Metastases beyond which the model no longer follows each one by itself."""

WORST_WHO = 3
"""The worst WHO performance status that a virtual patient has at presentation."""

LAST_LINE = 1
"""The last palliative line under which a case can stand: later ones have no moment of judgement
in the course of a virtual patient."""

LONGEST_LINE_MONTHS = 12.0
"""Months on line 1 beyond which induction is over and the response at a moment says little."""

_FEATURES = (
    "extent_k2",
    "extent_k4",
    "lesions",
    "hepatic_lesions",
    "lung_lesions",
    "has_peritoneum",
    "has_lymph_node",
    "has_brain",
    "organs_involved",
    "largest_known_diameter_mm",
    "lesions_without_size",
    "volume_ml",
    "lesions_removed",
    "palliative_line",
    "first_line_months",
)
_GROUPS = ("liver", "lung", "peritoneum", "lymph_node")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a case; None where it is not.

    Attributes
    ----------
    extent : str
        At the start of the first palliative line, or now where none was given.
    extent_k : int
        Extrahepatic lesions that make disease in two organs multi-organ.
    lesions : int
        Metastases then.
    in_organ : mapping of str to int
        Metastases then, in liver, lung, peritoneum, lymph node and elsewhere.
    largest_mm, volume_ml : float or None
        Then.
    age_years, who_ps : float, int
    synchronous, primary_in_situ, adjuvant, female, ras, braf : bool or None
    run_in_steps : int
        Steps of 21 days on line 1 up to the moment of judgement; 0 where there was none.
    response : int or None
        Code of the latest response under it.
    change : float or None
        Sum of the diameters now over that at the start, of the metastases of the start.
    removed : int
        Metastases removed before.
    new : int
        Metastases now that were not there at the start of the first palliative line.
    """

    extent: str
    extent_k: int
    lesions: int
    in_organ: Mapping[str, int]
    largest_mm: float | None
    volume_ml: float | None
    age_years: float
    who_ps: int
    synchronous: bool | None
    primary_in_situ: bool | None
    adjuvant: bool | None
    female: bool | None
    ras: bool | None
    braf: bool | None
    run_in_steps: int
    response: int | None
    change: float | None
    removed: int
    new: int

    @property
    def progressed(self) -> bool:
        """Whether the latest response under line 1 is progression."""
        return self.response == RESPONSES.index("PD")

    @property
    def run_in_months(self) -> float:
        """Length of the run-in that the virtual patients have."""
        return self.run_in_steps * STEP_DAYS / DAYS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why no futures can be shown: a fixed reason, the fields it is about, and its numbers."""

    reason: str
    fields: tuple[str, ...] = ()
    values: Mapping[str, Any] | None = None


def known_of(case: BoardCase, settings: BoardSettings) -> tuple[Known | None, list[Obstacle]]:
    """What is known of a case, or what keeps it out of the model.

    Parameters
    ----------
    case : BoardCase
    settings : BoardSettings

    Returns
    -------
    Known or None
        None where there is an obstacle.
    list of Obstacle
        Empty where there is none.
    """
    entry = case.cohort.features(moment="entry", only=_FEATURES).row(0, named=True)
    who = _who_ps(case)
    obstacles = [*_outside(entry, who), *_unknown(entry, who, settings)]
    if obstacles:
        return None, obstacles
    started = entry["first_line_months"]
    steps = 0
    if entry["palliative_line"] == LAST_LINE and started is not None:
        steps = max(0, round((case.board_months - started) * DAYS_PER_MONTH / STEP_DAYS))
    in_organ = _in_organ(case)
    removed = int(entry["lesions_removed"] or 0)
    return Known(
        extent=str(entry[f"extent_k{settings.extent_k}"]),
        extent_k=settings.extent_k,
        lesions=sum(in_organ.values()),
        in_organ=in_organ,
        largest_mm=entry["largest_known_diameter_mm"] or None,
        volume_ml=entry["volume_ml"] or None,
        age_years=float(entry["age_years"]),
        who_ps=int(who or 0),
        # Metastases that came back after all were removed are no longer those of the diagnosis.
        synchronous=False if removed else entry["synchronous"],
        primary_in_situ=entry["primary_in_situ"],
        adjuvant=_is(entry["adjuvant"], "given"),
        female=_is(entry["sex"], "female"),
        ras=_is(entry["ras"], "mutated"),
        braf=_is(entry["braf"], "mutated"),
        run_in_steps=steps,
        response=_response(case, started) if steps else None,
        change=_change(case) if steps else None,
        removed=removed,
        new=_new(case),
    ), []


def _outside(entry: Mapping[str, Any], who: int | None) -> list[Obstacle]:
    """What the model does not hold."""
    found = []
    if who is not None and who > WORST_WHO:
        found.append(Obstacle("who", ("patients.who_ps",), {"who": who, "most": WORST_WHO}))
    if entry["msi"] == "high":
        found.append(Obstacle("msi_high", ("patients.msi",)))
    if entry["has_brain"]:
        found.append(Obstacle("brain", ("lesions.organ",)))
    if entry["lesions"] is not None and entry["lesions"] > MOST_LESIONS:
        found.append(
            Obstacle("lesions", ("lesions",), {"n": entry["lesions"], "most": MOST_LESIONS})
        )
    if entry["lesions"] == 0:
        found.append(Obstacle("no_metastasis", ("lesions",)))
    line = entry["palliative_line"]
    if line is not None and line > LAST_LINE:
        found.append(Obstacle("line", ("treatments.line",), {"line": line}))
    started, board = entry["first_line_months"], entry["board_months"]
    if line == LAST_LINE and started is not None and board - started > LONGEST_LINE_MONTHS:
        months = {"months": f"{board - started:.0f}", "most": f"{LONGEST_LINE_MONTHS:.0f}"}
        found.append(Obstacle("long_line", ("treatments.start_months",), months))
    return found


def _unknown(entry: Mapping[str, Any], who: int | None, settings: BoardSettings) -> list[Obstacle]:
    """Fields without which no virtual patient can be called like the case."""
    needed = {
        "patients.who_ps": who,
        "patients.age_years": entry["age_years"],
        "lesions": entry["lesions"],
        "patients.lesion_list_complete": entry[f"extent_k{settings.extent_k}"],
        "lesions.diameter_mm": entry["largest_known_diameter_mm"],
    }
    missing = tuple(name for name, value in needed.items() if value is None)
    if entry["palliative_line"] == LAST_LINE and entry["first_line_months"] is None:
        missing = (*missing, "treatments.start_months")
    return [Obstacle("unknown_field", missing)] if missing else []


def _who_ps(case: BoardCase) -> int | None:
    """WHO performance status: the latest that was assessed, else the patient's own."""
    seen = case.cohort.assessments.filter(
        pl.col("who_ps").is_not_null() & (pl.col("time_months") <= case.board_months)
    ).sort("time_months", maintain_order=True)
    value = seen["who_ps"][-1] if seen.height else case.patient["who_ps"]
    return None if value is None else int(value)


def _in_organ(case: BoardCase) -> dict[str, int]:
    """Metastases at entry, by group of organs."""
    organs = _seen(case, "entry")["organ"].cast(pl.String).to_list()
    counted = {name: organs.count(name) for name in _GROUPS}
    return {**counted, "elsewhere": len(organs) - sum(counted.values())}


def _new(case: BoardCase) -> int:
    """Metastases now that were not there at entry."""
    before = set(_seen(case, "entry")["lesion_id"])
    return sum(each not in before for each in _seen(case, "now")["lesion_id"])


def _seen(case: BoardCase, moment: Moment) -> pl.DataFrame:
    """Metastases that count at a moment: lesion_id, organ, size_mm."""
    return see(case.cohort, moment).metastases.filter(pl.col("visible")).collect()


def _response(case: BoardCase, started: float) -> int | None:
    """Code of the latest response since line 1 began."""
    seen = case.cohort.assessments.filter(
        pl.col("response").is_not_null()
        & pl.col("time_months").is_between(started, case.board_months)
    ).sort("time_months", maintain_order=True)
    return RESPONSES.index(str(seen["response"][-1])) if seen.height else None


def _change(case: BoardCase) -> float | None:
    """Sum of the diameters now over that at the start; None where a size is not known.

    Of the metastases of the start: one that has disappeared counts 0, one that came later nothing.
    """
    start, now = _seen(case, "entry"), _seen(case, "now")
    sizes = dict(zip(now["lesion_id"], now["size_mm"], strict=True))
    later = [sizes.get(name, 0.0) for name in start["lesion_id"]]
    earlier = start["size_mm"].to_list()
    if None in later or None in earlier or not sum(earlier):
        return None
    return float(sum(later) / sum(earlier))


def _is(value: Any, word: str) -> bool | None:
    return None if value is None else bool(value == word)
