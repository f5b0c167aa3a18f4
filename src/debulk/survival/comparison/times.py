"""Round times for an axis and for the numbers at risk below it."""

from __future__ import annotations

from typing import Literal

import numpy as np

TimeUnit = Literal["days", "months", "years", "as in the file"]
"""What a user says the times are in."""

_STEPS: dict[str, tuple[float, ...]] = {
    "days": (7, 14, 30, 60, 90, 180, 365, 730, 1825),
    "months": (1, 2, 3, 6, 12, 24, 60, 120),
    "years": (0.5, 1, 2, 5, 10),
}
_MOST_TIMES = 9


def round_times(last: float, time_unit: TimeUnit) -> list[float]:
    """Round times from 0 up to `last`, at most nine, in steps that suit the unit."""
    if last <= 0:
        return [0.0]
    power = 10.0 ** np.floor(np.log10(last))
    plain_steps = tuple(power * each for each in (0.1, 0.2, 0.25, 0.5, 1.0, 2.0))
    candidates = (*_STEPS.get(time_unit, ()), *plain_steps)
    steps = [step for step in candidates if last / step < _MOST_TIMES - 1 + 1e-9]
    own = [step for step in steps if step in _STEPS.get(time_unit, ()) and last / step >= 3]
    step = min(own or [each for each in steps if each in plain_steps])
    return [float(f"{k * step:.12g}") for k in range(int(last / step + 1e-9) + 1)]
