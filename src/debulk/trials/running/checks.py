"""Everything a protocol asks of a simulation is done or refused by name, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from debulk.core.errors import InputError
from debulk.trials.conduct.allocation import method_of
from debulk.trials.conduct.analysis import deciding_test
from debulk.trials.conduct.monitoring import boundaries_of
from debulk.trials.conduct.worlds import primary_endpoint
from debulk.trials.endpoints.results import check_endpoints

if TYPE_CHECKING:
    from debulk.trials.running.settings import TrialSettings


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
