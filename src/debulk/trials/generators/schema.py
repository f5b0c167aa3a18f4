"""What a file of patients may hold, by its kind, checked field by field before anything runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from debulk.trials.generators.generated import CHOSEN, VISITS_MONTHS

Kind = Literal["piecewise-exponential", "cure-mixture", "illness-death", "cohort", "arms"]
"""The kinds of patients a file may describe."""


def _not_a_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("give a number, not true or false")
    return value


def _number_or_steps(value: object) -> object:
    """A number, or pairs of numbers; what they may be, the generators check."""
    if isinstance(value, list):
        for pair in value:
            if not isinstance(pair, list) or len(pair) != 2:
                raise ValueError("write each step as [start in months, value]")
            for each in pair:
                if isinstance(each, bool) or not isinstance(each, int | float):
                    raise ValueError("write each step as [start in months, value], both numbers")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("give a number, or steps such as [[0, 1.3], [6, 0.7]]")
    return value


Number = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_not_a_truth_value)]
Whole = Annotated[int, BeforeValidator(_not_a_truth_value)]
Pairs = list[list[float]]
StepsEntry = Annotated[float | Pairs, BeforeValidator(_number_or_steps)]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class Part(BaseModel):
    """Part of a file of patients: no field that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StratumEntry(Part):
    """A characteristic with levels: share and factor of each."""

    name: Text
    levels: Annotated[Pairs, BeforeValidator(_number_or_steps)]


class Shared(Part):
    """What every kind may say."""

    kind: Kind
    registered: Whole
    visit_interval_months: Number = VISITS_MONTHS
    source: Text = CHOSEN


class PiecewiseExponentialFile(Shared):
    """Piecewise exponential hazards."""

    hazard_control: StepsEntry
    hazard_ratio: StepsEntry
    progression_hazard: StepsEntry | None = None
    progression_ratio: StepsEntry | None = None
    strata: list[StratumEntry] = []


class CureMixtureFile(Shared):
    """A cure model."""

    cured_control: Number
    cured_experimental: Number
    median_uncured_months: Number
    hazard_ratio_uncured: Number
    shape: Number = 1.0
    other_hazard: Number = 0.0
    progression_share: Number | None = None
    strata: list[StratumEntry] = []


class IllnessDeathFile(Shared):
    """An illness-death model."""

    progression: StepsEntry
    death_before: StepsEntry | None = None
    death_after: StepsEntry
    progression_experimental: StepsEntry | None = None
    death_before_experimental: StepsEntry | None = None
    death_after_experimental: StepsEntry | None = None
    death_after_salvage: StepsEntry | None = None
    strata: list[StratumEntry] = []


class CohortFile(Shared):
    """Patients drawn again from a cohort; the folder lies beside the file unless it is absolute."""

    folder: Text
    hazard_ratio: StepsEntry
    progression_ratio: StepsEntry | None = None
    since: Text = "time zero"
    carried: list[Text] = []
    tail: Text


class FollowUpEntry(Part):
    """A table of follow-up; the file lies beside this one unless it is absolute."""

    file: Text
    time: Text = "time"
    event: Text = "event"
    arm: Text = "arm"
    time_unit: Literal["months", "days", "years"] = "months"


class ArmsFile(Shared):
    """Two arms of follow-up."""

    control: Text
    experimental: Text
    survival: FollowUpEntry
    progression_free: FollowUpEntry | None = None
    tail: Text


FILES: dict[str, type[Shared]] = {
    "piecewise-exponential": PiecewiseExponentialFile,
    "cure-mixture": CureMixtureFile,
    "illness-death": IllnessDeathFile,
    "cohort": CohortFile,
    "arms": ArmsFile,
}
"""What a file of each kind holds."""
