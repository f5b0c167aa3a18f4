"""What a user adjusts for: columns with commas between, or a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass

from debulk.core.errors import InputError

_FORMULA = re.compile(r"[+*:()|~`^]")


@dataclass(frozen=True)
class Adjustment:
    """Covariates of a model beside the groups.

    Attributes
    ----------
    text : str
        As the user wrote it.
    columns : tuple of str
        The columns it needs.
    formula : str or None
        The right-hand side of a formula; None for a list of columns.
    """

    text: str
    columns: tuple[str, ...]
    formula: str | None = None


def read_adjustment(text: str) -> Adjustment:
    """Read ``age,sex`` or ``age + C(stage)``.

    Parameters
    ----------
    text : str
        Columns with commas between; or, with any of ``+ * : ( ) | ^``, a formula as formulaic
        reads it, whose columns have names of letters, digits and underscores.

    Raises
    ------
    InputError
        If it is empty, names a column twice, or is no formula.
    """
    if not _FORMULA.search(text):
        names = [part.strip() for part in text.split(",")]
        if not all(names):
            raise InputError("--adjust", f"{text!r} holds an empty name", "Write age,sex")
        doubled = [name for place, name in enumerate(names) if name in names[:place]]
        if doubled:
            raise InputError("--adjust", f"{doubled[0]!r} is named twice", "Name it once")
        return Adjustment(", ".join(names), tuple(names))
    if "~" in text:
        remedy = "Write its right-hand side only, such as age + C(stage)"
        raise InputError("--adjust", f"{text!r} has a left-hand side", remedy)
    from formulaic import Formula  # type: ignore[import-untyped]

    try:
        needed = sorted(str(each) for each in Formula(text).required_variables)
    except Exception as error:
        # Formulaic has no common error of its own for what it cannot read.
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "not readable"
        remedy = "Write age,sex or age + C(stage)"
        raise InputError("--adjust", f"{text!r} is no formula ({reason})", remedy) from None
    if not needed:
        raise InputError("--adjust", f"{text!r} names no column", "Write age,sex or age + C(stage)")
    return Adjustment(text, tuple(needed), text)
