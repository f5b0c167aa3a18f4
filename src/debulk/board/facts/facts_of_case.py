"""What follows for a case from definitions alone, now and at entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any

from debulk.board.case import BoardCase
from debulk.board.facts.lesions_seen import (
    SeenLesion,
    lesions_seen,
    program_plan,
    visible,
)
from debulk.board.facts.panel_views import views_by_member
from debulk.board.matching.otherwise import Change, WhatIf
from debulk.board.settings import BoardSettings
from debulk.core.strings import text
from debulk.patients.sight import Moment

LOOKED_AT = frozenset(
    {
        "extent_k2",
        "extent_k4",
        "organs_involved",
        "lesions",
        "hepatic_lesions",
        "extrahepatic_lesions",
        "largest_known_diameter_mm",
        "lesions_without_size",
        "lesions_disappeared",
        "lesions_removed",
        "volume_ml",
        "tumour_burden_score",
        "treatable_share",
        "treatable_share_volume",
        "first_line_months",
    }
)
"""Features that the facts of a case are read from."""

PANEL_LEVEL = 0.8
"""The middle share of panels whose difference is told."""


@dataclass(frozen=True, slots=True)
class PanelSpread:
    """How many lesions different panels call treatable.

    Attributes
    ----------
    lower, upper : int
        Lesions: limits of the middle 80 of 100 panels, or the fewest and most of the panel's
        members where they judged.
    draws : int
        Points of the distribution of panels, or members.
    judged : bool
        Whether members of this panel judged the lesions.
    """

    lower: int
    upper: int
    draws: int
    judged: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """A case at a moment.

    Attributes
    ----------
    extent, extent_k2, extent_k4 : str or None
        Extent by the department's k, and by both.
    organs : tuple of str
        Organs with a metastasis in sight.
    organs_involved, lesions, hepatic, extrahepatic : int or None
        Counts; lower bounds where `counts_are_lower_bounds`.
    largest_diameter_mm : float or None
        Of the lesions whose size is known; a lower bound where `largest_is_lower_bound`.
    largest_is_lower_bound : bool
        Whether a lesion has no size, or more lesions exist than are listed.
    lesions_without_size, disappeared, removed, near_vessel, near_vessel_unknown_in_liver : int
        Counts of lesions.
    volume_ml : float or None
        Of all lesions; unknown if a size is.
    volumes_from_spheres : int
        Lesions whose volume is that of a sphere of their diameter.
    tumour_burden_score : float or None
        After Sasaki: root of the squared largest liver lesion in cm plus the squared number.
    treatable_share, treatable_share_volume : float or None
        Share of the lesions that can be treated locally, by count and by volume.
    treatable : int or float or None
        How many; the mean of the panel's members where they judged.
    panel : PanelSpread or None
        How far panels differ.
    judged : bool
        Whether members of the panel said which lesions can be treated; else the program's plan
        does.
    counts_are_lower_bounds : bool
        Whether the list of lesions is incomplete.
    moment_months : float
        Months since the diagnosis at which this was so.
    remarks : tuple of str
        What a reader must know.
    """

    extent: str | None
    extent_k2: str | None
    extent_k4: str | None
    organs: tuple[str, ...]
    organs_involved: int | None
    lesions: int | None
    hepatic: int | None
    extrahepatic: int | None
    largest_diameter_mm: float | None
    largest_is_lower_bound: bool
    lesions_without_size: int
    disappeared: int
    removed: int
    near_vessel: int
    near_vessel_unknown_in_liver: int
    volume_ml: float | None
    volumes_from_spheres: int
    tumour_burden_score: float | None
    treatable_share: float | None
    treatable_share_volume: float | None
    treatable: float | None
    panel: PanelSpread | None
    judged: bool
    counts_are_lower_bounds: bool
    moment_months: float
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        values = asdict(self)
        return {**values, "organs": list(self.organs), "remarks": list(self.remarks)}


def panels(settings: BoardSettings) -> list[Change]:
    """Panels from the most cautious to the boldest, each as likely as the next."""
    number = settings.panel_draws
    normal = NormalDist()
    return [
        Change("panel", "panel", "", patient={"panel_boldness": normal.inv_cdf((i + 0.5) / number)})
        for i in range(number)
    ]


def entry_months(case: BoardCase, seen: Mapping[str, Any]) -> float:
    """The moment called entry: start of the first palliative line, else the board's."""
    start = seen["first_line_months"]
    return case.board_months if start is None else float(start)


