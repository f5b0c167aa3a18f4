"""The metastases of a case at a moment, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import polars as pl

from debulk.board.case import BoardCase
from debulk.patients.sight import Moment, Sight, see
from debulk.treatments import Lesion, Plan, plan

State = Literal["visible", "disappeared", "removed"]
"""In sight at the moment; not seen any more; taken away by complete local treatment."""


@dataclass(frozen=True, slots=True)
class SeenLesion:
    """One metastasis at a moment.

    Attributes
    ----------
    lesion_id, organ, site : str
        Its name, organ and site; the site is empty where it is unknown.
    size_mm, volume_ml : float or None
        At the moment; the volume of a sphere where none is given.
    near_vessel : bool or None
        Beside a large vessel.
    state : {"visible", "disappeared", "removed"}
        Whether it counts at the moment.
    """

    lesion_id: str
    organ: str
    site: str
    size_mm: float | None
    volume_ml: float | None
    near_vessel: bool | None
    state: State

    @property
    def lesion(self) -> Lesion:
        """What the cards of modalities look at."""
        return Lesion(self.organ, self.size_mm, self.near_vessel)


@lru_cache(maxsize=8)
def _sight(case: BoardCase, moment: Moment) -> Sight:
    return see(case.cohort, moment)


@lru_cache(maxsize=8)
def lesions_seen(case: BoardCase, moment: Moment) -> tuple[SeenLesion, ...]:
    """Every metastasis detected by the moment, in the order of the table.

    Kept for the cases last looked at: each criterion that is unknown asks.
    """
    state = (
        pl.when("visible")
        .then(pl.lit("visible"))
        .when("removed")
        .then(pl.lit("removed"))
        .otherwise(pl.lit("disappeared"))
    )
    rows = _sight(case, moment).metastases.with_columns(state.alias("state")).collect()
    order = {name: place for place, name in enumerate(case.cohort.lesions["lesion_id"])}
    found = [
        SeenLesion(
            lesion_id=row["lesion_id"],
            organ=row["organ"],
            site=row["site"] or "",
            size_mm=row["size_mm"],
            volume_ml=row["size_ml"],
            near_vessel=row["near_vessel"],
            state=row["state"],
        )
        for row in rows.iter_rows(named=True)
    ]
    return tuple(sorted(found, key=lambda each: order[each.lesion_id]))


def visible(case: BoardCase, moment: Moment) -> tuple[SeenLesion, ...]:
    """Those in sight at the moment."""
    return tuple(each for each in lesions_seen(case, moment) if each.state == "visible")


def program_plan(case: BoardCase, lesions: tuple[SeenLesion, ...]) -> Plan:
    """The program's plan for lesions of the case, judged by its panel or the middling one."""
    patient = case.patient
    return plan(
        [each.lesion for each in lesions],
        patient["liver_remnant_share"],
        boldness=patient["panel_boldness"] or 0.0,
    )
