"""From what was given to the whole answer: design, curves, simulation, text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.reports.design.asking.choices import check_together, chosen_test
from debulk.reports.design.asking.curves import curves_of
from debulk.reports.design.asking.given import Given
from debulk.reports.design.asking.other_tests import other_answer
from debulk.reports.design.asking.planning import Planned, planned, question_of
from debulk.reports.design.asking.reading import check_known, placed
from debulk.reports.design.asking.result import answer_of
from debulk.reports.design.paragraph import paragraphs_of


def answered(given: Given, say: Callable[[str], None]) -> dict[str, Any]:
    """Everything that `debulk trial design` says, as plain values.

    Parameters
    ----------
    given : Given
    say : function of a sentence
        Told before a simulation begins.

    Raises
    ------
    InputError
        With the option, or the file and line, on the first thing that is wrong.
    """
    check_known(given)
    name, numbers = chosen_test(given)
    if name != "logrank":
        check_together(given, name)
        answer = other_answer(given, question_of(given), name, numbers)
    else:
        trials = _trials(given)
        plan = planned(given, question_of(given))
        answer = answer_of(given, plan)
        answer["curves"] = plain(curves_of(plan.whole))
        if trials:
            say(f"Simulating {trials} trials twice ...")
            answer["simulation"] = _simulation(given, plan, trials)
    answer["paragraphs"] = paragraphs_of(answer)
    return answer


def _trials(given: Given) -> int:
    trials = given.get("simulate", 0)
    if "simulate" in given and not 2 <= trials <= 10**9:
        found = f"{trials} trials"
        raise InputError(given.place("simulate"), found, "Give 2 to 1000000000, as 10000")
    seed = given.get("seed", 1)
    if not 0 <= seed < 2**63:
        raise InputError(given.place("seed"), f"found {seed}", "Give a seed from 0 to 2^63 - 1")
    return int(trials)


def _simulation(given: Given, plan: Planned, trials: int) -> dict[str, Any]:
    """The design simulated as planned, and under the null hypothesis."""
    from debulk.trials.simulation.simulating import simulate

    design, seed = plan.whole, given.get("seed", 1)
    rows: dict[str, Any] = {"trials": trials, "seed": seed}
    with placed(given, trials="simulate", design="simulate"):
        worlds = (("alternative", None), ("null", design.null_ratio))
        for name, ratio in worlds:
            found = simulate(design, hazard_ratio=ratio, trials=trials, seed=seed, estimate=False)
            rows[name] = found.to_dict()
            rows[name].pop("provenance")
    rows["comparison"] = _comparison(plan, rows)
    return rows


def _comparison(plan: Planned, rows: dict[str, Any]) -> list[dict[str, Any]]:
    """Analytic and simulated probabilities, each with its Monte Carlo error."""
    design, trials = plan.whole, rows["trials"]
    found = []
    for world, kind in (("alternative", "alternative"), ("null", "null")):
        sides = rows[world]["crossing"]["efficacy"]
        for k, (look, share) in enumerate(zip(design.looks, sides, strict=True), start=1):
            found.append(
                {
                    "world": world,
                    "what": f"efficacy at look {k}",
                    "analytic": getattr(look, f"efficacy_{kind}"),
                    "simulated": share,
                    "monte_carlo_error": (share * (1.0 - share) / trials) ** 0.5,
                }
            )
        power = rows[world]["power"]
        total = sum(getattr(look, f"efficacy_{kind}") for look in design.looks)
        what = "power" if world == "alternative" else "type I error"
        found.append(
            {
                "world": world,
                "what": what,
                "analytic": total,
                "simulated": power["estimate"],
                "monte_carlo_error": power["se"],
            }
        )
    return found
