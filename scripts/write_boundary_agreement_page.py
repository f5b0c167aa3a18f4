"""Write docs/reference/group-sequential-agreement.md: how far bounds are from other programs'.

Their numbers stand in tests/reference/trials/boundaries_*.json. Run it with no argument.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from debulk.trials.boundaries.bounds import Boundaries
from debulk.trials.boundaries.families import HaybittlePeto, WangTsiatis
from debulk.trials.boundaries.rule import NullSpending
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending, UserSpending

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "tests" / "reference" / "trials"
PAGE = ROOT / "docs" / "reference" / "group-sequential-agreement.md"

MANY_LOOKS = 10
CROSS_SOFTWARE = 1e-5
FINEST = 1e-9
"""Smaller differences are shown as this: they are rounding."""

Row = tuple[str, str, int, str, float]
"""Source, design, looks, quantity, largest difference."""


def reference(name: str) -> list[dict[str, Any]]:
    """The designs of one file."""
    text = (REFERENCE / f"boundaries_{name}.json").read_text(encoding="utf-8")
    return json.loads(text)["designs"]  # type: ignore[no-any-return]


def from_rpact(args: dict[str, Any]) -> Boundaries:
    """The design that rpact's arguments mean."""
    looks = args.get("kMax", 0)
    information = args.get("informationRates") or [(k + 1) / looks for k in range(looks)]
    alpha, kind = args["alpha"], args["typeOfDesign"]
    efficacy = {
        "OF": lambda: "obrien-fleming",
        "P": lambda: "pocock",
        "WT": lambda: WangTsiatis(args["deltaWT"]),
        "HP": lambda: HaybittlePeto(args["constantBoundsHP"]),
        "PT": lambda: WangTsiatis(args["deltaPT1"]),
        "asOF": lambda: Spending("obrien-fleming"),
        "asP": lambda: Spending("pocock"),
        "asKD": lambda: Spending("kim-demets", args["gammaA"]),
        "asHSD": lambda: Spending("hwang-shih-decani", args["gammaA"]),
        "asUser": lambda: UserSpending(args["userAlphaSpending"]),
        "noEarlyEfficacy": lambda: UserSpending([0.0] * (len(information) - 1) + [alpha]),
    }[kind]()
    futility: Any = args.get("futilityBounds")
    if kind == "PT":
        futility = WangTsiatis(args["deltaPT0"])
    if "typeBetaSpending" in args:
        futility = {
            "bsOF": lambda: Spending("obrien-fleming"),
            "bsP": lambda: Spending("pocock"),
            "bsKD": lambda: Spending("kim-demets", args["gammaB"]),
            "bsHSD": lambda: Spending("hwang-shih-decani", args["gammaB"]),
            "bsUser": lambda: UserSpending(args["userBetaSpending"]),
        }[args["typeBetaSpending"]]()
    return group_sequential(
        information,
        alpha=alpha,
        sided=args.get("sided", 1),
        efficacy=efficacy,
        futility=futility,
        binding=args.get("bindingFutility", False),
        beta=args["beta"],
    )


def from_gsdesign(args: dict[str, Any], timing: list[float]) -> Boundaries:
    """The design that gsDesign's arguments mean; its type 2 has alpha on each side."""

    def rule(name: str, parameter: float | None) -> Any:
        known = {
            "OF": "obrien-fleming",
            "Pocock": "pocock",
            "sfLDOF": Spending("obrien-fleming"),
            "sfLDPocock": Spending("pocock"),
        }
        return known.get(name) or Spending("hwang-shih-decani", parameter)

    kind = args["test.type"]
    futility = rule(args["sfl"], args.get("sflpar")) if kind > 2 else None
    return group_sequential(
        timing,
        alpha=args["alpha"] * (2 if kind == 2 else 1),
        sided=2 if kind == 2 else 1,
        efficacy=rule(args["sfu"], args.get("sfupar")),
        futility=NullSpending(futility) if kind > 4 else futility,
        binding=kind in (3, 5),
        beta=args["beta"],
    )


def difference(theirs: Any, ours: Any) -> float:
    """Largest difference; infinite where one has a number and the other none."""
    a = np.array([math.inf if each is None else each for each in np.atleast_1d(theirs)], float)
    b = np.atleast_1d(np.asarray(ours, float))
    b = np.where(np.abs(b) > 1e300, math.inf, b)
    if a.shape != b.shape or np.any(np.isfinite(a) != np.isfinite(b)):
        return math.inf
    there = np.isfinite(a)
    return float(np.max(np.abs(a[there] - b[there]), initial=0.0))


def label(args: dict[str, Any]) -> str:
    """A design in one line."""
    return ", ".join(f"{key} {value}" for key, value in args.items() if key != "kMax")


def rows() -> Iterator[Row]:
    """Differences by design and quantity."""
    for case in reference("precise"):
        found = from_rpact(case["args"])
        yield (
            "precise",
            label(case["args"]),
            found.information.size,
            "Z",
            difference(case["critical"], found.efficacy_z),
        )
    for case in reference("rpact"):
        yield from _rpact_rows(case)
    for case in reference("gsdesign"):
        yield from _gsdesign_rows(case)


