"""Flat arrays of the modality cards, as kernels take them.

Rows are modalities in the order of `ModalityTables.names`; columns named by organ follow
`debulk.core.anatomy.ORGANS`; size classes are bounded by `ModalityTables.size_edges_mm`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.treatments.cards import (
    NEAR_VESSEL,
    SESSIONS,
    SIZE_CLASSES,
    SIZE_EDGES_MM,
    Modality,
    NearVessel,
    Panel,
    stages_of,
)
from debulk.treatments.library import load_panel

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

MOST_STAGES = 6
"""The longest order in which modalities can be tried in one organ."""


@dataclass(frozen=True, slots=True)
class ModalityTables:
    """Every number of the modality cards and of the panel that kernels need.

    Attributes
    ----------
    names : tuple of str
        The modalities; a modality's code is its position here.
    size_edges_mm : float64[3]
        Upper bounds of the first three size classes (20, 30, 50); the fourth is open.
    local_control : float64[m, 11, 4]
        Probability that a treated lesion never grows back; 0 where the modality has no use.
    mortality_90_days, major_complication : float64[m]
        Probability for one session.
    pause_before_days, pause_after_days : float64[m]
        Days without systemic therapy before and after a session.
    resume_probability : float64[m]
        Probability that systemic therapy is taken up again after the pause.
    surge : float64[m]
        Share of the full growth stimulus after hepatectomy, 0 to 1.
    recovery_weeks : float64[m]
        Weeks that a session takes before the next one.
    max_diameter_mm, max_lesions : float64[m, 11]
        Limits by organ; 0 where the modality has no use.
    near_vessel : int8[m]
        Beside a large vessel: 2 as good as elsewhere, 1 with reduced control, 0 not possible.
    remnant_use : float64[m, 4]
        Share of the liver taken with one liver lesion of each size class; 0 but for resection.
    minimal_remnant : float64[m]
        Smallest share of the liver that may stay; 0 but for resection of the liver.
    session : int8[m]
        Position in `SESSIONS` of the session in which the modality is given.
    joins_operation : int8[m]
        1 where liver lesions are treated in the abdominal operation if there is one.
    radiates : int8[m]
        1 where killed cells stay to be seen until they are cleared.
    whole_organ : int8[m]
        1 where every lesion of the organ is treated, seen or not.
    stages : int8[11, 6]
        Order of modalities tried in each organ; -1 ends it.
    operation : int8[11]
        Modality that is preferred in an organ if it can treat all lesions there; -1 for none.
    max_lesions_in_organ : float64[11]
        Limit of all modalities together in one organ; 0 where nothing is planned.
    sigma_liver_only, sigma_more_sites : float
        Panel variation: limits are scaled by exp(sigma * boldness).
    """

    names: tuple[str, ...]
    size_edges_mm: npt.NDArray[np.float64]
    local_control: npt.NDArray[np.float64]
    mortality_90_days: npt.NDArray[np.float64]
    major_complication: npt.NDArray[np.float64]
    pause_before_days: npt.NDArray[np.float64]
    pause_after_days: npt.NDArray[np.float64]
    resume_probability: npt.NDArray[np.float64]
    surge: npt.NDArray[np.float64]
    recovery_weeks: npt.NDArray[np.float64]
    max_diameter_mm: npt.NDArray[np.float64]
    max_lesions: npt.NDArray[np.float64]
    near_vessel: npt.NDArray[np.int8]
    remnant_use: npt.NDArray[np.float64]
    minimal_remnant: npt.NDArray[np.float64]
    session: npt.NDArray[np.int8]
    joins_operation: npt.NDArray[np.int8]
    radiates: npt.NDArray[np.int8]
    whole_organ: npt.NDArray[np.int8]
    stages: npt.NDArray[np.int8]
    operation: npt.NDArray[np.int8]
    max_lesions_in_organ: npt.NDArray[np.float64]
    sigma_liver_only: float
    sigma_more_sites: float


def modality_tables(
    modalities: Mapping[str, Modality], panel: Panel | None = None
) -> ModalityTables:
    """Lay the cards out as flat arrays.

    Parameters
    ----------
    modalities : mapping of str to Modality
        The cards, as `load_modalities` gives them; their order gives the codes.
    panel : Panel, optional
        How treatability is judged; the packaged one if left out.
    """
    panel = load_panel() if panel is None else panel
    cards = list(modalities.values())
    names = tuple(modalities)
    stages, operation, most_in_organ = _rules(modalities, panel)
    return ModalityTables(
        names=names,
        size_edges_mm=np.array(SIZE_EDGES_MM),
        local_control=_local_control(cards),
        mortality_90_days=_column(cards, "mortality_90_days"),
        major_complication=_column(cards, "major_complication"),
        pause_before_days=_column(cards, "pause_before_days"),
        pause_after_days=_column(cards, "pause_after_days"),
        resume_probability=_column(cards, "resume_probability"),
        surge=_column(cards, "surge"),
        recovery_weeks=_column(cards, "recovery_weeks"),
        max_diameter_mm=_limit(cards, lambda card, organ: card.max_diameter_mm.value),
        max_lesions=_limit(cards, lambda card, organ: card.max_lesions[organ].value),
        near_vessel=np.array([NEAR_VESSEL.index(_near(each)) for each in cards], dtype=np.int8),
        remnant_use=_remnant_use(cards),
        minimal_remnant=np.array(
            [0.0 if each.minimal_remnant is None else each.minimal_remnant.value for each in cards]
        ),
        session=np.array([SESSIONS.index(each.session) for each in cards], dtype=np.int8),
        joins_operation=np.array([each.joins_operation for each in cards], dtype=np.int8),
        radiates=np.array([each.kind == "radiates" for each in cards], dtype=np.int8),
        whole_organ=np.array([each.whole_organ for each in cards], dtype=np.int8),
        stages=stages,
        operation=operation,
        max_lesions_in_organ=most_in_organ,
        sigma_liver_only=panel.sigma_liver_only.value,
        sigma_more_sites=panel.sigma_more_sites.value,
    )


def _column(cards: list[Modality], name: str) -> npt.NDArray[np.float64]:
    return np.array([getattr(each, name).value for each in cards], dtype=np.float64)


def _near(card: Modality) -> NearVessel:
    return cast("NearVessel", card.near_vessel.value)


def _limit(
    cards: list[Modality], value: Callable[[Modality, str], float]
) -> npt.NDArray[np.float64]:
    limits = np.zeros((len(cards), len(ORGANS)))
    for row, card in enumerate(cards):
        for organ in card.organs:
            limits[row, ORGAN_CODE[organ]] = value(card, organ)
    return limits


def _local_control(cards: list[Modality]) -> npt.NDArray[np.float64]:
    control = np.zeros((len(cards), len(ORGANS), len(SIZE_CLASSES)))
    for row, card in enumerate(cards):
        for organ, by_size in card.local_control.items():
            control[row, ORGAN_CODE[organ]] = [each.value for each in by_size]
    return control


def _remnant_use(cards: list[Modality]) -> npt.NDArray[np.float64]:
    use = np.zeros((len(cards), len(SIZE_CLASSES)))
    for row, card in enumerate(cards):
        if card.remnant_use is not None:
            use[row] = [each.value for each in card.remnant_use]
    return use


def _rules(
    modalities: Mapping[str, Modality], panel: Panel
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8], npt.NDArray[np.float64]]:
    code = {name: position for position, name in enumerate(modalities)}
    stages = np.full((len(ORGANS), MOST_STAGES), -1, dtype=np.int8)
    operation = np.full(len(ORGANS), -1, dtype=np.int8)
    most = np.zeros(len(ORGANS))
    for organ, rule in panel.organs.items():
        row = ORGAN_CODE[organ]
        first, others = stages_of(rule, organ, modalities)
        operation[row] = code[first] if first is not None else -1
        for column, name in enumerate(others):
            stages[row, column] = code[name]
        most[row] = rule.max_lesions.value
    return stages, operation, most
