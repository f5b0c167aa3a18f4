"""Participant flow: who is left after each step, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from debulk.core.provenance import Exclusion


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One step of the participant flow.

    Attributes
    ----------
    step : str
        What was asked.
    patients : int
        Patients who are left after it.
    left_out : tuple of Exclusion
        Why the others are not, and how many.
    """

    step: str
    patients: int
    left_out: tuple[Exclusion, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        reasons = [{"reason": each.reason, "patients": int(each.count)} for each in self.left_out]
        return {"step": self.step, "patients": self.patients, "left_out": reasons}


@dataclass
class Flow:
    """The patients still in, step by step; each leaves at the first reason that applies.

    Attributes
    ----------
    rows : polars.DataFrame
        One row a patient still in: `_row` (place in the patients table), patient_id and whatever
        the steps have added.
    steps : list of FlowStep
    decisions : list of str
        What was decided on the way, each with its count.
    """

    rows: pl.DataFrame
    steps: list[FlowStep] = field(default_factory=list)
    decisions: list[str] = field(default_factory=list)

    def begin(self, step: str) -> None:
        """Note the patients there are."""
        self.steps.append(FlowStep(step, self.rows.height))

    def leave_out(self, step: str, why: pl.Series) -> None:
        """Leave out whoever has a reason.

        Parameters
        ----------
        step : str
            What was asked.
        why : polars.Series
            A reason for each patient still in; null stays in.
        """
        counted = why.drop_nulls().value_counts(sort=True, name="count")
        # Equal counts in the order of their words, so that the same cohort gives the same flow.
        counted = counted.sort(["count", why.name], descending=[True, False])
        left_out = tuple(Exclusion(str(reason), float(n)) for reason, n in counted.iter_rows())
        self.rows = self.rows.filter(why.is_null())
        self.steps.append(FlowStep(step, self.rows.height, left_out))

    def decide(self, text: str, count: int) -> None:
        """Note a decision that concerned somebody."""
        if count:
            self.decisions.append(f"{text}: {count}")

    @property
    def left_out(self) -> tuple[Exclusion, ...]:
        """Everybody left out, in order, by reason."""
        return tuple(each for step in self.steps for each in step.left_out)


def reasons(*cases: tuple[pl.Series, str], length: int) -> pl.Series:
    """The first reason that applies to each patient; null where none does."""
    why = pl.Series("why", [None] * length, dtype=pl.String)
    for applies, text in reversed(cases):
        why = why.zip_with(
            ~applies.fill_null(value=False), pl.Series("why", [text] * length, dtype=pl.String)
        )
    return why
