"""How the patients of an arm are treated: care, regimen of line 1, planned local treatment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from debulk.core.anatomy import ORGAN_CODE
from debulk.core.errors import InputError, nearest
from debulk.disease.course.care import Care, LocalTreatment
from debulk.treatments.changes import override
from debulk.treatments.library import load_modalities, load_regimens
from debulk.treatments.tables import ModalityTables, modality_tables

if TYPE_CHECKING:
    from debulk.disease.presenters import Presenters

_MM_PER_CM = 10.0


@dataclass(frozen=True, slots=True)
class Use:
    """A modality used in some organs, on lesions up to a size.

    Attributes
    ----------
    modality : str
        Name of its card.
    organs : tuple of str
    largest_cm : float
        Larger lesions are left to a later use of the plan.
    """

    modality: str
    organs: tuple[str, ...]
    largest_cm: float = np.inf


@dataclass(frozen=True, slots=True)
class LocalPlan:
    """Local treatment that every patient of an arm is planned to have.

    Attributes
    ----------
    uses : tuple of Use
        Tried in turn for each lesion, whether imaging shows it or not: what is too small for the
        operation is decided in the course.
    step : int
        Step of 21 days from the start of the course.
    delivered : float
        Probability that it is carried out.
    operative_threshold : float
        As in `debulk.disease.course.care.LocalTreatment`.
    changes : tuple of (str, float)
        Entries of the cards that are other in this arm, by their path, with the value there.
    """

    uses: tuple[Use, ...]
    step: int
    delivered: float = 1.0
    operative_threshold: float = 1.0
    changes: tuple[tuple[str, float], ...] = ()

    def tables(self) -> ModalityTables:
        """The cards with this arm's changes, as flat arrays."""
        return _tables(self.changes)

    def treatment(self, presenters: Presenters) -> LocalTreatment:
        """The plan for some patients, as the course takes it."""
        tables = self.tables()
        modality = np.full(presenters.lesions, -1, dtype=np.int8)
        for use in self.uses:
            if use.modality not in tables.names:
                found = f"no card is called {use.modality!r}"
                raise InputError("local treatment", found, nearest(use.modality, tables.names))
            codes = [ORGAN_CODE[organ] for organ in use.organs]
            fits = np.isin(presenters.organ, codes) & (modality < 0)
            fits &= presenters.diameter_mm <= use.largest_cm * _MM_PER_CM
            modality[fits] = tables.names.index(use.modality)
        return LocalTreatment(
            tables=tables,
            modality=modality,
            step=np.full(len(presenters), self.step, dtype=np.int16),
            delivered=self.delivered,
            operative_threshold=self.operative_threshold,
        )


@dataclass(frozen=True, slots=True)
class Arm:
    """How the patients of an arm are treated.

    Attributes
    ----------
    care : Care
    regimen : str or None
        Card of line 1, whose kill factor it has; None is a doublet alone.
    local : LocalPlan or None
    """

    care: Care
    regimen: str | None = None
    local: LocalPlan | None = None

    def kill_factor(self) -> float:
        """Kill of line 1 relative to a doublet alone, from its card.

        Raises
        ------
        InputError
            If there is no such card.
        """
        if self.regimen is None:
            return 1.0
        cards = load_regimens()
        if self.regimen not in cards:
            found = f"no card is called {self.regimen!r}"
            raise InputError("regimen", found, nearest(self.regimen, cards))
        return float(cards[self.regimen].kill_factor.value)


@lru_cache(maxsize=16)
def _tables(changes: tuple[tuple[str, float], ...]) -> ModalityTables:
    cards = load_modalities()
    for path, value in changes:
        cards = override(cards, path, value)
    return modality_tables(cards)
