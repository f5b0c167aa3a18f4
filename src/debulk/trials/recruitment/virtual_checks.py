"""What a protocol must not ask of virtual patients: refused by name before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.patients.features import feature_types
from debulk.trials.recruitment.covariates import CENTRE

if TYPE_CHECKING:
    from debulk.protocols import Strategy
    from debulk.trials.running.settings import TrialSettings


def check_virtual(settings: TrialSettings) -> None:
    """Refuse features, cards and centres that do not fit the disease model.

    Raises
    ------
    InputError
        With the protocol's file and field.
    """
    protocol = settings.protocol
    file = protocol.source_name or protocol.name
    known = feature_types()
    for name in protocol.conduct.randomisation.strata:
        if name != CENTRE:
            _check_stratum(name, known, f"{file}, conduct.randomisation.strata")
    for step in protocol.funnel:
        for leaning in step.leanings:
            _check_leaning(leaning.feature, known, f"{file}, funnel.{step.step}.leanings")
    for arm in protocol.arms:
        if arm.strategy.local_treatment:
            _check_strategy(settings, arm.strategy, f"{file}, arms.{arm.name}")
    control = protocol.control.strategy
    if protocol.conduct.salvage > 0.0 and control.local_treatment:
        raise InputError(
            f"{file}, conduct.salvage",
            "the control arm has local treatment already",
            "Set it to 0: the model treats a patient locally once",
        )
    if protocol.conduct.salvage > 0.0 and not protocol.experimental.strategy.local_treatment:
        raise InputError(
            f"{file}, conduct.salvage",
            "the experimental arm has no local treatment that control patients could get",
            "Set it to 0",
        )


def _check_stratum(name: str, known: dict[str, pl.DataType], where: str) -> None:
    if name not in known:
        raise InputError(where, f"there is no feature {name!r}", nearest(name, [*known, CENTRE]))
    if not (known[name].is_integer() or isinstance(known[name], pl.Boolean | pl.Enum)):
        raise InputError(
            where,
            f"{name!r} is no whole number, truth or word of a list",
            "Name a feature with levels, such as liver_only or organs_involved",
        )


def _check_leaning(name: str, known: dict[str, pl.DataType], where: str) -> None:
    if name not in known:
        raise InputError(where, f"there is no feature {name!r}", nearest(name, known))
    if not (known[name].is_numeric() or isinstance(known[name], pl.Boolean)):
        raise InputError(where, f"{name!r} is no number", "Name a number or a truth")


def _check_strategy(settings: TrialSettings, strategy: Strategy, where: str) -> None:
    for name in strategy.modalities:
        if name not in settings.modalities:
            remedy = nearest(name, settings.modalities)
            raise InputError(f"{where}.modalities", f"there is no card {name!r}", remedy)
    tables = settings.tables_of(strategy)
    if (tables.operation < 0).all() and (tables.stages < 0).all():
        raise InputError(
            f"{where}.modalities",
            f"no plan can choose {', '.join(strategy.modalities) or 'any card'}",
            "Allow a card of debulking that the panel's card names for an organ",
        )
    centres = settings.protocol.conduct.centres
    skilled = centres is not None and (centres.skill_sd > 0 or centres.learning_log_odds > 0)
    if skilled and strategy.delivered in (0.0, 1.0):
        raise InputError(
            f"{where}.delivered",
            f"is {strategy.delivered:g}, so that no centre's skill can change it",
            "Give a probability between 0 and 1, or set skill_sd and learning_log_odds to 0",
        )
