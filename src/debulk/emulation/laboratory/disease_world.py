"""Registries of the disease model's virtual patients, treated as a tumour board chooses."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.core.provenance import Parameter
from debulk.core.streams import exponential, patient_key, uniform
from debulk.disease import Course, DiseaseModel, load_model, observe
from debulk.disease.observed import draw_test_traits
from debulk.emulation.grace import GracePeriod, Timing
from debulk.emulation.laboratory import decisions
from debulk.emulation.laboratory.board import (
    SEEN,
    Openings,
    chances,
    even_choices,
    forced_choices,
    usual_choices,
)
from debulk.emulation.laboratory.knobs import Knobs, Scenario, Selection, Unmeasured, knobs_of
from debulk.emulation.laboratory.truth import TRUTH_TRIAL, Truth, truth_of
from debulk.emulation.laboratory.virtual_patients import (
    LAST_MONTHS,
    RUN_IN_STEPS,
    VISIT_MONTHS,
    VISIT_STEPS,
    VirtualPatients,
    first_responders,
    follow,
    treatable_at,
)
from debulk.emulation.person_time import Flags, Floats, PersonTime, Wholes

_LOSS, _CUT_OFF = decisions.VIRTUAL_LOSS, decisions.VIRTUAL_CUT_OFF
_WATCH_STEPS = 3
_BLOCK = 10_000
_ROUNDING = 1e-9  # months: a date on a visit is not after it
_TRUTH_REGISTRY = TRUTH_TRIAL

_RARER = 1.2
"""Taken off the log odds of treatment: virtual patients stay eligible for longer, and about a third
of them shall be treated (an assumption)."""

DISEASE_TRUTH_PATIENTS = 50_000
"""Virtual patients who live under both strategies, where nothing else is asked for."""


@dataclass(frozen=True)
class VirtualRegistry:
    """What happened to the patients of a registry, and what its files would say.

    Attributes
    ----------
    who : VirtualPatients
    without : Course
        Everybody's course without local treatment.
    openings : Openings
        Where the board could choose.
    treated : (k,) int64
        Rows of those whom it chose.
    local : Course
        Their courses, treated when they were.
    end_months, lost
        End of each patient's follow-up if nothing happens before, and whether that is a loss.
    cut_off_months : (n,) float64
        When the collection of data would have ended, the lost included.
    """

    who: VirtualPatients
    without: Course
    openings: Openings
    treated: npt.NDArray[np.int64]
    local: Course
    end_months: Floats
    lost: Flags
    cut_off_months: Floats

    def observed(self, name: str) -> Floats:
        """A field of the course that each patient really had."""
        values = np.array(getattr(self.without, name))
        values[self.treated] = getattr(self.local, name)
        return values


class DiseaseWorld:
    """The disease model with a tumour board.

    Parameters
    ----------
    model : DiseaseModel
        With one parameter set; in its null world local treatment is a sham.
    knobs : Knobs
        Of the board and of follow-up; those of death and burden are the model's.
    """

    def __init__(self, model: DiseaseModel, knobs: Knobs) -> None:
        self.model = model.central()
        self.knobs = knobs

    def grace(self, timing: Timing) -> GracePeriod:
        """Local treatment at one of the board's visits, six weeks apart."""
        return GracePeriod(timing, visits=int(self.knobs.visits))

    def parameter_records(self) -> tuple[Parameter, ...]:
        """The model's parameters, then the knobs of the board and of follow-up."""
        kept = ("choice_", "loss", "cut_off", "visits")
        knobs = tuple(
            each
            for each in self.knobs.parameter_records()
            if each.name.removeprefix("laboratory.").startswith(kept)
        )
        return (*self.model.parameter_records(), *knobs)

    def virtual_registry(self, *, seed: int, registry: int, patients: int) -> VirtualRegistry:
        """Draw the patients, let the board choose, follow everybody."""
        who = first_responders(self.model, seed=seed, registry=registry, patients=patients)
        without = follow(self.model, who, seed)
        openings = self._openings(who, without, seed)
        chosen = usual_choices(openings, seed, who.presenters.trial, who.presenters.patient)
        loss, cut_off = self._follow_up(seed, who)
        end = np.minimum(loss, cut_off)
        # Nobody sees a treatment after the end of follow-up.
        rows = np.flatnonzero((chosen >= 0) & (chosen * VISIT_MONTHS < end))
        local = follow(self.model, who.take(rows), seed, chosen[rows])
        return VirtualRegistry(who, without, openings, rows, local, end, loss < cut_off, cut_off)

    def registry(self, *, seed: int, registry: int, patients: int) -> PersonTime:
        """One registry, a pure function of its arguments."""
        made = self.virtual_registry(seed=seed, registry=registry, patients=patients)
        return self.person_time(made)

    def person_time(self, made: VirtualRegistry) -> PersonTime:
        """What the methods read of a registry."""
        death, progression = made.observed("death_months"), made.observed("progression_months")
        time = np.minimum(death, made.end_months)
        start = made.observed("local_months")
        visits = np.ceil(np.minimum(time, LAST_MONTHS) / VISIT_MONTHS - _ROUNDING).astype(np.int64)
        first = np.concatenate([[0], np.cumsum(visits)])
        patient = np.repeat(np.arange(time.size), visits)
        visit = (np.arange(first[-1]) - first[patient]).astype(np.int32)
        seen = self._seen(made.who, made.without, int(visits.max()))
        if made.treated.size:
            after = self._seen(made.who.take(made.treated), made.local, int(visits.max()))
            # An assessment on the day of treatment was made before it, whatever visit reads it.
            steps = _WATCH_STEPS * _columns(after.shape[1]) - RUN_IN_STEPS
            assessed = steps * VISIT_MONTHS / VISIT_STEPS
            later = assessed > made.local.local_months[:, None] + _ROUNDING
            seen[made.treated] = np.where(later[:, :, None], after, seen[made.treated])
        return PersonTime(
            time_months=time,
            cause=(death <= made.end_months).astype(np.int8),
            entry_months=np.zeros(time.size),
            start_months=start,
            complete_months=start,
            progression_months=np.where(progression < time, progression, np.nan),
            lost=made.lost & (death > made.end_months),
            first=first,
            visit=visit,
            eligible=_eligible(made.openings.eligible, progression, patient, visit),
            values=np.ascontiguousarray(seen[patient, visit]),
            covariates=SEEN,
            patient_id=tuple(range(time.size)),
            visit_months=VISIT_MONTHS,
        )

    def truth(self, *, seed: int, tau_months: float, patients: int) -> Truth:
        """Everybody under both strategies, on the same random numbers."""
        parts = [
            self._lives(seed, _TRUTH_REGISTRY + place, min(_BLOCK, patients - start))
            for place, start in enumerate(range(0, patients, _BLOCK))
        ]
        deaths, follow_up, treated = (
            np.concatenate(each, axis=-1) for each in zip(*parts, strict=True)
        )
        return truth_of(
            deaths, follow_up, treated=treated, last_months=LAST_MONTHS, tau_months=tau_months
        )

    def _lives(self, seed: int, registry: int, patients: int) -> tuple[Floats, Floats, Flags]:
        """Deaths without local treatment, natural and uniform; end of follow-up; who is treated."""
        who = first_responders(self.model, seed=seed, registry=registry, patients=patients)
        without = follow(self.model, who, seed)
        openings = self._openings(who, without, seed)
        names = (seed, who.presenters.trial, who.presenters.patient)
        usual = usual_choices(openings, *names)
        deaths = [without.death_months]
        for plan in (forced_choices(openings, usual), even_choices(openings, *names)):
            death = without.death_months.copy()
            rows = np.flatnonzero(plan >= 0)
            death[rows] = follow(self.model, who.take(rows), seed, plan[rows]).death_months
            deaths.append(death)
        return np.array(deaths), np.minimum(*self._follow_up(seed, who)), usual >= 0

    def _openings(self, who: VirtualPatients, without: Course, seed: int) -> Openings:
        visits = int(self.knobs.visits)
        eligible = treatable_at(self.model, who, seed, visits)
        frailty = draw_test_traits(who.presenters).frailty
        chance = chances(self.knobs, self._seen(who, without, visits), frailty)
        return Openings(eligible, np.where(eligible, chance, 0.0))

    def _seen(self, who: VirtualPatients, course: Course, visits: int) -> Floats:
        """The covariates of `SEEN` at each visit, as of the last assessment."""
        watch = course.watch
        assert watch is not None
        status = np.full(watch.volume_ml.shape, np.nan)
        shown = observe(self.model, who.presenters, course, randomised_step=RUN_IN_STEPS)
        status[~np.isnan(watch.volume_ml)] = shown["who_ps"].to_numpy()
        sums = watch.sum_diameters_mm.astype(np.float64)
        columns = np.minimum(_columns(visits), sums.shape[1] - 1)
        depth = 1.0 - sums / np.maximum(sums[:, :1], 1.0)
        table = np.stack([np.log1p(sums), depth, status], axis=-1)[:, columns]
        return _carried(table)

    def _follow_up(self, seed: int, who: VirtualPatients) -> tuple[Floats, Floats]:
        """When each would be lost, and when the collection of data ends."""
        rate = -math.log(1.0 - self.knobs.loss_a_year) / 12.0
        span = (self.knobs.cut_off_first, self.knobs.cut_off_last)
        return _ends(seed, who.presenters.trial, who.presenters.patient, rate, *span)


