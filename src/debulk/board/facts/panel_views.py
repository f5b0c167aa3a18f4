"""What members of the panel said of each lesion, by their latest view in time."""

from __future__ import annotations

from dataclasses import dataclass

from debulk.board.case import BoardCase
from debulk.patients.sight import Moment, see


@dataclass(frozen=True, slots=True)
class View:
    """What a member of the panel said of a lesion."""

    lesion_id: str
    panellist: str
    treatable: bool | None
    modality: str | None
    reason: str | None
    time_months: float | None


def panel_views(case: BoardCase, moment: Moment) -> tuple[View, ...]:
    """The latest view of each member on each lesion, of those noted by the moment."""
    if not case.cohort.judgements.height:
        return ()
    until = see(case.cohort, moment).times["moment_months"][0]
    rows = case.cohort.judgements.sort("time_months", nulls_last=False, maintain_order=True)
    latest = {}
    for row in rows.iter_rows(named=True):
        if row["time_months"] is None or until is None or row["time_months"] <= until:
            view = View(**{name: row[name] for name in View.__slots__})
            latest[view.panellist, view.lesion_id] = view
    return tuple(latest.values())


def views_by_member(case: BoardCase, moment: Moment) -> dict[str, dict[str, bool]]:
    """By member of the panel, whether each lesion that he or she judged was called treatable."""
    views: dict[str, dict[str, bool]] = {}
    for each in panel_views(case, moment):
        if each.treatable is not None:
            views.setdefault(each.panellist, {})[each.lesion_id] = each.treatable
    return views
