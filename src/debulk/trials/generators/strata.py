"""Strata of generated patients: levels with their shares and their own hazards."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.trials.generators.decisions import LEVEL
from debulk.trials.generators.draws import unit_numbers
from debulk.trials.generators.hazards import LARGEST_RATIO
from debulk.trials.randomisation.checks import number
from debulk.trials.recruitment.covariates import CENTRE

Floats = npt.NDArray[np.float64]

_MOST_LEVELS = 100
_MOST_STRATA = 20
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]{0,59}$")


@dataclass(frozen=True)
class PrognosticFactor:
    """A characteristic with levels, each with its share of patients and its hazards.

    Attributes
    ----------
    name : str
        How randomisation, tests and leanings call it; letters, digits and underscores.
    levels : sequence of (share, factor)
        Share of the patients in the level, and the factor by which all their hazards (of death and
        of progression, in both arms) are multiplied. Levels are numbered from 0; shares sum to 1.

    Raises
    ------
    InputError
        If the name cannot be used, a number is out of range, or the shares do not sum to 1.

    Notes
    -----
    With factors that differ, the hazard ratio among all patients is nearer to 1 than that within
    a level: hazard ratios do not average.
    """

    name: str
    levels: Sequence[Sequence[float]]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.match(self.name) or self.name == CENTRE:
            raise InputError(
                "strata", f"{self.name!r:.60} cannot be a name", "Use letters, digits, underscores"
            )
        where = f"strata, {self.name}"
        if not isinstance(self.levels, list | tuple) or not 1 <= len(self.levels) <= _MOST_LEVELS:
            raise InputError(where, "has no list of levels", f"Give 1 to {_MOST_LEVELS} levels")
        for place, level in enumerate(self.levels):
            here = f"{where}, level {place}"
            if not isinstance(level, list | tuple) or len(level) != 2:
                raise InputError(here, f"{level!r:.60} is no pair", "Give (share, factor)")
            number(level[0], f"{here}, share", 0.0, 1.0, above=True)
            number(level[1], f"{here}, factor", 0.0, LARGEST_RATIO, above=True)
        total = math.fsum(level[0] for level in self.levels)
        if abs(total - 1.0) > 1e-9:
            raise InputError(where, f"shares sum to {total:g}", "Let them sum to 1")

    def level_of(self, units: Floats) -> npt.NDArray[np.int64]:
        """Levels of patients, from uniform numbers.

        Parameters
        ----------
        units : float64 array
            One a patient.
        """
        edges = np.cumsum([level[0] for level in self.levels])[:-1]
        return np.searchsorted(edges, units, side="right").astype(np.int64)

    @property
    def factors(self) -> Floats:
        """Factor of each level."""
        return np.array([float(level[1]) for level in self.levels])


def checked_strata(given: Any) -> tuple[PrognosticFactor, ...]:
    """Strata, each with a name of its own.

    Parameters
    ----------
    given : sequence of PrognosticFactor

    Raises
    ------
    InputError
        If something else is among them or a name comes twice.
    """
    if not isinstance(given, list | tuple) or len(given) > _MOST_STRATA:
        raise InputError("strata", f"found {given!r:.60}", f"Give up to {_MOST_STRATA} strata")
    for each in given:
        if not isinstance(each, PrognosticFactor):
            raise InputError(
                "strata",
                f"{each!r:.60} is no PrognosticFactor",
                "Give PrognosticFactor(name, levels)",
            )
    names = [each.name for each in given]
    if len(set(names)) < len(names):
        raise InputError("strata", f"{names!r} repeats a name", "Give each stratum its own")
    return tuple(given)


def levels_of(
    strata: Sequence[PrognosticFactor],
    seed: int,
    trial: npt.NDArray[np.int32],
    patient: npt.NDArray[np.int64],
) -> dict[str, npt.NDArray[np.int64]]:
    """Level of every patient in every stratum.

    Parameters
    ----------
    strata : sequence of PrognosticFactor
    seed : int
    trial, patient : int arrays
        Whose levels.
    """
    return {
        each.name: each.level_of(unit_numbers(seed, trial, patient, LEVEL, place))
        for place, each in enumerate(strata)
    }


def factors_of(
    strata: Sequence[PrognosticFactor], levels: dict[str, npt.NDArray[np.int64]], size: int
) -> Floats:
    """Factor on each patient's hazards: the product over the strata.

    Parameters
    ----------
    strata : sequence of PrognosticFactor
    levels : dict of str to int array
        As `levels_of` gives them.
    size : int
        How many patients.
    """
    factor = np.ones(size)
    for each in strata:
        factor *= each.factors[levels[each.name]]
    return factor
