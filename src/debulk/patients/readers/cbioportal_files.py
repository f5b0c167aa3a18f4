"""The files of a cBioPortal study: which there are, what each is for, their rows as text."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.files import read_utf8
from debulk.patients.border import MISSING_WORDS
from debulk.patients.readers.notes import Notes

ROW = "_line"
"""Column that holds the line of the file that a row came from."""

_TABLE = re.compile(r"\.(txt|tsv|csv)(\.gz)?$", re.IGNORECASE)
_MISSING = (*MISSING_WORDS, "[Not Available]", "[Not Applicable]", "[Unknown]", "[Pending]")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}-?[A-Za-z]{3}-?\d{2,4}|\d{8}")
_DAYS = ("START_DATE", "STOP_DATE")
_OUTCOMES = ("PATIENT_ID", "ENTRY", "STOP", "DEAD")
_CUT_OFFS = ("PATIENT_ID", "DIAGNOSIS_TABLE_LAST_DAY")
_CREATIVE_COMMONS = re.compile(r"Creative Commons (BY(?:-[A-Z]{2})*) (\d\.\d)")

_TIMELINE_COLUMNS = (
    *("PATIENT_ID", *_DAYS, "EVENT_TYPE", "SUBTYPE", "TREATMENT_TYPE", "SAMPLE_ID", "SEQ_DATE"),
    *("AGENT", "PROGRESSION", "TUMOR_SITE", "ECOG", "TEST", "RESULT", "LR_UNIT_MEASURE", "UNIT"),
    *("DX_DESCRIPTION", "STAGE_CDM_DERIVED", "MMR_ABSENT"),
)
"""What is read of a time line; its other columns never leave the file."""


@dataclass
class Study:
    """The tables of a study; every value is text, empty is null, days are numbers.

    Attributes
    ----------
    name : str
        The study's identifier, or the folder's name.
    patients, samples : polars.DataFrame
        The clinical tables; `samples` may be empty.
    timelines : list of polars.DataFrame
        One table a file of events; day 0 is the study's own.
    outcomes, cut_offs : polars.DataFrame or None
        The authors' table of times from diagnosis; the last day shown of each patient's tables.
    os_origin : str
        What the patients' file says of `OS_MONTHS`, in lower case.
    licence : str
        Terms of use.
    """

    name: str
    patients: pl.DataFrame = field(default_factory=pl.DataFrame)
    samples: pl.DataFrame = field(default_factory=pl.DataFrame)
    timelines: list[pl.DataFrame] = field(default_factory=list)
    outcomes: pl.DataFrame | None = None
    cut_offs: pl.DataFrame | None = None
    os_origin: str = ""
    licence: str = ""

    def events(self, *columns: str, where: pl.Expr | None = None) -> pl.DataFrame:
        """Events that have these columns; the first of them is never null.

        An event is known by what its row holds, not by the name of its file. `where` may ask
        EVENT_TYPE and SUBTYPE, which are in lower case.
        """
        wanted = ("PATIENT_ID", *_DAYS, "EVENT_TYPE", "SUBTYPE", *columns)
        rows = []
        for table in self.timelines:
            if not set(columns[:1]) <= set(table.columns):
                continue
            frame = table.select(
                pl.col(name) if name in table.columns else pl.lit(None, _dtype(name)).alias(name)
                for name in dict.fromkeys(wanted)
            ).with_columns(pl.col("EVENT_TYPE", "SUBTYPE").str.to_lowercase())
            frame = frame.drop_nulls(["PATIENT_ID", "START_DATE", *columns[:1]])
            rows.append(frame if where is None else frame.filter(where))
        if not rows:
            return pl.DataFrame(schema={name: _dtype(name) for name in dict.fromkeys(wanted)})
        return pl.concat(rows)


def tables_below(folder: Path) -> list[Path]:
    """Files that may hold tables, at any depth, in the order of their paths."""
    try:
        return sorted(each for each in folder.rglob("*") if each.is_file() and _is_table(each))
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(str(folder), f"cannot be read ({reason})", "Check the path") from error


def read_study(folder: Path, notes: Notes) -> Study:
    """Read what a study folder holds.

    Raises
    ------
    InputError
        If there is no table of patients, or a file is no table.
    """
    study = Study(folder.name)
    samples: list[pl.DataFrame] = []
    patients: list[pl.DataFrame] = []
    for file in tables_below(folder):
        role = role_of(file)
        if role == "patients":
            patients.append(read_table(file, notes))
            study.os_origin = study.os_origin or _os_origin(file)
        elif role == "samples":
            samples.append(read_table(file, notes))
        elif role == "timeline":
            needed = ("PATIENT_ID", "START_DATE")
            study.timelines.append(read_table(file, notes, needed=needed, only=_TIMELINE_COLUMNS))
        elif role == "outcomes":
            study.outcomes = read_table(file, notes)
        elif role == "cut_offs":
            study.cut_offs = read_table(file, notes)
        elif role == "other":
            notes.ignore(f"file {file.name}: no clinical table or time line")
    if not patients:
        raise InputError(
            str(folder),
            "holds no data_clinical_patient file",
            "Name the folder of a cBioPortal study, or of files that lie below it",
        )
    study.patients = _only_once(pl.concat(patients, how="diagonal"), "data_clinical_patient", notes)
    study.samples = pl.concat(samples, how="diagonal") if samples else pl.DataFrame()
    if study.outcomes is not None:
        study.outcomes = _only_once(study.outcomes, "the authors' table", notes)
    _describe(study, folder, notes)
    return study


def role_of(file: Path) -> str:
    """What a file is for, by its name and, for files of any name, its header."""
    name = file.name.lower()
    for start, role in (
        ("data_clinical_patient", "patients"),
        ("data_clinical_sample", "samples"),
        ("data_timeline", "timeline"),
        ("meta_", "meta"),
        ("licen", "meta"),
    ):
        if name.startswith(start):
            return role
    if name.startswith(("data_", "case", "readme")):
        return "other"
    header = header_of(file)
    if set(_OUTCOMES) <= set(header):
        return "outcomes"
    return "cut_offs" if set(_CUT_OFFS) <= set(header) else "other"


def header_of(file: Path) -> list[str]:
    """Column names of a table as the readers know them: upper case, words joined by _."""
    _, line = _head(file)
    return _headings(line, file)


def read_table(
    file: Path,
    notes: Notes,
    *,
    needed: tuple[str, ...] = ("PATIENT_ID",),
    only: tuple[str, ...] | None = None,
) -> pl.DataFrame:
    """One table as text, with the line each row stands on; its days as numbers.

    Raises
    ------
    InputError
        If it is no table, lacks a column needed, or holds anything but days where days belong.
    """
    comments, line = _head(file)
    header = _headings(line, file)
    for name in needed:
        if name not in header:
            where, found = f"{file}, line {comments + 1}", f"column {name} is missing"
            raise InputError(where, found, f"Give a column {name}. {nearest(name, header)}")
    kept = [name for name in header if only is None or name in only]
    if len(kept) < len(header):
        notes.ignore(f"{file.name}: columns without a use here", len(header) - len(kept))
    try:
        # Lazily: of a wide or long file only the columns of use reach memory.
        scan = pl.scan_csv(
            file,
            separator=_separator(file),
            quote_char='"' if _separator(file) == "," else None,
            comment_prefix="#",
            infer_schema=False,
            row_index_name=ROW,
            row_index_offset=comments + 2,
            new_columns=header,
        )
        frame = scan.select(ROW, pl.col(kept).str.strip_chars()).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        found = f"is no table ({str(error).splitlines()[0]})"
        raise InputError(str(file), found, f"Give each line {len(header)} fields") from None
    notes.read(file)
    text = pl.col(kept)
    frame = frame.with_columns(pl.when(~text.is_in(_MISSING)).then(text).name.keep())
    _refuse_nobody(frame, file)
    return frame.with_columns(
        days_of(frame, name, str(file)) for name in (*_DAYS, "SEQ_DATE") if name in frame.columns
    )


def days_of(frame: pl.DataFrame, column: str, file: str) -> pl.Series:
    """A column of days as numbers.

    Raises
    ------
    InputError
        At the first value that is no number: line, column, and what to write instead.
    """
    numbers = frame[column].cast(pl.Float64, strict=False)
    numbers = numbers.set(~numbers.is_finite().fill_null(value=True), None)
    wrong = (numbers.is_null() & frame[column].is_not_null()).arg_true()
    # A date in figures alone, such as 20190301, would be read as 55,000 years.
    dates = (numbers.abs() >= 1e7).fill_null(value=False).arg_true()
    rows = wrong if wrong.len() else dates
    if rows.len():
        row = int(rows[0])
        value = str(frame[column][row])
        more = f" (and {rows.len() - 1} more rows)" if rows.len() > 1 else ""
        is_date = _DATE.search(value) is not None
        raise InputError(
            f"{file}, line {frame[ROW][row]}, column {column}",
            f"{value!r} is {'a date' if is_date else 'no number of days'}{more}",
            "Give days from the day 0 of the study, as cBioPortal's time lines do"
            if is_date
            else "Give a number of days, or leave the field empty",
        )
    return numbers


def _refuse_nobody(frame: pl.DataFrame, file: Path) -> None:
    rows = frame["PATIENT_ID"].is_null().arg_true()
    if rows.len():
        where = f"{file}, line {frame[ROW][int(rows[0])]}, column PATIENT_ID"
        raise InputError(where, "is empty", "Give each row its patient")


def _only_once(frame: pl.DataFrame, name: str, notes: Notes) -> pl.DataFrame:
    """One row a patient: a row that comes twice counts once, two different rows are refused."""
    values = [each for each in frame.columns if each != ROW]
    once = frame.unique(values, keep="first", maintain_order=True)
    notes.exclude(f"rows of {name} that come twice, word for word", frame.height - once.height)
    again = once.filter(~pl.col("PATIENT_ID").is_first_distinct())
    if again.height:
        where = f"{name}, line {again[ROW][0]}, column PATIENT_ID"
        found = f"{again['PATIENT_ID'][0]!r} comes twice, with different values"
        raise InputError(where, found, "Keep one row of the patient")
    return once


def _describe(study: Study, folder: Path, notes: Notes) -> None:
    """Name and licence, as meta_study.txt and LICENSE tell them."""
    for file in sorted(folder.rglob("meta_study.txt")):
        text = read_utf8(file)
        notes.read(file)
        told = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        name = told.get("cancer_study_identifier", study.name).strip()
        if study.name not in (folder.name, name):
            found = f"holds two studies, {study.name!r} and {name!r}"
            raise InputError(str(folder), found, "Name the folder of one of them")
        study.name = name
        named = _CREATIVE_COMMONS.search(text)
        if named:
            study.licence = f"CC {named[1]} {named[2]} (meta_study.txt)"
    for file in sorted(folder.rglob("LICEN[SC]E*")):
        first = next((line.strip() for line in read_utf8(file).splitlines() if line.strip()), "")
        notes.read(file)
        study.licence = study.licence or f"{first} ({file.name})"


def _os_origin(file: Path) -> str:
    """What the comment lines of the patients' file say OS_MONTHS counts from."""
    with _opened(file) as lines:
        for line in lines:
            if not line.startswith("#"):
                break
            for text in line.split("\t"):
                if "survival" in text.lower() and ("from" in text.lower() or "since" in text):
                    return text.lower()
    return ""


