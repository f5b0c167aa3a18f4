"""One chunk of work: the truth of a cell, or some of its registries analysed by every method."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np

from debulk.core.errors import InputError
from debulk.emulation.clones.fit import CloneAnswer
from debulk.emulation.grace import TIMINGS
from debulk.emulation.laboratory.analyses import NUMBERS, Request, analyses_of, numbers_of
from debulk.emulation.laboratory.cells import Cell, Experiment
from debulk.emulation.laboratory.checking import CHECKS, failures
from debulk.emulation.laboratory.store import Arrays
from debulk.emulation.laboratory.truth import TimedTruth, Truth
from debulk.emulation.laboratory.worlds import World, world_of
from debulk.emulation.person_time import Floats

_PATIENTS_A_CHUNK = 40_000  # a few seconds of work, which is what an interruption can lose


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some registries of a cell, or its truth where there are none.

    Attributes
    ----------
    cell : int
        Place of the cell in the experiment.
    first, registries : int
        Which registries.
    """

    cell: int
    first: int
    registries: int

    def name(self, experiment: Experiment) -> str:
        """Name of its file."""
        cell = experiment.cells[self.cell]
        if self.registries == 0:
            return f"{cell.name}-truth"
        return f"{cell.name}-{self.first:06d}-{self.first + self.registries - 1:06d}"


def chunks_of(experiment: Experiment) -> list[Chunk]:
    """All the work of an experiment: the truths first."""
    chunks = [Chunk(place, 0, 0) for place in range(len(experiment.cells))]
    for place, cell in enumerate(experiment.cells):
        step = max(1, _PATIENTS_A_CHUNK // cell.patients)
        chunks += [
            Chunk(place, first, min(step, cell.registries - first))
            for first in range(0, cell.registries, step)
        ]
    return chunks


def measure(experiment: Experiment, chunk: Chunk) -> Arrays:
    """Do one chunk of the work.

    Returns
    -------
    dict of arrays
        Of a truth: ``truth``, a row of `TimedTruth` for each timing, and ``facts`` (patients,
        median, share treated). Of registries: ``numbers`` (registries, entries, `NUMBERS`), an
        entry for each interval of each method, and ``fails`` (registries, timings, checks + 1),
        the last column where one of the checks fails; NaN is a registry that clone-censor-weight
        could not answer.
    """
    cell = experiment.cells[chunk.cell]
    world = world_of(cell)
    if chunk.registries == 0:
        return _truth_arrays(
            world.truth(
                seed=experiment.seed,
                tau_months=experiment.tau_months,
                patients=experiment.truth_patients,
            )
        )
    measured = [
        _registry(experiment, cell, world, number)
        for number in range(chunk.first, chunk.first + chunk.registries)
    ]
    return {
        "numbers": np.stack([each[0] for each in measured]),
        "fails": np.stack([each[1] for each in measured]),
    }


def _registry(
    experiment: Experiment, cell: Cell, world: World, number: int
) -> tuple[Floats, Floats]:
    """Analyse one registry by every method."""
    person_time = world.registry(seed=experiment.seed, registry=number, patients=cell.patients)
    asked = Request(experiment.tau_months, cell.bootstrap, experiment.seed + number)
    rows, fails = [], np.full((len(cell.timings), len(CHECKS) + 1), math.nan)
    for analysis in analyses_of(cell):
        try:
            found = analysis.run(person_time, world.grace(analysis.timing), asked)
        except InputError:  # the method refuses this registry; the score counts it
            rows.append(np.full((len(analysis.intervals), len(NUMBERS)), math.nan))
            continue
        rows.append(numbers_of(analysis, found))
        if analysis.clones and isinstance(found[0], CloneAnswer):
            place = cell.timings.index(analysis.timing)
            fails[place] = failures(person_time, found[0].weights)
    return np.concatenate(rows), fails


def _truth_arrays(truth: Truth) -> Arrays:
    return {
        "truth": np.array([astuple(truth.of(timing)) for timing in TIMINGS]),
        "facts": np.array([float(truth.patients), truth.median_months, truth.treated_share]),
    }


def truth_from(arrays: Arrays, tau_months: float) -> Truth:
    """The truth that `measure` wrote into arrays."""
    natural, uniform = (TimedTruth(*(float(each) for each in row)) for row in arrays["truth"])
    patients, median, treated = (float(each) for each in arrays["facts"])
    return Truth(natural, uniform, tau_months, int(patients), median, treated)
