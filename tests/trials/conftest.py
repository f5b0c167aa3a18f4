"""Small runs shared by the tests of this room: fewer patients, so that a trial takes moments."""

from __future__ import annotations

import pytest

from debulk.disease import load_model
from debulk.protocols import Protocol, load_protocol
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
