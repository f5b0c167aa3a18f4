"""What trials know of their patients at the analysis, as flat arrays for the estimators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.conduct.observing import World
    from debulk.trials.recruitment.randomised import Randomised

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TrialData:
    """The primary endpoint of many trials, with what happened to the assigned treatment.

    Attributes
    ----------
    time, event : float64 and bool arrays
        Follow-up in months from randomisation, and whether it ended with the event.
    censoring_months : float64 array
        When follow-up would have ended at the latest: at the cut-off.
    experimental : bool array
        Arm assigned.
    deviates : bool array
        Refused the experimental treatment, or got it in the control arm, from the start.
    treated_from : float64 array
        Month from which the experimental treatment is followed: 0 from the start, infinite never.
    local_months : float64 array
        Local treatment, where it was done by then; infinite: none seen.
    complete_share : float64 array
        Share of visible lesions treated; 0 where none was.
    starts : int64[trials + 1]
        Where each trial's patients begin.
    """

    time: Floats
    event: Bools
    censoring_months: Floats
    experimental: Bools
    deviates: Bools
    treated_from: Floats
    local_months: Floats
    complete_share: Floats
    starts: Ints

    @property
    def trials(self) -> int:
        """How many trials."""
        return self.starts.size - 1

    @property
    def trial(self) -> Ints:
        """Trial of each patient, from 0."""
        return np.repeat(np.arange(self.trials), np.diff(self.starts))

    def keep(self, rows: Bools) -> TrialData:
        """Some of the patients, in the same trials.

        Parameters
        ----------
        rows : bool array
            Whom to keep.
        """
        edges = np.concatenate([[0], np.cumsum(rows)])[self.starts].astype(np.int64)
        columns = {name: value[rows] for name, value in self.__dict__.items() if name != "starts"}
        return replace(self, **columns, starts=edges)


def trial_data(
    world: World, pool: Randomised, allocation: Allocation, cutoff_months: Floats
) -> TrialData:
    """What every trial knows at its analysis.

    Parameters
    ----------
    world : World
        The primary endpoint, as simulated.
    pool, allocation
        The patients and their arms.
    cutoff_months : float64[trials]
        Calendar time of each trial's analysis.
    """
    seen = [world.seen(trial, float(at)) for trial, at in enumerate(cutoff_months)]
    time, event = (
        np.concatenate([getattr(each, name) for each in seen]) for name in ("time", "event")
    )
    moment = np.repeat(cutoff_months, np.diff(world.starts))
    censoring = np.maximum(moment - world.entry_months, 0.0)
    experimental, follows = allocation.experimental, allocation.follows_experimental
    salvage = np.where(np.isnan(pool.salvage_months), np.inf, pool.salvage_months)
    staying = np.where(experimental, np.inf, salvage)
    planned = np.where(follows, pool.local_months, pool.local_months_control)
    local = np.where(np.isnan(planned), np.inf, planned)
    treated = np.where(follows, pool.treated, pool.treated_control)
    visible = np.where(follows, pool.visible, pool.visible_control)
    share = np.divide(treated, visible, out=np.ones(pool.size), where=visible > 0)
    # Nobody is treated after death, and what comes after follow-up is not seen.
    done = local <= time
    return TrialData(
        time=time,
        event=event,
        censoring_months=censoring,
        experimental=experimental,
        deviates=follows != experimental,
        treated_from=np.where(follows, 0.0, staying),
        local_months=np.where(done, local, np.inf),
        complete_share=np.where(done, share, 0.0),
        starts=world.starts,
    )
