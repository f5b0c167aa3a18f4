"""Numbers and names of a design in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")

_RULES = {
    "obrien-fleming": "the classical rule of O'Brien and Fleming",
    "pocock": "the classical rule of Pocock",
    "spending-obrien-fleming": "a spending function of O'Brien-Fleming type (Lan and DeMets)",
    "spending-pocock": "a spending function of Pocock type (Lan and DeMets)",
    "kim-demets": "the spending function of Kim and DeMets with rho = {}",
    "hwang-shih-decani": "the spending function of Hwang, Shih and DeCani with gamma = {}",
    "wang-tsiatis": "the rule of Wang and Tsiatis with delta = {}",
    "haybittle-peto": "the rule of Haybittle and Peto with Z = {} before the last analysis",
}
_SPENDING = ("spending-obrien-fleming", "spending-pocock", "kim-demets", "hwang-shih-decani")

FORMULAS = {
    "schoenfeld": "Schoenfeld (1981)",
    "freedman": "Freedman (1982)",
    "lachin-foulkes": "Lachin and Foulkes (1986)",
}
"""Formulas and who published them."""


def count(number: int) -> str:
    """A small number in words."""
    return _COUNTS[number] if number < len(_COUNTS) else str(number)


def ordinal(number: int) -> str:
    """First, second, ... from 1."""
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


def rule_words(rule: str) -> str:
    """A stopping rule in words."""
    name, _, number = rule.partition(":")
    return _RULES[name.strip()].format(number.strip().replace("-", "\u2212"))


def spends(rule: str | None) -> bool:
    """Whether a rule spends an error, so that it can be made again at the events observed."""
    return rule is not None and rule.partition(":")[0].strip() in _SPENDING


def joined(parts: Sequence[str], last: str = "and") -> str:
    """A list in a sentence."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def plain_number(value: float, digits: int = 4) -> str:
    """A number with at most so many significant digits and no zeros at its end."""
    if value == 0.0:
        return "0"
    if abs(value - round(value)) < 1e-9 and abs(value) < 1e9:
        return f"{round(value)}".replace("-", "\u2212")
    return f"{value:.{digits}g}".replace("-", "\u2212")


def whole(value: float) -> str:
    """A count."""
    return f"{value:.0f}"


def fixed(value: float | None, digits: int = 3) -> str:
    """A number with so many decimals; none where there is none."""
    if value is None or not math.isfinite(value):
        return "none"
    text = f"{value:.{digits}f}"
    return text.replace("-", "\u2212") if float(text) != 0.0 else text.lstrip("-")


def month(value: float | None) -> str:
    """A calendar month or a length in months."""
    return "never" if value is None else fixed(value, 1).removesuffix(".0")


def per_cent(value: float, digits: int = 1) -> str:
    """A probability in per cent, never 0 or 100 where it is not."""
    least = 0.5 * 10.0**-digits
    hundred = 100.0 * value
    if 0.0 < hundred < least:
        return f"less than {10.0**-digits:.{digits}f} %"
    if 100.0 - least < hundred < 100.0:
        return f"more than {100.0 - 10.0**-digits:.{digits}f} %"
    return f"{hundred:.{digits}f} %"


def level(value: float) -> str:
    """A chosen probability in per cent, with the digits it was given."""
    return f"{100.0 * value:.6g} %"


def p_value(value: float) -> str:
    """A nominal p-value."""
    return f"{value:.4f}" if value >= 0.0001 else f"{value:.1e}".replace("-", "\u2212")


def allocation_words(value: float) -> str:
    """Experimental : control, in whole numbers where they are small."""
    for control in range(1, 13):
        experimental = value * control
        if round(experimental) >= 1 and abs(experimental - round(experimental)) < 1e-9:
            return f"{round(experimental)} : {control}"
    return f"{plain_number(value)} : 1"


def pieces_words(pieces: Sequence[Sequence[float]], unit: str = "") -> str:
    """A step function in words."""
    after = f" {unit}" if unit else ""
    if len(pieces) == 1:
        return f"{plain_number(pieces[0][1])}{after}"
    parts = []
    for place, (start, value) in enumerate(pieces):
        if place + 1 == len(pieces):
            until = f"after month {month(start)}"
        elif start == 0.0:
            until = f"until month {month(pieces[1][0])}"
        else:
            until = f"from month {month(start)} to {month(pieces[place + 1][0])}"
        parts.append(f"{plain_number(value)}{after} {until}")
    return joined(parts)


def dropout_words(dropout: dict[str, Any]) -> str:
    """Losses to follow-up in words."""
    experimental, control = dropout["experimental"], dropout["control"]
    if experimental == control == 0.0:
        return "no patient is assumed to be lost to follow-up"
    if abs(experimental - control) < 1e-12:
        rate = f"{level(round(control, 12))} of the patients of either arm are"
    else:
        rate = (
            f"{level(round(experimental, 12))} of the patients of the experimental arm and "
            f"{level(round(control, 12))} of those of the control arm are"
        )
    return f"{rate} assumed to be lost to follow-up per 12 months, at a constant rate"
