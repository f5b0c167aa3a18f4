"""A fitted parametric model as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from debulk.core.results import Estimate

if TYPE_CHECKING:
    from debulk.survival.parametric_models.model import ParametricModel


def summary_text(fitted: ParametricModel) -> str:
    """Head, parameters, effects, log likelihood and remarks, one a line."""
    cure = "" if fitted.cure is None else f", {fitted.cure} cure"
    excess = ", excess hazard over a background" if fitted.excess else ""
    lines = [
        f"Parametric survival model: {fitted.model}{cure}{excess}",
        f"{fitted.n} subjects, {fitted.events} events",
        *_table("Parameter (covariates 0)", fitted.parameters, fitted.conf_level),
    ]
    if fitted.covariate_names:
        lines += _table(f"Effect ({fitted.effect_scale})", fitted.effects, fitted.conf_level)
    if fitted.cure_names:
        lines += _table("Effect on cure (log odds)", fitted.cure_effects, fitted.conf_level)
    if fitted.cured is not None:
        share = fitted.cured
        lines.append(f"Cured share {share.estimate:.4f} ({share.lower:.4f} to {share.upper:.4f})")
    lines.append(
        f"Log likelihood {fitted.loglik:.4f}, without covariates {fitted.loglik_null:.4f}; "
        f"AIC {fitted.aic:.3f}, BIC {fitted.bic:.3f}"
    )
    return "\n".join([*lines, *(f"Note: {each}" for each in fitted.remarks)])


def _table(head: str, rows: dict[str, Estimate], level: float) -> list[str]:
    width = max(len(head), *(len(name) for name in rows))
    interval = f"{100 * level:g} % interval"
    lines = [f"{head:<{width}}  {'estimate':>12}  {'se':>11}  {interval:>25}  {'p':>9}"]
    for name, each in rows.items():
        limits = f"{each.lower:.6g} to {each.upper:.6g}"
        p = "" if each.p is None else f"{each.p:.3g}"
        lines.append(
            f"{name:<{width}}  {each.estimate:>12.6g}  {each.se:>11.4g}  {limits:>25}  {p:>9}"
        )
    return lines
