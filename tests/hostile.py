"""Values that no argument can have expected, and what a function may do when it is given one."""

from __future__ import annotations

import datetime
import inspect
import json
import math
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

from debulk.core.errors import InputError


def fails(*arguments: Any) -> float:
    raise InputError("function", "called", "It was given to fail")


class Anything:
    """Can be called with whatever is given."""

    def __init__(self, *arguments: Any) -> None:
        del arguments


VALUES: dict[str, Any] = {
    "true": True,
    "None": None,
    "word": "clone-censor-wait",
    "empty text": "",
    "bytes": b"0.5",
    "not a number": math.nan,
    "infinity": math.inf,
    "below 0": -1,
    "nought": 0,
    "two": 2,
    "half": 0.5,
    "smallest": 5e-324,
    "huge": 1e300,
    "integer too large": 10**400,
    "complex number": 1j,
    "date": datetime.date(2020, 1, 1),
    "pandas NA": pd.NA,
    "empty": [],
    "mapping": {"a": 1},
    "set": {0.5},
    "list of None": [None],
    "list of text": ["x", "y"],
    "pair": (0.5, 1.0),
    "ragged": [[1, 2], [3]],
    "object": object(),
    "class": Anything,
    "function that fails": fails,
    "numpy integer": np.int64(3),
    "array without dimensions": np.array(0.5),
    "square": np.zeros((2, 2)),
    "no numbers": np.array([]),
    "text array": np.array(["a", "b"]),
    "polars": pl.Series([0.5, None]),
    "polars frame": pl.DataFrame({"patient_id": ["a"], "b": [0.5]}),
    "pandas": pd.Series([0.5, 1.0], index=[7, 3]),
    "namespace": SimpleNamespace(patients=2, estimate=0.5),
}


def survives(function: Callable[..., Any], arguments: Mapping[str, Any], label: str) -> None:
    """A result that JSON can hold, or an InputError that says enough."""
    try:
        found = function(**arguments)
        tells = hasattr(found, "to_dict") and not isinstance(found, pl.DataFrame)
        json.dumps(found.to_dict() if tells else None, allow_nan=False)
    except InputError as problem:
        complete = problem.where and problem.found and problem.remedy
        if not complete:
            raise AssertionError(f"{label}: {problem} says too little") from problem
    except Exception as problem:
        raise AssertionError(f"{label}: {type(problem).__name__}: {problem}") from problem


def any_value_for_any_argument(
    function: Callable[..., Any], usual: Mapping[str, Any], name: str
) -> None:
    """Give a function, one argument after the other, everything above."""
    survives(function, usual, name)
    for argument in inspect.signature(function).parameters:
        for kind, value in VALUES.items():
            survives(function, {**usual, argument: value}, f"{name}, {argument}: {kind}")
