"""What figures and pages of validation say: names of statistics, numbers with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from debulk.reports.words import DASH, limits, ratio, share, signless_zero

STATISTICS: dict[str, tuple[str, str]] = {
    "auc": ("Area under the ROC curve at the horizon", "1 perfect, 0.5 by chance"),
    "concordance_uno": ("Concordance (Uno), up to the horizon", "1 perfect, 0.5 by chance"),
    "royston_d": ("D (Royston and Sauerbrei)", "log hazard ratio of the two halves"),
    "explained_variation": ("Variation explained (R\u00b2 of D)", "1 perfect, 0 none"),
    "observed": ("Observed risk at the horizon", ""),
    "observed_expected": ("Observed over expected risk", "1 right; above, risks too low"),
    "calibration_intercept": ("Calibration intercept at the horizon", "0 right; above, too low"),
    "calibration_slope": ("Calibration slope at the horizon", "1 right; below, too extreme"),
    "calibration_slope_cox": ("Calibration slope, Cox model", "1 right; below, too extreme"),
    "ici": ("Mean distance of predicted from observed (ICI)", "0 perfect; chance lifts it"),
    "e50": ("Median distance (E50)", "0 perfect; chance lifts it"),
    "e90": ("90th percentile of the distance (E90)", "0 perfect; chance lifts it"),
    "brier": ("Brier score", "0 perfect"),
    "brier_null": ("Brier score, the observed risk for everybody", "what a risk must beat"),
    "ipa": ("Index of prediction accuracy (IPA)", "1 perfect, 0 no better than that"),
}
"""How each statistic is called, and how it is read; in the order of the table."""

PER_CENT = "format(datum.value * 100, '~g') + ' %'"
"""Labels of an axis of shares."""

_THREE_DIGITS = ("ici", "e50", "e90", "brier", "brier_null", "ipa")

CENTRES = {
    "concordance": "Concordance (Harrell)",
    "observed_expected": "Observed over expected risk",
    "calibration_slope_cox": "Calibration slope, Cox model",
}


def months_words(months: float) -> str:
    """A horizon in months."""
    return f"{months:g} month" if months == 1 else f"{months:g} months"


def interval_words(estimate: Mapping[str, Any], digits: int = 2) -> str:
    """Write "estimate (lower to upper)"."""
    number = _rounded(digits)
    value = number(estimate["estimate"])
    if estimate["lower"] is None or estimate["upper"] is None:
        return value
    return f"{value} ({limits(estimate['lower'], estimate['upper'], number)})"


def ratio_words(estimate: Mapping[str, Any]) -> str:
    """Write a ratio with its interval."""
    return interval_words(estimate)


def statistic_words(name: str, estimate: Mapping[str, Any]) -> str:
    """A statistic of the table with as many digits as are known."""
    if name == "observed":
        value = share(estimate["estimate"])
        return f"{value} ({limits(estimate['lower'], estimate['upper'], share)})"
    return interval_words(estimate, 3 if name in _THREE_DIGITS else 2)


def sentence(result: Mapping[str, Any]) -> str:
    """The answer in two sentences."""
    found, name = result["statistics"], result["score"]
    horizon = months_words(result["horizon_months"])
    start = (
        f"{_capital(name)} told who would have the event earlier with a concordance of "
        f"{interval_words(result['concordance'])}"
    )
    if "observed_expected" not in found:
        return f"{start} ({result['events']} events in {result['n']} patients)."
    observed, mean = found["observed"], result["mean_risk"]
    verdict = _verdict(found["observed_expected"])
    return (
        f"{start}. By {horizon} {share(observed['estimate'])} had it where "
        f"{share(mean)} were expected: a ratio of {ratio_words(found['observed_expected'])}, "
        f"{verdict}."
    )


def _verdict(estimate: Mapping[str, Any]) -> str:
    if estimate["lower"] is None:
        return "without an interval"
    if estimate["lower"] > 1.0:
        return "so that the risks are too low here"
    if estimate["upper"] < 1.0:
        return "so that the risks are too high here"
    return "which is compatible with risks that are right on average"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _rounded(digits: int) -> Callable[[float | None], str]:
    def write(value: float | None) -> str:
        if value is None:
            return DASH
        return signless_zero(ratio(value, digits))

    return write
