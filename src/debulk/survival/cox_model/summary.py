"""A fitted Cox model in words and one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from debulk.survival.cox_model.results import CoxModel


def summary_of(model: CoxModel) -> str:
    """What was fitted to what, the hazard ratios, and the tests of the whole model."""
    rows = model.rows
    level = f"{100 * model.conf_level:g} %"
    head = [f"{model.method} proportional hazards model, ties by {model.ties.capitalize()}."]
    head.append(f"{rows.n} rows with {rows.events} events.")
    if rows.stratum is not None:
        head.append(f"Baseline hazards of {len(rows.stratum_labels)} strata.")
    if rows.entry is not None:
        head.append("Rows are at risk after their entry up to their time.")
    if rows.weights is not None:
        head.append(f"Case weights sum to {rows.weights.sum():.6g}.")
    left = [f"{each.count:g} ({each.reason})" for each in model.provenance.exclusions]
    if left:
        head.append("Rows left out: " + "; ".join(left) + ".")
    lines = [" ".join(head), *model.notes, ""]
    lines += _table(model, level)
    lines.append("")
    for test in (model.likelihood_ratio_test, model.wald_test, model.score_test):
        name = test.test[0].upper() + test.test[1:]
        text = f"{name} test: chi-square {test.statistic:.4g} on {test.df} df, p {p_text(test.p)}"
        if "robust_statistic" in test.details:
            text += (
                f" (robust: {test.details['robust_statistic']:.4g}, "
                f"p {p_text(test.details['robust_p'])})"
            )
        lines.append(text)
    lines.append(
        f"Log-likelihood {model.loglik[1]:.6g} (all coefficients 0: {model.loglik[0]:.6g}), "
        f"AIC {model.aic:.6g}"
    )
    return "\n".join(lines)


def p_text(p: float) -> str:
    """A p-value as printed: three digits, and no smaller than 0.0001."""
    return "< 0.0001" if p < 0.0001 else f"{p:.3g}"


def _table(model: CoxModel, level: str) -> list[str]:
    se = "robust se" if model.robust else "se"
    heads = ["", "hazard ratio", f"{level} interval", "coef", se, "z", "p"]
    body = [
        [
            row["term"],
            f"{row['hazard_ratio']:.4g}",
            f"{row['lower']:.4g} to {row['upper']:.4g}",
            f"{row['coef']:.5g}",
            f"{row['se']:.4g}",
            f"{row['z']:.3f}",
            p_text(row["p"]),
        ]
        for row in model.hazard_ratios.to_dicts()
    ]
    widths = [max(len(line[j]) for line in [heads, *body]) for j in range(len(heads))]
    return [
        "  ".join(
            cell.ljust(width) if j == 0 else cell.rjust(width)
            for j, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in [heads, *body]
    ]
