"""The extents of disease on the axis of the continuum, and which of them a presenter has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.disease.course.care import Care, LocalTreatment
from debulk.disease.presenters import LESION_ARRAYS, Presenters
from debulk.treatments.tables import ModalityTables

if TYPE_CHECKING:
    from debulk.disease.course.outcome import Course
    from debulk.disease.model import DiseaseModel

LIVER = ORGAN_CODE["liver"]
PRIMARY = ORGAN_CODE["primary"]

OFF_AXIS = -1
"""Code of a presenter who has none of the extents of the axis."""

_FEW_LESIONS, _FEW_ORGANS = 5, 2
_SINGLE, _SEVERAL = 1, 5
_EXTENSIVE = 10
_RESECTION = "liver_resection"


@dataclass(frozen=True, slots=True)
class Extent:
    """One place on the axis of the continuum.

    Attributes
    ----------
    name : str
    label : str
        For a figure; ``|`` breaks the line.
    definition : str
        Who has it, as imaging shows.
    extent_class : str
        The class of extent in `debulk.patients.extent.EXTENTS` that it belongs to.

    Notes
    -----
    A patient's class asks for some extrahepatic lesions before it says ``multi_organ``: of those
    whose liver holds nearly all of many lesions it says ``other_metastatic``.
    """

    name: str
    label: str
    definition: str
    extent_class: str


STAGES = (
    Extent("stage_1", "Stage I", "T1-2 without nodes or metastases, primary resected", "stage_1"),
    Extent("stage_2", "Stage II", "T3-4 without nodes or metastases, primary resected", "stage_2"),
    Extent("stage_3", "Stage III", "nodes without metastases, primary resected", "stage_3"),
)
"""Without a metastasis that imaging shows, by stage."""

METASTATIC = (
    Extent("liver_1", "Liver only|1 lesion", "liver alone, resectable, 1 lesion", "liver_only"),
    Extent(
        "liver_2_4",
        "Liver only|2-4 lesions",
        "liver alone, resectable, 2 to 4 lesions",
        "liver_only",
    ),
    Extent(
        "liver_5_more",
        "Liver only|5 or more",
        "liver alone, resectable, 5 lesions or more",
        "liver_only",
    ),
    Extent(
        "oligometastatic",
        "Oligo-|metastatic",
        "not liver alone, at most 5 lesions in at most 2 organs",
        "oligometastatic",
    ),
    Extent(
        "liver_unresectable",
        "Liver only,|unresectable",
        "liver alone, beyond the limits of the card of liver resection",
        "liver_only",
    ),
    Extent(
        "multi_organ_limited",
        "Multi-organ,|limited",
        "2 organs or more, not oligometastatic, fewer than 10 lesions",
        "multi_organ",
    ),
    Extent(
        "multi_organ_extensive",
        "Multi-organ,|extensive",
        "2 organs or more, 10 lesions or more",
        "multi_organ",
    ),
)
"""With metastases that imaging shows, in the order of the axis; each patient has at most one."""

EXTENTS = STAGES + METASTATIC
"""All extents, in the order of the axis."""


def metastatic_extent(
    presenters: Presenters, tables: ModalityTables
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Extent of each presenter, and whether the liver metastases that imaging shows are resectable.

    Parameters
    ----------
    presenters : Presenters
    tables : ModalityTables
        With the card of liver resection.

    Returns
    -------
    extent : int64[n]
        Position in `METASTATIC`; `OFF_AXIS` where none fits (more than five lesions in one organ
        other than the liver).
    resectable : bool[n]
        Number, size and remaining liver are within the limits of the card of liver resection; True
        where the liver shows none.
    """
    count = len(presenters)
    owner = presenters.owner
    seen = presenters.visible & (presenters.organ != PRIMARY)
    lesions = np.bincount(owner[seen], weights=presenters.copies[seen], minlength=count)
    in_organ = np.zeros((count, len(ORGANS)), dtype=np.bool_)
    in_organ[owner[seen], presenters.organ[seen]] = True
    organs = in_organ.sum(axis=1)
    liver_only = in_organ[:, LIVER] & (organs == 1)
    resectable = _resectable(presenters, tables, owner, seen & (presenters.organ == LIVER))
    few = (lesions <= _FEW_LESIONS) & (organs <= _FEW_ORGANS)
    several = organs >= _FEW_ORGANS
    rules = {
        "liver_1": liver_only & resectable & (lesions <= _SINGLE),
        "liver_2_4": liver_only & resectable & (lesions > _SINGLE) & (lesions < _SEVERAL),
        "liver_5_more": liver_only & resectable & (lesions >= _SEVERAL),
        "liver_unresectable": liver_only & ~resectable,
        "oligometastatic": ~liver_only & few,
        "multi_organ_limited": several & ~few & (lesions < _EXTENSIVE),
        "multi_organ_extensive": several & (lesions >= _EXTENSIVE),
    }
    extent = np.full(count, OFF_AXIS, dtype=np.int64)
    for position, each in enumerate(METASTATIC):
        extent[rules[each.name] & (lesions > 0)] = position
    return extent, resectable


