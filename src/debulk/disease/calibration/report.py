"""Which parameters the targets inform, which stay at their prior, and how the targets are met."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.disease.calibration.evaluating import Wave
from debulk.disease.calibration.priors import FloatArray
from debulk.disease.calibration.problem import Problem, missed

if TYPE_CHECKING:
    from debulk.disease.calibration.structure_fit import StructureFit

AT_PRIOR = 0.9
"""A parameter whose spread is above that share of its prior's stays at its prior."""

INFORMING = 5
"""Parameters that are named for each target, at most."""

SLOPE_LEAST = 0.1
"""Standardised regression coefficients below that name no parameter."""

_NORMAL_90 = 1.6448536269514722


def identifiability(
    problem: Problem,
    fits: list[StructureFit],
    draws: list[FloatArray],
    checks: list[Wave | None],
) -> dict[str, Any]:
    """What the targets say about the parameters, by structure; ready for JSON.

    Parameters
    ----------
    problem : Problem
        With priors and targets.
    fits : list of StructureFit
        The calibrated structures.
    draws : list of float64[draws, parameters]
        Their draws, in standard deviations of the prior.
    checks : list of Wave or None
        Draws run again under a fresh seed.
    """
    structures = []
    for fit, unit, check in zip(fits, draws, checks, strict=True):
        targets = _targets(problem, fit, check)
        inside = [each["inside_2"] for each in targets if each["inside_2"] is not None]
        structures.append(
            {
                "structure": fit.structure,
                "parameters": _parameters(problem, fit, unit),
                "targets": targets,
                "inside_share": float(np.mean(inside)) if inside else None,
            }
        )
    return {"at_prior_above": AT_PRIOR, "structures": structures}


def _parameters(problem: Problem, fit: StructureFit, unit: FloatArray) -> list[dict[str, Any]]:
    values = problem.priors.from_unit(unit)
    ends = problem.priors.from_unit(
        np.outer([-_NORMAL_90, 0.0, _NORMAL_90], np.ones(len(problem.priors)))
    )
    active = np.cumsum(fit.active) - 1
    rows = []
    for column, name in enumerate(problem.priors.names):
        known = bool(fit.active[column])
        ratio = float(fit.posterior_spread[active[column]]) if known else 1.0
        some = values[:, column]
        rows.append(
            {
                "parameter": name,
                "prior": {
                    "median": float(ends[1, column]),
                    "lower": float(ends[0, column]),
                    "upper": float(ends[2, column]),
                },
                "posterior": None if not len(some) else _spread(some),
                "spread_ratio": ratio,
                "shift": float(fit.posterior_mean[active[column]]) if known else 0.0,
                "spread_ratio_draws": float(unit[:, column].std(ddof=1)) if len(unit) > 1 else None,
                "at_prior": ratio > AT_PRIOR,
                "in_structure": known,
            }
        )
    return rows


def _targets(problem: Problem, fit: StructureFit, check: Wave | None) -> list[dict[str, Any]]:
    names = np.array(problem.priors.names)[fit.active]
    slopes = fit.emulator.importance()
    rows = []
    for column, target in enumerate(problem.targets):
        most = np.argsort(-np.abs(slopes[:, column]), kind="stable")[:INFORMING]
        known = bool(fit.emulator.known[column])
        row: dict[str, Any] = {
            "target": target.name,
            "group": target.group,
            "emulated": known,
            "emulator_error": float(np.sqrt(fit.emulator.error_variance[column])),
            "explained": float(fit.emulator.explained[column]),
            "informs": [
                {"parameter": str(names[each]), "coefficient": float(slopes[each, column])}
                for each in most
                if abs(slopes[each, column]) >= SLOPE_LEAST
            ],
            "misfit": None,
            "inside_2": None,
        }
        some = np.array([]) if check is None else missed(check.misfit, problem.sides)[:, column]
        some = some[np.isfinite(some)]
        if some.size:
            row["misfit"] = _spread(some)
            row["inside_2"] = bool(abs(np.median(some)) <= 2.0)
        rows.append(row)
    return rows


def _spread(values: FloatArray) -> dict[str, float]:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return {"median": float(middle), "lower": float(low), "upper": float(high)}


def markdown(report: dict[str, Any]) -> str:
    """The report as tables in Markdown.

    Parameters
    ----------
    report : dict
        As `identifiability` gives it.
    """
    lines = []
    for each in report["structures"]:
        lines += [f"## Structure {each['structure']}", "", *parameter_table(each), ""]
        lines += [*target_table(each), ""]
    return "\n".join(lines[:-1]) + "\n"


def parameter_table(structure: dict[str, Any]) -> list[str]:
    """Lines of the table of parameters of one structure.

    Parameters
    ----------
    structure : dict
        One entry of ``structures`` of the report.
    """
    rows = [
        (
            f"`{each['parameter']}`",
            _interval(each["prior"]),
            _interval(each["posterior"]),
            f"{each['shift']:+.1f}",
            f"{each['spread_ratio']:.2f}",
            ""
            if not each["at_prior"]
            else "stays at its prior"
            if each["in_structure"]
            else "not in this structure",
        )
        for each in structure["parameters"]
    ]
    head = ("parameter", "prior (5-95 %)", "posterior (5-95 %)", "shift", "spread", "")
    return _table(head, rows)


def target_table(structure: dict[str, Any]) -> list[str]:
    """Lines of the table of targets of one structure.

    Parameters
    ----------
    structure : dict
        One entry of ``structures`` of the report.
    """
    rows = [
        (
            each["target"],
            "" if each["misfit"] is None else _interval(each["misfit"], "+.1f"),
            {True: "yes", False: "no", None: ""}[each["inside_2"]],
            f"{each['explained']:.0%}" if each["emulated"] else "not emulated",
            ", ".join(f"`{one['parameter']}` {one['coefficient']:+.2f}" for one in each["informs"]),
        )
        for each in structure["targets"]
    ]
    head = ("target", "misfit, standard errors", "within 2", "emulated", "informs")
    return _table(head, rows)


def _interval(spread: dict[str, float] | None, form: str = ".3g") -> str:
    if spread is None:
        return ""
    low, high = spread["lower"], spread["upper"]
    return f"{spread['median']:{form}} ({low:{form}} to {high:{form}})"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]
