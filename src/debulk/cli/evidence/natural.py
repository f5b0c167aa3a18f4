"""Numbers of the scale of pooling on the scale that readers know."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

BACK: Mapping[str, Callable[[float], float]] = {
    "identity": float,
    "log": math.exp,
    "logit": lambda value: 1.0 / (1.0 + math.exp(-value)),
    # An angle outside 0 to a quarter turn stands for a share of none or all.
    "arcsine": lambda value: math.sin(min(max(value, 0.0), math.pi / 2.0)) ** 2,
}
