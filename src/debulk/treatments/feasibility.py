"""Can one lesion be treated by one modality: by organ, size, number and nearness to vessels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from debulk.core.anatomy import ORGANS
from debulk.core.errors import InputError, nearest
from debulk.treatments.cards import Modality, Panel
from debulk.treatments.library import load_panel


@dataclass(frozen=True, slots=True)
class Lesion:
    """One lesion as imaging shows it.

    Attributes
    ----------
    organ : str
        One of `debulk.core.anatomy.ORGANS`.
    diameter_mm : float or None
        Largest diameter in millimetres; None where it is not known (NaN is taken as None).
    near_vessel : bool or None
        Whether it lies beside a large vessel; None where that is not known.

    Raises
    ------
    InputError
        If the organ is unknown or the diameter not above 0 and finite.
    """

    organ: str
    diameter_mm: float | None = None
    near_vessel: bool | None = None

    def __post_init__(self) -> None:
        if self.organ not in ORGANS:
            raise InputError("organ", f"unknown organ {self.organ!r}", nearest(self.organ, ORGANS))
        if self.diameter_mm is None:
            return
        if math.isnan(self.diameter_mm):
            object.__setattr__(self, "diameter_mm", None)
        elif not 0.0 < self.diameter_mm < math.inf:
            raise InputError(
                "diameter_mm",
                f"{self.diameter_mm!r} is no diameter",
                "Give millimetres above 0, or leave it out where it is not known",
            )


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Whether a modality can treat a lesion, and why.

    Attributes
    ----------
    state : bool or None
        None where something that matters is not known.
    reason : str
        In words.
    """

    state: bool | None
    reason: str


def feasible(
    lesion: Lesion,
    modality: Modality,
    *,
    lesions_in_organ: int = 1,
    boldness: float = 0.0,
    panel: Panel | None = None,
) -> Feasibility:
    """Decide whether one modality can treat one lesion.

    The card's limits of size and number are multiplied by exp(sigma * `boldness`). What cannot
    be done for a known reason is refused even where something else is not known.

    Parameters
    ----------
    lesion : Lesion
        The lesion.
    modality : Modality
        The card.
    lesions_in_organ : int
        Lesions in that organ that the same session would have to treat, this one included.
    boldness : float
        Standard normal trait of the panel for this patient; 0 is the middling panel.
    panel : Panel, optional
        Gives sigma, that for more than one organ; the packaged one if left out.

    Returns
    -------
    Feasibility
        Beside a large vessel a modality with "reduced control" is feasible, and says so.

    Raises
    ------
    InputError
        If `lesions_in_organ` is below 1 or `boldness` is not finite.
    """
    if lesions_in_organ < 1:
        raise InputError("lesions_in_organ", f"{lesions_in_organ} is below 1", "Count this lesion")
    panel = load_panel() if panel is None else panel
    scale = limit_scale(panel.sigma_more_sites.value, boldness)
    title, organ = modality.title, lesion.organ.replace("_", " ")
    if lesion.organ not in modality.max_lesions:
        return Feasibility(False, f"{title} has no use in {organ}")
    most = modality.max_lesions[lesion.organ].value * scale
    if lesions_in_organ > most:
        return Feasibility(False, f"{lesions_in_organ} lesions in {organ}: limit {most:.3g}")
    largest = modality.max_diameter_mm.value * scale
    if lesion.diameter_mm is not None and lesion.diameter_mm > largest:
        return Feasibility(False, f"{lesion.diameter_mm:.3g} mm is above {largest:.3g} mm")
    beside = modality.near_vessel.value
    if lesion.near_vessel and beside == "not possible":
        return Feasibility(False, f"{title} is not possible beside a large vessel")
    if lesion.diameter_mm is None:
        return Feasibility(None, f"the diameter is not known; the limit is {largest:.3g} mm")
    if lesion.near_vessel is None and beside == "not possible":
        return Feasibility(None, "not known whether a large vessel lies beside it")
    if beside == "reduced control" and lesion.near_vessel:
        return Feasibility(True, "within limits; reduced control beside a large vessel")
    if beside == "reduced control" and lesion.near_vessel is None:
        return Feasibility(True, "within limits; control is reduced if a large vessel lies beside")
    return Feasibility(True, "within the limits of size and number")


def limit_scale(sigma: float, boldness: float) -> float:
    """Factor on the limits of size and number, exp(sigma * boldness).

    Raises
    ------
    InputError
        If `boldness` is not finite.
    """
    if not math.isfinite(boldness):
        raise InputError("boldness", f"{boldness!r} is not finite", "Give a number, 0 for none")
    return math.exp(sigma * boldness)
