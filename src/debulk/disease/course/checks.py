"""What `run_course` refuses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.disease.course.care import LocalTreatment
from debulk.disease.presenters import Presenters


def check_course(
    presenters: Presenters,
    seed: int,
    randomised_step: int,
    local: LocalTreatment | None,
    horizon_months: float | npt.NDArray[np.float64],
) -> None:
    """Refuse arguments whose lengths do not fit the presenters or that are out of range."""
    if seed < 0:
        raise InputError("seed", f"{seed} is below 0", "Give 0 or more")
    if randomised_step < 0:
        raise InputError("randomised_step", f"{randomised_step} is below 0", "Give 0 or more")
    horizon = np.asarray(horizon_months, dtype=np.float64)
    if horizon.shape not in ((), (len(presenters),)):
        found, remedy = f"{horizon.size} values", f"Give one, or {len(presenters)}"
        raise InputError("horizon_months", found, remedy)
    if not bool(np.all(np.isfinite(horizon) & (horizon > 0.0))):
        raise InputError("horizon_months", f"{horizon_months!r}", "Give a number above 0")
    if local is not None:
        _check_local(presenters, randomised_step, local)


def _check_local(presenters: Presenters, randomised_step: int, local: LocalTreatment) -> None:
    step, modality = np.asarray(local.step), np.asarray(local.modality)
    if step.shape != (len(presenters),):
        raise InputError("local.step", f"{step.size} values", f"Give {len(presenters)} values")
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
