"""A user's table of follow-up, read with messages that name file, row and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion, sha256_of
from debulk.survival.examples import example, example_bytes
from debulk.survival.table_columns import Columns, missing
from debulk.survival.table_files import ROW, check_columns, read_frame

WITHOUT_GROUP = "the group is missing"


@dataclass(frozen=True, eq=False)
class FollowUpTable:
    """One row a subject: time, event and, where asked for, what else an analysis needs.

    Attributes
    ----------
    name : str
        File name without its folder, or the example's name.
    sha256 : str
        Of the file's bytes.
    time, event, group : Series
        Checked columns; `group` is None where none was asked for.
    columns : dict of str to str
        Role (time, event, group, entry, weights) to the column's name in the file.
    exclusions : tuple of Exclusion
        Rows left out, by reason.
    entry, weights, cause : Series or None
        Start of observation; weights above 0; why follow-up ended (0 censored), where the event
        column holds causes.
    strata, covariates : dict of str to Series
        Columns by their name in the file. Covariates are numbers or text and may miss values.
    remarks : tuple of str
        What a reader must know about the table.
    packaged : bool
        Whether it is an example, so that its columns are not the user's choice.
    """

    name: str
    sha256: str
    time: pl.Series
    event: pl.Series
    group: pl.Series | None
    columns: dict[str, str]
    exclusions: tuple[Exclusion, ...] = ()
    entry: pl.Series | None = None
    weights: pl.Series | None = None
    cause: pl.Series | None = None
    strata: dict[str, pl.Series] = field(default_factory=dict)
    covariates: dict[str, pl.Series] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    packaged: bool = False

    @property
    def without_group(self) -> int:
        """Rows left out because their group is missing."""
        found = [each.count for each in self.exclusions if each.reason == WITHOUT_GROUP]
        return int(sum(found))

    def kept(self, chosen: pl.Series) -> FollowUpTable:
        """The rows for which `chosen` is true."""

        def some(values: pl.Series | None) -> pl.Series | None:
            return None if values is None else values.filter(chosen)

        return replace(
            self,
            time=self.time.filter(chosen),
            event=self.event.filter(chosen),
            group=some(self.group),
            entry=some(self.entry),
            weights=some(self.weights),
            cause=some(self.cause),
            strata={name: values.filter(chosen) for name, values in self.strata.items()},
            covariates={name: values.filter(chosen) for name, values in self.covariates.items()},
        )


def read_table(
    path: Path,
    *,
    time: str,
    event: str,
    group: str | None = None,
    entry: str | None = None,
    weights: str | None = None,
    strata: Sequence[str] = (),
    covariates: Sequence[str] = (),
    causes: bool = False,
) -> FollowUpTable:
    """Read a CSV or Parquet file with one row a subject.

    Parameters
    ----------
    path : Path
        A file whose name ends in .csv or .parquet.
    time, event, group : str
        Names of the columns. Times are numbers of at least 0; events are 0 or 1 (or true, false).
        Rows without a group are left out and counted; a missing time or event is an error.
    entry, weights : str, optional
        Columns with the start of observation (below the row's time) and with weights (at least
        0; rows with weight 0 are left out and counted). A missing value is an error.
    strata : sequence of str
        Columns whose values together make the strata; rows that miss one are left out and counted.
    covariates : sequence of str
        Columns for adjustment: numbers where every value is one, else text. Values may be missing;
        who counts them is the model.
    causes : bool
        Whether the event column holds causes: 0 censored, 1, 2, ... the cause.

    Raises
    ------
    InputError
        With file, row and column: no such file, not UTF-8, not a table, empty, unknown column,
        a value that does not fit, no event, or one group only.
    """
    frame, offset = read_frame(path)
    roles = {"time": time, "event": event, "group": group, "entry": entry, "weights": weights}
    columns = {role: name for role, name in roles.items() if name is not None}
    check_columns(frame, [*columns.values(), *strata, *covariates], path)
    frame, exclusions = _with_labels(frame, path, group, strata)
    table = Columns(frame, path, offset)
    times = table.times(time)
    happened = table.causes(event) if causes else table.events(event)
    _check_events(happened, path, event)
    loads = None if weights is None else table.weights(weights)
    entries = None if entry is None else table.entries(entry, times)
    found = FollowUpTable(
        name=path.name,
        sha256=sha256_of(path),
        time=times,
        event=happened.cast(pl.Boolean),
        group=None if group is None else table.groups(group),
        columns=columns,
        exclusions=exclusions,
        entry=entries,
        weights=loads,
        cause=happened if causes else None,
        strata={name: table.labels(name) for name in strata},
        covariates={name: table.covariate(name) for name in covariates},
    )
    return found if loads is None else _weighted(found, loads, f"{path}, column {weights!r}")


def example_table(
    name: str, *, strata: Sequence[str] = (), covariates: Sequence[str] = ()
) -> FollowUpTable:
    """Read a packaged example, ready to compare.

    Parameters
    ----------
    name : str
        One of `debulk.survival.examples.EXAMPLES`.
    strata, covariates : sequence of str
        Further columns of it, as for `read_table`.

    Raises
    ------
    InputError
        If no example has that name, or it has no such column.
    """
    deaths = example(name).filter(pl.col("etype") == 2)
    path = Path("colon.csv (packaged)")
    check_columns(deaths, [*strata, *covariates], path)
    frame, exclusions = _with_labels(deaths.with_row_index(ROW), path, None, strata)
    table = Columns(frame, path, 1)
    return FollowUpTable(
        name=path.name,
        sha256=sha256_of(example_bytes(name)),
        time=frame["time"].cast(pl.Float64),
        event=frame["status"] == 1,
        group=frame["rx"],
        columns={"time": "time", "event": "status", "group": "rx"},
        exclusions=exclusions,
        strata={each: table.labels(each) for each in strata},
        covariates={each: table.covariate(each) for each in covariates},
        remarks=(
            "Example colon: death (etype 2) by treatment (rx), time in days. Adjuvant chemotherapy "
            "after resection of stage B/C colon cancer, so no metastases (Moertel 1990; data of "
            "the R package survival, LGPL).",
        ),
        packaged=True,
    )


def _with_labels(
    frame: pl.DataFrame, path: Path, group: str | None, strata: Sequence[str]
) -> tuple[pl.DataFrame, tuple[Exclusion, ...]]:
    """The rows that have a group and every stratum, and how many have not."""
    reasons = [] if group is None else [(group, WITHOUT_GROUP)]
    reasons += [(name, f"the stratum {name!r} is missing") for name in strata]
    exclusions = []
    for name, reason in reasons:
        absent = missing(frame[name])
        frame = frame.filter(~absent)
        if absent.any():
            exclusions.append(Exclusion(reason, int(absent.sum())))
        if frame.height == 0:
            where = f"{path}, column {name!r}"
            raise InputError(where, "every value is missing", "Choose another column")
    return frame, tuple(exclusions)


def _check_events(happened: pl.Series, path: Path, event: str) -> None:
    if not happened.cast(pl.Boolean).any():
        where = f"{path}, column {event!r}"
        remedy = "Check which value marks an event; it must be 1"
        raise InputError(where, "no subject has the event", remedy)


def _weighted(table: FollowUpTable, weights: pl.Series, where: str) -> FollowUpTable:
    """The rows with a weight above 0, and how many have none."""
    nothing = int((weights == 0).sum())
    if nothing == 0:
        return table
    if nothing == len(weights):
        raise InputError(where, "every weight is 0", "Choose another column")
    kept = table.kept(weights > 0)
    return replace(kept, exclusions=(*table.exclusions, Exclusion("the weight is 0", nothing)))
