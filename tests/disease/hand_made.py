"""Presenters, tallies and models made by hand, for tests that need no simulation."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from debulk.core.anatomy import ORGAN_CODE
from debulk.disease.continuum_tally import Tally
from debulk.disease.extents import EXTENTS
from debulk.disease.model import DiseaseModel, prior_model
from debulk.disease.parameters import parameter_entries
from debulk.disease.posterior import Posterior
from debulk.disease.presenters import LESION_ARRAYS, PATIENT_ARRAYS, Presenters

Lesion = tuple[str, float, bool]
"""Organ, diameter in mm, whether imaging shows it."""

STRUCTURES = ("reference", "exponential", "no-immunity", "drug-dead-cells")


def presenters_of(patients: Sequence[Sequence[Lesion]]) -> Presenters:
    """Presenters with these lesions and nothing else of interest."""
    count, lesions = len(patients), [each for own in patients for each in own]
    size = np.array([each[1] for each in lesions], dtype=np.float64)
    known = {
        "organ": np.array([ORGAN_CODE[each[0]] for each in lesions], dtype=np.int8),
        "diameter_mm": size,
        "cells": np.pi / 6.0 * (size / 10.0) ** 3 * 1e9,
        "visible": np.array([each[2] for each in lesions], dtype=np.bool_),
        "copies": np.ones(len(lesions)),
    }
    arrays = {name: known.get(name, np.zeros(len(lesions))) for name in LESION_ARRAYS}
    arrays |= {name: np.zeros(count) for name in PATIENT_ARRAYS}
    offsets = np.cumsum([0, *(len(own) for own in patients)])
    arrays["trial"] = np.zeros(count, dtype=np.int32)
    return Presenters(seed=1, births=count, offsets=offsets, **arrays)


def model_with_draws(draws: int) -> DiseaseModel:
    """The prior's medians as a posterior of equal draws, in every structure."""
    entries = parameter_entries().items()
    free = {name: np.full(draws, each.value) for name, each in entries if each.free}
    structures = tuple(STRUCTURES[draw % len(STRUCTURES)] for draw in range(draws))
    return dataclasses.replace(prior_model(), posterior=Posterior(free, structures, {}))


def tally_of(draws: int, seed: int = 2) -> Tally:
    """Made-up counts: cure falls and occult disease rises along the axis, differently by draw."""
    random = np.random.default_rng(seed)
    tally = Tally.empty(draws)
    rise = np.linspace(-0.8, 4.0, len(EXTENTS))
    for draw in range(draws):
        tally.patients[draw] = random.poisson(np.linspace(900, 60, len(EXTENTS)))
        own = rise + random.normal(0.0, 0.25)
        chance = {"cure": 1.0 / (1.0 + np.exp(own)), "occult": 1.0 / (1.0 + np.exp(-own))}
        for name, counts in tally.counts.items():
            counts[draw] = random.binomial(tally.patients[draw], chance.get(name, 0.4))
    tally.left_out[:] = 5
    return tally
