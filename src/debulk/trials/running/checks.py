"""Everything a protocol asks of a simulation is done or refused by name, before anything runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    settings.generator.check(settings)
