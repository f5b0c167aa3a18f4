"""What every test shares: reproducible Hypothesis, and a data folder of the tests' own."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# Compilation makes a first example slow, and a test-suite must fail or pass the same way twice.
settings.register_profile(
    "ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci")


@pytest.fixture(scope="session", autouse=True)
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Records that a test does not place lie in no user's folder, nor do those of its processes.

    The caches stay the user's: compiled kernels and the library of virtual patients are the same
    for everybody, and making them takes minutes.
    """
    os.environ["XDG_DATA_HOME"] = str(tmp_path_factory.mktemp("data-home"))
    os.environ.pop("DEBULK_DATABASE", None)
