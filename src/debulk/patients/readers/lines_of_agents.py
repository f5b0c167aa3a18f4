"""Agents given to a patient, grouped into systemic lines.

The rule is an assumption, the same for every patient and blind to progression, since the reports
that would tell of progression are cut off for many: a line begins with the first agent; with an
agent not yet in the line that is more than a companion, begun more than 28 days after the line; or
with any agent begun more than 90 days after everything in the line had ended.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

import polars as pl

from debulk.core.units import DAYS_PER_MONTH

JOINING_DAYS = 28
"""Agents begun within so many days of a line's start belong to it."""

PAUSE_DAYS = 90
"""After a longer pause whatever is given is the next line."""

COMPANIONS = frozenset(
    {
        "fluorouracil",
        "capecitabine",
        "leucovorin",
        "levoleucovorin",
        "floxuridine",
        "bevacizumab",
        "aflibercept",
        "ziv-aflibercept",
        "ramucirumab",
    }
)
"""Agents that join, leave and replace each other within a line."""

RULE = (
    f"Systemic agents were grouped into lines, an assumption: agents begun within {JOINING_DAYS} "
    f"days of a line's start belong to it; a new agent after that (other than fluoropyrimidines, "
    f"leucovorin, floxuridine and drugs against angiogenesis) or a pause of more than {PAUSE_DAYS} "
    "days begins the next; progression is not asked for"
)
"""What a cohort's record says of it."""


@dataclass
class _Line:
    start: float
    ends: dict[str, float] = field(default_factory=dict)
    cut: float = math.inf

    @property
    def end(self) -> float:
        return min(max(self.ends.values()), self.cut)

    def takes(self, agent: str, start: float) -> bool:
        if (start - self.end) * DAYS_PER_MONTH > PAUSE_DAYS:
            return False
        early = (start - self.start) * DAYS_PER_MONTH <= JOINING_DAYS
        return early or agent in self.ends or agent in COMPANIONS

    def add(self, agent: str, end: float) -> None:
        self.ends[agent] = max(end, self.ends.get(agent, end))

    def next_one(self, start: float) -> _Line:
        """The line after this one, which ends there; what runs on well into it belongs to both."""
        self.cut = start
        on = {
            agent: end
            for agent, end in self.ends.items()
            if (end - start) * DAYS_PER_MONTH > JOINING_DAYS
        }
        return _Line(start, on)


def lines(agents: pl.DataFrame) -> pl.DataFrame:
    """Group agents into lines.

    Parameters
    ----------
    agents : polars.DataFrame
        patient_id, agent (lower case), start_months, end_months, none null.

    Returns
    -------
    polars.DataFrame
        patient_id, name (the agents joined by +), start_months, end_months, in order of time.
    """
    rows = agents.sort("patient_id", "start_months", "end_months", "agent")
    found = [
        (patient, " + ".join(sorted(line.ends)), line.start, line.end)
        for patient, line in _grouped(rows)
    ]
    return pl.DataFrame(
        found,
        schema={
            "patient_id": pl.String(),
            "name": pl.String(),
            "start_months": pl.Float64(),
            "end_months": pl.Float64(),
        },
        orient="row",
    )


def _grouped(rows: pl.DataFrame) -> Iterator[tuple[str, _Line]]:
    """Each patient's lines; `rows` are sorted by patient and start."""
    columns = rows.select("patient_id", "start_months", "agent", "end_months").iter_rows()
    for patient, of_patient in groupby(columns, key=itemgetter(0)):
        line: _Line | None = None
        for start, of_day in groupby(of_patient, key=itemgetter(1)):
            # What begins on one day is one decision: one agent that opens a line takes all along.
            begun = [(agent, end) for _, _, agent, end in of_day]
            if line is None:
                line = _Line(start)
            elif not all(line.takes(agent, start) for agent, _ in begun):
                following = line.next_one(start)
                yield patient, line
                line = following
            for agent, end in begun:
                line.add(agent, end)
        if line is not None:
            yield patient, line


def numbered(rows: pl.DataFrame, metastatic: pl.DataFrame) -> pl.DataFrame:
    """Lines with their number: 0 before the date of metastases, then 1, 2, 3 ...

    Parameters
    ----------
    rows : polars.DataFrame
        As `lines` makes them.
    metastatic : polars.DataFrame
        patient_id, metastatic_months (null: never, as far as is known), undated (truth: relapsed,
        on a day that nobody told; the number of their lines is unknown).
    """
    rows = rows.join(metastatic, on="patient_id", how="left", maintain_order="left")
    palliative = (pl.col("start_months") >= pl.col("metastatic_months")).fill_null(value=False)
    number = palliative.cast(pl.Int32).cum_sum().over("patient_id")
    number = pl.when(palliative).then(number).otherwise(0)
    line = pl.when(pl.col("undated").fill_null(value=False)).then(None).otherwise(number)
    return rows.select(
        "patient_id", "name", line.cast(pl.Int32).alias("line"), "start_months", "end_months"
    )
