"""The situations that the laboratory simulates, and how many registries of each."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from debulk.core.errors import InputError
from debulk.core.files import json_text
from debulk.core.results import plain
from debulk.emulation.grace import TIMINGS, Timing
from debulk.emulation.laboratory.knobs import (
    SCENARIOS,
    SELECTIONS,
    STRENGTHS,
    Scenario,
    Selection,
    Unmeasured,
    check_situation,
)
from debulk.emulation.laboratory.truth import TRUTH_PATIENTS, TRUTH_TRIAL
from debulk.survival.options import check_kind, check_word, one_number, whole_number

Model = Literal["simple", "disease"]
"""What makes the registries: the cheap simulator, or the disease model."""

MODELS: tuple[Model, ...] = ("simple", "disease")

TAU_MONTHS = 36.0
"""Horizon of the restricted means."""

REGISTRIES, PATIENTS, REPLICATES = 1000, 2000, 200
"""Of the whole table: registries a cell, patients a registry, bootstrap in the reference cells."""

SIZES = (500, 1000, 5000)
"""Other sizes of a registry, in the cells of `SIZED`."""

SIZED: tuple[tuple[Scenario, Selection, Unmeasured], ...] = (
    ("null", "mild", "none"),
    ("null", "hard", "none"),
    ("null", "mild", "strong"),
)

_LARGEST_SEED = 2**63 - 1
_MOST_PATIENTS = 100_000
_LONGEST_MONTHS = 84.0  # the longest follow-up that the simulators make


@dataclass(frozen=True, slots=True)
class Cell:
    """One situation, simulated many times.

    Attributes
    ----------
    scenario, selection, unmeasured : str
        Out of `debulk.emulation.laboratory.knobs`.
    registries, patients : int
        How many, and how large each.
    bootstrap : int
        Replicates of the bootstrap of clone-censor-weight; 0 for none.
    model : {"simple", "disease"}
        What makes the registries.
    timings : tuple of {"natural", "uniform"}
        Timings of strategy 1 that are analysed.
    """

    scenario: Scenario
    selection: Selection
    unmeasured: Unmeasured
    registries: int = REGISTRIES
    patients: int = PATIENTS
    bootstrap: int = 0
    model: Model = "simple"
    timings: tuple[Timing, ...] = TIMINGS

    def __post_init__(self) -> None:
        check_situation(self.scenario, self.selection, self.unmeasured)
        if not isinstance(self.model, str) or self.model not in MODELS:
            raise InputError("model", f"there is no model {self.model!r}", "Say simple or disease")
        listed = isinstance(self.timings, tuple) and bool(self.timings)
        if not listed or not all(each in TIMINGS for each in self.timings):
            found = f"{self.timings!r:.60} are no timings"
            raise InputError("timing", found, "Say 'natural' or 'uniform'; their truths differ")
        whole_number(self.registries, "registries", 2, TRUTH_TRIAL)
        whole_number(self.patients, "patients", 50, _MOST_PATIENTS)
        whole_number(self.bootstrap, "bootstrap", 0, 10_000)

    @property
    def situation(self) -> tuple[str, str, str]:
        """Scenario, selection and strength of the unmeasured."""
        return self.scenario, self.selection, self.unmeasured

    @property
    def name(self) -> str:
        """A name for files: the situation, the model where it is not the cheap one, the size."""
        model = "" if self.model == "simple" else f"{self.model}-"
        return f"{model}{'-'.join(self.situation)}-{self.patients}"


@dataclass(frozen=True)
class Experiment:
    """Everything that the laboratory's numbers depend on.

    Attributes
    ----------
    cells : tuple of Cell
    seed : int
    tau_months : float
        Horizon of the restricted means.
    truth_patients : int
        Patients who live under both strategies.
    """

    cells: tuple[Cell, ...]
    seed: int = 1
    tau_months: float = TAU_MONTHS
    truth_patients: int = TRUTH_PATIENTS

    def __post_init__(self) -> None:
        check_kind(self.cells, tuple, "cells", "Give a tuple of Cell")
        for each in self.cells:
            check_kind(each, Cell, "cells", "Give a tuple of Cell")
        whole_number(self.seed, "seed", 0, _LARGEST_SEED)
        whole_number(self.truth_patients, "truth_patients", 100, 10_000_000)
        if not 0.0 < one_number(self.tau_months, "tau_months") <= _LONGEST_MONTHS:
            remedy = f"Give months above 0, at most {_LONGEST_MONTHS:g}"
            raise InputError("tau_months", f"found {self.tau_months!r}", remedy)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        told: dict[str, Any] = plain(asdict(self))
        return told

    def fingerprint(self, others: Sequence[Any] = ()) -> str:
        """SHA-256 of everything the numbers depend on: this, and what else is given."""
        content = json_text([self.to_dict(), *others])
        return hashlib.sha256(content.encode()).hexdigest()


def whole_table(
    *,
    registries: int = REGISTRIES,
    patients: int = PATIENTS,
    bootstrap: int = REPLICATES,
    sizes: tuple[int, ...] = SIZES,
    model: Model = "simple",
    timings: tuple[Timing, ...] = TIMINGS,
) -> tuple[Cell, ...]:
    """Every situation; the bootstrap in the reference cells, other sizes in some.

    Reference cells are those of mild selection on what is recorded, with nothing unmeasured.

    Parameters
    ----------
    registries, patients : int
        Registries of each situation, patients of each registry.
    bootstrap : int
        Replicates in the reference cells.
    sizes : tuple of int
        Other sizes of a registry, in the situations of `SIZED`.
    model : {"simple", "disease"}
        What makes the registries.
    timings : tuple of {"natural", "uniform"}
        Timings of strategy 1 that are analysed.

    Returns
    -------
    tuple of Cell
    """
    check_word(model, Model, "model")
    check_kind(sizes, tuple, "sizes", "Give a tuple of numbers of patients")
    cells = [
        Cell(
            *each,
            registries=registries,
            patients=patients,
            bootstrap=bootstrap if is_reference(*each) else 0,
            model=model,
            timings=timings,
        )
        for each in itertools.product(SCENARIOS, SELECTIONS, STRENGTHS)
        if model == "simple" or each[0] != "benefit-in-few"
    ]
    cells += [
        Cell(*each, registries=registries, patients=size, model=model, timings=timings)
        for each in SIZED
        for size in sizes
        if size != patients
    ]
    return tuple(cells)


def is_reference(scenario: str, selection: str, unmeasured: str) -> bool:
    """Whether clone-censor-weight should be right there: mild selection, nothing unmeasured.

    Benefit in few is left out: its hazards are so far from proportional that the hazard ratio
    under the registry's own follow-up is another number than the true one.
    """
    return selection == "mild" and unmeasured == "none" and scenario != "benefit-in-few"
