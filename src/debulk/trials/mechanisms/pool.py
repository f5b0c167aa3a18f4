"""A pool of virtual patients whom a protocol would randomise, the same in every world."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from debulk.core.errors import InputError
from debulk.disease.presenters import joined
from debulk.trials.recruitment.funnel import recruit
from debulk.trials.recruitment.run_in import RunIn

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.protocols import Protocol
    from debulk.trials.running.settings import TrialSettings

Progress = Callable[[int, int], None]

MOST_PATIENTS = 1_000_000
MOST_BIRTHS = 5_000_000
"""People with bowel cancer who are lived through for one draw, at most."""

_LEAST_BIRTHS = 512
_PEOPLE_AT_ONCE = 200_000
"""People lived through in one call, to keep memory small."""
_USUAL_YIELD = 0.045
"""Share of people with bowel cancer who are eligible, tried first."""
_MARGIN = 1.2
_EVERYBODY = 2**31 - 1


@dataclass(frozen=True)
class PatientPool:
    """Patients at randomisation, in equal numbers for each draw of the parameters.

    Attributes
    ----------
    settings : TrialSettings
        With the protocol as recruited from: see `recruit_pool`.
    run_in : RunIn
        The patients, at the end of the run-in with every mechanism as the model has it.
    arrival_months : float64[n]
        Calendar time at which they came.
    draws : int
        Draws of the parameters that they belong to; draw d is trial d.
    births : int
        People with bowel cancer lived through to find them.
    """

    settings: TrialSettings
    run_in: RunIn
    arrival_months: npt.NDArray[np.float64]
    draws: int
    births: int

    def __len__(self) -> int:
        """Number of patients."""
        return len(self.run_in.presenters)

    @property
    def draw(self) -> npt.NDArray[np.int64]:
        """Draw of the parameters of each patient."""
        return self.run_in.presenters.trial.astype(np.int64)

    def first(self, patients: int) -> PatientPool:
        """The first patients of each draw, `patients` in all or as many as there are."""
        share = max(1, math.ceil(patients / self.draws))
        draw = self.draw
        place = np.arange(draw.size) - np.searchsorted(draw, draw)
        rows = np.flatnonzero(place < share)
        return replace(
            self, run_in=self.run_in.take(rows), arrival_months=self.arrival_months[rows]
        )


def recruit_pool(
    settings: TrialSettings,
    patients: int,
    draws: int | None = None,
    progress: Progress | None = None,
) -> PatientPool:
    """Draw patients whom the protocol would randomise.

    Steps of the funnel that chance alone decides are passed by everybody: they say how many come,
    not who. Nobody is kept out because a trial is full, and centres are alike.

    Parameters
    ----------
    settings : TrialSettings
        Protocol, disease model, cards and seed.
    patients : int
        How many, 1 to `MOST_PATIENTS`; rounded up to the same number for each draw.
    draws : int, optional
        Draws of the posterior sample; default: all of the model, at most one for each patient.
    progress : callable, optional
        Called with the draws done and the draws wanted.

    Raises
    ------
    InputError
        If a number is out of its range, the patients do not come from the disease model, or next to
        nobody meets the protocol's criteria.
    """
    model = settings.disease
    if not 1 <= patients <= MOST_PATIENTS:
        raise InputError("patients", f"found {patients}", f"Give 1 to {MOST_PATIENTS:,}")
    most = min(model.draws, patients)
    used = most if draws is None else draws
    if not 1 <= used <= most:
        why = f"the model has {model.draws:,} and there are {patients:,} patients"
        raise InputError("draws", f"found {used}; {why}", f"Give 1 to {most:,}")
    share = math.ceil(patients / used)
    parts = _all_draws(settings, used, share, progress)
    return PatientPool(
        settings=settings.varied(protocol=_open(settings.protocol, _LEAST_BIRTHS)),
        run_in=_joined([each.run_in for each in parts]),
        arrival_months=np.concatenate([each.arrival_months for each in parts]),
        draws=used,
        births=sum(each.births for each in parts),
    )


@dataclass(frozen=True)
class _OfDraw:
    """Patients of one draw, and how many people were lived through to find them."""

    run_in: RunIn
    arrival_months: npt.NDArray[np.float64]
    births: int


def _all_draws(
    settings: TrialSettings, draws: int, share: int, progress: Progress | None
) -> list[_OfDraw]:
    """The first `share` patients of each draw by their number, however many are lived through."""
    births = _enough(share, _USUAL_YIELD)
    at_once = max(1, _PEOPLE_AT_ONCE // births)
    parts: list[_OfDraw] = []
    for first in range(0, draws, at_once):
        many = min(at_once, draws - first)
        for part in _recruited(settings, first, many, births, share):
            whole, draw = part, len(parts)
            while whole.arrival_months.size < share:
                whole = _with_more(settings, draw, whole, share)
            parts.append(whole)
            if progress:
                progress(len(parts), draws)
    return parts


def _with_more(settings: TrialSettings, draw: int, found: _OfDraw, share: int) -> _OfDraw:
    """The patients of a draw again, among as many people as should be enough."""
    size = found.arrival_months.size
    if found.births >= MOST_BIRTHS:
        raise InputError(
            f"protocol {settings.protocol.name}",
            f"{size} of {found.births:,} people with bowel cancer meet its criteria, with draw "
            f"{draw} of the parameters",
            "Ask for fewer patients, or widen its criteria",
        )
    # From nobody or next to nobody little is learned of how many are needed.
    births = max(2 * found.births, min(16 * found.births, _enough(share, size / found.births)))
    return _recruited(settings, draw, 1, min(births, MOST_BIRTHS), share)[0]


def _recruited(
    settings: TrialSettings, first_draw: int, draws: int, births: int, share: int
) -> list[_OfDraw]:
    """At most the first `share` patients of some draws."""
    protocol = _open(settings.protocol, births)
    found = recruit(settings.varied(protocol=protocol), first_draw, draws)
    trial, patient = found.run_in.presenters.trial, found.run_in.presenters.patient
    order = np.lexsort((patient, trial))
    starts = np.searchsorted(trial[order], np.arange(first_draw, first_draw + draws + 1))
    parts = []
    for start, stop in pairwise(starts):
        rows = order[start : min(stop, start + share)]
        parts.append(_OfDraw(found.run_in.take(rows), found.arrival_months[rows], births))
    return parts


def _enough(wanted: int, yields: float) -> int:
    """People with bowel cancer among whom `wanted` are found, most of the time."""
    spare = 3.0 * math.sqrt(wanted)
    least = max(yields, 1.0 / MOST_BIRTHS)
    return max(_LEAST_BIRTHS, min(MOST_BIRTHS, math.ceil((_MARGIN * wanted + spare) / least)))


def _open(protocol: Protocol, births: int) -> Protocol:
    """The protocol without what keeps patients out by chance, by number or by centre."""
    funnel = tuple(
        replace(step, chance=1.0) if step.chance is not None and not step.leanings else step
        for step in protocol.funnel
    )
    return replace(
        protocol,
        funnel=funnel,
        design=replace(protocol.design, planned_patients=_EVERYBODY),
        conduct=replace(protocol.conduct, people_with_bowel_cancer=births, centres=None),
    )


def _joined(parts: Sequence[RunIn]) -> RunIn:
    """The patients of several draws, in their order."""
    others = {
        each.name: np.concatenate([getattr(part, each.name) for part in parts])
        for each in fields(RunIn)
        if each.name != "presenters"
    }
    return RunIn(presenters=joined([part.presenters for part in parts]), **others)
