"""Features of the patients at randomisation, as numbers that strata and tests can use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from debulk.core.errors import InputError
from debulk.trials.recruitment.run_in import cohort_after_run_in

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.trials.recruitment.run_in import RunIn
    from debulk.trials.running.settings import TrialSettings

CENTRE = "centre"
"""Name under which strata mean the patient's centre."""


def covariates_of(settings: TrialSettings, run_in: RunIn) -> dict[str, npt.NDArray[np.float64]]:
    """Features at randomisation that the protocol's randomisation names.

    Parameters
    ----------
    settings : TrialSettings
        Protocol and cards.
    run_in : RunIn
        The patients at randomisation.

    Returns
    -------
    dict of str to float64 array
        Words as codes of their type, truths as 0 and 1.

    Raises
    ------
    InputError
        If a feature is unknown of a patient.
    """
    protocol = settings.protocol
    names = [each for each in protocol.conduct.randomisation.strata if each != CENTRE]
    if not names:
        return {}
    cohort = cohort_after_run_in(run_in, settings.run_in_months)
    table = cohort.features(moment="now", only=names, modalities=settings.modalities)
    found = {}
    for name in names:
        column = table[name]
        if column.null_count():
            raise InputError(
                f"{protocol.source_name}, conduct.randomisation.strata",
                f"{name!r} is unknown of {column.null_count()} of {column.len()} patients",
                "Name a feature that the model knows",
            )
        if isinstance(column.dtype, pl.Enum):
            column = column.to_physical()
        found[name] = column.cast(pl.Float64).to_numpy()
    return found
