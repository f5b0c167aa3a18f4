"""Which test a design is for, and which options do not go with it."""

from __future__ import annotations

from collections.abc import Mapping

from debulk.core.errors import InputError, nearest
from debulk.reports.design.asking.given import Given
from debulk.reports.design.asking.reading import one

TESTS: Mapping[str, tuple[str, ...]] = {
    "logrank": (),
    "fleming-harrington": ("RHO", "GAMMA"),
    "max-combo": (),
    "rmst": ("MONTHS",),
    "milestone": ("MONTHS",),
    "average-hazard-ratio": (),
    "one-sample": (),
}
"""Tests and the numbers after their colon."""

_NEVER = ("gain_months", "front_median", "null_ratio", "not_treated", "crossover", "events",
          "formula", "harm", "harm_alpha", "simulate", "seed")  # fmt: skip
_WITH_LOOKS = ("fleming-harrington", "max-combo", "average-hazard-ratio")


def chosen_test(given: Given) -> tuple[str, tuple[float, ...]]:
    """Name and numbers of the test.

    Parameters
    ----------
    given : Given

    Raises
    ------
    InputError
        If there is no such test, or its numbers are missing or superfluous.
    """
    where = given.place("test")
    name, colon, rest = given.get("test", "logrank").strip().partition(":")
    if name not in TESTS:
        raise InputError(where, f"there is no test {name!r}", nearest(name, TESTS))
    wanted = TESTS[name]
    example = {"fleming-harrington": "fleming-harrington:0,1"}.get(name, f"{name}:36")
    parts = rest.split(",") if colon else []
    if len(parts) != len(wanted):
        remedy = f"Give {name}" if not wanted else f"Give {':'.join((name, ','.join(wanted)))}"
        raise InputError(where, f"{name} takes {len(wanted)} numbers, not {len(parts)}", remedy)
    return name, tuple(one(part, where, f"Give {example}") for part in parts)


def check_together(given: Given, name: str) -> None:
    """Refuse options that a test does not take.

    Parameters
    ----------
    given : Given
    name : str
        The test.

    Raises
    ------
    InputError
        With the option, or the file and line.
    """
    for each in _NEVER:
        if each in given:
            found = f"is not offered with the test {name}"
            raise InputError(given.place(each), found, "Leave it out, or use the test logrank")
    if "follow_up" not in given:
        found = f"is needed with the test {name}"
        raise InputError(given.place("follow_up"), found, "Give --follow-up MONTHS")
    no_looks = name not in _WITH_LOOKS
    if no_looks and "looks" in given:
        found = f"looks are not offered with the test {name}"
        raise InputError(given.place("looks"), found, "Leave them out: one analysis at the end")
    if name == "one-sample":
        for each in ("stratum", "allocation"):
            if each in given:
                raise InputError(given.place(each), "there is one arm", "Leave it out")
    if name == "max-combo" and "futility" in given:
        found = "is not offered with the test max-combo"
        raise InputError(given.place("futility"), found, "Leave it out")
