"""Parameters of the disease model as packaged: unit, meaning, prior, source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, get_args

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.core.yaml_files import parse_yaml

Law = Literal["fixed", "normal", "lognormal", "logitnormal"]
"""Law of a prior; fixed where a parameter has one value only."""

Z_95 = 1.6448536269514722
"""Quantile of the standard normal distribution at 0.95: a prior's limits are its 5 and 95 %."""


@dataclass(frozen=True, slots=True)
class ParameterEntry:
    """One parameter as packaged.

    Attributes
    ----------
    name, unit, meaning, source, note : str
        What it is and where its value comes from.
    value : float
        Median of the prior, or the one value of a fixed parameter.
    law : {"fixed", "normal", "lognormal", "logitnormal"}
        Law of the prior.
    lower, upper : float or None
        Central 90 % of the prior; None where fixed.
    allowed : str
        ``positive``, ``nonnegative``, ``probability``, ``correlation``, ``capacity`` or ``real``.
    """

    name: str
    value: float
    unit: str
    meaning: str
    law: Law
    lower: float | None
    upper: float | None
    allowed: str
    source: str
    note: str

    @property
    def free(self) -> bool:
        """Whether calibration may move it."""
        return self.law != "fixed"


@lru_cache(maxsize=1)
def parameter_entries() -> Mapping[str, ParameterEntry]:
    """Every packaged parameter by name, in the order of the file."""
    file = resources.files("debulk") / "data" / "disease" / "parameters.yaml"
    content = parse_yaml(file.read_text(encoding="utf-8"), "disease/parameters.yaml").content
    entries = {
        name: ParameterEntry(name=name, **entry) for name, entry in content["parameters"].items()
    }
    for entry in entries.values():
        check_value(entry, entry.value)
        if entry.law not in get_args(Law) or entry.free != (entry.lower is not None):
            raise InputError(
                f"disease parameter {entry.name!r}",
                f"law {entry.law!r} with limits {entry.lower} to {entry.upper}",
                f"Give a law of {get_args(Law)}, and limits unless it is fixed",
            )
    return MappingProxyType(entries)


def checked_parameters(values: Mapping[str, float]) -> dict[str, float]:
    """The values as floats, after a check of names and domains.

    Raises
    ------
    InputError
        If a name is unknown (the nearest are offered) or a value is out of its range.
    """
    entries = parameter_entries()
    for name, value in values.items():
        if name not in entries:
            found = f"{name!r} is not known"
            raise InputError("disease parameters", found, nearest(name, entries))
        check_value(entries[name], value)
    return {name: float(value) for name, value in values.items()}


LIMITS = {
    "positive": (0.0, np.inf, "above 0"),
    "nonnegative": (0.0, np.inf, "0 or above"),
    "probability": (0.0, 1.0, "from 0 to 1"),
    "correlation": (-1.0, 1.0, "from -1 to 1"),
    "real": (-np.inf, np.inf, "a number"),
    "capacity": (10.0, 15.0, "from 10 to 15"),
}


def check_value(entry: ParameterEntry, value: object) -> None:
    """Refuse a value outside a parameter's domain.

    Raises
    ------
    InputError
        If it is no number or out of range.
    """
    lower, upper, words = LIMITS[entry.allowed]
    good = isinstance(value, (int, float, np.floating, np.integer)) and not isinstance(value, bool)
    if good:
        number = float(value)  # type: ignore[arg-type]
        good = bool(np.isfinite(number)) and lower <= number <= upper
        good = good and not (entry.allowed == "positive" and number == 0.0)
    if not good:
        unit = f" {entry.unit}" if entry.unit else ""
        raise InputError(
            f"disease parameter {entry.name!r} ({entry.meaning})",
            f"{value!r} is not {words}",
            f"Give a number {words}{unit}; the default is {entry.value:g}",
        )
