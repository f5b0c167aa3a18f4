"""The model with covariates beside the groups, and the check of its proportional hazards."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.core.results import Estimate, plain
from debulk.survival.comparison.adjustment import Adjustment
from debulk.survival.comparison.competing import subdistribution_ratios
from debulk.survival.comparison.ratios import (
    enum_of,
    estimates_of,
    fit,
    group_ratios,
    model_note,
)
from debulk.survival.comparison.sample import Sample
from debulk.survival.groups import Groups

if TYPE_CHECKING:
    from debulk.survival.cox_model.model import CoxModel
    from debulk.survival.cox_model.proportionality import SchoenfeldPlot

_LEVEL = re.compile(r"\[T\.(.*)\]$")


@dataclass(frozen=True, eq=False)
class AdjustedModel:
    """A model with covariates.

    Attributes
    ----------
    adjustment : Adjustment
        As asked for.
    group_column : str or None
        Column of the groups, whose terms come first.
    hazard_ratios : dict of str to Estimate
        By term.
    unadjusted : dict of str to Estimate
        By group, from the same rows without the covariates.
    n, events : int
        Rows and events that the model uses.
    exclusions : tuple of Exclusion
        Rows left out of the model alone, by covariate.
    proportionality : list of dict
        Term, chi_square, df and p of the test of proportional hazards; the last is GLOBAL.
    schoenfeld : SchoenfeldPlot or None
        What a figure of changing coefficients shows.
    subdistribution : dict of str to Estimate
        By term, from Fine and Gray's model with the same covariates, where causes compete.
    """

    adjustment: Adjustment
    group_column: str | None
    hazard_ratios: dict[str, Estimate]
    unadjusted: dict[str, Estimate]
    n: int
    events: int
    exclusions: tuple[Exclusion, ...]
    proportionality: list[dict[str, Any]]
    schoenfeld: SchoenfeldPlot | None = None
    subdistribution: dict[str, Estimate] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        found: dict[str, Any] = {
            "adjusted_for": self.adjustment.text,
            "n": self.n,
            "events": self.events,
            "excluded": [plain(each) for each in self.exclusions],
            "hazard_ratios": _short(self.hazard_ratios),
            "unadjusted_hazard_ratios": _short(self.unadjusted),
            "proportionality": self.proportionality,
        }
        if self.subdistribution:
            found["subdistribution_hazard_ratios"] = _short(self.subdistribution)
        return plain(found)  # type: ignore[no-any-return]


def term_label(term: str) -> str:
    """A term as it is shown: ``rx[T.Lev]`` as ``rx: Lev``."""
    return _LEVEL.sub(r": \1", term)


def adjust(
    sample: Sample, adjustment: Adjustment, cause: int | None = None, *, firth: bool = False
) -> AdjustedModel:
    """Fit the model with covariates to the rows that have them all.

    Parameters
    ----------
    sample : Sample
        Whose table holds the covariates.
    adjustment : Adjustment
    cause : int, optional
        The cause of interest, where causes compete: Fine and Gray's model is then fitted too.
    firth : bool
        Whether to maximise Firth's penalised likelihood, finite where covariates separate events.

    Raises
    ------
    InputError
        If a covariate is the groups' own column, no row is complete, or as `cox`.
    """
    from debulk.survival.cox_model.proportionality import schoenfeld_plot_data

    sample, exclusions = complete_rows(sample, adjustment)
    design = design_of(sample, adjustment)
    model = _fitted(sample, design, firth=firth)
    subdistribution: dict[str, Estimate] = {}
    # Strata, entry times and weights rule Fine and Gray's model out; the answer says so.
    if cause is not None and sample.is_plain:
        subdistribution = subdistribution_ratios(sample, cause, **design)
    table = model.proportionality()
    return AdjustedModel(
        adjustment=adjustment,
        group_column=sample.table.columns.get("group"),
        hazard_ratios=estimates_of(model, sample, model_note(sample, firth=firth)),
        unadjusted=group_ratios(sample).estimates,
        n=sample.subjects.n,
        events=sample.subjects.events,
        exclusions=exclusions,
        proportionality=list(table.iter_rows(named=True)),
        schoenfeld=schoenfeld_plot_data(model.rows, model.coef, model.ties, model.naive_covariance),
        subdistribution=subdistribution,
    )


def _fitted(sample: Sample, design: dict[str, Any], *, firth: bool) -> CoxModel:
    """The model; a remedy that is an argument of the library is told as an option."""
    try:
        return fit(sample, **design, firth=firth)
    except InputError as error:
        if "firth" not in error.remedy:
            raise
        remedy = "Add --firth, merge rare levels, or leave the covariate out"
        raise InputError(error.where, error.found, remedy) from error


def design_of(sample: Sample, adjustment: Adjustment) -> dict[str, Any]:
    """Columns and covariates or formula of the model, the groups first."""
    columns: dict[str, Any] = dict(sample.table.covariates)
    doubled = [name for name in columns if name in sample.table.strata]
    if doubled:
        found = f"{doubled[0]!r} is a stratum, within which it does not vary"
        raise InputError("--adjust", found, "Name it in --strata or in --adjust, not in both")
    if sample.groups is None:
        covariates, formula = list(adjustment.columns), adjustment.formula
    else:
        group = sample.table.columns["group"]
        if group in columns:
            found = f"{group!r} is the column of the groups, which the model has anyway"
            raise InputError("--adjust", found, "Leave it out")
        if adjustment.formula is not None and not group.isidentifier():
            found = f"a formula cannot name the groups' column {group!r}"
            raise InputError("--adjust", found, "Rename it, or give columns with commas between")
        columns[group] = enum_of(sample.groups)
        covariates = [group, *adjustment.columns]
        formula = None if adjustment.formula is None else f"{group} + {adjustment.formula}"
    if formula is not None:
        return {"columns": columns, "formula": formula}
    return {"columns": columns, "covariates": covariates}


def complete_rows(sample: Sample, adjustment: Adjustment) -> tuple[Sample, tuple[Exclusion, ...]]:
    """The rows that have every covariate, and how many lack which."""
    kept = np.ones(sample.subjects.n, dtype=np.bool_)
    exclusions = []
    for name in adjustment.columns:
        absent = sample.table.covariates[name].is_null().to_numpy()
        count = int((absent & kept).sum())
        if count:
            reason = f"the covariate {name!r} is missing (adjusted model only)"
            exclusions.append(Exclusion(reason, count))
        kept &= ~absent
    if not exclusions:
        return sample, ()
    if not kept.any():
        raise InputError("--adjust", "no row has every covariate", "Adjust for fewer columns")
    subjects = sample.subjects.subset(kept)
    if not subjects.event.any():
        found = "no row that has every covariate has the event"
        raise InputError("--adjust", found, "Adjust for fewer columns")
    groups = sample.groups
    if groups is not None:
        codes = groups.codes[kept]
        lost = [label for code, label in enumerate(groups.labels) if not (codes == code).any()]
        if lost:
            found = f"no row of group {lost[0]!r} has every covariate"
            raise InputError("--adjust", found, "Adjust for fewer columns")
        groups = Groups(groups.labels, codes, groups.chosen_by)
    chosen = pl.Series(kept)
    part = replace(
        sample,
        table=sample.table.kept(chosen),
        subjects=subjects,
        groups=groups,
        strata=None if sample.strata is None else sample.strata.filter(chosen),
        cause=None if sample.cause is None else sample.cause[kept],
    )
    return part, tuple(exclusions)


def _short(estimates: dict[str, Estimate]) -> dict[str, Any]:
    parts = ("estimate", "lower", "upper", "se", "p", "note")
    return {term: {part: getattr(each, part) for part in parts} for term, each in estimates.items()}
