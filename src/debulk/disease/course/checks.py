"""What `run_course` refuses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.anatomy import ORGANS
from debulk.core.errors import InputError
from debulk.disease.course.care import MOST_STEPS, LocalTreatment, is_whole
from debulk.disease.course.state import SLOTS
from debulk.disease.presenters import Presenters

MOST_MONTHS = 12_000.0
"""The longest horizon: a thousand years."""

MOST_FOLLOWED = 1000
"""Patients whose single lesions can be followed in one call."""

_LARGEST_SEED = 2**63 - 1
_OLDEST_YEARS = 130.0
_MOST_CELLS = 1e15
_MOST_GROWTH = 10.0


def check_course(
    presenters: Presenters,
    seed: int,
    randomised_step: int,
    local: LocalTreatment | None,
    horizon_months: float | npt.NDArray[np.float64],
) -> None:
    """Refuse arguments whose lengths do not fit the presenters or that are out of range."""
    if not (is_whole(seed) and 0 <= seed <= _LARGEST_SEED):
        found = f"{seed!r} is no whole number from 0 to 2^63 - 1"
        raise InputError("seed", found, "Give a whole number of 0 or more")
    if not (is_whole(randomised_step) and 0 <= randomised_step <= MOST_STEPS):
        found = f"{randomised_step!r} is no number of steps"
        raise InputError("randomised_step", found, f"Give a whole number, 0 to {MOST_STEPS}")
    horizon = np.asarray(horizon_months, dtype=np.float64)
    if horizon.shape not in ((), (len(presenters),)):
        found, remedy = f"{horizon.size} values", f"Give one, or {len(presenters)}"
        raise InputError("horizon_months", found, remedy)
    if not bool(np.all((horizon > 0.0) & (horizon <= MOST_MONTHS))):
        remedy = f"Give a number above 0, up to {MOST_MONTHS:g}"
        raise InputError("horizon_months", f"{horizon_months!r}", remedy)
    _check_presenters(presenters)
    if local is not None:
        _check_local(presenters, randomised_step, local)


def check_followed(count: int) -> None:
    """Refuse to write down every lesion of more patients than memory is for."""
    if count > MOST_FOLLOWED:
        found = f"{count} patients, {MOST_FOLLOWED} is the most whose lesions are followed"
        raise InputError("follow_lesions", found, "Take fewer patients, or watch the whole tumour")


def _check_presenters(presenters: Presenters) -> None:
    """Refuse patients whom the kernels cannot follow; `draw_presenters` makes none of them."""
    counts = np.diff(presenters.offsets)
    if presenters.offsets[0] != 0 or presenters.offsets[-1] != presenters.lesions:
        found = f"{presenters.offsets[-1]} rows for {presenters.lesions} lesions"
        raise InputError("presenters.offsets", found, "Give the rows of every lesion")
    if counts.size and int(counts.min()) < 0:
        raise InputError("presenters.offsets", "they fall", "Give rising rows")
    if counts.size and int(counts.max()) > SLOTS:
        raise InputError(
            "presenters",
            f"a patient has {int(counts.max())} lesions, {SLOTS} is the most",
            "Keep its 40 largest lesions; give the others of each organ one row, `cells` and "
            "`growth` their geometric means, `copies` their number",
        )
    for name, least, most in (
        ("cells", 0.0, _MOST_CELLS),
        ("growth", 0.0, _MOST_GROWTH),
        ("copies", 0.0, _MOST_CELLS),
        ("organ", 0.0, len(ORGANS) - 1.0),
        ("age_years", 0.0, _OLDEST_YEARS),
    ):
        values = getattr(presenters, name)
        good = (values >= least) & (values <= most)
        if not bool(np.all(good)):
            found = f"{values[~good][0]} is not from {least:g} to {most:g}"
            raise InputError(f"presenters.{name}", found, "Give numbers in that range")


def _check_local(presenters: Presenters, randomised_step: int, local: LocalTreatment) -> None:
    step, modality = np.asarray(local.step), np.asarray(local.modality)
    if step.shape != (len(presenters),):
        raise InputError("local.step", f"{step.size} values", f"Give {len(presenters)} values")
    for name, values in (("step", step), ("modality", modality)):
        if values.dtype.kind not in "iu":
            raise InputError(
                f"local.{name}", f"values of type {values.dtype}", "Give whole numbers"
            )
    if modality.shape != (presenters.lesions,):
        raise InputError(
            "local.modality", f"{modality.size} values", f"Give {presenters.lesions} values"
        )
    if modality.size and int(modality.max()) >= len(local.tables.names):
        raise InputError(
            "local.modality",
            f"code {int(modality.max())} is not among {len(local.tables.names)} modalities",
            "Give codes by ModalityTables.names",
        )
    delivered = np.asarray(local.delivered, dtype=np.float64)
    if delivered.shape not in ((), (len(presenters),)):
        found, remedy = f"{delivered.size} values", f"Give one, or {len(presenters)}"
        raise InputError("local.delivered", found, remedy)
    if not bool(np.all((delivered >= 0.0) & (delivered <= 1.0))):
        raise InputError("local.delivered", f"{local.delivered!r} is no probability", "Give 0 to 1")
    if not (np.isfinite(local.operative_threshold) and local.operative_threshold >= 0.0):
        found = f"{local.operative_threshold!r}"
        raise InputError("local.operative_threshold", found, "Give a number of 0 or above")
    early = step[(step >= 0) & (step < randomised_step)]
    if early.size:
        raise InputError(
            "local.step",
            f"step {int(early[0])} is before randomisation at step {randomised_step}",
            "Plan local treatment at or after randomisation",
        )
