"""Small runs shared by the tests of this room: fewer patients, so that a trial takes moments."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from debulk.disease import load_model
from debulk.protocols import Protocol, load_protocol
from debulk.protocols.plans import Applicability, PlannedPatients
from debulk.trials import ProtocolCharacteristics, run_trial

SMALL = {"conduct.people_with_bowel_cancer": "9000"}
TRIALS = 12


@pytest.fixture(scope="session")
def small_protocol() -> Protocol:
    """ORCHESTRA in a smaller catchment."""
    return load_protocol("orchestra", changes=SMALL)


@pytest.fixture(scope="session")
def small_run(small_protocol: Protocol) -> ProtocolCharacteristics:
    """A dozen small trials."""
    return run_trial(small_protocol, trials=TRIALS, seed=1)


@pytest.fixture(scope="session")
def null_run(small_protocol: Protocol) -> ProtocolCharacteristics:
    """The same trials in the null world."""
    return run_trial(small_protocol, model=load_model().null_world(), trials=TRIALS, seed=1)


@pytest.fixture(scope="session")
def plan_of() -> Callable[..., Protocol]:
    """Makes protocols whose patients are drawn from a plan."""
    return _plan_of


def _plan_of(**changes: Any) -> Protocol:
    """ORCHESTRA without lost, withdrawn or crossed over, its patients drawn from a plan.

    Names of the parts `planned`, `conduct` and `design` may be changed.
    """
    protocol = load_protocol(
        "orchestra",
        changes={f"conduct.{name}": "0" for name in ("withdrawn", "crossed_over", "lost_per_year")},
    )
    planned = PlannedPatients(
        registered=600,
        median_os_months=20.0,
        hazard_ratio_os=0.75,
        median_pfs_months=9.0,
        hazard_ratio_pfs=0.7,
        visit_interval_months=2.0,
    )
    parts = {"planned": planned, "conduct": protocol.conduct, "design": protocol.design}
    for name, value in changes.items():
        part = next(key for key, each in parts.items() if hasattr(each, name))
        parts[part] = dataclasses.replace(parts[part], **{name: value})
    return dataclasses.replace(
        protocol, applicability=Applicability("none", ("no such treatment",)), **parts
    )
