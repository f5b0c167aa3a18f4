"""Fitting parametric survival models by maximum likelihood."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from debulk import __version__
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion, Parameter, Provenance
from debulk.survival.options import check_level
from debulk.survival.parametric_models.covariates import no_design, read_design
from debulk.survival.parametric_models.cure import Cure, read_cure
from debulk.survival.parametric_models.families import Family, Fitting
from debulk.survival.parametric_models.likelihood import Layout, Rows
from debulk.survival.parametric_models.model import ParametricModel
from debulk.survival.parametric_models.piecewise import PiecewiseExponential, PiecewiseFamily
from debulk.survival.parametric_models.registry import FAMILIES
from debulk.survival.parametric_models.search import find_maximum
from debulk.survival.parametric_models.splines import RoystonParmar, Spline, spline_family
from debulk.survival.subjects import Bools, Floats, Subjects, numbers, read_subjects, same_length

ModelName = Literal[
    "exponential",
    "weibull",
    "lognormal",
    "loglogistic",
    "gompertz",
    "gamma",
    "generalised-gamma",
]
_LEVEL = 0.95
_STILL_AT_RISK = 0.05
"""Share of those not cured without the event at the last time, above which no plateau is seen."""


def parametric(
    time: Any,
    event: Any,
    *,
    model: ModelName | PiecewiseExponential | RoystonParmar,
    covariates: Any = None,
    entry: Any = None,
    cure: bool | Cure = False,
    weights: Any = None,
    cure_covariates: Any = None,
    background_hazard: Any = None,
    conf_level: float = _LEVEL,
) -> ParametricModel:
    """Fit a parametric survival model by maximum likelihood.

    Parameters
    ----------
    time, event : array-like, shape (n,)
        End of follow-up (at least 0) and whether it ended with the event (bool or 0/1).
    model : str, PiecewiseExponential or RoystonParmar
        "exponential", "weibull", "lognormal", "loglogistic", "gompertz", "gamma" or
        "generalised-gamma"; a piecewise exponential with its cuts; or a spline of log time with
        its knots and scale.
        Parameters are flexsurv's (Jackson 2016, J Stat Softw 70(8)).
    covariates : array-like of shape (n, p), mapping of name to column, or frame, optional
        Numbers, bools, or text (indicators against the first level of an Enum or Categorical
        column, else the first label in sorted order). They act on the log rate (exponential,
        Gompertz, piecewise, gamma), on log time (Weibull, log-normal, log-logistic, generalised
        gamma), or on the spline's scale.
    entry : array-like, shape (n,), optional
        Start of observation (left truncation), at least 0 and below `time`. The likelihood is
        conditional on having no event until then.
    cure : {False, True, "mixture", "non-mixture"}
        Whether a share of the subjects never has the event. Mixture, which True means: S = p +
        (1 - p) S_u (Boag 1949; Farewell 1982, Biometrics 38:1041). Non-mixture: S = p^(1 - S_u)
        (Lambert 2007, Stata J 7:351).
    weights : array-like, shape (n,), optional
        Case weights, above 0: a row of weight 2 counts as two rows.
    cure_covariates : as `covariates`, optional
        Effects on the logit of the cured share p.
    background_hazard : array-like, shape (n,), optional
        Hazard of the general population, for each subject at the end of follow-up, per unit of
        `time`. The model is then that of the excess hazard, and survival is net survival (Esteve
        et al. 1990, Stat Med 9:529; Nelson et al. 2007, Stat Med 26:5486).
    conf_level : float
        Level of all intervals, strictly between 0 and 1.

    Returns
    -------
    ParametricModel
        A subject censored at time 0 counts in `n` and adds nothing; provenance says how many.

    Raises
    ------
    InputError
        On arrays that do not fit; no event; an event at time 0 where the model's density there is
        0, infinite or undefined; covariates that are constant, collinear or hold a group without
        events; cuts or knots that do not rise or hold nobody; a likelihood without a finite
        maximum, such as that of a cure model on data which show no cured share.
    """
    check_level(conf_level)
    subjects = read_subjects(
        time, event, entry=entry, weights=weights, needs_event=True, adds_times=True
    )
    kind = read_cure(cure)
    if cure_covariates is not None and kind is None:
        raise InputError("cure_covariates", "there is no cured share", "Give cure as well")
    rows = _rows(subjects, covariates, cure_covariates, background_hazard)
    _refuse_events_at_zero(rows, model)
    fitted = rows.subset(rows.event | (rows.time > 0)) if (rows.time == 0).any() else rows
    _refuse_all_at_zero(fitted)
    fitting = _family_for(model, fitted).ready(fitted.time, fitted.event, fitted.entry)
    layout = Layout(fitting.inner, kind, rows.design.width, rows.cure_design.width)
    maximum, covariance = find_maximum(fitted, layout)
    matrix = _outward(fitting, layout, rows)
    result = ParametricModel(
        family=fitting.outer,
        cure=kind,
        columns=rows.design.columns,
        cure_columns=rows.cure_design.columns,
        means=rows.design.mean,
        cure_means=rows.cure_design.mean,
        working=matrix @ maximum.parameters,
        covariance=matrix @ covariance @ matrix.T,
        loglik=maximum.at.value,
        loglik_null=_null(fitted, layout, maximum.at.value),
        n=subjects.n,
        events=subjects.events,
        conf_level=conf_level,
        excess=rows.background is not None,
        provenance=Provenance(version=__version__),
    )
    return result.with_provenance(_provenance(result, fitting, rows, maximum.steps))


def _rows(subjects: Subjects, covariates: Any, cure_covariates: Any, background: Any) -> Rows:
    n = subjects.n
    if subjects.entry is not None and (subjects.entry < 0).any():
        row = int(np.argmax(subjects.entry < 0))
        raise InputError(
            f"entry, row {row + 1}", f"{subjects.entry[row]:g} is negative", "Times run from 0 on"
        )
    return Rows(
        subjects.time,
        subjects.event,
        subjects.entry,
        subjects.weights,
        None if background is None else _background(background, n),
        read_design(covariates, n, subjects.event),
        read_design(cure_covariates, n, subjects.event, "cure_covariates"),
    )


def _background(values: Any, n: int) -> Floats:
    hazard = numbers(values, "background_hazard")
    same_length(hazard, n, "background_hazard")
    if (hazard < 0).any():
        row = int(np.argmax(hazard < 0))
        raise InputError(
            f"background_hazard, row {row + 1}", f"{hazard[row]:g} is negative", "Hazards are not"
        )
    return hazard


def _refuse_events_at_zero(rows: Rows, model: Any) -> None:
    at_zero: Bools = rows.event & (rows.time == 0)
    if not at_zero.any():
        return
    known = FAMILIES.get(model) if isinstance(model, str) else None
    if isinstance(model, PiecewiseExponential) or (known and not known.needs_log_time):
        return
    raise InputError(
        f"time, row {int(np.argmax(at_zero)) + 1}",
        "an event at time 0, where the model's density is 0, infinite or undefined",
        "Give the time at which it was noted, or use a model with a constant hazard from the start",
    )


def _refuse_all_at_zero(rows: Rows) -> None:
    if not (rows.time > 0).any():
        raise InputError("time", "is 0 in every row that counts", "Nobody is observed for a time")


def _family_for(model: Any, rows: Rows) -> Family:
    if isinstance(model, PiecewiseExponential):
        return PiecewiseFamily(model.cuts, (False,) * (len(model.cuts) + 1))
    if isinstance(model, RoystonParmar):
        return spline_family(model, rows.time, rows.event)
    if isinstance(model, str) and model in FAMILIES:
        return FAMILIES[model]
    names = [*FAMILIES, "PiecewiseExponential(cuts)", "RoystonParmar(interior_knots)"]
    raise InputError("model", f"{model!r} is not known", nearest(str(model), names))


def _outward(fitting: Fitting, layout: Layout, rows: Rows) -> Floats:
    """Matrix from the fitted parameters to the reported ones.

    Reported are first the family's parameters in its order, for covariates of 0, then the effects
    per unit of each covariate, then the logit of the cured share and the effects on it.
    """
    family, places = fitting.outer, layout.slices
    own = len(family.parameters)
    result = np.zeros((layout.size, layout.size))
    shift = -rows.design.mean / rows.design.spread if layout.effects else np.zeros(0)
    effects = slice(int(layout.intercept), int(layout.intercept) + layout.effects)
    source, moved, ancillary = np.zeros((own, layout.size)), np.zeros(own), 0
    for j, parameter in enumerate(family.parameters):
        if parameter.name == family.location:
            source[j, 0], moved[j] = 1.0, 1.0
        else:
            source[j, places[1 + ancillary]] = 1.0
            moved[j] = family.intercepts[ancillary]
            ancillary += 1
    result[:own] = fitting.matrix @ source
    result[:own, effects] += np.outer(moved, shift)
    for j in range(layout.effects):
        result[own + j, effects.start + j] = 1.0 / rows.design.spread[j]
    if layout.cure is not None:
        start = own + layout.effects
        result[start, start] = 1.0
        for j in range(layout.cure_effects):
            spread = rows.cure_design.spread[j]
            result[start, start + 1 + j] = -rows.cure_design.mean[j] / spread
            result[start + 1 + j, start + 1 + j] = 1.0 / spread
    return result


def _null(rows: Rows, layout: Layout, fitted: float) -> float:
    """Log likelihood without covariates; NaN where that model has no finite maximum."""
    if layout.effects + layout.cure_effects == 0:
        return fitted
    none = no_design(rows.time.size)
    bare = Rows(rows.time, rows.event, rows.entry, rows.weights, rows.background, none, none)
    try:
        return find_maximum(bare, Layout(layout.family, layout.cure, 0, 0))[0].at.value
    except InputError:
        return float("nan")


def _provenance(result: ParametricModel, fitting: Fitting, rows: Rows, steps: int) -> Provenance:
    at_zero = int((~rows.event & (rows.time == 0)).sum())
    exclusions: tuple[Exclusion, ...] = ()
    if at_zero:
        exclusions = (Exclusion("censored at time 0: counted in n, says nothing", at_zero),)
    return Provenance(
        version=__version__,
        parameters=(
            Parameter("model", result.model, "chosen", "argument"),
            Parameter("cure", result.cure, "chosen" if result.cure else "default", "argument"),
            Parameter(
                "conf_level",
                result.conf_level,
                "default" if result.conf_level == _LEVEL else "chosen",
                "argument",
            ),
            Parameter("newton_steps", steps, "derived", "search"),
        ),
        exclusions=exclusions,
        remarks=(*fitting.notes, *_remarks(result, rows)),
    )


def _remarks(result: ParametricModel, rows: Rows) -> list[str]:
    """What a reader of the result must know."""
    remarks = []
    last = float(rows.time.max())
    if np.isnan(result.loglik_null):
        remarks.append("The model without covariates has no finite maximum.")
    if isinstance(result.family, Spline):
        working = result.working[: len(result.family.parameters)]
        positive = rows.time > 0
        slope = working @ result.family.basis(np.log(rows.time[positive]))[1]
        falling = int((slope <= 0).sum())
        if falling:
            remarks.append(
                f"The fitted cumulative hazard falls at {falling} of the times in the data "
                "(all censored): the hazard there is not valid. Use fewer knots."
            )
    if result.cure is not None:
        left = result.uncured_survival([last])[0]
        if left > _STILL_AT_RISK:
            remarks.append(
                f"By the model {100 * left:.0f} % of those not cured have no event yet at the end "
                f"of the longest follow-up, {last:g}: the cured share rests on the distribution "
                "chosen, not on a plateau seen."
            )
    elif result.cured is not None:
        remarks.append(
            "The shape is negative, so that a share of the subjects never has the event."
        )
    return remarks
