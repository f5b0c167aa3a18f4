"""What makes the patients of a simulated trial: the interface, whoever implements it.

A generator brings patients to a protocol's funnel, takes them through it, and follows each of those
randomised under the control arm's strategy and under the experimental one's, on the same random
numbers. Everything after that (allocation, looks, analysis, truth) is the same for all generators
and belongs to the trial.

To write one, derive from `PatientGenerator` and give:

- `recruit`: for some consecutive trials, a `Recruitment`: `Randomised` (flat arrays, both courses
  of every patient) and `FunnelCounts`. It must be a pure function of seed, trial and patient
  (`debulk.core.streams`), so that chunks, threads and the number of trials do not matter.
  `debulk.trials.recruitment.plain_funnel.pass_funnel` takes patients without characteristics
  through a funnel, and gives arrival, order, centre and consent, so that a generator of that kind
  has only to draw death and progression: see `debulk.trials.recruitment.planned`.
- `null_world`: the same patients with one course in both arms.
- `identity`: plain values that, with the protocol and the seed, decide every bit of the result.
- `parameters`: every number it rests on, for the provenance.

What a generator cannot do it refuses by name in `check`, before anything runs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError
from debulk.trials.recruitment.randomised import Randomised

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.core.provenance import Parameter
    from debulk.protocols import Protocol
    from debulk.trials.running.settings import TrialSettings


@dataclass(frozen=True)
class FunnelCounts:
    """How many patients of each trial reached each step, and what held the others back.

    Attributes
    ----------
    reached : int64[steps, trials]
        Patients who reached each step.
    not_met : dict of criterion to int64[trials]
        Patients who came to the criterion's step and did not meet it; one patient can fail
        several. ``"died"`` counts deaths during the run-in.
    assumed_met : dict of criterion to int64[trials]
        Patients of whom a criterion was assumed to be met.
    """

    reached: npt.NDArray[np.int64]
    not_met: dict[str, npt.NDArray[np.int64]]
    assumed_met: dict[str, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class Recruitment:
    """What a generator gives for some consecutive trials."""

    randomised: Randomised
    funnel: FunnelCounts


class PatientGenerator(ABC):
    """Makes the patients of simulated trials, each with both of their courses."""

    name: str = "patients"
    """What results call it."""

    null: bool = False
    """Whether both arms' courses are the same."""

    local_treatment: bool = False
    """Whether it tells who is treated locally, and with what harm."""

    features: bool = False
    """Whether its patients have the features of the feature table, at every step."""

    salvage: bool = False
    """Whether it knows local treatment after progression in the control arm."""

    structures: tuple[str, ...] = ()
    """Structure of each parameter set that trials take in turn; empty where there is one set."""

    remarks: tuple[str, ...] = ()
    """What a reader of its results must know."""

    @abstractmethod
    def recruit(
        self, settings: TrialSettings, first_trial: int, trials: int, *, keep_refusers: bool = False
    ) -> Recruitment:
        """Patients of some consecutive trials, with their courses.

        Parameters
        ----------
        settings : TrialSettings
            Protocol, cards and seed.
        first_trial, trials : int
            Which trials.
        keep_refusers : bool
            Keep patients who would refuse at the funnel's steps with ``consent: true``, marked in
            `Randomised.consents`, for designs that ask at another moment.
        """

    @abstractmethod
    def null_world(self) -> PatientGenerator:
        """The same patients, with the control arm's course in both arms."""

    @abstractmethod
    def identity(self) -> Mapping[str, Any]:
        """Plain values that decide, with protocol and seed, every bit of what it makes."""

    def parameters(self, protocol: Protocol) -> tuple[Parameter, ...]:
        """Every number it rests on beyond the protocol's own, with its source.

        Parameters
        ----------
        protocol : Protocol
            The protocol that is run.
        """
        return ()

    def course_at_ratio(
        self, randomised: Randomised, ratio: float
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
        """Death and progression, were every hazard the control arm's times a ratio.

        The world at the margin of a trial of non-inferiority is made of it. None, as here, where
        the patients know no such course.

        Parameters
        ----------
        randomised : Randomised
            Patients that `recruit` made.
        ratio : float
            The hazard ratio, above 0.
        """
        return None

    def mechanisms(self) -> dict[str, Any]:
        """Names of the mechanisms ``on`` and ``off``, and other ``strengths``; none by default."""
        return {"on": [], "off": [], "strengths": {}}

    def check(self, settings: TrialSettings) -> None:
        """Refuse by name what the protocol asks and this generator cannot do.

        Parameters
        ----------
        settings : TrialSettings
            Protocol, cards and seed.

        Raises
        ------
        InputError
            With the protocol's file and field.
        """
        protocol = settings.protocol
        conduct, file = protocol.conduct, protocol.source_name or protocol.name
        if conduct.salvage > 0.0 and not self.salvage:
            raise InputError(
                f"{file}, conduct.salvage",
                f"{self.name} know no local treatment after progression",
                "Set it to 0, or run the protocol on the disease model",
            )
        if not self.features:
            for step in protocol.funnel:
                if step.leanings:
                    raise InputError(
                        f"{file}, funnel.{step.step}.leanings",
                        f"{self.name} have no {step.leanings[0].feature!r}",
                        "Leave the leanings out, or run the protocol on the disease model",
                    )
            named = [each for each in conduct.randomisation.strata if each != "centre"]
            if named:
                raise InputError(
                    f"{file}, conduct.randomisation.strata",
                    f"{self.name} have no {named[0]!r}",
                    "Stratify by centre alone, or run the protocol on the disease model",
                )
        centres = conduct.centres
        skilled = centres is not None and (centres.skill_sd > 0 or centres.learning_log_odds > 0)
        if skilled and not self.local_treatment:
            raise InputError(
                f"{file}, conduct.centres",
                f"{self.name} tell of no local treatment that skill could act on",
                "Set skill_sd and learning_log_odds to 0",
            )
