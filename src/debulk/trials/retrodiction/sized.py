"""Virtual trials of exactly the size that a trial really had.

How many patients a simulated catchment brings differs from draw to draw of the parameters, and a
trial that closes when it is full follows its patients for longer. Neither is what a prediction is
about. So the catchment is made larger than needed, and of those who would have been randomised over
the whole accrual as many as the trial had are kept at random.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.streams import claim, patient_key, uniform
from debulk.trials.recruitment.courses import follow
from debulk.trials.recruitment.funnel import Recruited, recruit
from debulk.trials.recruitment.generator import FunnelCounts, Recruitment
from debulk.trials.recruitment.randomised import Randomised
from debulk.trials.recruitment.virtual import VirtualPatients

if TYPE_CHECKING:
    from debulk.trials.running.settings import TrialSettings

Ints = npt.NDArray[np.int64]

KEPT = claim(3070, "retrodiction: who is kept of a trial that would have been larger")

OVERDRAW = 2.0
"""Catchment in multiples of the one that fills the trial on average; trials that fall short even
then are counted."""

_NEVER_FULL = 1_000_000

_PEOPLE_AT_ONCE = 100_000
"""People with bowel cancer whose metastases lie in memory together, on each thread; one trial's
where it has more. Some 1.3 kB each: ten trials of a large catchment would take over 1 GB."""


@dataclass(frozen=True)
class SizedPatients(VirtualPatients):
    """Virtual patients of the disease model, as many in each trial as the real one had.

    Attributes
    ----------
    size : int
        Patients of a trial.
    catchment : float
        By which the protocol's catchment is multiplied.
    """

    size: int
    catchment: float

    def identity(self) -> Mapping[str, Any]:
        """See `PatientGenerator.identity`."""
        return {**super().identity(), "size": self.size, "catchment": self.catchment}

    def recruit(
        self, settings: TrialSettings, first_trial: int, trials: int, *, keep_refusers: bool = False
    ) -> Recruitment:
        """See `PatientGenerator.recruit`; the last step of the funnel counts those kept."""
        protocol = settings.protocol
        people = round(protocol.conduct.people_with_bowel_cancer * self.catchment)
        larger = settings.varied(
            protocol=replace(
                protocol,
                design=replace(protocol.design, planned_patients=_NEVER_FULL),
                conduct=replace(protocol.conduct, people_with_bowel_cancer=people),
            )
        )
        step = max(1, _PEOPLE_AT_ONCE // max(1, people))
        end = first_trial + trials
        parts = []
        for first in range(first_trial, end, step):
            count = min(step, end - first)
            found = recruit(larger, first, count, keep_refusers=keep_refusers)
            kept = thinned(found, self.size, settings.seed)
            parts.append(Recruitment(follow(settings, kept), _counts(kept, first, count)))
        return _joined(parts)


def _counts(kept: Recruited, first_trial: int, trials: int) -> FunnelCounts:
    """The funnel's counts; its last step counts those kept."""
    reached = kept.counts.reached.copy()
    reached[-1] = np.bincount(kept.run_in.presenters.trial - first_trial, minlength=trials)
    return replace(kept.counts, reached=reached)


def _joined(parts: Sequence[Recruitment]) -> Recruitment:
    """Consecutive trials after one another."""
    counts = [each.funnel for each in parts]
    return Recruitment(
        Randomised.joined([each.randomised for each in parts]),
        FunnelCounts(
            reached=np.concatenate([each.reached for each in counts], axis=1),
            not_met=_by_criterion([each.not_met for each in counts], counts),
            assumed_met=_by_criterion([each.assumed_met for each in counts], counts),
        ),
    )


def _by_criterion(
    groups: Sequence[Mapping[str, Ints]], counts: Sequence[FunnelCounts]
) -> dict[str, Ints]:
    """Counts by criterion; a criterion that some trials never came to has none there."""
    names = dict.fromkeys(name for group in groups for name in group)
    none = [np.zeros(each.reached.shape[1], np.int64) for each in counts]
    return {
        name: np.concatenate([g.get(name, zero) for g, zero in zip(groups, none, strict=True)])
        for name in names
    }


def thinned(found: Recruited, size: int, seed: int) -> Recruited:
    """As many patients of each trial, chosen at random, in their order of randomisation.

    Parameters
    ----------
    found : Recruited
        Everybody who would be randomised.
    size : int
        Patients of a trial; one with fewer keeps all of them.
    seed : int
    """
    presenters = found.run_in.presenters
    draws = _draws(seed, presenters.trial, presenters.patient)
    by_draw = np.lexsort((draws, presenters.trial))
    place = np.empty(draws.size, np.int64)
    place[by_draw] = _places(presenters.trial[by_draw])
    rows = np.flatnonzero(place < size).astype(np.int64)
    return Recruited(
        run_in=found.run_in.take(rows),
        arrival_months=found.arrival_months[rows],
        order=_places(presenters.trial[rows]),
        counts=found.counts,
        consents=found.consents[rows],
    )


def _places(trial: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """Place of each patient within its trial; patients sorted by trial."""
    return np.arange(trial.size, dtype=np.int64) - np.searchsorted(trial, trial)


@kernel
def _draws(
    seed: int, trial: npt.NDArray[np.int32], patient: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    """One number for every patient."""
    draws = np.empty(trial.size)
    for row in range(trial.size):
        draws[row] = uniform(patient_key(seed, trial[row], patient[row]), KEPT, 0, 0)
    return draws