def complete_treatment(
    presenters: Presenters, tables: ModalityTables, resectable: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int8]:
    """Modality of each lesion when all that imaging shows is treated, whatever the limits.

    Parameters
    ----------
    presenters : Presenters
    tables : ModalityTables
    resectable : bool[n]
        Whose liver metastases are resected; those of others are ablated.

    Returns
    -------
    int8[lesions]
        Code of the organ's operation by the panel (else the first modality it tries, else the one
        that controls best); -1 in organs where imaging shows nothing, in the primary, and where no
        card treats the organ.
    """
    count = len(presenters)
    owner = presenters.owner
    metastasis = presenters.organ != PRIMARY
    seen = presenters.visible & metastasis
    shows = np.zeros((count, len(ORGANS)), dtype=np.bool_)
    shows[owner[seen], presenters.organ[seen]] = True
    best = _modality_of_organ(tables)
    modality = best[presenters.organ]
    liver = presenters.organ == LIVER
    modality[liver & ~resectable[owner]] = tables.stages[LIVER, 0]
    modality[~(metastasis & shows[owner, presenters.organ])] = -1
    return modality


def has_occult(presenters: Presenters) -> npt.NDArray[np.bool_]:
    """Whether a patient has a living metastasis, one cell or more, that imaging does not show."""
    hidden = ~presenters.visible & (presenters.organ != PRIMARY) & (presenters.cells >= 1.0)
    owner = presenters.owner
    return np.bincount(owner[hidden], minlength=len(presenters)) > 0


def _modality_of_organ(tables: ModalityTables) -> npt.NDArray[np.int8]:
    best = np.full(len(ORGANS), -1, dtype=np.int8)
    control = tables.local_control.max(axis=2)
    for organ in range(len(ORGANS)):
        if tables.operation[organ] >= 0:
            best[organ] = tables.operation[organ]
        elif tables.stages[organ, 0] >= 0:
            best[organ] = tables.stages[organ, 0]
        elif control[:, organ].max(initial=0.0) > 0.0:
            best[organ] = int(np.argmax(control[:, organ]))
    best[PRIMARY] = -1
    return best


def _resectable(
    presenters: Presenters,
    tables: ModalityTables,
    owner: npt.NDArray[np.int64],
    rows: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    count, code = len(presenters), tables.names.index(_RESECTION)
    copies, size = presenters.copies[rows], presenters.diameter_mm[rows]
    lesions = np.bincount(owner[rows], weights=copies, minlength=count)
    use = tables.remnant_use[code, np.searchsorted(tables.size_edges_mm, size)]
    taken = np.bincount(owner[rows], weights=use * copies, minlength=count)
    largest = np.zeros(count)
    np.maximum.at(largest, owner[rows], size)
    return np.asarray(
        (lesions <= tables.max_lesions[code, LIVER])
        & (largest <= tables.max_diameter_mm[code, LIVER])
        & (1.0 - taken >= tables.minimal_remnant[code])
    )


def without_primary(presenters: Presenters) -> Presenters:
    """The same patients with their primary resected: treatment of all that is seen includes it."""
    owner = presenters.owner
    kept = presenters.organ != PRIMARY
    counts = np.bincount(owner[kept], minlength=len(presenters))
    offsets = np.zeros(len(presenters) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    lesions = {name: getattr(presenters, name)[kept] for name in LESION_ARRAYS}
    in_situ = np.zeros(len(presenters), dtype=np.bool_)
    return replace(presenters, offsets=offsets, primary_in_situ=in_situ, **lesions)


def treat_all_seen(
    model: DiseaseModel,
    presenters: Presenters,
    resectable: npt.NDArray[np.bool_],
    tables: ModalityTables,
    *,
    seed: int,
    horizon_months: float,
    care: Care,
) -> tuple[Presenters, Course]:
    """Treat all that imaging shows at once, the primary removed; who was treated, and how it went.

    Parameters
    ----------
    resectable : bool[n]
        As `metastatic_extent` gives it.
    """
    from debulk.disease.course.run import run_course

    treated = without_primary(presenters)
    local = LocalTreatment(
        tables=tables,
        modality=complete_treatment(treated, tables, resectable),
        step=np.zeros(len(treated), dtype=np.int64),
    )
    course = run_course(
        model,
        treated,
        seed=seed,
        randomised_step=0,
        local=local,
        horizon_months=horizon_months,
        care=care,
    )
    return treated, course
