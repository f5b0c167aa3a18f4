"""One case and many variants of it, seen together: what would be said if one thing were otherwise.

Each variant is a patient of one cohort, so the features of all of them take one pass and a rule is
evaluated once, whatever the number of variants. Row 0 is the case as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import polars as pl

from debulk.board.case import CASE_TABLES, BoardCase
from debulk.patients import Cohort
from debulk.patients.columns import schema
from debulk.patients.features import FEATURES

Kind = Literal["answer", "view", "course", "count", "past", "panel"]
"""An answer to a field that is unknown, another view of the board, what time may change, a count of
lesions that imaging gives, a fact of the past, another panel."""

Value = str | float | bool | None

_COURSE = tuple(name for name, each in FEATURES.items() if each.group == "course")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that could be otherwise in a case.

    Attributes
    ----------
    place : str
        The field of the form that holds it, such as ``patients.who_ps``; a group such as
        ``lesions.diameter_mm`` stands for every lesion without one.
    kind : {"answer", "view", "course", "count", "past", "panel"}
        What it takes for it to be so.
    text : str
        What would be so, after "if".
    patient : mapping of str to value
        Columns of the patient with their new value.
    lesions : mapping of str to mapping
        By lesion, columns with their new value.
    dropped : sequence of str
        Lesions that are no more.
    added : mapping of str to sequence of rows
        Rows added to a table.
    """

    place: str
    kind: Kind
    text: str
    patient: Mapping[str, Value] = field(default_factory=dict)
    lesions: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    dropped: Sequence[str] = ()
    added: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A case and its variants with their features at both moments.

    Attributes
    ----------
    changes : tuple of Change
        The change of each variant; row 0 of the features is the case, row i + 1 has change i.
    features : mapping of str to polars.DataFrame
        Feature tables by moment, ``"now"`` and ``"entry"``.
    """

    changes: tuple[Change, ...]
    features: Mapping[str, pl.DataFrame]
    _rows: Mapping[str, Mapping[str, Any]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        rows = {moment: table.row(0, named=True) for moment, table in self.features.items()}
        object.__setattr__(self, "_rows", rows)

    def seen(self, moment: str) -> Mapping[str, Any]:
        """Features of the case as it is."""
        return self._rows[moment]


def what_if(
    case: BoardCase,
    changes: Sequence[Change],
    *,
    only: Iterable[str] | None = None,
    at_entry: Collection[str] | None = None,
) -> WhatIf:
    """See a case and its variants, at entry and now.

    Parameters
    ----------
    case : BoardCase
        The case.
    changes : sequence of Change
        What is otherwise in each variant.
    only : iterable of str, optional
        The features needed; the others are not computed.
    at_entry : collection of str, optional
        Those of them that are needed at entry too; all if left out.
    """
    cohort = variants(case, changes)
    names = None if only is None else sorted(only)
    now = cohort.features(moment="now", only=names)
    # The course so far is that of the board's moment in both tables: it is followed once.
    needed = FEATURES if names is None else names
    wanted = [each for each in needed if at_entry is None or each in at_entry]
    course = [each for each in _COURSE if each in wanted]
    others = [each for each in wanted if each not in _COURSE]
    entry = cohort.features(moment="entry", only=others).hstack(now.select(course))
    held = [each for each in now.columns if each in entry.columns]
    return WhatIf(tuple(changes), {"now": now, "entry": entry.select(held)})


def variants(case: BoardCase, changes: Sequence[Change]) -> Cohort:
    """A cohort whose first patient is the case and each further one has one change."""
    tables: dict[str, object] = {}
    for name in CASE_TABLES:
        frame = case.cohort.tables[name].drop("patient_id")
        copies = _copies(frame, len(changes) + 1)
        if name == "patients":
            copies = _overwritten(copies, _patient_cells(changes))
        elif name == "lesions":
            copies = _without(_overwritten(copies, _lesion_cells(frame, changes)), changes)
        tables[name] = _with_rows_added(name, copies, changes)
    return Cohort.from_tables(tables, validate=False)


def _copies(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    """A table once for each variant, whose number is the patient's identifier."""
    row, variant = np.arange(frame.height), np.arange(number, dtype=np.int64)
    whole = frame[np.tile(row, number)]
    return whole.with_columns(pl.Series("patient_id", np.repeat(variant, frame.height)))


Cells = dict[str, dict[int, Value]]


def _patient_cells(changes: Sequence[Change]) -> Cells:
    cells: Cells = {}
    for number, each in enumerate(changes, start=1):
        for column, value in each.patient.items():
            cells.setdefault(column, {})[number] = value
    return cells


def _lesion_cells(lesions: pl.DataFrame, changes: Sequence[Change]) -> Cells:
    place = {name: row for row, name in enumerate(lesions["lesion_id"])}
    cells: Cells = {}
    for number, each in enumerate(changes, start=1):
        for lesion, columns in each.lesions.items():
            for column, value in columns.items():
                row = number * lesions.height + place[lesion]
                cells.setdefault(column, {})[row] = value
    return cells


def _overwritten(frame: pl.DataFrame, cells: Cells) -> pl.DataFrame:
    columns, types = [], frame.schema
    for name, new in cells.items():
        values = frame[name].to_list()
        for row, value in new.items():
            values[row] = value
        columns.append(pl.Series(name, values, dtype=types[name]))
    return frame.with_columns(columns)


def _without(lesions: pl.DataFrame, changes: Sequence[Change]) -> pl.DataFrame:
    gone = [
        (number, lesion) for number, each in enumerate(changes, start=1) for lesion in each.dropped
    ]
    if not gone:
        return lesions
    keys = pl.DataFrame(gone, schema={"patient_id": pl.Int64, "lesion_id": pl.String}, orient="row")
    return lesions.join(keys, on=["patient_id", "lesion_id"], how="anti", maintain_order="left")


def _with_rows_added(name: str, frame: pl.DataFrame, changes: Sequence[Change]) -> pl.DataFrame:
    rows = [
        {**row, "patient_id": number}
        for number, each in enumerate(changes, start=1)
        for row in each.added.get(name, ())
    ]
    if not rows:
        return frame
    types = {**schema(name), "patient_id": pl.Int64()}
    blank = dict.fromkeys(types)
    more = pl.DataFrame([{**blank, **row} for row in rows], schema=types)
    return pl.concat([frame, more], how="diagonal")
