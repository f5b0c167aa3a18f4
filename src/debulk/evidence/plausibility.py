"""What no published number can be: the checks that every finding passes, packaged or one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

RATIO_UNITS = ("ratio", "HR", "OR", "RR")
_RATIO = re.compile(r"(hazard|odds|risk|rate) ratio|a?HR\b")
_SHARE = re.compile(r"%( of .*)?")
_P_VALUE = re.compile(r"p[ -]value", re.IGNORECASE)


def finding_complaint(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """What is wrong with a finding.

    Parameters
    ----------
    row : mapping
        Cells of one finding by column.

    Returns
    -------
    tuple of str or None
        The column and what is wrong there; None where nothing is.

    Notes
    -----
    A ratio is told by its unit (``ratio``, ``HR``, ``OR``, ``RR``) or by a quantity that begins
    with its name; a share by the unit ``%`` or ``% of ...``. A change in per cent, which may be
    negative or above 100, has another unit, such as ``% change``.
    """
    return _form(row) or _range(row) or _interval(row)


def _form(row: Mapping[str, Any]) -> tuple[str, str] | None:
    key, table = row["key"], row["table"]
    if not key.startswith(f"{table}:"):
        return "key", f"{key!r} does not name its table"
    told = any(row[each] is not None for each in ("value", "lower", "upper"))
    if told != (row["kind"] == "number"):
        return "value", f"{row['value']!r} does not agree with the kind of the finding"
    if not told and not row["text"]:
        return "text", f"{row['text']!r} is empty"
    return None


def _interval(row: Mapping[str, Any]) -> tuple[str, str] | None:
    value, lower, upper = row["value"], row["lower"], row["upper"]
    if lower is not None and upper is not None and lower > upper:
        return "upper", f"{upper!r} is below the lower limit {lower!r}"
    if value is not None and lower is not None and value < lower:
        return "lower", f"the interval from {lower!r} excludes the value {value!r}"
    if value is not None and upper is not None and value > upper:
        return "upper", f"the interval to {upper!r} excludes the value {value!r}"
    return None


def _range(row: Mapping[str, Any]) -> tuple[str, str] | None:
    unit, quantity = row["unit"], row["quantity"]
    for column in ("value", "lower", "upper"):
        number = row[column]
        if number is None:
            continue
        if (unit in RATIO_UNITS or _RATIO.match(quantity)) and number <= 0.0:
            return column, f"{number!r} is no ratio, which is above 0"
        if _SHARE.fullmatch(unit) and not 0.0 <= number <= 100.0:
            return column, f"{number!r} is no share in per cent, from 0 to 100"
        if _P_VALUE.match(quantity) and not 0.0 <= number <= 1.0:
            return column, f"{number!r} is no p value, from 0 to 1"
    return None
