"""One registry of virtual patients whose truth is known: its tables, its person-time, its truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.provenance import Parameter, Provenance
from debulk.core.results import plain
from debulk.disease.growth import STEP_DAYS
from debulk.emulation.grace import GracePeriod, Timing
from debulk.emulation.laboratory.cells import TAU_MONTHS
from debulk.emulation.laboratory.disease_cohort import cohort_of_registry
from debulk.emulation.laboratory.disease_world import disease_world
from debulk.emulation.laboratory.knobs import Scenario, Selection, Unmeasured, check_situation
from debulk.emulation.laboratory.truth import Truth
from debulk.emulation.laboratory.virtual_patients import VISIT_STEPS
from debulk.emulation.person_time import PersonTime
from debulk.patients import Cohort
from debulk.survival.options import whole_number

VISIT_DAYS = VISIT_STEPS * STEP_DAYS
"""Days between two meetings of the simulated tumour board."""

COLUMNS_SEEN = ("log1p(sum_diameters_mm)", "depth_of_response", "who_ps")
"""What the board sees (`debulk.emulation.laboratory.board.SEEN`), as columns of the cohort."""

KNOWN_TRUTH_PATIENTS = 5_000
"""Patients who live under both strategies: the gain is then known to 0.1 months."""

_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class KnownRegistry:
    """A registry of virtual patients, and what is true in it.

    Attributes
    ----------
    scenario, selection, unmeasured : str
        The situation; see `virtual_registry`.
    seed : int
    cohort : Cohort
        The tables that the registry would leave, as `debulk.patients.read_cohort` reads them.
    person_time : PersonTime
        The same patients as the methods read them, without a way over tables. It differs from the
        cohort's in one thing: it knows at which visits nothing was left to treat.
    truth : Truth
        Other patients of the same kind under both strategies, on the same random numbers.
    visit_days : float
        Days between two meetings of the tumour board.
    covariates : tuple of str
        What the board saw, as names that `debulk.emulation.emulate` takes.
    parameters : tuple of Parameter
        Every number behind it.
    visits : int
        The board's first visits, at which local treatment may begin: the grace period.
    """

    scenario: Scenario
    selection: Selection
    unmeasured: Unmeasured
    seed: int
    cohort: Cohort
    person_time: PersonTime
    truth: Truth
    visit_days: float
    covariates: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    visits: int = 6

    def grace(self, timing: Timing) -> GracePeriod:
        """The strategies compared: local treatment at one of the board's first visits, or none."""
        return GracePeriod(timing, visits=self.visits)

    @property
    def grace_months(self) -> float:
        """Length of the grace period, as `debulk.emulation.emulate` takes it."""
        return self.visits * self.person_time.visit_months

    def to_dict(self) -> dict[str, Any]:
        """Situation, size, truth and provenance as plain values, ready for JSON."""
        from debulk import __version__

        made = Provenance(version=__version__, seed=self.seed, parameters=self.parameters)
        return {
            "scenario": self.scenario,
            "selection": self.selection,
            "unmeasured": self.unmeasured,
            "patients": self.person_time.patients,
            "truth": plain(self.truth.to_dict()),
            "visit_days": self.visit_days,
            "covariates": list(self.covariates),
            "provenance": made.to_dict(),
        }


def virtual_registry(
    patients: int,
    *,
    scenario: Scenario = "null",
    selection: Selection = "mild",
    unmeasured: Unmeasured = "none",
    seed: int = 1,
    tau_months: float = TAU_MONTHS,
    truth_patients: int = KNOWN_TRUTH_PATIENTS,
) -> KnownRegistry:
    """Make the registry that virtual patients of the disease model would leave.

    They are alive without progression at their first response assessment, time zero, with at least
    80 % of the visible metastases treatable. Every six weeks a simulated tumour board may choose
    local treatment for those who have not progressed.

    Parameters
    ----------
    patients : int
        50 to 100,000.
    scenario : {"null", "harm-then-benefit"}
        What local treatment does: nothing at all (a sham), or what the calibrated model says.
    selection : {"mild", "hard"}
        How strongly the board chooses by burden, depth of response and performance status.
    unmeasured : {"none", "weak", "strong"}
        How strongly it chooses by frailty, which the registry does not record.
    seed : int
        0 to 2**63 - 1; the same seed gives the same registry.
    tau_months : float
        Horizon of the true difference in restricted mean survival.
    truth_patients : int
        Patients who live under both strategies, 100 to 1,000,000.

    Returns
    -------
    KnownRegistry

    Raises
    ------
    InputError
        If a word names no situation, or a number is out of range.

    Examples
    --------
    >>> registry = virtual_registry(200, seed=1, truth_patients=200)
    >>> len(registry.cohort), registry.truth.natural.rmst_difference_months
    (200, 0.0)
    """
    check_situation(scenario, selection, unmeasured)
    whole_number(patients, "patients", 50, 100_000)
    seed = whole_number(seed, "seed", 0, _LARGEST_SEED)
    whole_number(truth_patients, "truth_patients", 100, 1_000_000)
    if not isinstance(tau_months, int | float) or not 1.0 <= tau_months <= 60.0:
        raise InputError("tau_months", f"found {tau_months!r:.40}", "Give a number from 1 to 60")
    world = disease_world(scenario, selection, unmeasured)
    made = world.virtual_registry(seed=seed, registry=0, patients=patients)
    return KnownRegistry(
        scenario=scenario,
        selection=selection,
        unmeasured=unmeasured,
        seed=seed,
        cohort=cohort_of_registry(world.model, made),
        person_time=world.person_time(made),
        truth=world.truth(seed=seed, tau_months=tau_months, patients=truth_patients),
        visit_days=float(VISIT_DAYS),
        covariates=COLUMNS_SEEN,
        parameters=world.parameter_records(),
        visits=int(world.knobs.visits),
    )
