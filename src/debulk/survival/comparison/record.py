"""What a result depends on: every option, chosen or by default, and every exclusion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from debulk import __version__
from debulk.core.provenance import Parameter, Provenance
from debulk.survival.comparison.adjusted import AdjustedModel
from debulk.survival.comparison.adjustment import Adjustment
from debulk.survival.comparison.choices import TestChoice
from debulk.survival.comparison.sample import Sample
from debulk.survival.comparison.times import TimeUnit
from debulk.survival.tables import FollowUpTable


@dataclass(frozen=True)
class Asked:
    """What was asked of `compare`, as it was asked."""

    reference: Any
    tau: float | None
    time_unit: TimeUnit
    conf_type: str
    tests: tuple[TestChoice, ...]
    landmark: float | None
    adjustment: Adjustment | None
    cause: int
    firth: bool

    def cause_of(self, table: FollowUpTable) -> int | None:
        """The cause of interest where causes compete; else None."""
        return self.cause if table.cause is not None else None


def provenance_of(
    sample: Sample, asked: Asked, horizon: float | None, adjusted: AdjustedModel | None
) -> Provenance:
    """Input, parameters with their status, exclusions, remarks."""
    table = sample.table
    exclusions = table.exclusions + (() if adjusted is None else adjusted.exclusions)
    return Provenance(
        version=__version__,
        inputs={table.name: table.sha256},
        parameters=(
            *_columns(table),
            *_options(table, asked),
            *_comparison(sample, asked, horizon),
        ),
        exclusions=exclusions,
        remarks=table.remarks,
    )


def _columns(table: FollowUpTable) -> list[Parameter]:
    found = [
        _option(f"column.{role}", column, not table.packaged)
        for role, column in table.columns.items()
    ]
    if table.strata:
        found.append(_option("column.strata", list(table.strata), True))
    if table.covariates:
        found.append(_option("column.covariates", list(table.covariates), True))
    return found


def _options(table: FollowUpTable, asked: Asked) -> list[Parameter]:
    stated = asked.time_unit != "as in the file" and not table.packaged
    found = [
        _option("time_unit", asked.time_unit, stated),
        _option("conf_level", 0.95, False),
        _option("conf_type", asked.conf_type, asked.conf_type != "log-log"),
    ]
    if asked.landmark is not None:
        found.append(_option("landmark", asked.landmark, True))
    if table.cause is not None:
        found.append(_option("cause", asked.cause, asked.cause != 1))
    if table.weights is not None:
        source = "the weights"
        found.append(Parameter("variance", "robust, by row", "derived", source))
    if asked.tests:
        found.append(_option("tests", [each.text for each in asked.tests], True))
    if asked.adjustment is not None:
        found.append(_option("adjust", asked.adjustment.text, True))
        found.append(_option("firth", asked.firth, asked.firth))
        found.append(_option("proportionality_transform", "km", False))
    return found


def _comparison(sample: Sample, asked: Asked, horizon: float | None) -> list[Parameter]:
    groups = sample.groups
    found = []
    if groups is not None:
        given = groups.chosen_by == "given"
        status: Literal["chosen", "default"] = "chosen" if given else "default"
        found.append(Parameter("reference", groups.reference, status, groups.chosen_by))
    if groups is not None or asked.adjustment is not None:
        found.append(_option("ties", "efron", False))
    if horizon is not None and asked.tau is not None:
        found.append(Parameter("tau", horizon, "chosen", "the call"))
    elif horizon is not None:
        source = "the smallest of the groups' last times"
        found.append(Parameter("tau", horizon, "derived", source))
    return found


def _option(name: str, value: Any, chosen: bool) -> Parameter:
    if chosen:
        return Parameter(name, value, "chosen", "the call")
    return Parameter(name, value, "default", "convention")
