"""What does not fit together between fields: told beside them, never in the way of saving."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from debulk.board.case import BoardCase
from debulk.core.strings import text
from debulk.web.board.case_form.doubts import Doubt, doubt

Rows = Mapping[str, Mapping[str, Any]]

SYNCHRONOUS_TO_MONTHS = 1.0
"""A metastasis found until then is taken to be synchronous: staging takes weeks."""

EARLY_TO_MONTHS = 12.0
"""A metastasis found until then is early metachronous, after the E-AHPBA consensus of 2023."""

_VOLUME_APART = 8.0  # times the sphere's: twice its diameter
_SUM_APART_MM = 1.0  # sums are rounded

Finding = tuple[str, str, object, str]
"""Field, kind, value and words."""


def cross_checks(
    values: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, Rows],
    case: BoardCase,
    kept: set[str],
) -> list[Doubt]:
    """What does not fit together.

    Parameters
    ----------
    values : mapping
        Values of the case and the patient.
    tables : mapping
        Values of the rows by table and key.
    case : BoardCase
        The same as a case.
    kept : set of str
        Marks of what was confirmed.
    """
    board = values["case"]["board_months"]
    findings = [
        *_patient(values["patients"], tables),
        *_lesions(tables["lesions"], board),
        *_treatments(tables["treatments"]),
        *_assessments(tables["assessments"], board),
        *_sum(tables["assessments"], case),
    ]
    return [doubt(name, kind, found, words, kept) for name, kind, found, words in findings]


def first_metastasis_months(lesions: Rows) -> float | None:
    """The month in which the first metastasis was detected."""
    months = [
        row["detected_months"]
        for row in lesions.values()
        if row["organ"] not in (None, "primary") and row["detected_months"] is not None
    ]
    return min(months, default=None)


def _said(name: str, **values: object) -> str:
    return text(f"case_form.checks_of.{name}", count=None, **values)


def _patient(patient: Mapping[str, Any], tables: Mapping[str, Rows]) -> Iterator[Finding]:
    first = first_metastasis_months(tables["lesions"])
    if patient["primary_in_situ"] is False:
        removed = _removed(tables["treatments"])
        left = [
            row["lesion_id"]
            for row in tables["lesions"].values()
            if row["organ"] == "primary" and not row["disappeared"]
        ]
        if not removed.issuperset(left):
            name = "patients.primary_in_situ"
            yield name, "untreated", sorted(left), _said("primary_untreated")
    if patient["synchronous"] is True and first is not None and first > SYNCHRONOUS_TO_MONTHS:
        words = _said("synchronous", months=f"{first:g}")
        yield "patients.synchronous", "synchronous", first, words
    if patient["synchronous"] is False and first == 0.0:
        yield "patients.synchronous", "not_synchronous", first, _said("not_synchronous")
    if patient["adjuvant"] == "none" and patient["adjuvant_end_months"] is not None:
        end = patient["adjuvant_end_months"]
        yield "patients.adjuvant_end_months", "adjuvant_end", end, _said("adjuvant_end")


def _removed(treatments: Rows) -> set[str]:
    return {
        lesion
        for row in treatments.values()
        if row["kind"] == "local" and row["completeness"] == "complete"
        for lesion in row["lesion_ids"] or ()
    }


def _lesions(lesions: Rows, board: float) -> Iterator[Finding]:
    for key, row in lesions.items():
        name = f"lesions.{key}"
        detected, volume, diameter = (
            row[each] for each in ("detected_months", "volume_ml", "diameter_mm")
        )
        if detected is not None and detected > board:
            words = _after_board("detected", detected, board)
            yield f"{name}.detected_months", "after_board", (detected, board), words
        if volume is not None and diameter is not None:
            sphere = math.pi / 6.0 * (diameter / 10.0) ** 3
            if not 1.0 / _VOLUME_APART <= volume / sphere <= _VOLUME_APART:
                words = _said(
                    "volume",
                    volume=f"{volume:g}",
                    diameter=f"{diameter:g}",
                    sphere=f"{sphere:.2g}" if sphere < 10.0 else f"{sphere:.0f}",
                )
                yield f"{name}.volume_ml", "volume", (volume, diameter), words
        if row["disappeared"] and row["disappeared_on"] == "CT":
            yield f"{name}.disappeared_on", "ct_alone", "CT", _said("ct_alone")


def _after_board(what: str, months: float, board: float) -> str:
    return _said(
        "after_board",
        what=text(f"case_form.{what}"),
        months=f"{months:g}",
        board=f"{board:g}",
    )


def _treatments(treatments: Rows) -> Iterator[Finding]:
    starts: dict[int, float] = {}
    for row in treatments.values():
        line, start = row["line"], row["start_months"]
        if row["kind"] == "systemic" and line is not None and start is not None:
            starts[line] = min(start, starts.get(line, start))
    for key, row in treatments.items():
        line, start = row["line"], row["start_months"]
        if row["kind"] != "systemic" or line is None or start is None:
            continue
        later = [each for each, begun in starts.items() if each < line and begun > start]
        if later:
            words = _said("line_order", line=line, earlier=max(later))
            name = f"treatments.{key}.start_months"
            yield name, "line_order", (line, start, max(later)), words


def _assessments(assessments: Rows, board: float) -> Iterator[Finding]:
    ordered = sorted(assessments.items(), key=lambda each: each[1]["time_months"])
    for place, (key, row) in enumerate(ordered):
        name, months = f"assessments.{key}", row["time_months"]
        if months > board:
            words = _after_board("assessed", months, board)
            yield f"{name}.time_months", "after_board", (months, board), words
        earlier = [each["sum_diameters_mm"] for _, each in ordered[:place]]
        if not earlier or earlier[-1] is None or row["sum_diameters_mm"] is None:
            continue
        before, after, response = earlier[-1], row["sum_diameters_mm"], row["response"]
        sums = {"earlier": f"{before:g}", "later": f"{after:g}"}
        if response in ("CR", "PR") and after > before:
            words = _said("response_rose", response=response, **sums)
            yield f"{name}.response", "response", (response, before, after), words
        if response == "PD" and not row["new_lesions"] and after < before:
            words = _said("response_fell", **sums)
            yield f"{name}.response", "response", (response, before, after), words


def _sum(assessments: Rows, case: BoardCase) -> Iterator[Finding]:
    """The last sum of diameters against that of the listed targets."""
    measured = [
        (row["time_months"], key, row["sum_diameters_mm"])
        for key, row in assessments.items()
        if row["sum_diameters_mm"] is not None
    ]
    if not measured:
        return
    features = case.cohort.features(moment="now", only=("sum_diameters_mm",))
    targets = features["sum_diameters_mm"][0]
    _, key, given = max(measured)
    if targets is not None and abs(targets - given) > _SUM_APART_MM:
        words = _said("sum", sum=f"{given:g}", targets=f"{targets:g}")
        yield f"assessments.{key}.sum_diameters_mm", "sum", (given, targets), words
