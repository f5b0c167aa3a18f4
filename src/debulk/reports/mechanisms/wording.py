"""What switching mechanisms on and off amounts to, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.reports import words
from debulk.reports.design.wording import joined

Entry = Mapping[str, Any]

_MOST_NAMED = 3
_APART = 1.96


def conclusions(result: Mapping[str, Any]) -> list[str]:
    """The answer in a few sentences: the effect, what it hangs on, what decides it, in whom.

    Parameters
    ----------
    result : mapping
        What `debulk disease mechanisms` gives as JSON.
    """
    lines = [_effect(result), _hangs_on(result), _works(result), _strengths(result), _whom(result)]
    return [each for each in lines if each]


def order_of(result: Mapping[str, Any]) -> list[Entry]:
    """Mechanisms by the size of what they do, largest first; without a hazard ratio last."""
    return sorted(result["mechanisms"], key=_size, reverse=True)


def _size(entry: Entry) -> float:
    ratio = entry["off_over_on"]
    return -1.0 if not ratio else max(ratio, 1.0 / ratio)


def _effect(result: Mapping[str, Any]) -> str:
    given, bare = result["as_given"], result["worlds"]["bare_removal"]
    spread = given["parameters"]
    over = ""
    if spread is not None:
        bounds = words.limits(spread["lower"], spread["upper"])
        over = f"; {bounds} over 90 % of the parameter sets"
    return (
        f"The same {words.patients(result['patients'])} virtual patients of {result['protocol']} "
        f"under both arms have a hazard ratio for death of {_with_error(given)}{over}. A sham "
        f"would give exactly {words.ratio(result['worlds']['null']['hazard_ratio'])}; removing "
        f"cells with every mechanism off gives {_with_error(bare)}."
    )


def _hangs_on(result: Mapping[str, Any]) -> str:
    ratio = result["as_given"]["hazard_ratio"]
    if ratio is None:
        return "Too few die for a hazard ratio."
    deciding = [each for each in order_of(result) if each["decides"] and _clear(each)]
    helps = ratio < 1.0
    if not deciding:
        does = "helps" if helps else "does not help"
        return (
            f"Debulking {does} in this model whichever single mechanism is switched: none alone "
            "takes the hazard ratio across 1."
        )
    # Of a mechanism that decides, debulking helps with it or without it.
    true = [each["mechanism"] for each in deciding if each["hazard_ratio_on"] < 1.0]
    false = [each["mechanism"] for each in deciding if each["hazard_ratio_on"] >= 1.0]
    parts = []
    if true:
        parts.append(f"{joined(true)} would have to act")
    if false:
        parts.append(f"{joined(false)} would have to be absent")
    return f"For debulking to help, {' and '.join(parts)} (each switched alone)."


def _works(result: Mapping[str, Any]) -> str:
    parts = []
    for reading, verb in (("helps", "works for debulking"), ("hinders", "works against it")):
        found = [each for each in order_of(result) if each["reading"] == reading][:_MOST_NAMED]
        if found:
            named = ", ".join(
                f"{each['mechanism']} ({words.ratio(each['hazard_ratio_on'])} with it, "
                f"{words.ratio(each['hazard_ratio_off'])} without)"
                for each in found
            )
            parts.append(f"what {verb} most is {named}")
    if not parts:
        return "No mechanism moves the hazard ratio beyond its Monte Carlo error."
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _strengths(result: Mapping[str, Any]) -> str:
    sobol = result["sobol"]
    if sobol is None:
        return ""
    clear = [each for each in sobol["indices"] if each["total_interval"][0] > 0.0]
    below = words.share(sobol["points_below_1"])
    if not clear:
        return (
            f"With strengths drawn at random the hazard ratio is below 1 at {below} of the points; "
            "more samples are needed to tell which strength decides."
        )
    named = ", ".join(
        f"{each['mechanism']} ({words.share(each['total'])})" for each in clear[:_MOST_NAMED]
    )
    return (
        f"With strengths drawn at random the hazard ratio is below 1 at {below} of the points; the "
        f"strengths that decide it most, by total Sobol index, are {named}."
    )


def _whom(result: Mapping[str, Any]) -> str:
    known = [each for each in result["subgroups"] if each["hazard_ratio"] is not None]
    known = [each for each in known if each["monte_carlo_error"] is not None]
    if len(known) < 2:
        return ""
    low = min(known, key=lambda each: each["hazard_ratio"])
    high = max(known, key=lambda each: each["hazard_ratio"])
    noise = (low["monte_carlo_error"] ** 2 + high["monte_carlo_error"] ** 2) ** 0.5
    if high["hazard_ratio"] - low["hazard_ratio"] <= _APART * noise:
        return "Subgroups do not differ beyond their Monte Carlo error."
    return (
        f"By subgroup the hazard ratio runs from {_with_error(low)} ({low['feature']}: "
        f"{low['level']}) to {_with_error(high)} ({high['feature']}: {high['level']})."
    )


def _clear(entry: Entry) -> bool:
    return bool(entry["reading"] != "none seen")


def _with_error(entry: Entry) -> str:
    return words.with_error(entry["hazard_ratio"], entry["monte_carlo_error"])
