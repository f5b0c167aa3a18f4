"""What pooling survival curves returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from debulk.core.results import plain
from debulk.evidence.landmarks.transforms import Transform

if TYPE_CHECKING:
    from debulk.core.provenance import Provenance
    from debulk.evidence.pooling.pooled import Limits

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PooledInterval:
    """Survival through one interval, pooled.

    Attributes
    ----------
    start, end : float
        Its ends.
    survival, lower, upper : float
        Pooled survival through it, given survival to its start, with its limits.
    studies : tuple of str
        Studies that tell it.
    tau2 : float
        Variance between studies on the scale of pooling.
    i2 : float or None
        Share of the variance that lies between studies; None for one study.
    q, q_p : float or None
        Cochran's Q and its p value; None for one study.
    """

    start: float
    end: float
    survival: float
    lower: float
    upper: float
    studies: tuple[str, ...]
    tau2: float
    i2: float | None
    q: float | None
    q_p: float | None


@dataclass(frozen=True, eq=False)
class PooledSurvival:
    """A survival curve pooled over studies.

    Attributes
    ----------
    times : float64 array, shape (intervals,)
        Landmarks.
    survival, std_error, lower, upper : float64 array, shape (intervals,)
        Pooled survival at them, its standard error (delta method), and limits on the scale of
        log(-log S).
    intervals : tuple of PooledInterval
        Survival from landmark to landmark with what studies disagree on.
    median : float or None
        Time by which half have died, hazards constant between landmarks; None if not reached.
    median_limits : Limits
        Where the limits of the curve cross one half; None where they do not.
    studies : dict of str to list of float or None
        Each study's own survival at `times`.
    transform : {"arcsine", "log-log"}
        Scale of pooling.
    method, interval : str
        How the variance between studies and the limits of each interval were estimated.
    between : {"independent", "correlated"}
        Whether intervals vary between studies independently.
    conf_level : float
        Level of all limits.
    time_unit : str
        Unit of the times.
    provenance : Provenance
        Inputs, choices, studies left out, remarks.
    """

    times: Floats
    survival: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    intervals: tuple[PooledInterval, ...]
    median: float | None
    median_limits: Limits
    studies: dict[str, list[float | None]]
    transform: Transform
    method: str
    interval: str
    between: str
    conf_level: float
    time_unit: str
    provenance: Provenance = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = [each for each in self.__dataclass_fields__ if each != "provenance"]
        told = {name: plain(getattr(self, name)) for name in names}
        return {**told, "provenance": self.provenance.to_dict()}
