"""Everything a protocol asks of a simulation is done or refused by name, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from debulk.core.errors import InputError, nearest
from debulk.disease import DiseaseModel
from debulk.protocols import Protocol
from debulk.survival.options import shown
from debulk.treatments import Modality, Regimen
from debulk.trials.conduct.allocation import method_of
from debulk.trials.conduct.analysis import deciding_test
from debulk.trials.conduct.monitoring import boundaries_of
from debulk.trials.conduct.worlds import primary_endpoint
from debulk.trials.endpoints.results import check_endpoints
from debulk.trials.randomisation.checks import whole
from debulk.trials.recruitment.generator import PatientGenerator

if TYPE_CHECKING:
    from debulk.trials.running.settings import TrialSettings

MOST_TRIALS = 1_000_000


def check_kinds(settings: TrialSettings) -> None:
    """Refuse a protocol, patients or cards that are something else.

    Parameters
    ----------
    settings : TrialSettings
        As they were given.

    Raises
    ------
    InputError
        With the argument's name.
    """
    if not isinstance(settings.protocol, Protocol):
        raise InputError("protocol", f"{shown(settings.protocol)} is none", "Use load_protocol")
    if not isinstance(settings.model, DiseaseModel | PatientGenerator):
        raise InputError(
            "model",
            f"{shown(settings.model)} makes no patients",
            "Give what load_model or load_generator returns, or leave it out",
        )
    _check_cards(settings.modalities, Modality, "modalities")
    _check_cards(settings.cards_of_regimens, Regimen, "regimens")
    for name in settings.regimens_named:
        if name not in settings.cards_of_regimens:
            remedy = nearest(name, settings.cards_of_regimens)
            raise InputError("regimens", f"there is no card {name!r}", remedy)


def _check_cards(cards: Any, kind: type, where: str) -> None:
    remedy = f"Give a mapping of names to {kind.__name__}, as load_{where} returns, or leave it out"
    if not isinstance(cards, Mapping):
        raise InputError(where, f"{shown(cards)} is no mapping", remedy)
    for name, card in cards.items():
        if not isinstance(name, str) or not isinstance(card, kind):
            raise InputError(where, f"{shown(name)} stands for no {kind.__name__}", remedy)


def check_call(trials: Any, progress: Any) -> int:
    """The number of trials, where it and what is told of progress can be used.

    Parameters
    ----------
    trials : int
        1 to `MOST_TRIALS`.
    progress : callable or None

    Raises
    ------
    InputError
        If one of them is something else.
    """
    if progress is not None and not callable(progress):
        remedy = "Give a function of trials done and trials wanted, or leave it out"
        raise InputError("progress", f"{shown(progress)} cannot be called", remedy)
    return whole(trials, "trials", 1, MOST_TRIALS)


def check_settings(settings: TrialSettings) -> None:
    """Refuse what a protocol asks and the engine or its patients cannot do.

    Parameters
    ----------
    settings : TrialSettings
        Protocol, patients and cards.

    Raises
    ------
    InputError
        With the protocol's file and field.
    """
    protocol = settings.protocol
    file = protocol.source_name or protocol.name
    settings.generator.check(settings)
    primary_endpoint(protocol)
    check_endpoints(protocol)
    method_of(protocol)
    test = deciding_test(protocol)
    if test.stratified and not protocol.conduct.randomisation.strata:
        raise InputError(
            f"{file}, design.test",
            "a stratified test needs the strata of randomisation",
            "Name them in conduct.randomisation.strata, or use logrank",
        )
    if protocol.design.monitoring is None:
        return
    boundaries_of(protocol)
    if test.kind not in ("logrank", "stratified-logrank"):
        raise InputError(
            f"{file}, design.monitoring",
            f"bounds at shares of the planned deaths are those of the log-rank test, not of {test}",
            "Use logrank or stratified-logrank, or leave monitoring out",
        )
