"""A table as the arrays that every estimate and test of a comparison starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.survival.groups import Groups, read_groups
from debulk.survival.subjects import Ints, Subjects, read_subjects
from debulk.survival.tables import FollowUpTable


@dataclass(frozen=True, eq=False)
class Sample:
    """Checked arrays of a table.

    Attributes
    ----------
    table : FollowUpTable
        Where they come from.
    subjects : Subjects
        Follow-up; the event is that of the cause of interest where causes compete.
    groups : Groups or None
        None without groups.
    strata : Series or None
        One label a subject, made of all stratum columns.
    cause : array of int, shape (n,), or None
        Why follow-up ended, 0 censored, where causes compete.
    """

    table: FollowUpTable
    subjects: Subjects
    groups: Groups | None
    strata: pl.Series | None = None
    cause: Ints | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Groups, the reference first; "all" without groups."""
        return ("all",) if self.groups is None else self.groups.labels

    @property
    def is_plain(self) -> bool:
        """Whether there are neither strata, entry times nor weights."""
        subjects = self.subjects
        return self.strata is None and subjects.entry is None and subjects.weights is None

    def of_group(self, position: int) -> Subjects:
        """The subjects of one group."""
        if self.groups is None:
            return self.subjects
        return self.subjects.subset(self.groups.codes == position)


def read_sample(table: FollowUpTable, reference: Any = None, cause: int | None = None) -> Sample:
    """Check a table's columns together.

    Parameters
    ----------
    table : FollowUpTable
    reference : label, optional
        The reference group.
    cause : int, optional
        The cause of interest, where the table holds causes.

    Raises
    ------
    InputError
        If nobody has the event (of the cause), or the reference is no group.
    """
    event, causes = table.event, None
    if table.cause is not None:
        causes = table.cause.to_numpy().astype(np.int64)
        event = table.cause == cause
        if not event.any():
            known = ", ".join(str(each) for each in np.unique(causes[causes > 0]))
            where = f"column {table.columns['event']!r}"
            raise InputError(where, f"nobody has cause {cause}", f"Give --cause one of {known}")
    subjects = read_subjects(
        table.time, event, entry=table.entry, weights=table.weights, needs_event=True
    )
    groups = None
    if table.group is not None:
        groups = read_groups(table.group, subjects.n, reference=reference)
    return Sample(table, subjects, groups, _strata(table), causes)


def _strata(table: FollowUpTable) -> pl.Series | None:
    if not table.strata:
        return None
    named = [
        pl.concat_str(pl.lit(f"{name}="), pl.col(name).cast(pl.String)) for name in table.strata
    ]
    frame = pl.DataFrame(table.strata)
    return frame.select(pl.concat_str(named, separator=", ").alias("strata")).to_series()
