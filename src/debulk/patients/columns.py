"""The tables of a cohort: their columns, types, allowed words and possible values.

Times are months of 30.4375 days from the cohort's time zero; a name carries its unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import polars as pl

from debulk.core.anatomy import ORGANS

Kind = Literal["text", "words", "whole", "number", "truth", "list"]
"""What a column holds: free text, one of some words, an integer, a float, a truth, a list."""

RESPONSES = ("CR", "PR", "SD", "PD")
"""RECIST responses, the best first."""

LARGEST_DIAMETER_MM = 500.0
"""No lesion is larger: a longer diameter is a slip of unit or of the keyboard."""

_LARGEST_VOLUME_ML = 65_450.0  # a sphere of that diameter
MOST_MONTHS = 1_500.0
"""No time is later: 125 years."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column with a meaning.

    Attributes
    ----------
    kind : {"text", "words", "whole", "number", "truth", "list"}
        What it holds.
    words : tuple of str
        The allowed words, for kind "words".
    least, most : float
        Smallest and largest possible value.
    above : bool
        Whether `least` itself is impossible too.
    required : bool
        Whether the column must exist and hold a value in every row.
    """

    kind: Kind
    words: tuple[str, ...] = ()
    least: float = float("-inf")
    most: float = float("inf")
    above: bool = False
    required: bool = False

    @property
    def dtype(self) -> pl.DataType:
        """Its Polars type."""
        if self.kind == "words":
            return pl.Enum(self.words)
        return {
            "text": pl.String(),
            "whole": pl.Int32(),
            "number": pl.Float64(),
            "truth": pl.Boolean(),
            "list": pl.List(pl.String()),
        }[self.kind]


def _words(*words: str, required: bool = False) -> Column:
    return Column("words", words=words, required=required)


def _whole(least: float, most: float) -> Column:
    return Column("whole", least=least, most=most)


def _number(least: float, most: float, *, above: bool = False) -> Column:
    return Column("number", least=least, most=most, above=above)


_ID = Column("text", required=True)
_TEXT = Column("text")
_TRUTH = Column("truth")
_MONTHS = _number(0.0, MOST_MONTHS)
_DIAMETER_MM = _number(0.0, LARGEST_DIAMETER_MM, above=True)

PATIENTS = {
    "patient_id": _ID,
    "age_years": _number(0.0, 120.0),
    "sex": _words("female", "male"),
    "primary_site": _words("right", "left", "rectum"),
    "primary_in_situ": _TRUTH,
    "synchronous": _TRUTH,
    "t_stage": _whole(0, 4),
    "n_positive": _whole(0, 500),
    "who_ps": _whole(0, 5),
    "asa": _whole(1, 6),
    "comorbidity": _whole(0, 100),
    "life_expectancy_months": _MONTHS,
    "cea_ug_l": _number(0.0, float("inf")),
    "ras": _words("wild_type", "mutated"),
    "braf": _words("wild_type", "mutated"),
    "msi": _words("stable", "high"),
    "liver_remnant_share": _number(0.0, 1.0),
    "hipec_candidate": _TRUTH,
    "adjuvant": _words("none", "given"),
    "adjuvant_end_months": _MONTHS,
    "crc_confirmed": _TRUTH,
    "lesion_list_complete": _TRUTH,
    "centre": _TEXT,
    "registered_months": _MONTHS,
    "consent_months": _MONTHS,
    "randomised_months": _MONTHS,
    "arm": _TEXT,
    "entry_months": _MONTHS,
    "board_months": _MONTHS,
    "panel_boldness": _number(-10.0, 10.0),
}
"""A row is a patient. `board_months` is the moment of the judgement (null: all that is known);
`entry_months` is delayed entry into a registry; `panel_boldness` (standard normal, 0 the
average panel) says how readily the patient's panel calls a lesion treatable."""

LESIONS = {
    "patient_id": _ID,
    "lesion_id": _ID,
    "organ": _words(*ORGANS, required=True),
    "site": _TEXT,
    "diameter_mm": _DIAMETER_MM,
    "baseline_diameter_mm": _DIAMETER_MM,
    "volume_ml": _number(0.0, _LARGEST_VOLUME_ML, above=True),
    "detected_months": _MONTHS,
    "near_vessel": _TRUTH,
    "disappeared": _TRUTH,
}
"""A row is a lesion. `diameter_mm` is the latest size; a lesion without `detected_months` counts
as there from the start, one without `disappeared` as still there."""

TREATMENTS = {
    "patient_id": _ID,
    "kind": _words("systemic", "local", required=True),
    "name": _TEXT,
    "line": _whole(0, 30),
    "start_months": _MONTHS,
    "end_months": _MONTHS,
    "lesion_ids": Column("list"),
    "intent": _words("cure", "debulking", "symptoms"),
    "approach": _words("open", "minimally invasive", "percutaneous", "external"),
    "completeness": _words("complete", "incomplete"),
    "complication_grade": _whole(0, 5),
}
"""A row is a systemic line (0 adjuvant or perioperative, 1 first palliative) or a local one."""

ASSESSMENTS = {
    "patient_id": _ID,
    "time_months": Column("number", least=0.0, most=MOST_MONTHS, required=True),
    "sum_diameters_mm": _number(0.0, 5 * LARGEST_DIAMETER_MM),
    "response": _words(*RESPONSES),
    "new_lesions": _TRUTH,
    "cea_ug_l": _number(0.0, float("inf")),
    "ctdna_vaf": _number(0.0, 1.0),
    "who_ps": _whole(0, 5),
    "utility": _number(-1.0, 1.0),
}
"""A row is a scan or a test."""

FOLLOWUP = {
    "patient_id": _ID,
    "last_months": Column("number", least=0.0, most=MOST_MONTHS, required=True),
    "dead": Column("truth", required=True),
    "progression_months": _MONTHS,
    "cause": _TEXT,
}
"""A row is a patient: the last time known alive, or of death."""

JUDGEMENTS = {
    "patient_id": _ID,
    "lesion_id": _ID,
    "panellist": _ID,
    "time_months": _MONTHS,
    "modality": _TEXT,
    "treatable": _TRUTH,
    "reason": _TEXT,
}
"""A row is a panel member's view of a lesion."""

TABLES: dict[str, dict[str, Column]] = {
    "patients": PATIENTS,
    "lesions": LESIONS,
    "treatments": TREATMENTS,
    "assessments": ASSESSMENTS,
    "followup": FOLLOWUP,
    "judgements": JUDGEMENTS,
}
"""The tables of a cohort and their columns; more columns are allowed, these have meaning."""

REQUIRED_FILES = ("patients", "followup")
"""Tables that a folder must hold."""


def schema(table: str) -> dict[str, pl.DataType]:
    """Name and Polars type of the columns with a meaning."""
    return dict(_schema(table))


@cache
def _schema(table: str) -> dict[str, pl.DataType]:
    return {name: column.dtype for name, column in TABLES[table].items()}
