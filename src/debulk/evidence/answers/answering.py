"""From effects of studies to the answer of `debulk evidence pool`, as plain numbers and text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from debulk.core.complaints import naming_options
from debulk.core.errors import InputError
from debulk.evidence.answers.checks import checks_of, column
from debulk.evidence.answers.natural import ENDS, numbers_of, to_natural

if TYPE_CHECKING:
    from debulk.evidence.answers.asked import Asked
    from debulk.evidence.answers.selecting import Chosen
    from debulk.evidence.effects.study_effects import StudyEffects
    from debulk.evidence.pooling.pooled import PooledEffect, PredictionMethod

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
    from debulk.evidence.effects.study_effects import a_measure

    effects = chosen.effects
    if len(effects.names) == 1 and asked.method != "ee":
        remedy = "Choose more studies or another --measure, or add --method ee --interval wald"
        found = (
            f"1 study has {a_measure(effects.measure)} ({effects.names[0]}): no differences show"
        )
        raise InputError("studies", found, remedy)
    with naming_options(_OPTIONS):
        from debulk.evidence.pooling.random_effects import pool

        pooled = pool(
            **asked.arrays(effects),
            moderators={name: column(effects, name, "--moderator") for name in asked.moderators}
            or None,
            prediction=_PREDICTIONS[asked.prediction],
        )
        checks = checks_of(effects, asked)
    words = chosen.words()
    if checks["bias_adjusted"]:
        words["inputs"] |= checks["bias_adjusted"]["inputs"]
    told = pooled.to_dict()
    first = {key: told.pop(key) for key in _CONTRACT}
    prediction, _ = told.pop("prediction"), told.pop("studies")
    return {
        **first,
        "prediction": prediction,
        "studies": _studies(effects, pooled),
        "natural": _natural(effects, pooled),
        **words,
        **checks,
        **told,
    }


def _studies(effects: StudyEffects, pooled: PooledEffect) -> list[dict[str, Any]]:
    """Each study as pooled, with its patients, its source and its groups."""
    from debulk.core.results import plain

    return [
        {
            **plain(study),
            "patients": _patients(effects)[place],
            "source": effects.sources[place] if effects.sources else "",
            "groups": {name: plain(values[place]) for name, values in effects.groups.items()},
        }
        for place, study in enumerate(pooled.studies)
    ]


def _natural(effects: StudyEffects, pooled: PooledEffect) -> dict[str, Any]:
    """The same on the scale that readers know; the intercept of a meta-regression is no effect."""
    return {
        "unit": "share" if effects.measure == "proportion" else effects.measure,
        **(dict.fromkeys(ENDS) if pooled.moderators else numbers_of(effects, pooled)),
        "prediction": {
            end: to_natural(effects, getattr(pooled.prediction, end)) for end in ("lower", "upper")
        },
        "studies": [
            {"name": each.name, **numbers_of(effects, each, patients)}
            for each, patients in zip(pooled.studies, _patients(effects), strict=True)
        ],
    }


def _patients(effects: StudyEffects) -> tuple[int | None, ...]:
    return effects.patients or (None,) * len(effects.names)
