"""The pool with the bias expected of each study taken into account, as plain numbers and text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from debulk.core.complaints import naming_options
from debulk.core.errors import InputError
from debulk.evidence.answers.natural import numbers_of, to_natural

if TYPE_CHECKING:
    from pathlib import Path

    from debulk.evidence.answers.asked import Asked, Bias
    from debulk.evidence.effects.study_effects import StudyEffects
    from debulk.evidence.pooling.bias import AdjustedStudy, Adjustment, BiasAdjustedPool

_POOLED = ("estimate", "se", "lower", "upper", "tau2", "i2")


def asked_bias(tables: list[Path] | None, rules: Path | None, how: Adjustment) -> Bias | None:
    """What the options say of bias; None where they say nothing.

    Raises
    ------
    InputError
        That names the option, if a table comes without rules, or rules or `how` without a table;
        that names the file which does not fit.
    """
    from debulk.evidence.answers.asked import Bias
    from debulk.evidence.answers.names import hashes_of
    from debulk.evidence.pooling.bias_rules import read_bias_rules
    from debulk.evidence.pooling.bias_table import WHERE_FROM, read_bias_table

    if tables and rules is not None:
        read = read_bias_rules(rules)
        return Bias(read_bias_table(tables), read, hashes_of((rules,)), how)
    if tables:
        remedy = "Give --bias-rules RULES.yaml, which says which study has which bias"
        raise InputError("--bias", "comes without rules", remedy)
    if rules is not None or how != "shift":
        option = "--bias-how" if rules is None else "--bias-rules"
        raise InputError(option, "comes without a table of biases (--bias)", WHERE_FROM)
    return None


def bias_adjusted(effects: StudyEffects, asked: Asked) -> dict[str, Any]:
    """Pool with biases taken into account.

    Parameters
    ----------
    effects : StudyEffects
        Hazard ratios, with the codes of the studies among their groups.
    asked : Asked
        With `bias`.

    Raises
    ------
    InputError
        That names the option, the file or the study, if effects are no hazard ratios, a study lacks
        a code, or a file does not fit.
    """
    from debulk.evidence.effects.study_effects import a_measure
    from debulk.evidence.pooling.bias_adjusted import pool_bias_adjusted
    from debulk.evidence.pooling.bias_rules import assign_bias

    if effects.measure != "hazard ratio":
        found = f"{a_measure(effects.measure)} is pooled, and biases are of hazard ratios"
        raise InputError("--bias", found, "Leave it out, or pool hazard ratios")
    if asked.moderators:
        found = "does not go with --moderator: one pooled effect is adjusted"
        raise InputError("--bias", found, "Leave one of the two out")
    assert asked.bias is not None
    with naming_options({"codes,": "--bias-rules,", "bias": "--bias", "estimates": "--bias"}):
        biases = assign_bias(_codes(effects), asked.bias.rules, asked.bias.table)
        adjusted = pool_bias_adjusted(**asked.arrays(effects), bias=biases, how=asked.bias.how)
    return _told(effects, adjusted, asked.bias.inputs)


def _codes(effects: StudyEffects) -> dict[str, dict[str, tuple[str, ...]]]:
    """How each study is coded: its groups, of which one may hold several words."""
    from debulk.evidence.answers.findings_to_pool import AND

    return {
        study: {
            name: tuple(str(values[place]).split(AND))
            for name, values in effects.groups.items()
            if values[place] not in (None, "")
        }
        for place, study in enumerate(effects.names)
    }


def _told(
    effects: StudyEffects, found: BiasAdjustedPool, rules: Mapping[str, str]
) -> dict[str, Any]:
    from debulk.core.results import plain

    adjusted = found.adjusted
    limits = {each.name: each for each in adjusted.studies}
    return {
        "how": found.how,
        **{name: plain(getattr(adjusted, name)) for name in _POOLED},
        "prediction": plain(adjusted.prediction),
        "se_if_shared": found.se_if_shared,
        "natural": {
            **numbers_of(effects, adjusted),
            "prediction": {
                end: to_natural(effects, getattr(adjusted.prediction, end))
                for end in ("lower", "upper")
            },
        },
        "studies": [_study(effects, each, limits) for each in found.studies],
        "assumptions": list(found.assumptions),
        "remarks": list(found.provenance.remarks),
        "exclusions": [plain(each) for each in found.provenance.exclusions],
        "inputs": {**_files(found), **rules},
    }


def _study(
    effects: StudyEffects, study: AdjustedStudy, limits: Mapping[str, Any]
) -> dict[str, Any]:
    """One study before and after; one without weight has no limits."""
    from debulk.core.results import plain

    kept = limits.get(study.name)
    ends = dict.fromkeys(("estimate", "lower", "upper"))
    return {
        **plain(study),
        "natural": ends if kept is None else numbers_of(effects, kept),
        "bias": plain(study.bias),
    }


def _files(found: BiasAdjustedPool) -> dict[str, str]:
    return {
        name: sha
        for each in found.studies
        if each.bias is not None
        for name, sha in each.bias.inputs.items()
    }
