"""From the address of a design to what is asked, and back; every fault is said beside its field."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from debulk.core.errors import InputError, nearest, number_remedy
from debulk.core.strings import entries, text
from debulk.protocols import packaged_protocols
from debulk.reports.design.asking.given import Given, written
from debulk.web.trials.fields import MAY_BE_EMPTY, NAMES, PINS, RANGES, START, WORDS
from debulk.web.typed_numbers import NoNumber, typed_number

_SEPARATORS = re.compile(r"[;,\s]+")
_RAMP_STEPS = 4
"""Accrual that grows is written as this many equal steps before the full rate."""
_FREE_WORDS = ("efficacy", "futility")


class Faults(Exception):
    """Something typed is wrong: messages by field, in the order of the form."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__(*messages.values())
        self.messages = {name: messages[name] for name in NAMES if name in messages}


@dataclass(frozen=True)
class Asked:
    """A design as it is asked for.

    Attributes
    ----------
    query : str
        Its canonical query: what differs from the start, in the order of the form.
    numbers : mapping of str to float
        Number fields; those left empty are absent.
    words : mapping of str to str
        The others.
    given : Given
        What `debulk trial design` would be given.
    """

    query: str
    numbers: Mapping[str, float]
    words: Mapping[str, str]
    given: Given


def query_of(fields: Mapping[str, str], *, pins: bool = False) -> str:
    """The shortest query that says the same: fields at their start are left out.

    Parameters
    ----------
    fields : mapping of str to str
        As typed.
    pins : bool
        Whether the pinned designs are kept.
    """
    names = (*NAMES, *PINS) if pins else NAMES
    stripped = {name: fields.get(name, START[name]).strip() for name in names}
    return urlencode({name: value for name, value in stripped.items() if value != START[name]})


def fields_of(query: str) -> dict[str, str]:
    """Every field of a design from a query; what is not known is left aside."""
    # Every caller bounds the length, and with it the number of fields.
    found = dict(parse_qsl(query, keep_blank_values=True))
    return {name: found.get(name, START[name]) for name in NAMES}


def label(name: str) -> str:
    """How a field is called on the page."""
    return text(f"designer.fields.{name}.label")


@lru_cache(maxsize=512)
def asked_of(query: str) -> Asked:
    """Read a query.

    Parameters
    ----------
    query : str
        Canonical.

    Raises
    ------
    Faults
        With a message for every field that cannot be read.
    """
    fields = fields_of(query)
    faults: dict[str, str] = {}
    numbers: dict[str, float] = {}
    words: dict[str, str] = {}
    for name in NAMES:
        try:
            if name in RANGES:
                value = _number(name, fields[name])
                if value is not None:
                    numbers[name] = value
            else:
                words[name] = _word(name, fields[name].strip())
        except InputError as error:
            faults[name] = f"{error.found}. {error.remedy}."
    if faults:
        raise Faults(faults)
    _check(numbers, words)
    return Asked(query, numbers, words, _given(numbers, words))


def _number(name: str, typed: str) -> float | None:
    stripped = typed.strip()
    run = RANGES[name]
    if not stripped and name in MAY_BE_EMPTY:
        return None
    try:
        value = float(typed_number(stripped))
    except NoNumber as error:
        problem = error.problem if stripped else "empty"
        found = text(f"designer.faults.{problem}", found=stripped[:40])
        remedy = text("designer.faults.number")
        if problem == "no_number":
            remedy = number_remedy(stripped, remedy)
        raise InputError(name, found, remedy) from None
    low, high = run.at_least, run.at_most
    if (low is not None and value < low) or (high is not None and value > high):
        found = text("designer.faults.beyond", found=stripped)
        remedy = text("designer.faults.between", least=written(low), most=written(high))
        raise InputError(name, found, remedy)
    return value


def _word(name: str, typed: str) -> str:
    if name == "population":
        if typed and typed not in packaged_protocols():
            found = text("designer.faults.no_protocol", found=typed[:40])
            raise InputError(name, found, nearest(typed, packaged_protocols()).rstrip("."))
    elif name in WORDS and name not in _FREE_WORDS and typed not in WORDS[name]:
        found = text("designer.faults.no_choice", found=typed[:40])
        choices = ", ".join(filter(None, WORDS[name]))
        raise InputError(name, found, text("designer.faults.choices", choices=choices))
    return typed


def _check(numbers: Mapping[str, float], words: Mapping[str, str]) -> None:
    """Refuse what the fields say together and no design can be.

    Raises
    ------
    Faults
    """
    changes = numbers["delay_months"] > 0.0 or numbers["harm_months"] > 0.0
    faults: dict[str, str] = {}
    if words["by"] == "gain" and changes:
        for name in ("delay_months", "harm_months"):
            if numbers[name] > 0.0:
                faults[name] = text("designer.faults.gain_is_one_ratio")
    if numbers["harm_ratio"] != 1.0 and numbers["harm_months"] == 0.0:
        faults["harm_months"] = text("designer.faults.harm_without_months")
    if changes:
        for name in ("not_treated", "crossover", "lost_in_induction"):
            counts = name != "lost_in_induction" or words["randomise"] == "before"
            if numbers[name] > 0.0 and counts:
                faults[name] = text("designer.faults.dilution_is_of_one_ratio")
    if numbers["ramp_months"] >= numbers["accrual_months"]:
        faults["ramp_months"] = text("designer.faults.ramp_beyond_accrual")
    if words["randomise"] == "before" and "front_median" not in numbers:
        faults["front_median"] = text("designer.faults.front_needed")
    if faults:
        raise Faults(faults)