def _eligible(
    openings: Flags, progression: Floats, patient: npt.NDArray[np.int64], visit: Wholes
) -> Flags:
    """At the visits of the grace period as the board found it; later, not progressed."""
    visits = openings.shape[1]
    later = progression[patient] > visit * VISIT_MONTHS + _ROUNDING
    return np.where(visit < visits, openings[patient, np.minimum(visit, visits - 1)], later).astype(
        np.bool_
    )


def _columns(visits: int) -> npt.NDArray[np.int64]:
    """Number of the last assessment at or before each visit; 0 is that at the start of line 1."""
    return (RUN_IN_STEPS + VISIT_STEPS * np.arange(visits)) // _WATCH_STEPS


def _carried(table: Floats) -> Floats:
    """Fill what is missing with the value before: nobody is assessed on the day of death."""
    for column in range(1, table.shape[1]):
        missing = np.isnan(table[:, column])
        table[:, column][missing] = table[:, column - 1][missing]
    return table


@kernel
def _ends(
    seed: int,
    trial: Wholes,
    patient: npt.NDArray[np.int64],
    rate: float,
    earliest: float,
    latest: float,
) -> tuple[Floats, Floats]:
    loss, cut_off = np.full(trial.size, np.inf), np.empty(trial.size)
    for row in range(trial.size):
        key = patient_key(seed, trial[row], patient[row])
        if rate > 0.0:
            loss[row] = exponential(key, _LOSS, 0, 0) / rate
        cut_off[row] = earliest + (latest - earliest) * uniform(key, _CUT_OFF, 0, 0)
    return loss, cut_off


def disease_world(scenario: Scenario, selection: Selection, unmeasured: Unmeasured) -> DiseaseWorld:
    """The disease model in one situation.

    The null is a sham: nothing is removed and nobody harmed. Harm then benefit is the model as it
    is calibrated. How strongly frailty shortens life is the model's own; `unmeasured` says how
    strongly the board sees it.

    Parameters
    ----------
    scenario : {"null", "harm-then-benefit", "benefit-in-few"}
        What local treatment does.
    selection : {"mild", "hard"}
        How strongly the board chooses by what is recorded.
    unmeasured : {"none", "weak", "strong"}
        How strongly it chooses by a frailty that is not.

    Returns
    -------
    DiseaseWorld

    Raises
    ------
    InputError
        For benefit in few: the model has the effect that it has.
    """
    knobs = knobs_of(scenario, selection, unmeasured)
    if scenario == "benefit-in-few":
        raise InputError(
            "scenario",
            "the disease model has no scenario 'benefit-in-few'",
            "Say null or harm-then-benefit, or take the simple model",
        )
    model = load_model().central()
    knobs = replace(knobs, choice_intercept=knobs.choice_intercept - _RARER)
    return DiseaseWorld(model.null_world() if scenario == "null" else model, knobs)
