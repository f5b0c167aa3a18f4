"""Does the way over a registry's tables end where the simulator's own person-time begins?

The laboratory hands person-time to the methods directly; a user comes with tables. Both must give
the same patients, times, covariates and answers.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.emulation import clone_censor_weight, emulate
from debulk.emulation.laboratory.known_registries import virtual_registry
from debulk.patients import read_cohort
from debulk.protocols import load_protocol

PATIENTS = 400
LAST_MONTHS = 72.0
"""Some are followed for longer in either group; visits after it are not laid out."""

ROUNDING = 1e-9
"""Times and covariates are computed twice, by other sums of the same numbers."""

RECOMPUTED = 1e-6
"""Answers, whose models are fitted to those times and covariates until they change less."""


@pytest.fixture(scope="module")
def registry():
    return virtual_registry(PATIENTS, scenario="harm-then-benefit", seed=4, truth_patients=200)


@pytest.fixture(scope="module")
def laid_out(registry, emulated):
    """Rows of the simulator's person-time at the visits that the emulation lays out."""
    return registry.person_time.visit <= emulated.person_time.visit.max()


@pytest.fixture(scope="module")
def emulated(registry, tmp_path_factory):
    """The registry written, read and emulated, open to everybody whom the board could treat."""
    folder = tmp_path_factory.mktemp("known") / "registry"
    registry.cohort.write(folder)
    protocol = replace(load_protocol("orchestra"), criteria={}, funnel=())
    return emulate(
        read_cohort(folder),
        protocol,
        visit_days=registry.visit_days,
        grace_months=registry.grace_months,
        share="any",
        covariates=registry.covariates,
        tau_months=LAST_MONTHS,
        method="naive",
    )


def test_times_and_covariates_are_those_of_the_simulator(registry, emulated, laid_out) -> None:
    direct, found = registry.person_time, emulated.person_time
    assert [int(each) for each in found.patient_id] == list(direct.patient_id)
    assert np.array_equal(found.cause, direct.cause)
    assert np.array_equal(found.patient, direct.patient[laid_out])
    assert np.array_equal(found.visit, direct.visit[laid_out])
    assert np.array_equal(found.start_visit, direct.start_visit)
    assert found.start_visit.max() > 0
    assert np.allclose(found.values, direct.values[laid_out], rtol=0.0, atol=ROUNDING)
    for name in ("time_months", "entry_months", "start_months", "progression_months"):
        ours, theirs = getattr(found, name), getattr(direct, name)
        assert np.allclose(ours, theirs, rtol=0.0, atol=ROUNDING, equal_nan=True), name


def test_losses_are_those_seen_a_visit_before_the_cut_off(registry, emulated) -> None:
    """Whoever is lost in the last weeks cannot be told from whom the cut-off ended."""
    direct, found = registry.person_time.lost, emulated.person_time.lost
    assert not np.any(found & ~direct)
    assert direct.sum() - found.sum() <= 0.1 * direct.sum() < direct.sum()
    assert next(each for each in emulated.items if each.check == "outcome").state == "pass"


def test_only_what_nobody_could_treat_is_not_told(registry, emulated, laid_out) -> None:
    """Until treatment, the tables call eligible who is, and some in whom nothing was left."""
    direct, found = registry.person_time, emulated.person_time
    start = np.where(direct.start_visit < 0, np.iinfo(np.int32).max, direct.start_visit)
    before = (direct.visit <= start[direct.patient])[laid_out]
    ours, theirs = found.eligible[before], direct.eligible[laid_out][before]
    assert not np.any(theirs & ~ours)
    assert np.any(ours & ~theirs)
    assert any("left to treat" in each for each in emulated.not_known)


def test_the_answer_is_the_same_where_that_is_told(registry, emulated, laid_out) -> None:
    direct = registry.person_time
    same = replace(emulated.person_time, eligible=direct.eligible[laid_out], lost=direct.lost)
    grace = registry.grace("natural")
    ours = clone_censor_weight(same, grace, tau_months=36.0)
    theirs = clone_censor_weight(direct, grace, tau_months=36.0)
    for name in ("hazard_ratio", "rmst_difference"):
        left, right = ours.to_dict()["effect"][name], theirs.to_dict()["effect"][name]
        for part in ("estimate", "se"):
            assert left[part] == pytest.approx(right[part], rel=RECOMPUTED), (name, part)


def test_the_null_is_exact_and_the_registry_a_function_of_its_seed() -> None:
    first = virtual_registry(60, seed=7, truth_patients=100)
    again = virtual_registry(60, seed=7, truth_patients=100)
    other = virtual_registry(60, seed=8, truth_patients=100)
    assert first.truth.natural.log_hazard_ratio == 0.0
    assert first.truth.uniform.rmst_difference_months == 0.0
    assert first.cohort.followup.equals(again.cohort.followup)
    assert not first.cohort.followup.equals(other.cohort.followup)
    told = first.to_dict()
    assert told["patients"] == 60
    assert told["truth"]["natural"]["log_hazard_ratio"] == 0.0
    assert told["provenance"]["seed"] == 7


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"patients": 20}, "patients"),
        ({"patients": 100.0}, "patients"),
        ({"scenario": "nul"}, "scenario"),
        ({"scenario": "benefit-in-few"}, "scenario"),
        ({"selection": "soft"}, "selection"),
        ({"unmeasured": True}, "unmeasured"),
        ({"seed": -1}, "seed"),
        ({"truth_patients": 10}, "truth_patients"),
        ({"tau_months": float("nan")}, "tau_months"),
        ({"tau_months": "36"}, "tau_months"),
    ],
)
def test_hostile_a_situation_that_is_none(given, where) -> None:
    asked = {"patients": 60, **given}
    with pytest.raises(InputError) as told:
        virtual_registry(asked.pop("patients"), **asked)
    assert told.value.where == where


@pytest.mark.parametrize("visit_days", [0, -1, 6.9, 400, float("nan"), True, "42"])
def test_hostile_visits_that_are_none(registry, visit_days) -> None:
    with pytest.raises(InputError, match="visit_days"):
        emulate(registry.cohort, "orchestra", visit_days=visit_days)


def test_hostile_a_grace_period_between_two_visits(registry) -> None:
    with pytest.raises(InputError, match="no whole number of visits") as told:
        emulate(registry.cohort, "orchestra", visit_days=42, grace_months=6)
    assert told.value.remedy == "Give 5.52, or another multiple of 1.37988"