def _head(file: Path) -> tuple[int, str]:
    """Number of comment lines before the header, and the header."""
    comments = 0
    try:
        with _opened(file) as lines:
            for line in lines:
                if not line.startswith("#"):
                    if line.strip():
                        return comments, line.rstrip("\r\n")
                    break
                comments += 1
    except (OSError, UnicodeDecodeError, EOFError, zlib.error) as error:
        raise InputError(str(file), f"cannot be read ({error})", "Save it as UTF-8") from None
    raise InputError(str(file), "has no line of column names", "Remove the file or fill it")


def _opened(file: Path) -> io.TextIOWrapper:
    if file.suffix.lower() == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig")
    return file.open(encoding="utf-8-sig")


def _separator(file: Path) -> str:
    return "," if ".csv" in file.name.lower() else "\t"


def _is_table(file: Path) -> bool:
    return _TABLE.search(file.name) is not None


def _headings(line: str, file: Path) -> list[str]:
    """Upper case, words joined by _; a name that comes again is numbered."""
    names: list[str] = []
    for text in next(csv.reader([line], delimiter=_separator(file)), []):
        name = re.sub(r"[^0-9A-Z]+", "_", text.upper()).strip("_")
        names.append(f"{name}_{len(names)}" if name in names else name)
    return names


def _dtype(name: str) -> pl.DataType:
    return pl.Float64() if name in (*_DAYS, "SEQ_DATE") else pl.String()
