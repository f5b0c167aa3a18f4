"""What a meta-regression in double precision can reckon with, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from debulk.core.errors import InputError

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.evidence.pooling.studies import Studies

    Floats = npt.NDArray[np.float64]

LARGEST_RATIO = 1e6
"""Standard errors that differ by more leave the vaguer studies nothing but rounding to say."""
LARGEST_DISTANCE = 1e8
"""Standard errors between two effects beyond which residuals are lost in rounding."""
COLLINEAR = 1e-9
"""A column of which the others explain all but this share of its length adds nothing to them."""


def check_regression(studies: Studies, design: Floats, columns: tuple[str, ...]) -> None:
    """Refuse studies and moderators whose regression would be an answer of rounding.

    Parameters
    ----------
    studies : Studies
        Effects and standard errors.
    design : float64 array, shape (studies, columns)
        Intercept and moderators.
    columns : tuple of str
        Names of the coefficients.

    Raises
    ------
    InputError
        If a moderator says what others say, on its own or to the precise studies; or if standard
        errors or effects lie too far apart for that to be told.
    """
    _refuse_collinear(design, columns, "")
    if len(columns) == 1:
        return
    errors, effects = studies.std_errors, studies.estimates
    least, most = int(np.argmin(errors)), int(np.argmax(errors))
    if errors[most] > LARGEST_RATIO * errors[least]:
        found = (
            f"run from {errors[least]:g} ({studies.names[least]}) to {errors[most]:g} "
            f"({studies.names[most]}), too far for a meta-regression"
        )
        raise InputError("std_errors", found, "Check both, or leave the vaguer study out")
    distances = np.abs(effects - effects[least])
    far = int(np.argmax(distances))
    if distances[far] > LARGEST_DISTANCE * errors[least]:
        found = (
            f"{effects[least]:g} ({studies.names[least]}) and {effects[far]:g} "
            f"({studies.names[far]}) lie too many standard errors apart for a meta-regression"
        )
        raise InputError("estimates", found, "Check both, or leave one of the two out")
    _refuse_collinear(design / errors[:, None], columns, " to the precise studies")


def _refuse_collinear(design: Floats, columns: tuple[str, ...], to_whom: str) -> None:
    scaled = design / np.maximum(np.linalg.norm(design, axis=0), np.finfo(float).tiny)
    # Diagonal of R: the length that earlier columns leave of each.
    left = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))
    for column, rest in enumerate(left):
        if rest < COLLINEAR:
            others = ", ".join(columns[:column])
            found = f"{columns[column]!r} repeats what {others} say together{to_whom}"
            raise InputError("moderators", found, "Leave it out")
