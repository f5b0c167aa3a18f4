"""Units of other people's numbers; an unknown one is refused, never guessed."""

from __future__ import annotations

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH, MM_PER_CM

_DAYS = {"days": 1.0, "weeks": 7.0, "months": DAYS_PER_MONTH, "years": 12.0 * DAYS_PER_MONTH}

_KINDS: dict[str, dict[str, float]] = {
    "mm": {"mm": 1.0, "cm": MM_PER_CM, "in": 25.4},
    "months": {unit: days / DAYS_PER_MONTH for unit, days in _DAYS.items()},
    "years": {unit: days / _DAYS["years"] for unit, days in _DAYS.items()},
    "ml": {"ml": 1.0, "cm3": 1.0, "mm3": 1e-3, "l": 1e3},
    "ug/l": {"ug/l": 1.0, "ng/ml": 1.0, "mg/l": 1e3, "ug/ml": 1e3, "ug/dl": 10.0, "pg/ml": 1e-3},
    "share": {"share": 1.0, "percent": 0.01},
}
"""For each of our units, the units that can be turned into it and by what factor."""

_SPELLINGS = {
    "day": "days", "d": "days", "tage": "days", "jours": "days",
    "week": "weeks", "wk": "weeks", "wochen": "weeks",
    "month": "months", "mo": "months", "mth": "months", "monate": "months", "mois": "months",
    "year": "years", "y": "years", "yr": "years", "yrs": "years", "jahre": "years", "ans": "years",
    "millimeter": "mm", "millimetre": "mm", "centimeter": "cm", "centimetre": "cm",
    "[in_i]": "in", "inch": "in", "cc": "cm3", "cm^3": "cm3", "mm^3": "mm3",
    "µg/l": "ug/l", "μg/l": "ug/l", "mcg/l": "ug/l", "µg/ml": "ug/ml", "mcg/ml": "ug/ml",
    "%": "percent", "a": "years",
}  # fmt: skip

_ENDINGS = {"_mm": "mm", "_months": "months", "_years": "years", "_ml": "ml", "_ug_l": "ug/l",
            "_share": "share", "_vaf": "share"}  # fmt: skip


def unit_of(column: str) -> str | None:
    """Unit that a column of the cohort is in, by the end of its name; None for a pure number."""
    for ending, unit in _ENDINGS.items():
        if column.endswith(ending):
            return unit
    return None


def factor_to(ours: str, theirs: str, where: str) -> float:
    """Factor that turns a number in somebody's unit into ours.

    Raises
    ------
    InputError
        If the unit is unknown; the message lists those that are known.
    """
    bare = theirs.strip().lower()
    bare = _SPELLINGS.get(bare, bare)
    known = _KINDS[ours]
    if bare not in known:
        raise InputError(where, f"unit {theirs!r} is unknown", f"Known: {', '.join(known)}")
    return known[bare]
