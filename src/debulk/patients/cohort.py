"""A cohort: patients with their lesions, treatments, assessments and follow-up."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.core.files import writing_errors
from debulk.patients.border import Problems, admitted, filled, frame_of
from debulk.patients.columns import REQUIRED_FILES, TABLES, schema
from debulk.patients.links import check_links
from debulk.patients.reading_record import RECORD_FILE, ReadingRecord, record_text

if TYPE_CHECKING:
    from debulk.treatments import Modality

    Moment = Literal["now", "entry"]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Patients with lesions, treatments, assessments, follow-up and a panel's judgements.

    Made by `read_cohort` or `Cohort.from_tables`; whatever its source, the same features,
    rules and statistics apply.

    Attributes
    ----------
    patients, lesions, treatments, assessments, followup, judgements : polars.DataFrame
        The tables; one that was not given is empty. Unknown is null, never NaN. Times are
        months of 30.4375 days from the cohort's time zero; columns as in
        `debulk.patients.TABLES`.
    record : ReadingRecord or None
        What the reader did and what its source cannot tell; None for tables at hand.
    """

    patients: pl.DataFrame
    lesions: pl.DataFrame
    treatments: pl.DataFrame
    assessments: pl.DataFrame
    followup: pl.DataFrame
    judgements: pl.DataFrame
    record: ReadingRecord | None = None

    @classmethod
    def from_tables(
        cls,
        tables: Mapping[str, object],
        *,
        validate: bool = True,
        record: ReadingRecord | None = None,
    ) -> Cohort:
        """Make a cohort of tables at hand.

        Parameters
        ----------
        tables : mapping of str to table
            Tables by name; each a Polars or pandas frame, a list of rows (dicts) or a dict of
            columns. Only ``patients`` is required.
        validate : bool
            False for simulated tables, whose rows are trusted: only missing columns are filled
            in and types cast, so `patient_id` may be an integer.
        record : ReadingRecord, optional
            What the reader that made the tables did.

        Raises
        ------
        InputError
            On an unknown table, and, when validating, on everything `read_cohort` refuses.
        """
        for name in tables:
            if name not in TABLES:
                raise InputError("tables", f"no table is called {name!r}", nearest(name, TABLES))
        if "patients" not in tables:
            raise InputError("tables", "the table patients is missing", "Give patients")
        if validate:
            return checked(tables, {}, {}, record=record)
        frames = {}
        for name in TABLES:
            given = tables.get(name)
            problems = Problems({}, {})
            frames[name] = (
                pl.DataFrame(schema=schema(name))
                if given is None
                else filled(name, frame_of(name, given, problems))
            )
        ids = frames["patients"].schema["patient_id"]
        same = {
            name: frame
            if frame.schema["patient_id"] == ids
            else frame.with_columns(pl.col("patient_id").cast(ids))
            for name, frame in frames.items()
        }
        return cls(**same, record=record)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """The tables by name."""
        return {name: getattr(self, name) for name in TABLES}

    def __len__(self) -> int:
        return self.patients.height

    def features(
        self,
        *,
        moment: Moment = "now",
        only: Iterable[str] | None = None,
        modalities: Mapping[str, Modality] | None = None,
    ) -> pl.DataFrame:
        """Features, one row a patient, in the order of the patients table.

        Parameters
        ----------
        moment : {"now", "entry"}
            *now*: lesions detected, not removed and not disappeared at `board_months` (without
            it, all that is known), size = the latest. *entry*: lesions detected and not removed
            at the start of the first palliative line (without one, at `board_months`), size =
            baseline, else the latest.
        only : iterable of str, optional
            The features needed; the others are not computed.
        modalities : mapping of str to Modality, optional
            Cards by which lesions are judged treatable; default: the packaged ones.

        Returns
        -------
        polars.DataFrame
            The columns of the patients table, then the features (`debulk.patients.FEATURES`
            explains each). Null means unknown.

        Raises
        ------
        InputError
            If a name in `only` is no feature, or `moment` is no moment.
        """
        from debulk.patients.features import features

        return features(self, moment=moment, only=only, modalities=modalities)

    def extent(self) -> pl.DataFrame:
        """Extent of disease of each patient, at entry and now, with k = 2 and k = 4.

        Returns
        -------
        polars.DataFrame
            patient_id, entry_k2, entry_k4, now_k2, now_k4, each one of `debulk.patients.EXTENTS`
            or null where the tables do not tell.
        """
        names = ("extent_k2", "extent_k4")
        entry = self.features(moment="entry", only=names)
        now = self.features(moment="now", only=names)
        return pl.DataFrame(
            [self.patients["patient_id"]]
            + [entry[name].alias(f"entry_{name.removeprefix('extent_')}") for name in names]
            + [now[name].alias(f"now_{name.removeprefix('extent_')}") for name in names]
        )

    def write(self, path: str | Path) -> None:
        """Write the tables as CSV files into a folder, whole or not at all.

        A folder that an earlier call wrote is replaced; lists are joined by ``;``. The record of
        the reading, where there is one, goes into ``record.json``.

        Raises
        ------
        InputError
            If the folder holds anything but a cohort, or cannot be written.
        """
        target = Path(path).absolute()
        _refuse_foreign(target)
        with writing_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
            try:
                _fill(aside / "new", self.tables)
                if self.record is not None:
                    (aside / "new" / RECORD_FILE).write_text(
                        record_text(self.record), encoding="utf-8"
                    )
                if target.exists():
                    target.replace(aside / "old")
                (aside / "new").replace(target)
            finally:
                shutil.rmtree(aside, ignore_errors=True)


def checked(
    tables: Mapping[str, object],
    names: Mapping[str, str],
    first_row: Mapping[str, int],
    *,
    record: ReadingRecord | None = None,
) -> Cohort:
    """Validate tables; `names` and `first_row` say how complaints call a table and its rows."""
    problems = Problems(names, first_row)
    frames = {}
    for table in TABLES:
        given = tables.get(table)
        frame = (
            pl.DataFrame(schema=schema(table))
            if given is None
            else frame_of(table, given, problems)
        )
        frames[table] = admitted(table, frame, problems)
    if frames["patients"].height == 0:
        problems.add("patients", "", None, "has no rows", "Give at least one patient")
    _refuse_computed(frames["patients"], problems)
    problems.raise_first()
    check_links(frames, problems)
    problems.raise_first()
    return Cohort(**frames, record=record)


def _refuse_computed(patients: pl.DataFrame, problems: Problems) -> None:
    from debulk.patients.features import FEATURES

    for name in patients.columns:
        if name in FEATURES:
            found = "is a feature that the program computes from the other tables"
            problems.add("patients", name, None, found, "Rename the column")


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise InputError(str(target), "is a file, not a folder", "Choose another folder")
    if not target.is_dir():
        return
    own = {f"{table}.csv" for table in TABLES} | {RECORD_FILE}
    others = sorted(each.name for each in target.iterdir() if each.name not in own)
    if others:
        raise InputError(str(target), f"holds {others[0]!r}", "Choose a new or empty folder")


def _fill(folder: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    folder.mkdir()
    for name, frame in tables.items():
        if frame.height == 0 and name not in REQUIRED_FILES:
            continue
        joined = [
            pl.col(column).list.join(";")
            for column, dtype in frame.schema.items()
            if dtype == pl.List(pl.String)
        ]
        try:
            frame.with_columns(joined).write_csv(folder / f"{name}.csv")
        except pl.exceptions.PolarsError as error:
            raise InputError(
                f"table {name}", f"cannot be written as CSV ({error})", "Drop nested columns"
            ) from error
