"""The parts of a validation put together, with what must be said beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk import __version__
from debulk.core.provenance import Exclusion, Parameter, Provenance, sha256_of
from debulk.core.results import Estimate
from debulk.prognosis.validation.calibration_curve import (
    SmoothCalibration,
    check_knots,
    smooth_calibration_of,
)
from debulk.prognosis.validation.calibration_groups import (
    CalibrationGroup,
    grouped_calibration_of,
    groups_of,
)
from debulk.prognosis.validation.calibration_slopes import slope_of
from debulk.prognosis.validation.centres import AcrossCentres, across_centres, read_centres
from debulk.prognosis.validation.estimates import CLOSEST, complementary_log_log
from debulk.prognosis.validation.event_ratios import ratio_at
from debulk.prognosis.validation.follow_up import FollowUp, read_horizon
from debulk.prognosis.validation.net_benefit import THRESHOLDS, decision_curve_of, read_thresholds
from debulk.prognosis.validation.resampling import check_resamples
from debulk.prognosis.validation.result import Kind, Validation
from debulk.prognosis.validation.statistics import Collected, harrell, ranking, risk_statistics
from debulk.prognosis.validation.status import horizon_status
from debulk.survival.options import check_kind, check_level, whole_number
from debulk.survival.subjects import Floats

FEW_EVENTS = 100
"""Fewer events say little (Collins, Ogundimu and Altman 2016, Stat Med 35:214)."""
_FEW_BEYOND = 10
_BINS = 50


@dataclass(frozen=True, slots=True)
class Options:
    """How a validation is made.

    Attributes
    ----------
    conf_level : float
    bootstrap, seed : int
        Resamples of patients for the intervals of ICI, E50 and E90, and their seed.
    knots, groups : int
        Of the smooth calibration curve, and of the grouped one.
    thresholds : array-like
        Of the decision curve.
    """

    conf_level: float = 0.95
    bootstrap: int = 200
    seed: int = 0
    knots: int = 3
    groups: int = 10
    thresholds: Any = THRESHOLDS

    def __post_init__(self) -> None:
        check_level(self.conf_level)
        check_knots(self.knots)
        check_resamples(self.bootstrap, self.seed)
        whole_number(self.groups, "groups", 2, 100)
        read_thresholds(self.thresholds)


@dataclass(frozen=True, eq=False)
class Predictions:
    """What is validated.

    Attributes
    ----------
    name : str
    kind : {"risk", "score", "counterfactual"}
    score : array, shape (patients,)
        What ranks: the risks, or the points.
    risk : array, shape (patients,), or None
        None for a score that publishes no risks.
    linear_predictor : array, shape (patients,), or None
    centre : array-like or None
    """

    name: str
    kind: Kind
    score: Floats
    risk: Floats | None = None
    linear_predictor: Floats | None = None
    centre: Any = None

    def __post_init__(self) -> None:
        check_kind(self.name, str, "name", "Give what reports call it")


def assembled(
    follow_up: FollowUp,
    predictions: Predictions,
    horizon_months: Any,
    options: Options,
    *,
    exclusions: tuple[Exclusion, ...] = (),
    caveats: tuple[str, ...] = (),
    missing: int = 0,
) -> Validation:
    """Compute every part of a validation from follow-up and predictions already checked."""
    horizon = read_horizon(horizon_months, follow_up, "horizon_months")
    thresholds = read_thresholds(options.thresholds)
    status = horizon_status(follow_up, horizon)
    collected, level = Collected(), options.conf_level
    concordance = ranking(collected, status, follow_up, predictions.score, level)
    risk, curve, decision = predictions.risk, None, None
    groups: tuple[CalibrationGroup, ...] = ()
    if risk is not None:
        collected.caveats += _drawn_in(risk)
        risk_statistics(collected, status, follow_up, risk, predictions.linear_predictor, level)
        curve = _smooth(collected, follow_up, risk, horizon, options)
        groups = grouped_calibration_of(
            follow_up, risk, horizon, *groups_of(risk, options.groups), level
        )
        decision = decision_curve_of(status, follow_up, risk, thresholds, level)
    centres = _centres(collected, follow_up, predictions, horizon, level)
    edges = np.linspace(0.0, 1.0, _BINS + 1)
    by_horizon = int(np.count_nonzero(follow_up.event & (follow_up.stop <= horizon)))
    beyond = int(np.count_nonzero(~status.case & (follow_up.stop[status.row] > horizon)))
    said = (*_caveats(follow_up, by_horizon, beyond, horizon), *collected.caveats, *caveats)
    return Validation(
        name=predictions.name,
        kind=predictions.kind,
        horizon_months=horizon,
        n=follow_up.patients,
        events=follow_up.events,
        events_by_horizon=by_horizon,
        followed_beyond=beyond,
        competing=follow_up.competing,
        missing=missing,
        concordance=concordance,
        statistics=collected.found,
        mean_risk=float("nan") if risk is None else follow_up.mean(risk),
        curve=curve,
        groups=groups,
        decision=decision,
        centres=centres,
        risk_edges=edges,
        risk_counts=np.histogram(np.zeros(0) if risk is None else risk, edges)[0],
        caveats=said,
        provenance=_provenance(follow_up, predictions, horizon, options, exclusions, said),
    )


def _smooth(
    collected: Collected, follow_up: FollowUp, risk: Floats, horizon: float, options: Options
) -> SmoothCalibration | None:
    made: list[SmoothCalibration] = []

    def distances() -> dict[str, Estimate]:
        made.append(
            smooth_calibration_of(
                follow_up,
                risk,
                horizon,
                knots=options.knots,
                bootstrap=options.bootstrap,
                seed=options.seed,
                conf_level=options.conf_level,
            )
        )
        return {name: getattr(made[0], name) for name in ("ici", "e50", "e90")}

    collected.add("smooth calibration curve", distances)
    return made[0] if made else None


def _centres(
    collected: Collected,
    follow_up: FollowUp,
    predictions: Predictions,
    horizon: float,
    conf_level: float,
) -> tuple[AcrossCentres, ...]:
    if predictions.centre is None:
        return ()
    labels, codes = read_centres(predictions.centre, follow_up.patients)

    def at_horizon(part: FollowUp, risk: Floats) -> Estimate:
        moment = read_horizon(horizon, part)
        return ratio_at(horizon_status(part, moment), part, risk, conf_level)

    def across(name: str, values: Floats, in_centre: Any, scale: Any) -> AcrossCentres:
        return across_centres(
            name,
            follow_up,
            values,
            labels,
            codes,
            in_centre,
            scale=scale,
            conf_level=conf_level,
        )

    def concordant(part: FollowUp, score: Floats) -> Estimate:
        return harrell(part, score, conf_level)

    def slope(part: FollowUp, predictor: Floats) -> Estimate:
        return slope_of(part, predictor, conf_level)

    found = [across("concordance", predictions.score, concordant, "logit")]
    if predictions.risk is not None:
        found.append(across("observed_expected", predictions.risk, at_horizon, "log"))
        if not follow_up.competing:
            predictor = predictions.linear_predictor
            used = complementary_log_log(predictions.risk) if predictor is None else predictor
            found.append(across("calibration_slope_cox", used, slope, "plain"))
    for each in found:
        collected.caveats += [
            f"Centre {label} is not in the {each.statistic.replace('_', ' ')} over centres: {why}."
            for label, why in each.left_out.items()
        ]
    return tuple(found)


def _drawn_in(risk: Floats) -> list[str]:
    """Say how many risks have no place on the log cumulative hazard scale."""
    count = int(np.count_nonzero((risk < CLOSEST) | (risk > 1.0 - CLOSEST)))
    if count == 0:
        return []
    return [
        f"{count} risks of 0 or 1, or nearer to them than {CLOSEST:g}, were drawn in to that for "
        "calibration slope and curve."
    ]


def _caveats(follow_up: FollowUp, by_horizon: int, beyond: int, horizon: float) -> list[str]:
    said = []
    if by_horizon < FEW_EVENTS:
        said.append(
            f"{by_horizon} events by {horizon:g} months: with fewer than {FEW_EVENTS}, estimates "
            "of performance are unstable."
        )
    if beyond < _FEW_BEYOND:
        said.append(f"Only {beyond} patients are followed beyond {horizon:g} months.")
    cut = "whose follow-up was cut short is taken to be like those followed on, whatever the "
    cut += "prediction."
    one_row = follow_up.start.size == follow_up.patients
    said.append(cut.capitalize() if one_row else f"But for what the weights make up for, {cut}")
    if follow_up.start.any() and one_row:
        said.append("Late entry is taken not to depend on the prediction.")
    if follow_up.competing:
        said.append(
            "Competing events count as never having the event: risks must be cumulative "
            "incidences, not one less survival."
        )
    if not follow_up.plain and (follow_up.weight != 1.0).any():
        said.append("Weights are taken as known: their own estimation is not in the intervals.")
    return said


def _provenance(
    follow_up: FollowUp,
    predictions: Predictions,
    horizon: float,
    options: Options,
    exclusions: tuple[Exclusion, ...],
    remarks: tuple[str, ...],
) -> Provenance:
    default = Options()
    parameters = [Parameter("horizon_months", horizon, "chosen", "user", unit="months")]
    for name in ("conf_level", "bootstrap", "knots", "groups"):
        value = getattr(options, name)
        status = "default" if value == getattr(default, name) else "chosen"
        parameters.append(Parameter(name, value, status, "assumption"))  # type: ignore[arg-type]
    parts = (follow_up.start, follow_up.stop, follow_up.cause, follow_up.weight, predictions.score)
    return Provenance(
        version=__version__,
        seed=options.seed if options.bootstrap and predictions.risk is not None else None,
        inputs={"follow-up and predictions": sha256_of(b"".join(each.tobytes() for each in parts))},
        parameters=tuple(parameters),
        exclusions=exclusions,
        remarks=remarks,
    )
