"""The rule of `debulk.treatments.planning` over flat arrays, for thousands of patients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.core.compiled import kernel
from debulk.core.errors import InputError
from debulk.treatments.cards import SESSIONS
from debulk.treatments.tables import ModalityTables

Codes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float64]
Table = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

_LIVER = ORGAN_CODE["liver"]
_PRIMARY = ORGAN_CODE["primary"]
_ABDOMEN = SESSIONS.index("abdomen")
_N_SESSIONS = len(SESSIONS)
_PLAIN: Final = ("C_CONTIGUOUS", "ALIGNED", "WRITEABLE")
_AS_GOOD = 2
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class PlanArrays:
    """Plans of many patients.

    Attributes
    ----------
    modality : int8[lesions]
        Code of the modality, its position in `ModalityTables.names`; -1 for none.
    treatable : int32[patients]
        How many lesions the plan treats.
    sessions : int16[patients]
        How many sessions it takes.
    weeks : float64[patients]
        From the first session to the end of recovery from the last.
    """

    modality: npt.NDArray[np.int8]
    treatable: npt.NDArray[np.int32]
    sessions: npt.NDArray[np.int16]
    weeks: npt.NDArray[np.float64]


class _Lesions(NamedTuple):
    organ: Codes
    diameter_mm: Floats
    near_vessel: Codes


class _Rules(NamedTuple):
    size_edges_mm: Floats
    max_diameter_mm: Table
    max_lesions: Table
    near_vessel: Codes
    remnant_use: Table
    minimal_remnant: Floats
    session: Codes
    joins_operation: Codes
    recovery_weeks: Floats
    stages: npt.NDArray[np.int8]
    operation: Codes
    max_in_organ: Floats
    sigma_liver_only: float
    sigma_more_sites: float


def _rules(tables: ModalityTables) -> _Rules:
    return _Rules(
        tables.size_edges_mm,
        tables.max_diameter_mm,
        tables.max_lesions,
        tables.near_vessel,
        tables.remnant_use,
        tables.minimal_remnant,
        tables.session,
        tables.joins_operation,
        tables.recovery_weeks,
        tables.stages,
        tables.operation,
        tables.max_lesions_in_organ,
        tables.sigma_liver_only,
        tables.sigma_more_sites,
    )


def plan_many(
    organ: npt.NDArray[np.int8],
    diameter_mm: npt.NDArray[np.float64],
    near_vessel: npt.NDArray[np.int8],
    offsets: npt.NDArray[np.int64],
    liver_remnant: npt.NDArray[np.float64],
    boldness: npt.NDArray[np.float64],
    tables: ModalityTables,
) -> PlanArrays:
    """Plan the lesions of many patients by the rule of `debulk.treatments.plan`.

    Parameters
    ----------
    organ : int8[lesions]
        Codes of `debulk.core.anatomy.ORGAN_CODE`; the primary is passed over.
    diameter_mm : float64[lesions]
        NaN where the size is not known: such a lesion is not treatable here.
    near_vessel : int8[lesions]
        1 beside a large vessel, 0 not, -1 not known (planned as if near).
    offsets : int64[patients + 1]
        Lesions of patient i are rows offsets[i] to offsets[i + 1] - 1.
    liver_remnant : float64[patients]
        Share of the liver that would stay if every liver lesion were resected; NaN where it is
        not known: the shares of the card are taken.
    boldness : float64[patients]
        Standard normal trait of the panel for each patient.
    tables : ModalityTables
        From `modality_tables`.

    Raises
    ------
    InputError
        If the arrays' lengths do not agree.
    """
    # One kind of array, so that the kernel is compiled once: those of a table are read-only.
    organ = np.require(organ, np.int8, _PLAIN)
    diameter_mm = np.require(diameter_mm, np.float64, _PLAIN)
    near_vessel = np.require(near_vessel, np.int8, _PLAIN)
    offsets = np.require(offsets, np.int64, _PLAIN)
    liver_remnant = np.require(liver_remnant, np.float64, _PLAIN)
    boldness = np.require(boldness, np.float64, _PLAIN)
    _check(organ, diameter_mm, near_vessel, offsets, liver_remnant, boldness)
    patients = boldness.size
    plans = PlanArrays(
        np.full(organ.size, -1, dtype=np.int8),
        np.zeros(patients, dtype=np.int32),
        np.zeros(patients, dtype=np.int16),
        np.zeros(patients, dtype=np.float64),
    )
    lesions = _Lesions(organ, diameter_mm, near_vessel)
    _plan_patients(
        lesions, offsets, liver_remnant, boldness, _rules(tables),
        plans.modality, plans.treatable, plans.sessions, plans.weeks,
    )  # fmt: skip
    return plans


def _check(
    organ: npt.NDArray[np.int8],
    diameter_mm: npt.NDArray[np.float64],
    near_vessel: npt.NDArray[np.int8],
    offsets: npt.NDArray[np.int64],
    liver_remnant: npt.NDArray[np.float64],
    boldness: npt.NDArray[np.float64],
) -> None:
    lesions, patients = organ.size, boldness.size
    if diameter_mm.size != lesions or near_vessel.size != lesions:
        raise InputError(
            "organ, diameter_mm, near_vessel",
            f"have {lesions}, {diameter_mm.size} and {near_vessel.size} entries",
            "Give one of each for every lesion",
        )
    if lesions and not 0 <= organ.min() <= organ.max() < len(ORGANS):
        raise InputError("organ", "holds a code of no organ", f"Use 0 to {len(ORGANS) - 1}")
    if liver_remnant.size != patients or offsets.size != patients + 1:
        raise InputError(
            "offsets, liver_remnant, boldness",
            f"have {offsets.size}, {liver_remnant.size} and {patients} entries",
            "Give one of each for every patient, and one offset more",
        )
    if offsets[0] != 0 or offsets[-1] != lesions or np.any(np.diff(offsets) < 0):
        raise InputError(
            "offsets", "do not run from 0 up to the number of lesions", "Sort lesions by patient"
        )
    if not np.all(np.isfinite(boldness)):
        raise InputError("boldness", "holds a value that is not finite", "Give numbers, 0 for none")
    if np.any((liver_remnant < 0.0) | (liver_remnant > 1.0)):
        raise InputError("liver_remnant", "holds a value that is no share", "Give shares, 0 to 1")


@kernel
def _plan_patients(
    lesions: _Lesions,
    offsets: Rows,
    liver_remnant: Floats,
    boldness: Floats,
    rules: _Rules,
    modality: Codes,
    treatable: npt.NDArray[np.int32],
    sessions: npt.NDArray[np.int16],
    weeks: Floats,
) -> None:
    longest = 0
    for patient in range(boldness.size):
        longest = max(longest, offsets[patient + 1] - offsets[patient])
    order = np.empty(longest, dtype=np.int64)
    session_weeks = np.empty(_N_SESSIONS)
    for patient in range(boldness.size):
        start, stop = offsets[patient], offsets[patient + 1]
        present = _organs_present(lesions.organ, start, stop)
        sigma = rules.sigma_more_sites
        if present & ~((1 << _LIVER) | (1 << _PRIMARY)) == 0:
            sigma = rules.sigma_liver_only
        scale = math.exp(sigma * boldness[patient])
        treated = 0
        for where in range(_PRIMARY):
            if present & (1 << where) == 0 or rules.max_in_organ[where] <= 0.0:
                continue
            n, known = _sorted_rows(lesions, start, stop, where, order)
            treated += _plan_organ(
                where, n, order[:known], lesions, liver_remnant[patient], scale, rules, modality
            )
        treatable[patient] = treated
        if treated > 0:
            sessions[patient], weeks[patient] = _time_needed(
                lesions.organ, start, stop, modality, rules, session_weeks
            )


@kernel
def _organs_present(organ: Codes, start: int, stop: int) -> int:
    """A bit for each organ that holds a lesion."""
    present = 0
    for row in range(start, stop):
        present |= 1 << organ[row]
    return present


@kernel
def _sorted_rows(
    lesions: _Lesions, start: int, stop: int, where: int, order: Rows
) -> tuple[int, int]:
    """Rows of one organ with a known size into `order`, the smallest first, ties by row."""
    n, known = 0, 0
    for row in range(start, stop):
        if lesions.organ[row] != where:
            continue
        n += 1
        size = lesions.diameter_mm[row]
        if math.isnan(size):
            continue
        slot = known
        while slot > 0 and lesions.diameter_mm[order[slot - 1]] > size:
            order[slot] = order[slot - 1]
            slot -= 1
        order[slot] = row
        known += 1
    return n, known


@kernel
def _plan_organ(
    where: int,
    n: int,
    order: Rows,
    lesions: _Lesions,
    remnant: float,
    scale: float,
    rules: _Rules,
    modality: Codes,
) -> int:
    """Plan one organ, the preferred operation for all or else stage by stage; how many treated."""
    most_in_organ = rules.max_in_organ[where] * scale
    code = rules.operation[where]
    if code >= 0 and n == order.size and n <= most_in_organ:
        taken = _fill(code, where, order, lesions, remnant, scale, rules, modality, most_in_organ)
        if taken == n:
            return taken
        for row in order:
            modality[row] = -1
    treated = 0
    for stage in range(rules.stages.shape[1]):
        code = rules.stages[where, stage]
        if code < 0 or treated == order.size:
            break
        room = most_in_organ - treated
        treated += _fill(code, where, order, lesions, remnant, scale, rules, modality, room)
    return treated


@kernel
def _fill(
    code: int,
    where: int,
    order: Rows,
    lesions: _Lesions,
    remnant: float,
    scale: float,
    rules: _Rules,
    modality: Codes,
    room: float,
) -> int:
    """Give one modality the smallest lesions that are left and fit it; how many it took."""
    most = min(rules.max_lesions[code, where] * scale, room)
    largest = rules.max_diameter_mm[code, where] * scale
    limited = rules.remnant_use[code, -1] > 0.0
    factor = _remnant_factor(code, order, lesions, remnant, rules) if limited else 0.0
    # The slack keeps sums of shares that should equal the budget from failing by rounding.
    budget = 1.0 - rules.minimal_remnant[code] / scale + _SLACK
    taken, used = 0, 0.0
    for row in order:
        size = lesions.diameter_mm[row]
        if size > largest or taken + 1 > most:
            break
        beside = lesions.near_vessel[row] != 0
        if modality[row] >= 0 or (beside and rules.near_vessel[code] != _AS_GOOD):
            continue
        if limited:
            used += rules.remnant_use[code, _size_class(size, rules.size_edges_mm)] * factor
            if used > budget:
                break
        taken += 1
        modality[row] = code
    return taken


@kernel
def _remnant_factor(
    code: int, order: Rows, lesions: _Lesions, remnant: float, rules: _Rules
) -> float:
    """Factor that makes the shares of all lesions add up to the remnant that is known."""
    if math.isnan(remnant):
        return 1.0
    total = 0.0
    for row in order:
        total += rules.remnant_use[code, _size_class(lesions.diameter_mm[row], rules.size_edges_mm)]
    return (1.0 - remnant) / total if total > 0.0 else 1.0


@kernel
def _size_class(size: float, size_edges_mm: Floats) -> int:
    position = 0
    for edge in size_edges_mm:
        if size > edge:
            position += 1
    return position


@kernel
def _time_needed(
    organ: Codes, start: int, stop: int, modality: Codes, rules: _Rules, longest: Floats
) -> tuple[int, float]:
    """Number of sessions and the sum of their recovery times."""
    abdomen = False
    for row in range(start, stop):
        if modality[row] >= 0 and rules.session[modality[row]] == _ABDOMEN:
            abdomen = True
    longest[:] = -1.0
    for row in range(start, stop):
        code = modality[row]
        if code < 0:
            continue
        kind = rules.session[code]
        if abdomen and rules.joins_operation[code] == 1 and organ[row] == _LIVER:
            kind = _ABDOMEN
        longest[kind] = max(longest[kind], rules.recovery_weeks[code])
    count, total = 0, 0.0
    for weeks in longest:
        if weeks >= 0.0:
            count += 1
            total += weeks
    return count, total
