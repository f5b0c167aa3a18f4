"""The fields of the form of a case, in the order in which they are asked.

A field is named ``table.column`` as the tables of a cohort name it; percent, messages and words of
choices lie in the strings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from debulk.board.case import LONGEST_QUESTION
from debulk.core.anatomy import ORGANS
from debulk.patients.columns import RESPONSES
from debulk.treatments import load_modalities

Kind = Literal["text", "whole", "number", "truth", "words", "lesions"]
"""What a field holds: text, an integer, a float, yes or no, one of some words, lesions' names."""

MOST_MONTHS = 600.0


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form.

    Attributes
    ----------
    name : str
        The column it fills.
    kind : {"text", "whole", "number", "truth", "words", "lesions"}
        What it holds.
    least, most : float
        Range as typed: of a percent field in percent.
    words : tuple of str
        Choices, for kind "words".
    required : bool
        Whether a case, or a row that has begun, must have it.
    percent : bool
        Whether it is typed in percent and kept as a share of 1.
    offered : str
        What stands in it at first.
    longest : int
        Characters of a text.
    suggested : str
        List of suggestions, of `debulk.web.board.case_form.choices`.
    free : bool
        Whether it is free text, which is looked through for what could tell who the patient is.
    months : bool
        Whether it is a time, beside which dates can be converted.
    """

    name: str
    kind: Kind
    least: float = float("-inf")
    most: float = float("inf")
    words: tuple[str, ...] = ()
    required: bool = False
    percent: bool = False
    offered: str = ""
    longest: int = 60
    suggested: str = ""
    free: bool = False
    months: bool = False

    @property
    def is_number(self) -> bool:
        """Whether a number is typed."""
        return self.kind in ("whole", "number")


def _whole(name: str, least: float, most: float) -> Field:
    return Field(name, "whole", least, most)


def _number(
    name: str, least: float, most: float, *, percent: bool = False, required: bool = False
) -> Field:
    return Field(name, "number", least, most, percent=percent, required=required)


def _months(name: str, *, most: float = MOST_MONTHS, required: bool = False) -> Field:
    return Field(name, "number", 0.0, most, required=required, months=True)


def _truth(name: str, *, required: bool = False, offered: str = "") -> Field:
    return Field(name, "truth", required=required, offered=offered)


def _words(name: str, *words: str, required: bool = False) -> Field:
    return Field(name, "words", words=words, required=required)


def _diameter(name: str) -> Field:
    return _number(name, 1.0, 400.0)


CASE = (
    Field("question", "text", longest=LONGEST_QUESTION, free=True),
    _months("board_months", required=True),
)
"""What is asked of the board, and when it meets."""

PATIENTS = (
    _number("age_years", 18.0, 110.0, required=True),
    _words("sex", "female", "male"),
    _words("primary_site", "right", "left", "rectum"),
    _truth("primary_in_situ"),
    _truth("synchronous"),
    _whole("t_stage", 0, 4),
    _whole("n_positive", 0, 99),
    _whole("who_ps", 0, 4),
    _whole("asa", 1, 5),
    _whole("comorbidity", 0, 30),
    _months("life_expectancy_months", most=240.0),
    _number("cea_ug_l", 0.0, 200_000.0),
    _words("ras", "wild_type", "mutated"),
    _words("braf", "wild_type", "mutated"),
    _words("msi", "stable", "high"),
    _number("liver_remnant_share", 5.0, 100.0, percent=True),
    _truth("hipec_candidate"),
    _truth("crc_confirmed"),
    _words("adjuvant", "none", "given"),
    _months("adjuvant_end_months"),
    _truth("lesion_list_complete", required=True),
    _months("registered_months"),
    _months("consent_months"),
)

FOR_TRIALS = ("registered_months", "consent_months")
"""Columns of the patient that only trials ask: they stand among the further questions."""

LESIONS = (
    _words("organ", *ORGANS, required=True),
    Field("site", "text", suggested="sites", free=True),
    _diameter("diameter_mm"),
    _diameter("baseline_diameter_mm"),
    _truth("near_vessel"),
    Field("detected_months", "number", 0.0, MOST_MONTHS, required=True, offered="0", months=True),
    _number("volume_ml", 0.001, 5_000.0),
    _truth("disappeared", offered="no"),
    _words("disappeared_on", "CT", "MRI"),
)

TREATMENTS = (
    _words("kind", "systemic", "local", required=True),
    Field("name", "text", suggested="treatments", required=True),
    _whole("line", 0, 9),
    _months("start_months", required=True),
    _months("end_months"),
    Field("lesion_ids", "lesions", longest=400),
    _words("intent", "cure", "debulking", "symptoms"),
    _words("approach", "open", "minimally invasive", "percutaneous", "external"),
    _words("completeness", "complete", "incomplete"),
    _whole("complication_grade", 0, 4),
)

ASSESSMENTS = (
    _months("time_months", required=True),
    _number("sum_diameters_mm", 0.0, 2_000.0),
    _words("response", *RESPONSES),
    _truth("new_lesions"),
    _number("cea_ug_l", 0.0, 200_000.0),
    _number("ctdna_vaf", 0.0, 100.0, percent=True),
    _whole("who_ps", 0, 4),
    _number("utility", -0.6, 1.0),
)

JUDGEMENTS = (
    Field("panellist", "text", suggested="panellists", longest=30, required=True, free=True),
    Field("lesion_id", "text", suggested="lesions", required=True),
    _truth("treatable", required=True),
    _words("modality", *load_modalities()),
    Field("reason", "text", suggested="reasons", free=True),
    _months("time_months"),
)

FIELDS: dict[str, tuple[Field, ...]] = {
    "case": CASE,
    "patients": PATIENTS,
    "lesions": LESIONS,
    "treatments": TREATMENTS,
    "assessments": ASSESSMENTS,
    "judgements": JUDGEMENTS,
}
"""The fields by table, in the order of the form."""

SINGLE = ("case", "patients")
"""Tables of one row."""

ROWS = ("lesions", "treatments", "assessments", "judgements")
"""Tables to which rows are added."""


@cache
def by_name(table: str) -> dict[str, Field]:
    """The fields of a table by their names."""
    return {field.name: field for field in FIELDS[table]}
