"""What decides whether a study is about patients like this one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from debulk.board.alike.populations import held
from debulk.board.case import BoardCase
from debulk.board.matching.otherwise import WhatIf, what_if
from debulk.core.anatomy import ORGANS
from debulk.core.strings import text

Moment = Literal["now", "entry"]
Line = Literal["first", "second or later"]

_MOMENTS: tuple[Moment, ...] = ("now", "entry")

_SEEN = {
    organ: {"liver": "hepatic_lesions", "lung": "lung_lesions"}.get(organ, f"has_{organ}")
    for organ in ORGANS
    if organ not in ("primary", "other")
}
"""The feature that tells of each organ; the organ called other has none."""

FEATURES_SEEN = frozenset(
    (
        *("extent_k2", "extent_k4", "organs_involved", "lesions", "palliative_line"),
        *("extrahepatic_lesions", "largest_liver_diameter_mm", "has_para_aortic_node"),
        *("treatable_share", "induction_response", "best_response", "first_line_months"),
        *_SEEN.values(),
    )
)
"""Features that a patient is compared by."""


@dataclass(frozen=True, slots=True)
class PatientAsStudied:
    """One patient as studies describe theirs.

    Attributes
    ----------
    moment : {"now", "entry"}
        When the patient is looked at.
    extent, extent_k4 : str or None
        Extent with multi-organ from 2, and from 4, extrahepatic lesions; None where unknown.
    organs : frozenset of str
        Organs with a metastasis that counts.
    lesions : int
        Their number; a lower bound where the list is incomplete.
    line : {"first", "second or later"}
        Line of palliative therapy; the first where none has begun.
    progressed : bool
        Whether the last response assessed since the first line began is progression.
    primary_in_situ : bool or None
    meets : mapping of str to bool or None
        Whether the patient meets each rule of the packaged populations; None: it cannot be told.
    """

    moment: Moment
    extent: str | None
    extent_k4: str | None
    organs: frozenset[str]
    lesions: int
    line: Line
    progressed: bool
    primary_in_situ: bool | None
    meets: Mapping[str, bool | None]

    @property
    def organ_words(self) -> str:
        """The organs, for people."""
        return ", ".join(text(f"alike.organs.{each}") for each in ORGANS if each in self.organs)

    @property
    def words(self) -> str:
        """The patient in a few words."""
        extent = text(f"alike.extents.{self.extent or 'unknown'}")
        line = text(f"alike.lines.{self.line}")
        return text("alike.patient", extent=extent, organs=self.organ_words, line=line)


def patients_as_studied(
    case: BoardCase, seen: WhatIf | None = None
) -> tuple[PatientAsStudied, ...]:
    """The patient now, and at entry; moments with no metastasis are left out.

    `seen` holds features of the case, `FEATURES_SEEN` among them, where they are known already.
    """
    known = what_if(case, (), only=FEATURES_SEEN) if seen is None else seen
    tables = [known.features[moment].head(1) for moment in _MOMENTS]
    rows = pl.concat([each.select(tables[-1].columns) for each in tables])
    found = [
        _as_studied(case, moment, row, meets)
        for moment, row, meets in zip(_MOMENTS, rows.iter_rows(named=True), held(rows), strict=True)
    ]
    return tuple(each for each in found if each.organs)


def _as_studied(
    case: BoardCase, moment: Moment, row: Mapping[str, Any], meets: Mapping[str, bool | None]
) -> PatientAsStudied:
    return PatientAsStudied(
        moment=moment,
        extent=_metastatic(row["extent_k2"]),
        extent_k4=_metastatic(row["extent_k4"]),
        organs=_organs(row),
        lesions=row["lesions"] or 0,
        line="second or later" if (row["palliative_line"] or 0) >= 2 else "first",
        progressed=_progressed(case, row["first_line_months"]),
        primary_in_situ=row["primary_in_situ"],
        meets=meets,
    )


def _progressed(case: BoardCase, first_line_months: float | None) -> bool:
    if first_line_months is None:
        return False
    since = pl.col("time_months").is_between(first_line_months, case.board_months)
    seen = case.cohort.assessments.filter(since).drop_nulls("response").sort("time_months")
    return seen.height > 0 and seen["response"].item(-1) == "PD"


def _metastatic(extent: str | None) -> str | None:
    return None if extent is None or extent.startswith("stage") else extent


def _organs(row: Mapping[str, Any]) -> frozenset[str]:
    found = {organ for organ, name in _SEEN.items() if row[name]}
    if (row["organs_involved"] or 0) > len(found):
        found.add("other")
    return frozenset(found)
