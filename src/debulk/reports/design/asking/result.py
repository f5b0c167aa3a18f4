"""The answer as plain values: what --json prints and every page and picture is made from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import debulk
from debulk.core.provenance import Parameter, Provenance
from debulk.core.results import plain
from debulk.reports.design.asking.given import ORDER, Given
from debulk.reports.design.asking.planning import Planned, Question

if TYPE_CHECKING:
    from debulk.trials.boundaries.bounds import Boundaries
    from debulk.trials.planning.curves import ControlCurve
    from debulk.trials.survival_designs.assumptions import Stratum
    from debulk.trials.survival_designs.trial_design import Look, TrialDesign

DEFAULT_ENDPOINT = "overall survival"


def answer_of(given: Given, plan: Planned) -> dict[str, Any]:
    """The answer of a design by the log-rank test.

    Parameters
    ----------
    given : Given
    plan : Planned

    Returns
    -------
    dict
        `debulk trial design --json`, without curves and simulation.
    """
    design = plan.whole if given.get("whole") else plan.solved
    blocks = {"solved": _size(plan.solved), "whole": _size(plan.whole)}
    numbers = "whole" if given.get("whole") else "solved"
    found: dict[str, Any] = {
        **blocks[numbers],
        **blocks,
        "numbers": numbers,
        "shown": [numbers] if given.get("whole") or given.get("exact") else list(blocks),
        "test": "logrank",
        "endpoint": given.get("endpoint", DEFAULT_ENDPOINT),
        **_assumptions(design, plan.question),
        "boundaries": _boundaries(design),
        "formula": design.formula,
        "goal": plan.question.goal,
        "dilution": plan.dilution,
        "rules": rules_of(given, has_looks=plan.solved.boundaries is not None),
        "simulation": None,
        "command": given.command(),
        "provenance": provenance_of(given, design.parameters, design.remarks),
    }
    return plain(found)  # type: ignore[no-any-return]


def _size(design: TrialDesign) -> dict[str, Any]:
    """Events, patients, months, power and looks, of the design as solved or in whole numbers."""
    return {
        "events": design.events,
        "patients": design.patients,
        "duration_months": design.duration_months,
        "power": design.power,
        "accrual": design.accrual,
        "follow_up_months": design.duration_months - design.accrual.end_months,
        "looks": [_look(each, design) for each in design.looks],
        "expected_null": design.expected_null,
        "expected_alternative": design.expected_alternative,
        "null_world": null_world(design),
    }


def _look(look: Look, design: TrialDesign) -> dict[str, Any]:
    r = design.allocation
    found: dict[str, Any] = dict(look.to_dict())
    found["nominal_p"] = None
    if look.efficacy_z is not None:
        found["nominal_p"] = design.sided * 0.5 * math.erfc(look.efficacy_z / math.sqrt(2.0))
    found["harm_hazard_ratio"] = None
    if look.harm_z is not None:
        spread = (1.0 + r) / math.sqrt(look.events * r)
        found["harm_hazard_ratio"] = design.null_ratio * math.exp(-look.harm_z * spread)
    return found


def _assumptions(design: TrialDesign, question: Question) -> dict[str, Any]:
    return {
        "hazard_ratio": design.hazard_ratio,
        "planned_hazard_ratio": question.hazard_ratio,
        "hazard_control": design.hazard_control,
        "medians": medians_of(design.strata or (_alone(design),)),
        "null_ratio": design.null_ratio,
        "alpha": design.alpha,
        "sided": design.sided,
        "allocation": design.allocation,
        "dropout": {
            "experimental": -math.expm1(-12.0 * design.dropout.experimental),
            "control": -math.expm1(-12.0 * design.dropout.control),
        },
        "strata": design.strata,
    }


def _alone(design: TrialDesign) -> Stratum:
    from debulk.trials.survival_designs.assumptions import Stratum

    return Stratum(1.0, design.hazard_control, design.hazard_ratio)


def medians_of(strata: tuple[Stratum, ...]) -> dict[str, float | None]:
    """Medians of both arms, of all strata together; None where one is never reached.

    Parameters
    ----------
    strata : tuple of Stratum
        With pieces.
    """
    from debulk.trials.planning.curves import ControlCurve
    from debulk.trials.survival_designs.event_probabilities import product

    control = [(each.share, ControlCurve(each.hazard_control)) for each in strata]
    experimental = [
        (each.share, ControlCurve(product(each.hazard_control, each.hazard_ratio)))
        for each in strata
    ]
    return {"control": _median(control), "experimental": _median(experimental)}


def _median(curves: list[tuple[float, ControlCurve]]) -> float | None:
    """Time at which half of all patients have had the event."""
    from scipy.optimize import brentq

    ends = [curve.quantile_months(0.5) for _, curve in curves]
    if not all(math.isfinite(end) for end in ends):
        return None
    if max(ends) - min(ends) < 1e-12:
        return ends[0]

    def above_half(month: float) -> float:
        return math.fsum(share * float(curve.survival(month)) for share, curve in curves) - 0.5

    return float(brentq(above_half, min(ends), max(ends)))


def _boundaries(design: TrialDesign) -> dict[str, Any] | None:
    return None if design.boundaries is None else design.boundaries.to_dict()


def null_world(design: TrialDesign) -> dict[str, Any]:
    """Probability of each way to stop at each look where treatment has no effect at all.

    Parameters
    ----------
    design : TrialDesign

    Returns
    -------
    dict
        `looks`: efficacy, futility, harm, opposite by look; `none`: that nothing is crossed;
        `benefit`: total of efficacy. The hazard ratio is exactly 1, which is the null hypothesis
        only where there is no margin.
    """
    r = design.allocation
    drift = math.log(design.null_ratio) * math.sqrt(design.events * r) / (1.0 + r)
    if design.boundaries is None:
        z = design.looks[0].efficacy_z or 0.0
        up = 0.5 * math.erfc((z - drift) / math.sqrt(2.0))
        down = 0.5 * math.erfc((z + drift) / math.sqrt(2.0)) if design.sided == 2 else 0.0
        rows = [{"efficacy": up, "futility": 0.0, "harm": 0.0, "opposite": down}]
    else:
        rows = null_rows(design.boundaries, drift)
    stopped = math.fsum(value for row in rows for value in row.values())
    return {
        "hazard_ratio": 1.0,
        "looks": rows,
        "benefit": math.fsum(row["efficacy"] for row in rows),
        "none": max(0.0, 1.0 - stopped),
    }


def null_rows(boundaries: Boundaries, drift: float) -> list[dict[str, float]]:
    """Probability of each way to stop, by look.

    Parameters
    ----------
    boundaries : Boundaries
    drift : float
        Expected Z at the last look.
    """
    found = boundaries.probabilities(drift)
    ways = {
        name: [float(each) for each in getattr(found, name)]
        for name in ("efficacy", "futility", "harm", "opposite")
    }
    # At the last look what is not rejected is no stop for futility but the end of the trial.
    ways["futility"][-1] = 0.0
    looks = range(len(boundaries.information))
    return [{name: values[k] for name, values in ways.items()} for k in looks]


def rules_of(given: Given, *, has_looks: bool) -> dict[str, Any]:
    """The stopping rules as they are written.

    Parameters
    ----------
    given : Given
    has_looks : bool
        Without looks there is none.
    """
    from debulk.reports.design.asking.planning import DEFAULT_EFFICACY, DEFAULT_HARM_ALPHA

    harm = given.get("harm")
    return {
        "efficacy": given.get("efficacy", DEFAULT_EFFICACY) if has_looks else None,
        "futility": given.get("futility"),
        "binding": bool(given.get("binding")),
        "harm": harm,
        "harm_alpha": given.get("harm_alpha", DEFAULT_HARM_ALPHA) if harm else None,
    }


def provenance_of(
    given: Given, parameters: tuple[Parameter, ...], remarks: tuple[str, ...]
) -> Provenance:
    """What was chosen, what is a default, what follows.

    Parameters
    ----------
    given : Given
    parameters : tuple of Parameter
        Of the design.
    remarks : tuple of str
        Of the design.
    """
    typed = [
        Parameter(f"option.{name}", given.get(name), "chosen", "the call")
        for name in ORDER
        if name in given
    ]
    defaults = {"endpoint": DEFAULT_ENDPOINT, "test": "logrank"}
    if "looks" in given:
        from debulk.reports.design.asking.planning import DEFAULT_EFFICACY

        defaults["efficacy"] = DEFAULT_EFFICACY
    untyped = [
        Parameter(f"option.{name}", value, "default", "the program's default")
        for name, value in defaults.items()
        if name not in given
    ]
    return Provenance(
        version=debulk.__version__,
        seed=given.get("seed", 1) if "simulate" in given else None,
        parameters=(*parameters, *typed, *untyped),
        remarks=remarks,
    )
