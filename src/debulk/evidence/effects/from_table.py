"""Effects from a user's table of studies, with file, row and column in every complaint."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion, sha256_of
from debulk.evidence.effects.column_sets import (
    PATIENTS,
    RECOGNISED,
    SOURCE,
    STUDY,
    ColumnSet,
    column_set_of,
)
from debulk.evidence.effects.continuity import Correction
from debulk.evidence.effects.effect import Effect, NotEnough
from debulk.evidence.effects.gathering import StudyRow, gather
from debulk.evidence.effects.proportions import ProportionScale
from debulk.evidence.effects.study_effects import Measure, Scale, StudyEffects
from debulk.evidence.effects.table_cells import Cells, read_cells
from debulk.evidence.effects.table_rows import (
    additive_effect,
    hazard_ratio_of_row,
    patients_of,
    proportion_of_row,
    ratio_effect,
    tables_of,
)
from debulk.evidence.effects.told_twice import work_of
from debulk.evidence.effects.two_by_two import (
    TABLE_MEASURES,
    TableMeasure,
    TwoByTwoTables,
    two_by_two_effects,
)

if TYPE_CHECKING:
    import polars as pl

SAME_SOURCE = (
    "A study enters once: choose one row. Where one work reports on different patients, say so in "
    "the source, as in 'doi:10.1000/x, second trial'"
)
NO_SOURCES = f"No source is given for any study: the table has no column {SOURCE!r}"
WHOLE = re.compile(r"[+-]?\d{1,15}(?:\.0)?")
ARM_COLUMNS = ("events_1", "n_1", "events_2", "n_2")


def two_by_two_from_table(
    table: Path | str | pl.DataFrame, *, columns: Mapping[str, str] | None = None
) -> tuple[TwoByTwoTables, tuple[Exclusion, ...]]:
    """Read events and patients of both arms, for pooling by Mantel and Haenszel or by Peto.

    Parameters
    ----------
    table, columns
        As for `effects_from_table`; columns ``events_1``, ``n_1``, ``events_2``, ``n_2``.

    Returns
    -------
    tuple
        The tables, and the rows left out because a count is missing.

    Raises
    ------
    InputError
        As `effects_from_table`.
    """
    cells, names, where = read_cells(table, columns)
    for name in (STUDY, *ARM_COLUMNS):
        if name not in names:
            raise InputError(where, f"there is no column {name!r}", nearest(name, names))
    _refuse_twice(cells)
    tables, exclusions = tables_of(cells)
    if tables is None:
        raise InputError(where, "no study has all four counts", "Complete a row")
    return tables, tuple(exclusions)


@dataclass(frozen=True, slots=True)
class _Options:
    """What is made of the rows, and how."""

    measure: Measure
    scale: ProportionScale
    correction: Correction
    survival: bool


def effects_from_table(
    table: Path | str | pl.DataFrame,
    *,
    measure: Measure | None = None,
    columns: Mapping[str, str] | None = None,
    scale: ProportionScale = "logit",
    correction: Correction | None = None,
    survival: bool = False,
) -> StudyEffects:
    """Make effects for pooling from a user's table with one row a study.

    Parameters
    ----------
    table : Path, str or polars.DataFrame
        A .csv or .parquet file, or a frame, with a column ``study`` and one of the recognised sets
        of columns (`COLUMN_SETS`); ``source`` (of every row, or no such column) and ``n`` where
        known.
    measure : Measure, optional
        What is made; needed where the columns allow several, such as events and patients of both
        arms.
    columns : mapping of str to str, optional
        Recognised name to the name in the table, where they differ. Capitals, blanks and hyphens do
        not matter.
    scale : {"identity", "logit", "arcsine", "double arcsine"}
        Of proportions.
    correction : Correction, optional
        Of empty cells; default 0.5 to each cell of studies with an empty one.
    survival : bool
        Whether percentages were read off survival curves, so that not every patient was followed.

    Returns
    -------
    StudyEffects
        Every column that is not recognised becomes one of ``groups``. A row that lacks what an
        effect needs is left out with its reason; what is wrong is an error.

    Raises
    ------
    InputError
        With file, row and column: a study without name, without source where the table has a
        column of them, or there twice, also under two names with
        one source (DOI, PubMed or registry number); text, NaN or an infinite
        number; a hazard ratio, standard error or variance not above 0; an interval that excludes
        its estimate; a percentage beyond 0 to 100; more events than patients; a p value beyond 0
        to 1; no recognised set of columns; nothing left to pool.
    """
    cells, names, where = read_cells(table, columns)
    if STUDY not in names:
        remedy = f"Name the column of studies {STUDY!r}, or rename it"
        raise InputError(where, f"there is no column {STUDY!r}", remedy)
    used, made = column_set_of(names, measure, where)
    _refuse_twice(cells)
    remarks = [*([] if SOURCE in names else [NO_SOURCES]), *_unused(names, used)]
    groups = _groups(cells, [name for name in names if name not in (*RECOGNISED, STUDY, SOURCE)])
    options = _Options(made, scale, correction or Correction(), survival)
    if made in TABLE_MEASURES and used.needs == ARM_COLUMNS:
        rows, exclusions, told = _rows_of_tables(cells, options, groups, where)
        remarks += told
    else:
        rows, exclusions = _rows(cells, used, options, groups)
    additive: Scale = "log" if made.endswith("ratio") else "identity"
    pooled_on = scale if made == "proportion" else additive
    found = gather(rows, made, pooled_on, where=where, exclusions=exclusions, remarks=remarks)
    return replace(found, inputs=_inputs(table))


def _inputs(table: Path | str | pl.DataFrame) -> dict[str, str]:
    if not isinstance(table, Path | str):
        return {}
    return {Path(table).name: sha256_of(Path(table))}


Groups = Mapping[str, Sequence[object]]


def _rows(
    cells: Sequence[Cells],
    used: ColumnSet,
    options: _Options,
    groups: Groups,
) -> tuple[list[StudyRow], list[Exclusion]]:
    rows, exclusions, measure = [], [], options.measure
    anywhere = measure == "proportion" and any(_is_empty(each) for each in cells)
    for index, row in enumerate(cells):
        name = row.text(STUDY)
        try:
            if measure == "hazard ratio":
                effect = hazard_ratio_of_row(row, used)
            elif measure == "proportion":
                amount = options.correction.amount_for(_is_empty(row), anywhere)
                effect = proportion_of_row(row, options.scale, amount, survival=options.survival)
            elif measure in ("odds ratio", "risk ratio"):
                effect = ratio_effect(row, used.needs[0], measure)
            else:
                effect = additive_effect(row, measure)
        except NotEnough as error:
            exclusions.append(Exclusion(f"{name} ({row.row}): {error.found}", 1))
            continue
        held = {column: values[index] for column, values in groups.items()}
        rows.append(StudyRow(name, effect, patients_of(row), row.text(SOURCE), held))
    return rows, exclusions


def _rows_of_tables(
    cells: Sequence[Cells], options: _Options, groups: Groups, where: str
) -> tuple[list[StudyRow], list[Exclusion], list[str]]:
    tables, exclusions = tables_of(cells)
    if tables is None:
        return [], exclusions, []
    measure = cast("TableMeasure", options.measure)
    places = {row.text(STUDY): (index, row) for index, row in enumerate(cells)}
    by_study = {f"study {name!r}": row.place for name, (_, row) in places.items()}
    try:
        found = two_by_two_effects(tables, measure, correction=options.correction)
    except InputError as error:
        raise InputError(by_study.get(error.where, where), error.found, error.remedy) from None
    rows = []
    for name, estimate, se in found.effects():
        index, row = places[name]
        effect = Effect(estimate, se, "events and patients of both arms")
        held = {column: values[index] for column, values in groups.items()}
        rows.append(StudyRow(name, effect, patients_of(row), row.text(SOURCE), held))
    return rows, [*exclusions, *found.exclusions], list(found.remarks)


def _is_empty(row: Cells) -> bool:
    """Whether a row of counts has no event, or nothing but events."""
    events, patients, percent = (row.number(name) for name in ("events", PATIENTS, "percent"))
    return percent in (0.0, 100.0) if events is None else events in (0.0, patients)


def _refuse_twice(cells: Sequence[Cells]) -> None:
    seen: dict[str, Cells] = {}
    cited: dict[str, Cells] = {}
    for row in cells:
        name, work = row.text(STUDY), work_of(row.text(SOURCE))
        if not name:
            raise InputError(row.where(STUDY), "the study has no name", "Name it")
        before = seen.setdefault(name.casefold(), row)
        if before is not row:
            found = f"{name!r} stands there twice, first in {before.row}"
            raise InputError(row.where(STUDY), found, "A study enters once: choose one row")
        if SOURCE in row.columns and not row.text(SOURCE):
            remedy = "Write where its numbers come from, or leave the row out"
            raise InputError(row.where(SOURCE), f"study {name!r} has no source", remedy)
        before = cited.setdefault(work, row) if work else row
        if before is not row:
            found = (
                f"{row.text(SOURCE)!r} is the source of {before.text(STUDY)!r} ({before.row}), too"
            )
            raise InputError(row.where(SOURCE), found, SAME_SOURCE)


def _unused(names: Sequence[str], used: ColumnSet) -> list[str]:
    known = (*used.columns, PATIENTS)
    left = [name for name in names if name in RECOGNISED and name not in known]
    return [f"Columns not used: {', '.join(left)}"] if left else []


def _groups(cells: Sequence[Cells], names: Sequence[str]) -> dict[str, list[object]]:
    """Columns for subgroups and moderators: numbers where every value is one, else text."""
    found: dict[str, list[object]] = {}
    for name in names:
        texts = [row.text(name) for row in cells]
        numbers = [_number(text) for text in texts]  # a year is 2001, not 2001.0
        numeric = all(x is not None for x, text in zip(numbers, texts, strict=True) if text)
        found[name] = list(numbers) if numeric else [text or None for text in texts]
    return found


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not abs(value) < float("inf"):
        return None
    return int(value) if WHOLE.fullmatch(text) else value
