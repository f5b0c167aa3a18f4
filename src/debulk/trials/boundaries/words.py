"""Stopping rules as users write them: ``obrien-fleming``, ``hwang-shih-decani:-4``."""

from __future__ import annotations

import re
from collections.abc import Callable

from debulk.core.errors import InputError, nearest
from debulk.survival.options import shown
from debulk.trials.boundaries.families import HaybittlePeto, WangTsiatis
from debulk.trials.boundaries.spending import Spending

WrittenRule = str | WangTsiatis | HaybittlePeto | Spending
"""What a written rule stands for; `group_sequential` takes each of them."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

_RULES: dict[str, tuple[str, Callable[..., WrittenRule]]] = {
    "obrien-fleming": ("", lambda: "obrien-fleming"),
    "pocock": ("", lambda: "pocock"),
    "spending-obrien-fleming": ("", lambda: Spending("obrien-fleming")),
    "spending-pocock": ("", lambda: Spending("pocock")),
    "kim-demets": ("RHO", lambda rho: Spending("kim-demets", rho)),
    "hwang-shih-decani": ("GAMMA", lambda gamma: Spending("hwang-shih-decani", gamma)),
    "wang-tsiatis": ("DELTA", WangTsiatis),
    "haybittle-peto": ("Z", HaybittlePeto),
}
_EXAMPLES = {"RHO": "3", "GAMMA": "-4", "DELTA": "0.25", "Z": "3"}

RULE_WORDS = tuple(f"{name}:{number}" if number else name for name, (number, _) in _RULES.items())
"""Every rule as it is written, numbers in capitals."""


def parse_rule(text: object, where: str) -> WrittenRule:
    """Read a stopping rule as a protocol or a command names it.

    Parameters
    ----------
    text : str
        One of `RULE_WORDS`, such as ``spending-obrien-fleming`` or ``hwang-shih-decani:-4``.
    where : str
        The option, or the file and field, for complaints.

    Returns
    -------
    str, WangTsiatis, HaybittlePeto or Spending
        What `group_sequential` takes.

    Raises
    ------
    InputError
        If there is no such rule, or its number is missing, superfluous or out of range.
    """
    if not isinstance(text, str):
        raise InputError(where, f"{shown(text)} is no rule", f"Give one of {', '.join(RULE_WORDS)}")
    name, colon, rest = (part.strip() for part in text.strip().partition(":"))
    if name not in _RULES:
        found = f"there is no rule {name!r}" if name else "is empty"
        raise InputError(where, found, nearest(name, _RULES))
    number, make = _RULES[name]
    if not number:
        if colon:
            raise InputError(where, f"{name} takes no number", f"Give {name} alone")
        return make()
    if not _NUMBER.fullmatch(rest):
        found = f"{name} needs its {number}" + (f", and {rest!r} is no number" if rest else "")
        raise InputError(where, found, f"Give {name}:{_EXAMPLES[number]}")
    try:
        return make(float(rest))
    except InputError as error:
        raise InputError(where, f"{name}: {error.found}", error.remedy) from None
