"""How patients are cared for in the course, apart from the local treatment that a trial plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.treatments.tables import ModalityTables

Systemic = Literal["lines", "none", "after progression"]
Maintenance = Literal["by chance", "all", "none"]


@dataclass(frozen=True)
class Care:
    """Systemic therapy, resections outside the trial's arms, and imaging.

    Attributes
    ----------
    systemic : {"lines", "none", "after progression"}
        Lines 1 to 3 from the start; never any drug; or from the first progression on (as after
        resection in the years before perioperative chemotherapy).
    first_drug_step, last_drug_step : int or None
        With ``lines``: steps of 21 days between which line 1 is given; None: no end.
    induction_steps : int or None
        Length of the induction before maintenance; None is the model's parameter.
    maintenance : {"by chance", "all", "none"}
        Who goes on with a weaker line 1 after the induction; by chance is the model's parameter.
    era : float
        Factor on the kill of every line: 1 is modern doublets.
    lines_most : int
        Lines that are ever given, 0 to 3.
    secondary_resection, repeat_resection : float
        Factors on the probabilities ``psec`` and ``prep`` of resections outside the trial's arms.
    new_lesion_factor : float
        Volume of a new lesion that follow-up off drug finds, relative to the model's.

    Raises
    ------
    InputError
        If a word is unknown or a number out of its range.
    """

    systemic: Systemic = "lines"
    first_drug_step: int = 0
    last_drug_step: int | None = None
    induction_steps: int | None = None
    maintenance: Maintenance = "by chance"
    era: float = 1.0
    lines_most: int = 3
    secondary_resection: float = 0.0
    repeat_resection: float = 0.0
    new_lesion_factor: float = 1.0

    def __post_init__(self) -> None:
        for name, words in (("systemic", Systemic), ("maintenance", Maintenance)):
            if getattr(self, name) not in get_args(words):
                found, remedy = f"{getattr(self, name)!r}", f"Give one of {get_args(words)}"
                raise InputError(f"care.{name}", found, remedy)
        for name in ("first_drug_step", "last_drug_step", "induction_steps"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise InputError(f"care.{name}", f"{value} is below 0", "Give 0 or more")
        if not 0 <= self.lines_most <= 3:
            raise InputError("care.lines_most", f"{self.lines_most}", "Give 0 to 3")
        for name in ("era", "secondary_resection", "repeat_resection", "new_lesion_factor"):
            value = getattr(self, name)
            if not (np.isfinite(value) and value >= 0.0):
                raise InputError(f"care.{name}", f"{value!r}", "Give a number of 0 or above")


STANDARD_CARE = Care()
"""First-line therapy from the start, lines 2 and 3 at progression."""


@dataclass(frozen=True)
class LocalTreatment:
    """Local treatment planned for some patients: what, when, and how likely it is carried out.

    Attributes
    ----------
    tables : ModalityTables
        Flat arrays of the modality cards.
    modality : int8[lesions]
        Modality planned for each lesion of the presenters, by code; -1 for none. A modality
        planned for a primary is not carried out here.
    step : int[n]
        Step of 21 days, counted from the start of line 1, at whose beginning all sessions take
        place; negative where none is planned.
    delivered : float or float64[n]
        Probability that the treatment is carried out in a patient who is alive and has not
        progressed by then, one for all or each patient's own.
    after_progression : bool
        Salvage: the treatment is carried out in the step after the first progression instead (of
        the lesions planned, as far as they are still there); `step` says only who gets it.
    operative_threshold : float
        Power of the model's `irel`: the smallest volume treated is ``irel^power`` times what
        imaging shows. 1 is an open operation, 0 imaging alone.
    """

    tables: ModalityTables
    modality: npt.NDArray[np.int8]
    step: npt.NDArray[np.integer]
    delivered: float | npt.NDArray[np.float64] = 1.0
    after_progression: bool = False
    operative_threshold: float = 1.0