def _given(numbers: Mapping[str, float], words: Mapping[str, str]) -> Given:
    """The same as flags of the command, each with the field it comes from."""
    values: dict[str, object] = {}
    places: dict[str, str] = {}

    def give(name: str, value: object, field: str | None = None) -> None:
        values[name] = value
        places[name] = field or name

    before = words["randomise"] == "before"
    if words["by"] == "gain":
        give("gain_months", numbers["gain_months"])
        if "front_median" in numbers and not before:
            give("front_median", numbers["front_median"])
    else:
        field = "delay_months" if numbers["delay_months"] > 0.0 else "hazard_ratio"
        give("hazard_ratio", _ratios(numbers), field)
    control = "front_median" if before else "median_control"
    give("median_control", numbers[control], control)
    untreated = never_treated(numbers, words)
    if untreated > 0.0:
        give("not_treated", untreated)
    if numbers["crossover"] > 0.0:
        give("crossover", numbers["crossover"])
    give("alpha", numbers["alpha"])
    give("sided", int(words["sided"]))
    _give_size(give, numbers, words)
    if words["allocation"] != "1":
        give("allocation", words["allocation"])
    if numbers["dropout"] != 0.0:
        give("dropout", written(numbers["dropout"]))
    if words["looks"]:
        give("looks", ",".join(filter(None, _SEPARATORS.split(words["looks"]))))
        give("efficacy", words["efficacy"] or START["efficacy"])
        if words["futility"]:
            give("futility", words["futility"])
            if words["binding"]:
                give("binding", True)
    from debulk.reports.design.asking.given import ORDER

    return Given({name: values[name] for name in ORDER if name in values}, places)


def _give_size(give: object, numbers: Mapping[str, float], words: Mapping[str, str]) -> None:
    """Two of power, patients and follow-up; the third is found."""
    assert callable(give)
    find = words["find"]
    if find != "power":
        give("power", numbers["power"])
    if find == "power":
        give("patients", entered(numbers), "per_month")
    if find != "follow_up":
        give("follow_up", numbers["follow_up"])
    give("accrual", _accrual(numbers, 1.0 if find == "patients" else numbers["per_month"], find),
         "accrual_months")  # fmt: skip


def _ratios(numbers: Mapping[str, float]) -> str:
    """The hazard ratio, or its steps: early harm, none yet, then the effect."""
    harm_end, delay = numbers["harm_months"], numbers["delay_months"]
    steps: list[tuple[float, float]] = []
    if harm_end > 0.0:
        steps.append((0.0, numbers["harm_ratio"]))
    if delay > harm_end:
        steps.append((harm_end, 1.0))
    steps.append((max(harm_end, delay), numbers["hazard_ratio"]))
    if len(steps) == 1:
        return written(numbers["hazard_ratio"])
    return ",".join(f"{written(start)}:{written(value)}" for start, value in steps)


def _rates(numbers: Mapping[str, float], full: float) -> list[tuple[float, float]]:
    """Start month and patients a month; a ramp grows in equal steps."""
    ramp = numbers["ramp_months"]
    rows = [
        (ramp * k / _RAMP_STEPS, full * (k + 1) / (_RAMP_STEPS + 1))
        for k in range(_RAMP_STEPS if ramp > 0.0 else 0)
    ]
    return [*rows, (ramp, full)]


def _accrual(numbers: Mapping[str, float], full: float, find: str) -> str:
    end = numbers["accrual_months"]
    if find == "patients" and numbers["ramp_months"] == 0.0:
        return written(end)
    rows = [*_rates(numbers, full), (end, 0.0)]
    return ",".join(f"{written(round(start, 6))}:{written(round(rate, 6))}" for start, rate in rows)


def entered(numbers: Mapping[str, float]) -> float:
    """Patients who enter at the rate given, by the end of accrual."""
    rows = _rates(numbers, numbers["per_month"])
    ends = [*(start for start, _ in rows[1:]), numbers["accrual_months"]]
    parts = ((end - start) * rate for (start, rate), end in zip(rows, ends, strict=True))
    return round(math.fsum(parts), 9)


def never_treated(numbers: Mapping[str, float], words: Mapping[str, str]) -> float:
    """Share of the experimental arm never treated; where patients are randomised before induction,
    those whom induction loses too."""  # noqa: D205, D209
    lost = numbers["lost_in_induction"] if words["randomise"] == "before" else 0.0
    return round(1.0 - (1.0 - numbers["not_treated"]) * (1.0 - lost), 9)


def faults_of(error: InputError) -> Faults:
    """A refusal of the design's own, beside the field it is about."""
    first = error.where.split(",")[0].strip().replace(" ", "_").split("_and_")[0]
    field = first if first in NAMES else _OTHERS.get(first, "find")
    said = f"{error.found[:1].upper()}{error.found[1:].rstrip('.')}. {error.remedy.rstrip('.')}."
    return Faults({field: _in_words_of_the_page(said)})


_OTHERS = {"dilution": "not_treated", "boundaries": "looks", "patients": "per_month",
           "accrual": "accrual_months"}  # fmt: skip
_FLAG = re.compile(r"--([a-z]+(?:-[a-z]+)*)")


def _in_words_of_the_page(said: str) -> str:
    """Flags of the command as the fields they are."""
    known = entries("designer.fields")

    def named(match: re.Match[str]) -> str:
        name = match[1].replace("-", "_")
        name = {"accrual": "accrual_months"}.get(name, name)
        return f"\u201c{label(name)}\u201d" if name in known else match[0]

    return _FLAG.sub(named, said)
