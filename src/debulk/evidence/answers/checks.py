"""Checks of a pooled effect that options ask for, as plain numbers and text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from debulk.core.complaints import naming_options
from debulk.core.errors import InputError, nearest
from debulk.evidence.answers.bias_adjusting import bias_adjusted
from debulk.evidence.answers.natural import numbers_of, row_of, to_natural

if TYPE_CHECKING:
    from debulk.evidence.answers.asked import Asked
    from debulk.evidence.effects.study_effects import StudyEffects


MOST_NAMED = 12
"""Studies that a complaint names."""


def checks_of(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    """The checks asked for, each under its name; None where not asked for."""
    return {
        "leave_one_out": _left_out(effects, asked) if asked.leave_one_out else None,
        "cumulative": _cumulative(effects, asked) if asked.cumulative_by else None,
        "subgroups": _subgroups(effects, asked) if asked.subgroup else None,
        "small_study": _small_study(effects, asked) if asked.small_study else None,
        "bayes": _bayes(effects, asked) if asked.bayes else None,
        "bias_adjusted": bias_adjusted(effects, asked) if asked.bias else None,
    }


def column(effects: StudyEffects, name: str, option: str) -> tuple[object, ...]:
    """A column of studies' properties.

    Raises
    ------
    InputError
        That names the option, if there is no such column, or the studies that have no value in it.
    """
    if name not in effects.groups:
        raise InputError(option, f"there is no column {name!r}", nearest(name, effects.groups))
    values = tuple(effects.groups[name])
    pairs = zip(effects.names, values, strict=True)
    lacking = [study for study, value in pairs if value is None or value == ""]
    if lacking:
        told = ", ".join(lacking[:MOST_NAMED])
        more = f" and {len(lacking) - MOST_NAMED} more" if len(lacking) > MOST_NAMED else ""
        remedy = f"Leave such studies out, as in --without {lacking[0]!r}"
        raise InputError(f"{option} {name}", f"the value is missing for {told}{more}", remedy)
    return values


def _naming_column(name: str, option: str) -> AbstractContextManager[None]:
    """Let complaints about a column name the option that chose it."""
    place = f"{option} {name}"
    return naming_options({name: place, f"{name},": f"{place},", "estimates": option})


def _left_out(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    from debulk.evidence.pooling.leaving_out import leave_one_out

    with naming_options({"estimates": "--leave-one-out"}):
        found = leave_one_out(**asked.arrays(effects))
    return {
        "rows": [row_of(effects, each) for each in found.rows],
        "changes_sign": list(found.changes_sign),
        "changes_significance": list(found.changes_significance),
        "remarks": list(found.provenance.remarks),
    }


def _cumulative(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    from debulk.evidence.pooling.cumulative import cumulative_pool

    by = str(asked.cumulative_by)
    order = column(effects, by, "--cumulative-by")
    with _naming_column(by, "--cumulative-by"):
        found = cumulative_pool(**asked.arrays(effects), order=order, ordered_by=by)
    return {
        "by": by,
        "rows": [
            {**row_of(effects, each), "value": value}
            for each, value in zip(found.rows, found.order, strict=True)
        ],
        "remarks": list(found.provenance.remarks),
    }


def _subgroups(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    from debulk.evidence.pooling.subgroups import subgroup_pool

    by = str(asked.subgroup)
    levels = column(effects, by, "--subgroup")
    with _naming_column(by, "--subgroup"):
        found = subgroup_pool(**asked.arrays(effects), levels=levels, by=by)
    return {
        "column": by,
        "groups": [
            {**row_of(effects, each.row), "studies": [study.name for study in each.studies]}
            for each in found.levels
        ],
        "test": {
            "name": "Q" if found.df_residual is None else "F",
            "statistic": found.statistic,
            "df": found.df,
            "df_residual": found.df_residual,
            "p": found.p,
        },
        "remarks": list(found.provenance.remarks),
    }


def _small_study(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    from debulk.evidence.pooling.filling import trim_and_fill
    from debulk.evidence.pooling.small_study import egger_test, rank_correlation_test

    arrays = asked.arrays(effects)
    with naming_options({"estimates": "--small-study", "predictor": "--small-study"}):
        egger = egger_test(**arrays)
        ranks = rank_correlation_test(effects.estimates, effects.std_errors, names=effects.names)
        filled = trim_and_fill(**arrays)
    remarks = (*egger.provenance.remarks, *ranks.provenance.remarks, *filled.provenance.remarks)
    return {
        "test": {"name": "Egger's test of asymmetry", "p": egger.p, "slope": egger.slope},
        "egger": _without(egger.to_dict()),
        "rank_correlation": _without(ranks.to_dict()),
        "trim_and_fill": {
            "missing": filled.missing,
            "side": filled.side,
            "estimator": filled.estimator,
            "natural": numbers_of(effects, filled.adjusted),
            **{key: getattr(filled.adjusted, key) for key in ("estimate", "lower", "upper")},
        },
        "filled": [
            {"name": each.name, "estimate": each.estimate, "se": each.se} for each in filled.filled
        ],
        "remarks": list(dict.fromkeys(remarks)),
    }


def _without(told: Mapping[str, Any], left: Sequence[str] = ("provenance",)) -> dict[str, Any]:
    return {key: value for key, value in told.items() if key not in left}


def _bayes(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    from debulk.core.results import plain
    from debulk.evidence.pooling.bayes import pool_bayesian
    from debulk.evidence.pooling.bayes_priors import HalfNormal

    with naming_options({"scale": "--tau-scale", "estimates": "--bayes"}):
        found = pool_bayesian(
            effects.estimates,
            effects.std_errors,
            tau_prior=HalfNormal(asked.tau_scale),
            names=effects.names,
            conf_level=asked.conf_level,
        )
    parts = ("effect", "tau", "prediction", "p_effect_below_zero", "p_new_effect_below_zero")
    return {
        **{name: plain(getattr(found, name)) for name in parts},
        "tau_prior": plain(found.tau_prior),
        "natural": {
            name: {
                "estimate": to_natural(effects, summary.median),
                "lower": to_natural(effects, summary.lower),
                "upper": to_natural(effects, summary.upper),
            }
            for name, summary in (("effect", found.effect), ("prediction", found.prediction))
        },
        "remarks": list(found.provenance.remarks),
    }
