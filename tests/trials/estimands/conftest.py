"""Patients made by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from debulk.trials.recruitment.randomised import Randomised


def made(size: int, **columns: Any) -> Randomised:
    """Patients of one trial who never die nor progress, but for the columns given."""
    nothing, never = np.full(size, np.nan), np.full(size, np.inf)
    standard = {
        "trial": np.zeros(size, np.int32),
        "patient": np.arange(size),
        "order": np.arange(size),
        "randomised_months": np.zeros(size),
        "death_control": never,
        "progression_control": never,
        "death_experimental": never,
        "progression_experimental": never,
        "local_months": nothing,
        "visible": np.zeros(size, np.int64),
        "treated": np.zeros(size, np.int64),
        "died_within_90_days": np.zeros(size, np.bool_),
        "systemic_days_lost_control": np.zeros(size),
        "systemic_days_lost_experimental": np.zeros(size),
        "visit_phase_months": np.zeros(size),
        "visit_interval_months": np.full(size, 2.0),
    }
    return Randomised(**{**standard, **{name: np.array(each) for name, each in columns.items()}})


@pytest.fixture
def patients() -> Callable[..., Randomised]:
    """Makes patients by hand."""
    return made
