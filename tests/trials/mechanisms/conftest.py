"""A small posterior made by hand, and a pool of virtual patients shared by the tests here."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.disease import DiseaseModel, Posterior, load_model
from debulk.disease.parameters import parameter_entries
from debulk.trials.mechanisms.counterfactual import settings_for
from debulk.trials.mechanisms.pool import PatientPool, recruit_pool

STRUCTURES = ("reference", "exponential", "reference", "exponential")


def made_posterior() -> Posterior:
    """Four draws near the priors' medians, of two structures."""
    random = np.random.default_rng(3)
    values = {}
    for name, entry in parameter_entries().items():
        if entry.free:
            spread = 0.1 * (entry.upper - entry.lower)
            drawn = entry.value + spread * random.normal(size=len(STRUCTURES))
            values[name] = np.clip(drawn, entry.lower, entry.upper)
    return Posterior(values, STRUCTURES, {"seed": 3})


@pytest.fixture(scope="session")
def model() -> DiseaseModel:
    """The disease model with that posterior."""
    return load_model(made_posterior())


@pytest.fixture(scope="session")
def pool(model: DiseaseModel) -> PatientPool:
    """Two hundred patients of ORCHESTRA, fifty for each draw."""
    return recruit_pool(settings_for("orchestra", model, 1), 200)
