"""A cohort from anybody's tables, by a mapping file that says what each column means."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.files import path_of
from debulk.core.yaml_files import YamlDocument, read_yaml, validated
from debulk.patients.cohort import Cohort
from debulk.patients.columns import TABLES
from debulk.patients.readers.dates import read_dates
from debulk.patients.readers.mapping_schema import MappingFile, SourceEntry, ZeroEntry
from debulk.patients.readers.mapping_values import Origin, column_of
from debulk.patients.readers.notes import Notes
from debulk.patients.readers.plausibility import cohort_of
from debulk.patients.readers.table_files import first_line_of, read_table, texts_of

# Columns beside the user's own, under names that nobody gives.
_ROW, _PATIENT = "_row_of_the_file", "_patient_of_the_row"
_ZERO, _DAY = "_time_zero_of_the_row", "_day_of_the_row"


def read_mapped(path: str | Path) -> Cohort:
    """Read a registry's tables as a mapping file says.

    Parameters
    ----------
    path : str or Path
        A YAML file (see the reference on mapping files); the tables it names lie beside it, or
        where their paths, relative to it, say.

    Returns
    -------
    Cohort
        `Cohort.record` says what was left out, decided, ignored and cannot be known.

    Raises
    ------
    InputError
        If the mapping names what is not there, or a value is not what the mapping says: file,
        line, column, the value, the remedy.
    """
    file = path_of(path, "path")
    document = read_yaml(file)
    mapping = validated(MappingFile, document)
    _check_names(mapping, document)
    return _Reading(file.parent, mapping, document).cohort()


class _Reading:
    """One reading: the files opened so far, the notes, and time zero by patient."""

    def __init__(self, folder: Path, mapping: MappingFile, document: YamlDocument) -> None:
        self.folder, self.mapping, self.document = folder, mapping, document
        self.notes = Notes()
        self.frames: dict[tuple[object, ...], pl.DataFrame] = {}
        self.used: dict[str, set[str]] = {}
        self.zero: pl.DataFrame | None = None

    def cohort(self) -> Cohort:
        entry = self.mapping.time_zero
        if isinstance(entry, ZeroEntry):
            self.zero = self._zero(entry)
        tables: dict[str, pl.DataFrame] = {}
        for name in ("patients", *(each for each in self.mapping.tables if each != "patients")):
            given = self.mapping.tables[name]
            sources = given if isinstance(given, list) else [given]
            place: tuple[str | int, ...] = ("tables", name)
            parts = [
                self._table(name, source, (*place, at) if isinstance(given, list) else place)
                for at, source in enumerate(sources)
            ]
            frame = pl.concat(parts, how="diagonal_relaxed")
            joined = len(parts) > 1 and name in ("patients", "followup")
            tables[name] = _one_row_each(name, frame) if joined else frame
        self._ignored()
        for name in TABLES:
            if name not in tables:
                self.notes.unknown(f"no table {name} is mapped")
        meaning = entry.meaning if isinstance(entry, ZeroEntry) else entry
        return cohort_of(tables, self.notes, source=self.mapping.name, time_zero=meaning)

    def _rows(self, source: SourceEntry | ZeroEntry) -> pl.DataFrame:
        """The rows of a file that an entry means, each with its number in the file."""
        file = self.folder / source.file
        key = (source.file, source.sheet, source.encoding, source.delimiter)
        if key not in self.frames:
            frame = read_table(
                file,
                self.notes,
                encoding=source.encoding,
                delimiter=source.delimiter,
                sheet=source.sheet,
            )
            self.frames[key] = frame.with_row_index(_ROW, offset=first_line_of(file))
        frame = self.frames[key]
        for column, codes in source.where.items():
            self._check_column(source, frame, column)
            frame = frame.filter(texts_of(frame[column]).fill_null("").is_in(codes))
        if frame.height == 0:
            wanted = ", ".join(f"{name} in {codes}" for name, codes in source.where.items())
            raise InputError(str(file), f"no row has {wanted}", "Correct where: in the mapping")
        return frame

    def _zero(self, entry: ZeroEntry) -> pl.DataFrame:
        rows = self._rows(entry)
        for column in (entry.patient, entry.date):
            self._check_column(entry, rows, column)
        dates = read_dates(
            self._known(rows[entry.date]),
            f"{entry.file}, column {entry.date}",
            self.notes,
            formats=entry.formats or self.mapping.dates,
            lines=rows[_ROW],
        )
        ids = texts_of(self._known(rows[entry.patient]))
        zero = pl.DataFrame({"patient_id": ids, _ZERO: dates}).drop_nulls().unique()
        twice = zero.filter(pl.col("patient_id").is_duplicated())
        if twice.height:
            raise InputError(
                f"{entry.file}, column {entry.date}",
                f"patient {twice['patient_id'][0]!r} has two dates of time zero",
                "Correct one, or choose the row with where:",
            )
        return zero

    def _table(self, name: str, source: SourceEntry, place: tuple[str | int, ...]) -> pl.DataFrame:
        rows = self._rows(source)
        ids = source.columns["patient_id"]
        for entry in source.columns.values():
            if entry.source is not None:
                self._check_column(source, rows, entry.source)
        rows = rows.with_columns(texts_of(self._known(rows[str(ids.source)])).alias(_PATIENT))
        nameless = rows.filter(pl.col(_PATIENT).is_null()).height
        self.notes.exclude(f"{source.file}: rows without a patient", nameless)
        rows = rows.filter(pl.col(_PATIENT).is_not_null())
        rows = self._with_zero(name, rows)
        if name in ("patients", "followup"):
            rows = self._one_a_patient(name, source, rows)
        columns = [rows[_PATIENT].alias("patient_id")]
        for column, entry in source.columns.items():
            if column == "patient_id":
                continue
            given = pl.Series(column, [None] * rows.height, dtype=pl.String)
            if entry.source is not None:
                given = self._known(rows[entry.source])
            origin = Origin(
                where=f"{source.file}, column {entry.source}",
                in_mapping=self.document.error((*place, "columns", column), "", "").where,
                lines=rows[_ROW],
                zero=rows[_ZERO] if self.zero is not None else None,
                decimal=source.decimal,
                dates=self.mapping.dates,
            )
            columns.append(column_of(name, column, entry, given, origin, self.notes))
        return pl.DataFrame(columns)

    def _with_zero(self, name: str, rows: pl.DataFrame) -> pl.DataFrame:
        if self.zero is None:
            return rows
        joined = rows.join(
            self.zero, left_on=_PATIENT, right_on="patient_id", how="left",
            maintain_order="left",
        )  # fmt: skip
        kept = joined.filter(pl.col(_ZERO).is_not_null())
        what = "patients" if name == "patients" else f"{name}: rows of patients"
        self.notes.exclude(f"{what} without a date of time zero", joined.height - kept.height)
        return kept

    def _one_a_patient(self, name: str, source: SourceEntry, rows: pl.DataFrame) -> pl.DataFrame:
        used = [each.source for each in source.columns.values() if each.source is not None]
        twice = rows.filter(pl.struct(used).is_duplicated() & pl.col(_PATIENT).is_duplicated())
        rows = rows.unique(used, keep="first", maintain_order=True)
        if twice.height:
            extra = twice.height - twice.select(used).n_unique()
            self.notes.exclude(f"{name}: rows that come twice, word for word", extra)
        again = rows.filter(pl.col(_PATIENT).is_duplicated())
        if again.height == 0:
            return rows
        if source.duplicates == "refuse":
            raise InputError(
                f"{source.file}, line {again[_ROW][1]}",
                f"patient {again[_PATIENT][0]!r} comes twice with different values "
                f"({again[_PATIENT].n_unique()} such patients)",
                "Correct the rows, or write duplicates: first or latest in the mapping",
            )
        if source.latest_by is not None:
            self._check_column(source, rows, source.latest_by)
            days = read_dates(
                self._known(rows[source.latest_by]),
                f"{source.file}, column {source.latest_by}",
                self.notes,
                formats=self.mapping.dates,
                lines=rows[_ROW],
            )
            rows = rows.with_columns(days.alias(_DAY)).sort(
                _DAY, descending=True, nulls_last=True, maintain_order=True
            )
        kept = rows.unique(_PATIENT, keep="first", maintain_order=True).sort(_ROW)
        self.notes.exclude(
            f"{name}: further rows of a patient ({source.duplicates} is kept)",
            rows.height - kept.height,
        )
        return kept

    def _known(self, values: pl.Series) -> pl.Series:
        """The values without the codes for missing."""
        if values.dtype != pl.String:
            if self.mapping.missing and values.dtype.is_numeric():
                absent = pl.Series(
                    [_number(each) for each in self.mapping.missing], dtype=pl.Float64
                )
                missing = values.cast(pl.Float64).is_in(absent.drop_nulls().implode())
                return values.set(missing.fill_null(value=False), None)
            return values
        bare = values.str.strip_chars()
        return bare.set(bare.is_in(["", *self.mapping.missing]).fill_null(value=False), None)

    def _check_column(
        self, source: SourceEntry | ZeroEntry, frame: pl.DataFrame, column: str
    ) -> None:
        self.used.setdefault(source.file, set()).add(column)
        if column not in frame.columns:
            raise InputError(
                str(self.folder / source.file),
                f"has no column {column!r}",
                nearest(column, [name for name in frame.columns if name != _ROW]),
            )

    def _ignored(self) -> None:
        for key, frame in self.frames.items():
            file = str(key[0])
            left = [n for n in frame.columns if n != _ROW and n not in self.used.get(file, set())]
            for name in left:
                self.notes.ignore(f"{file}: column {name}", frame[name].len())


def _one_row_each(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """One row a patient out of several sources that each tell a part."""
    values = pl.all().exclude("patient_id")
    grouped = frame.group_by("patient_id", maintain_order=True)
    told = grouped.agg(values.drop_nulls().n_unique())
    for column in told.columns[1:]:
        at_odds = told.filter(pl.col(column) > 1)
        if at_odds.height:
            raise InputError(
                f"table {name}, column {column}",
                f"the sources tell patient {at_odds['patient_id'][0]!r} different values "
                f"({at_odds.height} such patients)",
                "Take the column from one source",
            )
    return grouped.agg(values.drop_nulls().first())


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _check_names(mapping: MappingFile, document: YamlDocument) -> None:
    if mapping.time_zero == "?":
        remedy = "Say what all times count from; with dates: file, patient, date, meaning"
        raise document.error(("time_zero",), "is still '?'", remedy)
    if "patients" not in mapping.tables:
        raise document.error(("tables",), "the table patients is missing", "Add patients: ...")
    for name, given in mapping.tables.items():
        if name not in TABLES:
            raise document.error(("tables", name), "is no table of a cohort", nearest(name, TABLES))
        for at, source in enumerate(given if isinstance(given, list) else [given]):
            inner = ("tables", name, at) if isinstance(given, list) else ("tables", name)
            place: tuple[str | int, ...] = (*inner, "columns")
            ids = source.columns.get("patient_id")
            if ids is None or ids.source is None:
                remedy = "Add patient_id: {from: ...}"
                raise document.error(place, "'patient_id' is missing", remedy)
            for column, entry in source.columns.items():
                if entry.date and not column.endswith("_months"):
                    remedy = "Dates become months: give a column whose name ends in _months"
                    raise document.error((*place, column), "is a date", remedy)
                if entry.date and isinstance(mapping.time_zero, str):
                    remedy = "Give time_zero with file, patient, date and meaning"
                    raise document.error((*place, column), "is a date without time zero", remedy)
