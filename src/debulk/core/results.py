"""What every estimator and test returns, and how a result becomes plain JSON."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate with its uncertainty.

    Attributes
    ----------
    estimand : str
        What is estimated, in words, with its unit.
    estimate, se, lower, upper : float
        Point estimate, standard error (on the scale the interval was made on, see `note`), and
        confidence limits. NaN means not reached or not defined.
    conf_level : float
        Level of the interval, between 0 and 1.
    n, events : int
        Subjects and events that went in.
    p : float or None
        Two-sided p-value against no effect, where one is meant.
    note : str
        How the standard error and interval were made.
    """

    estimand: str
    estimate: float
    se: float
    lower: float
    upper: float
    conf_level: float
    n: int
    events: int
    p: float | None = None
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; not reached is None."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class TestResult:
    """The result of a statistical test.

    Attributes
    ----------
    test : str
        Name of the test.
    statistic : float
        Chi-square statistic.
    df : int
        Degrees of freedom.
    p : float
        Two-sided p-value.
    z : float or None
        Signed statistic for two groups: positive when the non-reference group has more events
        than expected.
    reference : str
        The reference group.
    observed, expected : mapping of group to float
        Events observed and expected in each group.
    n, events : int
        Subjects and events that went in.
    details : mapping of str to anything
        What only some tests have, such as the correlation of the parts of a MaxCombo test; plain
        numbers, text, lists and mappings.
    """

    __test__ = False  # pytest: not a test class

    test: str
    statistic: float
    df: int
    p: float
    z: float | None
    reference: str
    observed: Mapping[str, float]
    expected: Mapping[str, float]
    n: int
    events: int
    details: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def plain(value: Any) -> Any:
    """Turn a result into what JSON holds: NaN and infinity become None, arrays become lists.

    Parameters
    ----------
    value : Any
        Dataclasses, mappings, sequences, NumPy arrays and scalars, numbers, text, None.

    Returns
    -------
    Any
        The same with only dict, list, str, int, float, bool and None.

    Raises
    ------
    TypeError
        If a value has no plain form.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else None
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if hasattr(value, "to_dict"):
        return plain(value.to_dict())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(each) for each in value)
    raise TypeError(f"{type(value).__name__} has no plain form")
