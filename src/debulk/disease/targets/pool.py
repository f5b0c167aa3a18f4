"""One pool of presenters from which every cohort is selected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from debulk.disease.model import DiseaseModel
from debulk.disease.presenters import Presenters, draw_presenters, joined
from debulk.disease.targets.cohorts import COHORTS, CohortSpec
from debulk.disease.targets.selections import Mask
from debulk.disease.targets.sight import Seen, seen_of

BIRTHS = 16384
"""People with bowel cancer in one trial of the pool; the same for every size, so that a smaller
pool is the beginning of a larger one."""

MOST_BIRTHS_A_PATIENT = 150
"""A cohort that is not full after this many births for each patient wanted stays as it is."""

_TRIALS_AT_ONCE = 4


@dataclass
class _Filling:
    """A cohort as it fills: presenters of each stratum, and the patients counted by draw."""

    spec: CohortSpec
    wanted: float
    parts: list[list[Presenters]]
    held: npt.NDArray[np.float64]  # strata (or one for all without a share) x draws

    def full(self) -> bool:
        return bool((self.held >= self._goals()[:, np.newaxis]).all())

    def wants(self, draw: int) -> bool:
        """Whether the part of one draw is not full yet."""
        return bool((self.held[:, draw] < self._goals()).any())

    def _goals(self) -> npt.NDArray[np.float64]:
        return self.wanted * np.array([share for share, _ in _quotas(self.spec)])

    def take(
        self, drawn: Presenters, seen: Seen, bounds: npt.NDArray[np.int64], draws: list[int]
    ) -> None:
        """Take from some whole trials what is still wanted, first patients first."""
        masks = [stratum.select(seen) for stratum in self.spec.strata]
        chosen = [np.zeros(len(drawn), dtype=np.bool_) for _ in masks]
        for quota, (share, members) in enumerate(_quotas(self.spec)):
            goal = self.wanted * share
            counts = sum(masks[each] * self.spec.strata[each].kept for each in members)
            for place, draw in enumerate(draws):
                held = self.held[quota, draw]
                if held >= goal:
                    continue
                rows = slice(bounds[place], bounds[place + 1])
                before = held + np.cumsum(counts[rows]) - counts[rows]  # type: ignore[index]
                for each in members:
                    chosen[each][rows] = masks[each][rows] & (before < goal)
                took = sum(
                    float(chosen[each][rows].sum()) * self.spec.strata[each].kept
                    for each in members
                )
                self.held[quota, draw] += took
        for part, rows_chosen in zip(self.parts, chosen, strict=True):
            if rows_chosen.any():
                part.append(drawn.take(rows_chosen))


@dataclass(frozen=True)
class Pool:
    """Presenters of every cohort, and of the first trials as they come.

    Attributes
    ----------
    strata : dict of str to list of Presenters
        For each cohort one for each stratum.
    everyone : Presenters
        All who present of the first `everyone_trials` trials.
    everyone_trials, births : int
        Births are those lived through for the whole pool.
    draws : int
        Trial t belongs to parameter set t modulo this.
    unfilled : dict of str to int
        Cohorts that could not be filled, with the patients they were short of.
    """

    strata: dict[str, list[Presenters]]
    everyone: Presenters
    everyone_trials: int
    births: int
    draws: int
    unfilled: dict[str, int] = field(default_factory=dict)


def draw_pool(
    model: DiseaseModel,
    *,
    seed: int,
    patients: int,
    cohorts: Iterable[str],
    everyone: bool = True,
    progress: Callable[[float], None] | None = None,
) -> Pool:
    """Live through natural histories until every cohort is full, or too rare to go on.

    Parameters
    ----------
    model : DiseaseModel
        Every draw of its posterior gets its equal part of the patients.
    seed : int
    patients : int
        Wanted in each cohort, over all draws.
    cohorts : iterable of str
        Names in `debulk.disease.targets.cohorts.COHORTS`.
    everyone : bool
        Whether all presenters of the first trials are wanted too.
    progress : callable, optional
        Called with the share of the cohorts that are full.
    """
    draws = model.draws
    each = -(-patients // draws)
    fillings = {name: _filling(COHORTS[name], each, draws) for name in cohorts}
    first: list[Presenters] = []
    births = first_count = first_trials = 0
    trial = 0
    most_rounds = max(1, -(-MOST_BIRTHS_A_PATIENT * each // BIRTHS))
    at_once = draws if draws > 1 else _TRIALS_AT_ONCE
    while trial < most_rounds * draws:
        wanting = [filling for filling in fillings.values() if not filling.full()]
        want_everyone = everyone and first_count < patients
        if not wanting and not want_everyone:
            break
        numbers = list(range(trial, trial + at_once))
        if draws > 1 and not want_everyone:
            # A draw whose cohorts are full needs no more people.
            numbers = [each for each in numbers if any(one.wants(each % draws) for one in wanting)]
        drawn = _drawn(model, seed, numbers)
        births += drawn.births
        if want_everyone:
            first.append(drawn)
            first_count += len(drawn)
            first_trials += at_once
        bounds = np.searchsorted(drawn.trial, [*numbers, numbers[-1] + 1]).astype(np.int64)
        seen = seen_of(drawn)
        for filling in wanting:
            filling.take(drawn, seen, bounds, [number % draws for number in numbers])
        trial += at_once
        if progress is not None and fillings:
            progress(sum(filling.full() for filling in fillings.values()) / len(fillings))
    empty = draw_presenters(model, seed=seed, first_trial=0, trials=1, births=0)
    return Pool(
        strata={
            name: [joined(part or [empty]) for part in filling.parts]
            for name, filling in fillings.items()
        },
        everyone=joined(first or [empty]),
        everyone_trials=first_trials,
        births=births,
        draws=draws,
        unfilled={
            name: int(np.ceil(patients - filling.held.sum()))
            for name, filling in fillings.items()
            if not filling.full()
        },
    )


def _drawn(model: DiseaseModel, seed: int, numbers: list[int]) -> Presenters:
    """Presenters of some trials, in their order."""
    parts, start = [], 0
    for end in range(1, len(numbers) + 1):
        if end == len(numbers) or numbers[end] != numbers[end - 1] + 1:
            first, trials = numbers[start], end - start
            parts.append(
                draw_presenters(model, seed=seed, first_trial=first, trials=trials, births=BIRTHS)
            )
            start = end
    return parts[0] if len(parts) == 1 else joined(parts)


def _filling(spec: CohortSpec, wanted: int, draws: int) -> _Filling:
    held = np.zeros((len(_quotas(spec)), draws))
    return _Filling(spec, float(wanted), [[] for _ in spec.strata], held)


def _quotas(spec: CohortSpec) -> list[tuple[float, list[int]]]:
    """Shares of a cohort and the strata that fill each: one each, one for all without a share."""
    fixed = [
        (stratum.share, [place])
        for place, stratum in enumerate(spec.strata)
        if stratum.share is not None
    ]
    free = [place for place, stratum in enumerate(spec.strata) if stratum.share is None]
    rest = 1.0 - sum(share for share, _ in fixed)
    return [*fixed, (rest, free)] if free else fixed


def interleaved(mask: Mask, groups: int) -> npt.NDArray[np.int64]:
    """Group of each patient kept by a mask: equal parts in their order, -1 for those left out."""
    group = np.full(mask.size, -1, dtype=np.int64)
    kept = int(mask.sum())
    group[mask] = np.arange(kept) * groups // max(kept, 1)
    return group