def _rpact_rows(case: dict[str, Any]) -> Iterator[Row]:
    found = from_rpact(case["args"])
    assert found.drift is not None
    assert found.inflation_factor is not None
    at = [found.probabilities(each * found.drift) for each in (0.0, 0.5, 1.0)]
    looks = found.information.size
    values: dict[str, tuple[Any, Any]] = {
        "Z": (case["critical"], found.efficacy_z),
        "stage level": (case["stage_levels"], found.nominal_p),
        "alpha spent": (case["alpha_spent"], found.alpha_spent),
        "shift": (case["shift"], found.drift**2),
        "inflation": (case["inflation"], found.inflation_factor),
    }
    if looks > 1:
        asn = [found.inflation_factor * each.expected_information for each in at]
        values["expected size"] = (case["asn"], asn)
        values["rejection"] = (case["rejection"], at[2].efficacy)
        curve = case["curve"]
        root = math.sqrt(curve["information"])
        power = [found.probabilities(each * root).rejection for each in curve["theta"]]
        values["power curve"] = (curve["power"], power)
    if found.futility_z is not None:
        values["futility Z"] = (case["futility"], found.futility_z[:-1])
        values["futility probability"] = (case["futility_probability"], at[2].futility[:-1])
        if case["beta_spent"][0] is not None:
            values["beta spent"] = (case["beta_spent"], found.beta_spent)
            values["power"] = (case["power"], np.cumsum(at[2].efficacy))
    for quantity, (theirs, ours) in values.items():
        yield "rpact 4.4", label(case["args"]), looks, quantity, difference(theirs, ours)


def _gsdesign_rows(case: dict[str, Any]) -> Iterator[Row]:
    found = from_gsdesign(case["args"], case["timing"])
    assert found.drift is not None
    assert found.inflation_factor is not None
    at = [found.probabilities(each) for each in (0.0, found.drift)]
    values: dict[str, tuple[Any, Any]] = {
        "Z": (case["upper"], found.efficacy_z),
        "inflation": (case["nI"][-1], found.inflation_factor),
        "expected size": (
            case["en"],
            [found.inflation_factor * each.expected_information for each in at],
        ),
        "rejection": (np.ravel(case["upperProb"], "F"), np.ravel([each.efficacy for each in at])),
    }
    if found.futility_z is not None:
        values["futility Z"] = (case["lower"], found.futility_z)
        values["futility probability"] = (
            np.ravel(case["lowerProb"], "F"),
            np.ravel([each.futility for each in at]),
        )
    looks = found.information.size
    for quantity, (theirs, ours) in values.items():
        yield "gsDesign 3.4", label(case["args"]), looks, quantity, difference(theirs, ours)


def shown(value: float) -> str:
    """A difference, rounded up to one digit so that no machine shows another."""
    if value <= FINEST:
        return f"< {FINEST:.0e}"
    if math.isinf(value):
        return "a bound only one has"
    power = 10.0 ** math.floor(math.log10(value))
    return f"{math.ceil(value / power - 1e-3) * power:.0e}"


def page(found: list[Row] | None = None) -> str:
    """The page."""
    every = list(rows()) if found is None else found
    lines = [
        "# Group-sequential bounds: agreement with other programs",
        "",
        "<!-- Written by scripts/write_boundary_agreement_page.py; do not edit. -->",
        "",
        "Largest differences from the numbers in `tests/reference/trials/boundaries_*.json`.",
        "*Precise* is an independent recursion solved to 1e-12: it decides where programs differ.",
        "",
        "| source | quantity | up to 10 looks | 11 to 20 looks |",
        "|---|---|---|---|",
    ]
    for source, quantity in dict.fromkeys((row[0], row[3]) for row in every):
        few, many = (
            [
                row[4]
                for row in every
                if (row[0], row[3]) == (source, quantity) and (row[2] > MANY_LOOKS) == more
            ]
            for more in (False, True)
        )
        cells = [shown(max(each)) if each else "none there" for each in (few, many)]
        lines.append(f"| {source} | {quantity} | {cells[0]} | {cells[1]} |")
    lines += [
        "",
        "## Differences above 1e-5",
        "",
        "| source | design | looks | quantity | difference |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row[0]} | {row[1]} | {row[2]} | {row[3]} | {shown(row[4])} |"
        for row in every
        if row[4] > CROSS_SOFTWARE
    ]
    lines += [
        "",
        "In each of these the precise recursion, where it has the design, sides with this program.",
        "",
        "A spending function of O'Brien-Fleming type is evaluated as 2 - 2 Phi(x), rounded as a",
        "probability near 1, as the precise recursion does: at a first look at a tenth of the",
        "information, alpha 0.025, it gives Z 6.991341 where exact arithmetic (and rpact) gives",
        "6.991352, and where less than 1e-16 is to be spent there is no bound. No trial can tell",
        "the difference.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.relative_to(ROOT))