def facts_at(case: BoardCase, seen: WhatIf, moment: Moment, settings: BoardSettings) -> Facts:
    """Facts of a case at a moment.

    Parameters
    ----------
    case : BoardCase
        The case.
    seen : WhatIf
        The case with its variants, panels among them.
    moment : {"now", "entry"}
        As in `debulk.patients.Cohort.features`.
    settings : BoardSettings
        Which k of extent comes first.
    """
    row = seen.seen(moment)
    every = lesions_seen(case, moment)
    shown = visible(case, moment)
    partial = case.patient["lesion_list_complete"] is False
    given = set(
        case.cohort.lesions.filter(case.cohort.lesions["volume_ml"].is_not_null())["lesion_id"]
    )
    spheres = sum(e.volume_ml is not None and e.lesion_id not in given for e in shown)
    share = row["treatable_share"]
    judged = bool(views_by_member(case, moment))
    spread = _spread(case, seen, moment, len(shown), judged=judged)
    return Facts(
        extent=row[f"extent_k{settings.extent_k}"],
        extent_k2=row["extent_k2"],
        extent_k4=row["extent_k4"],
        organs=tuple(sorted({each.organ for each in shown})),
        organs_involved=row["organs_involved"],
        lesions=row["lesions"],
        hepatic=row["hepatic_lesions"],
        extrahepatic=row["extrahepatic_lesions"],
        largest_diameter_mm=row["largest_known_diameter_mm"],
        largest_is_lower_bound=partial or bool(row["lesions_without_size"]),
        lesions_without_size=row["lesions_without_size"] or 0,
        disappeared=row["lesions_disappeared"] or 0,
        removed=row["lesions_removed"] or 0,
        near_vessel=sum(each.near_vessel is True for each in shown),
        near_vessel_unknown_in_liver=sum(
            each.organ == "liver" and each.near_vessel is None for each in shown
        ),
        volume_ml=row["volume_ml"],
        volumes_from_spheres=spheres,
        tumour_burden_score=row["tumour_burden_score"],
        treatable_share=share,
        treatable_share_volume=row["treatable_share_volume"],
        treatable=None if share is None else _whole(share * len(shown)),
        panel=spread,
        judged=judged,
        counts_are_lower_bounds=partial,
        moment_months=case.board_months if moment == "now" else entry_months(case, row),
        remarks=_remarks(case, row, every, shown, spheres, moment, judged=judged),
    )


def _whole(number: float) -> float:
    """A count, whole where it is one but for rounding."""
    near = round(number)
    return near if abs(number - near) < 1e-9 else number


def _spread(
    case: BoardCase, seen: WhatIf, moment: Moment, lesions: int, *, judged: bool
) -> PanelSpread | None:
    shares = seen.features[moment]["treatable_share"]
    if shares[0] is None or lesions == 0:
        return None
    if judged:
        return _spread_of_members(case, lesions, moment)
    rows = [i + 1 for i, each in enumerate(seen.changes) if each.kind == "panel"]
    counts = sorted(round(shares[row] * lesions) for row in rows)
    if not counts:
        return None
    left = int((1.0 - PANEL_LEVEL) / 2.0 * len(counts))
    return PanelSpread(counts[left], counts[-1 - left], len(counts), judged=False)


def _spread_of_members(case: BoardCase, lesions: int, moment: Moment) -> PanelSpread | None:
    """Fewest and most that a member called treatable, of members who judged every lesion."""
    shown = {each.lesion_id for each in visible(case, moment)}
    known = [
        [yes for lesion, yes in views.items() if lesion in shown]
        for views in views_by_member(case, moment).values()
    ]
    counts = [sum(each) for each in known if len(each) == lesions]
    if not counts:
        return None
    return PanelSpread(min(counts), max(counts), len(counts), judged=True)


def _remarks(
    case: BoardCase,
    row: Mapping[str, Any],
    every: tuple[SeenLesion, ...],
    shown: tuple[SeenLesion, ...],
    spheres: int,
    moment: Moment,
    *,
    judged: bool,
) -> tuple[str, ...]:
    found = []
    if case.patient["lesion_list_complete"] is False:
        found.append(text("facts.remarks.lower_bounds"))
    if every and not shown:
        found.append(text("facts.remarks.nothing_visible"))
    unsized = row["lesions_without_size"] or 0
    if unsized:
        sized = tuple(each for each in shown if each.size_mm is not None)
        treated = program_plan(case, sized).treated
        found.append(text("facts.remarks.unsized", count=unsized))
        found.append(text("facts.remarks.of_the_sized", sized=len(sized), treated=treated))
    if spheres:
        found.append(text("facts.remarks.spheres", count=spheres))
    if judged:
        found.append(text("facts.remarks.judged"))
    if moment == "now" and row["lesions_disappeared"]:
        found.append(text("facts.remarks.disappeared", count=row["lesions_disappeared"]))
    return tuple(found)
