"""What figures and pages of pooled evidence say: methods, scales, heterogeneity, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from debulk.reports.figures.forest import number_text
from debulk.reports.figures.style import p_text
from debulk.reports.words import DASH, limits

METHODS = {
    "ee": "Equal effects",
    "dl": "Random effects (DerSimonian and Laird)",
    "pm": "Random effects (Paule and Mandel)",
    "reml": "Random effects (REML)",
    "ml": "Random effects (ML)",
    "he": "Random effects (Hedges)",
    "hs": "Random effects (Hunter and Schmidt)",
    "sj": "Random effects (Sidik and Jonkman)",
    "eb": "Random effects (empirical Bayes)",
}
INTERVALS = {
    "wald": "normal interval",
    "hksj": "Hartung-Knapp interval",
    "hksj-adhoc": "Hartung-Knapp interval, never narrower than the normal one",
}
TITLES = {
    "hazard ratio": "Hazard ratio",
    "odds ratio": "Odds ratio",
    "risk ratio": "Risk ratio",
    "risk difference": "Risk difference",
    "proportion": "Per cent",
    "mean difference": "Mean difference",
    "generic": "Effect",
}
"""How a measure is called above its column and below its axis."""

RESEARCH_USE = (
    "For research use; not a medical device, and no basis for a decision about a patient."
)
MIXED = (
    "The pooled number describes these studies together; where populations and questions differ, "
    "it is the effect in none of them."
)


def is_ratio(result: Mapping[str, Any]) -> bool:
    """Whether the natural scale is a ratio, drawn on a logarithmic axis."""
    return str(result["measure"]).endswith("ratio") and result["scale"] in ("log", "logit")


def in_per_cent(result: Mapping[str, Any]) -> bool:
    """Whether numbers of the natural scale are shares, shown as per cent from 0 to 100."""
    return bool(result["measure"] == "proportion")


def shown(result: Mapping[str, Any], value: float | None) -> float:
    """A number of the natural scale as figures draw it: shares as per cent; NaN for none."""
    if value is None:
        return float("nan")
    return 100.0 * value if in_per_cent(result) else value


def writer(result: Mapping[str, Any]) -> Callable[[float | None], str]:
    """How numbers of the natural scale are written, without unit."""
    return lambda value: DASH if value is None else number_text(shown(result, value))


def level_words(result: Mapping[str, Any]) -> str:
    """Write "95 %"."""
    return f"{100 * result['conf_level']:g} %"


def estimate_title(result: Mapping[str, Any]) -> str:
    """Head of a column of estimates."""
    return f"{TITLES[result['measure']]} ({level_words(result)} interval)"


def axis_title(result: Mapping[str, Any]) -> str:
    """Words of the axis, with the outcome and the unit."""
    outcome = f", {result['outcome']}" if result.get("outcome") else ""
    if in_per_cent(result):
        return f"per cent of patients{outcome}"
    return f"{TITLES[result['measure']].lower()}{outcome}{' (log scale)' * is_ratio(result)}"


def written(result: Mapping[str, Any], natural: Mapping[str, Any]) -> str:
    """Write "estimate (lower to upper)" with a unit where there is one."""
    write = writer(result)
    spread = limits(natural["lower"], natural["upper"], write)
    return f"{write(natural['estimate'])}{' %' * in_per_cent(result)} ({spread})"


def method_words(result: Mapping[str, Any]) -> str:
    """Name the method and the interval."""
    return f"{METHODS[result['method']]}, {level_words(result)} {INTERVALS[result['interval']]}"


def heterogeneity_words(result: Mapping[str, Any]) -> str:
    """How far studies differ: tau², I² with its interval, Q with its p."""
    parts = []
    if result["method"] != "ee":
        parts.append(f"tau\u00b2 = {result['tau2']:.3f}{_limits(result.get('tau2_limits'))}")
    spread = _limits(result.get("i2_limits"), factor=100.0, digits=0)
    parts.append(f"I\u00b2 = {100 * result['i2']:.0f} %{spread}")
    if result["q_df"]:
        freedom, p = result["q_df"], p_text(result["q_p"])
        parts.append(f"Q = {result['q']:.1f} on {freedom} df, p {p}")
    return f"Heterogeneity: {', '.join(parts)}"


def pooled_sentence(result: Mapping[str, Any]) -> str:
    """The answer in two plain sentences."""
    natural = result["natural"]
    if natural["estimate"] is None:
        return _regression_sentence(result)
    what = "effect" if result["measure"] == "generic" else result["measure"]
    of = f" for {result['outcome']}" if result.get("outcome") else ""
    told = (
        f"{studies_words(result['k'])}, pooled {what}{of}: {written(result, natural)}, "
        f"{level_words(result)} interval."
    )
    prediction = natural["prediction"]
    if prediction["lower"] is None:
        return told
    unit = " %" if in_per_cent(result) else ""
    spread = limits(prediction["lower"], prediction["upper"], writer(result))
    return f"{told} A new study of this kind is expected from {spread}{unit}."


def _regression_sentence(result: Mapping[str, Any]) -> str:
    names = ", ".join(each["name"] for each in result["coefficients"][1:])
    told = (
        f"{studies_words(result['k'])}, {result['measure']} explained by {names}: "
        f"p {p_text(result['qm_p'])} for all of it"
    )
    if result["r2"] is None:
        return f"{told}."
    return f"{told}, {100 * result['r2']:.0f} % of the variance between studies."


def words_of_test(test: Mapping[str, Any], what: str) -> str:
    """Write a chi-square or F test with its degrees of freedom and its p value."""
    freedom = f"{test['df']}"
    if test["df_residual"] is not None:
        freedom += f" and {test['df_residual']}"
    told = f"{test['name']} = {test['statistic']:.2f} on {freedom} df"
    return f"{what}: {told}, p {p_text(test['p'])}"


def patients_words(count: float | None) -> str:
    """Write a number of patients, or nothing."""
    return "" if count is None else f"{count:,.0f}"


def weight_words(weight: float | None) -> str:
    """Write a weight as per cent."""
    return DASH if weight is None else f"{100 * weight:.1f} %"


def studies_words(count: int) -> str:
    """Write a number of studies."""
    return f"{count} {'study' if count == 1 else 'studies'}"


def _limits(found: Mapping[str, Any] | None, *, factor: float = 1.0, digits: int = 2) -> str:
    if not found or found["lower"] is None or found["upper"] is None:
        return ""
    ends = (f"{factor * found[end]:.{digits}f}" for end in ("lower", "upper"))
    return f" ({' to '.join(ends)})"
