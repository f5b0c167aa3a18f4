"""Long runs of the designer: the design simulated, and a population's protocol run with it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi import Request

from debulk.core.results import plain
from debulk.core.strings import text
from debulk.reports.design.asking.given import written
from debulk.reports.design.asking.planning import planned, question_of
from debulk.trials.running.run import run_trial
from debulk.web.jobs.kinds import Progress
from debulk.web.jobs.queue import latest
from debulk.web.trials.answers import Answered, answer_of, protocol_of
from debulk.web.trials.asked import never_treated

if TYPE_CHECKING:
    from debulk.trials.simulation.design_characteristics import DesignCharacteristics

TRIALS = 10_000
PROTOCOL_TRIALS = 200
SEED = 1
LATE_WEIGHTS = (0.0, 1.0)
"""Fleming-Harrington weights of a test for effects that come late."""


def simulate_design(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Simulate a design under its plan and without effect, and where the effect changes over time
    with a test for late effects as well.

    Parameters
    ----------
    parameters : mapping
        `query` (canonical), `trials`, `seed`.
    progress : callable

    Returns
    -------
    dict
        `trials`, `seed`, and by world the results of `debulk.trials.simulate`; `analytic`, the
        probabilities by the formulas.
    """  # noqa: D205
    from debulk.survival import FlemingHarrington
    from debulk.trials.simulation.simulating import simulate

    given = answer_of(str(parameters["query"])).asked.given
    trials, seed = int(parameters["trials"]), int(parameters["seed"])
    design = planned(given, question_of(given)).whole
    changing = len(design.hazard_ratio) > 1
    steps = 3 if changing else 2
    progress(0.0, text("designer.simulated.progress.planned"))
    found = {"alternative": _plain(simulate(design, trials=trials, seed=seed))}
    progress(1.0 / steps, text("designer.simulated.progress.none"))
    null = design.null_ratio
    found["null"] = _plain(simulate(design, hazard_ratio=null, trials=trials, seed=seed))
    if changing:
        progress(2.0 / steps, text("designer.simulated.progress.weighted"))
        late = FlemingHarrington(*LATE_WEIGHTS)
        weighted = simulate(design, trials=trials, seed=seed, test=late, estimate=False)
        found["weighted"] = _plain(weighted)
    analytic = {
        world: [getattr(look, f"efficacy_{world}") for look in design.looks]
        for world in ("alternative", "null")
    }
    return dict(plain({"trials": trials, "seed": seed, "analytic": analytic, **found}))


def _plain(found: DesignCharacteristics) -> dict[str, Any]:
    values = dict(found.to_dict())
    values.pop("provenance")
    return values


def run_protocol(parameters: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Take virtual patients through the population's protocol with the design's own numbers.

    Parameters
    ----------
    parameters : mapping
        `query` (canonical, with a population), `trials`, `seed`.
    progress : callable

    Returns
    -------
    dict
        Power, error, ratio and funnel of `debulk trial run`, without its curves.
    """
    found = answer_of(str(parameters["query"]))
    trials = int(parameters["trials"])

    def told(done: int, wanted: int) -> None:
        said = text("designer.simulated.progress.protocol", done=done, wanted=wanted)
        progress(done / wanted, said)

    told(0, trials)
    protocol = protocol_of(found.asked.words["population"])
    from debulk.protocols import load_protocol

    changed = load_protocol(protocol.name, changes=protocol_changes(found))
    result = run_trial(
        changed, trials=trials, seed=int(parameters["seed"]), workers=1, progress=told
    ).to_dict()
    kept = ("protocol", "trials", "seed", "world", "patients_from", "applicability", "effect",
            "funnel", "randomised_range", "events", "duration_months", "provenance")  # fmt: skip
    return dict(plain({name: result[name] for name in kept}))


def protocol_changes(found: Answered) -> dict[str, str]:
    """The design's numbers as fields of its population's protocol.

    Parameters
    ----------
    found : Answered
        With a population.
    """
    numbers, words = found.asked.numbers, found.asked.words
    size = found.answer["whole"]
    protocol = protocol_of(words["population"])
    consent = next((each.step for each in protocol.funnel if each.consent), None)
    accrual = size["accrual"]["end_months"]
    people = protocol.conduct.people_with_bowel_cancer * size["patients"]
    changes = {
        "design.planned_patients": str(math.ceil(size["patients"] - 1e-9)),
        "design.power": written(round(size["power"], 6)),
        "design.alpha": written(numbers["alpha"]),
        "design.sided": words["sided"],
        "design.events": str(math.ceil(size["events"] - 1e-9)),
        "conduct.accrual_months": written(round(accrual, 4)),
        "conduct.cutoff_months": written(round(max(size["duration_months"], accrual), 4)),
        "conduct.people_with_bowel_cancer": str(
            max(1, round(people / protocol.design.planned_patients))
        ),
        "conduct.withdrawn": written(never_treated(numbers, words)),
        "conduct.crossed_over": written(numbers["crossover"]),
        "conduct.lost_per_year": written(numbers["dropout"]),
        "conduct.allocation": written(found.answer["allocation"]),
    }
    if consent is not None:
        changes[f"funnel.{consent}.chance"] = written(round(1.0 - numbers["refusal"], 6))
    looks = found.answer["whole"]["looks"]
    if len(looks) > 1:
        shares = ", ".join(written(round(each["information"], 6)) for each in looks)
        changes |= {
            "design.monitoring.information": f"[{shares}]",
            "design.monitoring.efficacy": found.answer["rules"]["efficacy"],
        }
        if found.answer["rules"]["futility"]:
            changes["design.monitoring.futility"] = found.answer["rules"]["futility"]
    return changes


def parameters_of(query: str, trials: int) -> dict[str, Any]:
    """What says which run it is: the same design, trials and seed are run once."""
    return {"query": query, "trials": trials, "seed": SEED}


def simulated_of(request: Request, found: Answered) -> dict[str, Any]:
    """The newest runs of this design: where they are, and what they found.

    Returns
    -------
    dict
        `design` and `protocol`, each None (not asked for) or `job` and `result`.
    """
    query = found.asked.query
    runs: dict[str, Any] = {"design": None, "protocol": None}
    kinds = {"design": ("trials.simulate_design", TRIALS)}
    if found.asked.words["population"]:
        kinds["protocol"] = ("trials.run_protocol", PROTOCOL_TRIALS)
    for name, (kind, trials) in kinds.items():
        job = latest(request, kind, parameters_of(query, trials))
        if job is not None:
            runs[name] = {"job": job.to_dict(), "result": job.result}
    return runs
