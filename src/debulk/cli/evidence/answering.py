"""From effects of studies to the answer of `debulk evidence pool`, as plain numbers and text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from debulk.cli.plain_refusals import naming_options
from debulk.core.errors import InputError, nearest

if TYPE_CHECKING:
    from debulk.cli.evidence.selecting import Chosen
    from debulk.evidence.effects.study_effects import StudyEffects
    from debulk.evidence.pooling.checks import PooledRow
    from debulk.evidence.pooling.pooled import (
        IntervalMethod,
        Method,
        PooledEffect,
        PredictionMethod,
    )

_OPTIONS = {
    "method": "--method",
    "interval": "--interval",
    "conf_level": "--level",
    "moderators": "--moderator",
    "moderators,": "--moderator",
}
_PREDICTIONS: dict[str, PredictionMethod] = {"as-interval": "as interval", "t": "t(k-2)"}
_CONTRACT = (
    "k",
    "method",
    "interval",
    "estimate",
    "se",
    "lower",
    "upper",
    "tau2",
    "i2",
    "q",
    "q_p",
)
"""Keys that stand first, in this order, and never change their meaning."""
_NO_NUMBERS = dict.fromkeys(("estimate", "lower", "upper"))


@dataclass(frozen=True)
class Asked:
    """How studies are to be pooled, and which checks are wanted.

    Attributes
    ----------
    method, interval, prediction, conf_level
        As `debulk.evidence.pooling.random_effects.pool` takes them.
    moderators : tuple of str
        Columns of a meta-regression.
    subgroup, cumulative_by : str or None
        Columns.
    leave_one_out, small_study, bayes : bool
        Whether wanted.
    tau_scale : float
        Scale of the half-normal prior of tau, for `bayes`.
    """

    method: Method = "reml"
    interval: IntervalMethod = "hksj"
    prediction: Literal["as-interval", "t"] = "as-interval"
    conf_level: float = 0.95
    moderators: tuple[str, ...] = ()
    subgroup: str | None = None
    cumulative_by: str | None = None
    leave_one_out: bool = False
    small_study: bool = False
    bayes: bool = False
    tau_scale: float = 0.5

    @property
    def how(self) -> dict[str, Any]:
        """Arguments of every function that pools."""
        parts = ("method", "interval", "conf_level")
        return {name: getattr(self, name) for name in parts}


def answer(chosen: Chosen, asked: Asked) -> dict[str, Any]:
    """Pool the chosen studies and check the result as asked for.

    Parameters
    ----------
    chosen : Chosen
        Effects with the words around them.
    asked : Asked
        Method and checks.

    Returns
    -------
    dict
        The contract of ``debulk evidence pool --json``: what `PooledEffect.to_dict` gives on the
        scale of pooling, ``natural`` with the same numbers on the scale that readers know, and the
        checks asked for; None where not asked for.

    Raises
    ------
    InputError
        If a column does not exist, or what is asked for cannot be computed.
    """
    effects = chosen.effects
    if len(effects.names) == 1 and asked.method != "ee":
        remedy = "Choose more studies, or add --method ee --interval wald"
        raise InputError("studies", f"1 study ({effects.names[0]}) shows no differences", remedy)
    with naming_options(_OPTIONS):
        from debulk.evidence.pooling.random_effects import pool

        pooled = pool(
            effects.estimates,
            effects.std_errors,
            names=effects.names,
            moderators={name: column(effects, name, "--moderator") for name in asked.moderators}
            or None,
            prediction=_PREDICTIONS[asked.prediction],
            **asked.how,
        )
        checks = _checks(effects, asked)
    told = pooled.to_dict()
    first = {key: told.pop(key) for key in _CONTRACT}
    prediction, _ = told.pop("prediction"), told.pop("studies")
    return {
        **first,
        "prediction": prediction,
        "studies": _studies(effects, pooled),
        "natural": _natural(effects, pooled),
        **chosen.words(),
        **checks,
        **told,
    }


def column(effects: StudyEffects, name: str, option: str) -> tuple[object, ...]:
    """A column of studies' properties.

    Raises
    ------
    InputError
        That names the option, if there is no such column.
    """
    if name not in effects.groups:
        raise InputError(option, f"there is no column {name!r}", nearest(name, effects.groups))
    return tuple(effects.groups[name])


def _studies(effects: StudyEffects, pooled: PooledEffect) -> list[dict[str, Any]]:
    """Each study as pooled, with its patients, its source and its groups."""
    from debulk.core.results import plain

    return [
        {
            **plain(study),
            "patients": effects.patients[place] if effects.patients else None,
            "source": effects.sources[place] if effects.sources else "",
            "groups": {name: plain(values[place]) for name, values in effects.groups.items()},
        }
        for place, study in enumerate(pooled.studies)
    ]


def _natural(effects: StudyEffects, pooled: PooledEffect) -> dict[str, Any]:
    """The same on the scale that readers know; the intercept of a meta-regression is no effect."""
    limits = pooled.prediction
    whole = _NO_NUMBERS if pooled.moderators else _numbers(effects, pooled)
    return {
        "unit": "share" if effects.measure == "proportion" else effects.measure,
        **whole,
        "prediction": {
            end: None if value is None else to_natural(effects, value)
            for end, value in (("lower", limits.lower), ("upper", limits.upper))
        },
        "studies": [{"name": each.name, **_numbers(effects, each)} for each in pooled.studies],
    }


def to_natural(effects: StudyEffects, value: float) -> float | None:
    """A number of the scale of pooling on the scale that readers know; None beyond reckoning."""
    import numpy as np

    from debulk.evidence.effects.proportions import back_transform

    with np.errstate(over="ignore"):
        found = float(back_transform(value, effects.scale))
    return found if math.isfinite(found) else None


def _numbers(effects: StudyEffects, found: Any) -> dict[str, float | None]:
    return {end: to_natural(effects, getattr(found, end)) for end in _NO_NUMBERS}


def _row(effects: StudyEffects, row: PooledRow) -> dict[str, Any]:
    from debulk.core.results import plain

    return {**plain(row), "natural": _numbers(effects, row)}


def _checks(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    return {
        "leave_one_out": _left_out(effects, asked) if asked.leave_one_out else None,
        "cumulative": _cumulative(effects, asked) if asked.cumulative_by else None,
        "subgroups": _subgroups(effects, asked) if asked.subgroup else None,
        "small_study": _small_study(effects, asked) if asked.small_study else None,
        "bayes": _bayes(effects, asked) if asked.bayes else None,
    }


def _arrays(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    return {
        "estimates": effects.estimates,
        "std_errors": effects.std_errors,
        "names": effects.names,
        **asked.how,
    }


def _naming_column(name: str, option: str) -> AbstractContextManager[None]:
    """Let complaints about a column name the option that chose it."""
    place = f"{option} {name}"
    return naming_options({name: place, f"{name},": f"{place},", "estimates": option})


def _left_out(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    from debulk.evidence.pooling.leaving_out import leave_one_out

    with naming_options({"estimates": "--leave-one-out"}):
        found = leave_one_out(**_arrays(effects, asked))
    return {
        "rows": [_row(effects, each) for each in found.rows],
        "changes_sign": list(found.changes_sign),
        "changes_significance": list(found.changes_significance),
        "remarks": list(found.provenance.remarks),
    }


def _cumulative(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    from debulk.evidence.pooling.cumulative import cumulative_pool

    by = str(asked.cumulative_by)
    order = column(effects, by, "--cumulative-by")
    with _naming_column(by, "--cumulative-by"):
        found = cumulative_pool(**_arrays(effects, asked), order=order, ordered_by=by)
    return {
        "by": by,
        "rows": [
            {**_row(effects, each), "value": value}
            for each, value in zip(found.rows, found.order, strict=True)
        ],
        "remarks": list(found.provenance.remarks),
    }


def _subgroups(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    from debulk.evidence.pooling.subgroups import subgroup_pool

    by = str(asked.subgroup)
    levels = column(effects, by, "--subgroup")
    with _naming_column(by, "--subgroup"):
        found = subgroup_pool(**_arrays(effects, asked), levels=levels, by=by)
    return {
        "column": by,
        "groups": [
            {**_row(effects, each.row), "studies": [study.name for study in each.studies]}
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

    arrays = _arrays(effects, asked)
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
            "natural": _numbers(effects, filled.adjusted),
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
