"""Every statistic of a validation, computed once from the same follow-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import Estimate
from debulk.prognosis.validation.accuracy import accuracy_of, brier_of, null_brier_of
from debulk.prognosis.validation.calibration_slopes import slope_of, weak_calibration_of
from debulk.prognosis.validation.discrimination import AUC_NOTE, auc_of
from debulk.prognosis.validation.estimates import complementary_log_log, estimate_of
from debulk.prognosis.validation.event_ratios import observed_of, ratio_at
from debulk.prognosis.validation.follow_up import FollowUp
from debulk.prognosis.validation.separation import separation_of
from debulk.prognosis.validation.status import HorizonStatus
from debulk.prognosis.validation.weighted_concordance import weighted_concordance
from debulk.survival.concordant_pairs import concordance_of
from debulk.survival.subjects import Floats


@dataclass
class Collected:
    """Estimates by name, and why others are missing."""

    found: dict[str, Estimate] = field(default_factory=dict)
    caveats: list[str] = field(default_factory=list)

    def add(self, words: str, make: Callable[[], dict[str, Estimate]]) -> None:
        """Add what `make` makes, or say why it cannot."""
        try:
            self.found |= make()
        except InputError as error:
            self.caveats.append(f"No {words}: {error.found}.")


def ranking(
    collected: Collected,
    status: HorizonStatus,
    follow_up: FollowUp,
    score: Floats,
    conf_level: float,
) -> Estimate:
    """Collect what a ranking is worth; returns the concordance."""
    collected.add("area under the ROC curve", lambda: _auc(status, follow_up, score, conf_level))
    if _changing(follow_up):
        return weighted_concordance(status, follow_up, score, conf_level)
    collected.add("D statistic", lambda: _separation(follow_up, score, conf_level))
    if not (follow_up.start.any() or follow_up.competing):
        uno = concordance_of(
            follow_up.stop,
            follow_up.event,
            score,
            weights=_weights(follow_up),
            tau=status.horizon,
            method="uno",
            conf_level=conf_level,
        )
        collected.found["concordance_uno"] = uno
    return harrell(follow_up, score, conf_level)


def harrell(follow_up: FollowUp, score: Floats, conf_level: float) -> Estimate:
    """Harrell's concordance; who had a competing event stays without the event (Wolbers 2009)."""
    beyond = float(follow_up.stop.max()) + 1.0
    return concordance_of(
        np.where(follow_up.cause > 1, beyond, follow_up.stop),
        follow_up.event,
        score,
        entry=follow_up.start if follow_up.start.any() else None,
        weights=_weights(follow_up),
        conf_level=conf_level,
    )


def risk_statistics(
    collected: Collected,
    status: HorizonStatus,
    follow_up: FollowUp,
    risk: Floats,
    linear_predictor: Floats | None,
    conf_level: float,
) -> None:
    """Collect what risks are worth beyond their ranking."""
    collected.found |= _accuracy(status, follow_up, risk, conf_level)
    collected.found["observed"] = estimate_of(
        observed_of(status),
        f"observed risk by {status.horizon:g}",
        follow_up,
        conf_level,
        scale="logit",
        note="logit interval; standard error on that scale",
    )
    collected.found["observed_expected"] = ratio_at(status, follow_up, risk, conf_level)

    def weak() -> dict[str, Estimate]:
        found = weak_calibration_of(status, follow_up, risk, conf_level)
        return {"calibration_intercept": found.intercept, "calibration_slope": found.slope}

    collected.add("calibration intercept and slope", weak)
    if not follow_up.competing:
        predictor = complementary_log_log(risk) if linear_predictor is None else linear_predictor
        collected.add(
            "calibration slope by a Cox model",
            lambda: {"calibration_slope_cox": slope_of(follow_up, predictor, conf_level)},
        )


def _auc(
    status: HorizonStatus, follow_up: FollowUp, score: Floats, conf_level: float
) -> dict[str, Estimate]:
    words = f"area under the ROC curve of events by {status.horizon:g}"
    area = auc_of(status, score)
    within = (0.0, 1.0)
    return {"auc": estimate_of(area, words, follow_up, conf_level, within=within, note=AUC_NOTE)}


def _separation(follow_up: FollowUp, score: Floats, conf_level: float) -> dict[str, Estimate]:
    found = separation_of(follow_up, score, conf_level)
    return {"royston_d": found.d, "explained_variation": found.explained}


def _accuracy(
    status: HorizonStatus, follow_up: FollowUp, risk: Floats, conf_level: float
) -> dict[str, Estimate]:
    brier, null = brier_of(status, risk), null_brier_of(status)
    by = f"of events by {status.horizon:g}"
    parts = {
        "brier": (brier, f"Brier score {by}", (0.0, 1.0)),
        "brier_null": (null, f"Brier score of the observed risk for everybody {by}", (0.0, 1.0)),
        "ipa": (accuracy_of(brier, null), f"index of prediction accuracy {by}", (-np.inf, 1.0)),
    }
    return {
        name: estimate_of(each, words, follow_up, conf_level, within=within)
        for name, (each, words, within) in parts.items()
    }


def _changing(follow_up: FollowUp) -> bool:
    """Whether patients have several rows, or none."""
    return follow_up.stop.size != follow_up.patients or bool(
        (np.bincount(follow_up.patient, minlength=follow_up.patients) != 1).any()
    )


def _weights(follow_up: FollowUp) -> Floats | None:
    return None if (follow_up.weight == 1.0).all() else follow_up.weight
