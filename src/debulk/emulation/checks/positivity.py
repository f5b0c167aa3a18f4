"""Positivity: whether every kind of patient had a chance of both choices."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.emulation.check import Check
from debulk.emulation.checks.clones_at_visits import check_weights_of
from debulk.emulation.clones.decisions import begun_before
from debulk.emulation.clones.weights import CloneWeights
from debulk.emulation.person_time import Floats, PersonTime

LEAST_CHANCE = 0.01
"""A chance of following the treating strategy at the deadline below this is next to none."""

MOST_WITHOUT_CHANCE = 0.01
"""Share of the eligible at the deadline who may have next to no chance."""

LEAST_UNTREATED_CHANCE = 0.03
"""Smallest chance of having stayed untreated so far that may stand for others."""

_QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_FEW = 20  # in a smaller stratum that a choice never occurs says nothing
_QUARTERS = (0.25, 0.5, 0.75)


def check_positivity(person_time: PersonTime, weights: CloneWeights) -> Check:
    """Judge whether the weights stand on patients who could have been treated otherwise.

    Parameters
    ----------
    person_time : PersonTime
    weights : CloneWeights

    Returns
    -------
    Check
        *fail* where more than 1 % of those eligible at the last visit of the grace period had a
        chance of following the treating strategy below 0.01, where a history without treatment had
        a chance below 0.03, or where in a stratum of a covariate one choice never occurred; the
        stratum is named, and there is no value then. The limits are conventions, set where
        intervals were seen to fail (decision 0012).
    """
    check_weights_of(person_time, weights)
    avoiding, treating = weights.arms
    model = treating.model
    visit = person_time.visit[model.rows]
    deadline = model.probability[visit == weights.visits - 1]
    share = float(np.mean(deadline < LEAST_CHANCE)) if deadline.size else 0.0
    untreated = _smallest_untreated_chance(avoiding.weight[:, : weights.visits + 1], weights)
    strata = _one_sided_strata(person_time, model.rows, model.outcome)
    details = {
        "least_chance": LEAST_CHANCE,
        "share_without_chance_at_deadline": share,
        "smallest_chance_untreated": untreated,
        "strata_with_one_choice": strata,
        "chance_of_treatment": _quantiles(visit, model.probability),
    }
    faults = []
    decided: tuple[float | None, float | None] = (share, MOST_WITHOUT_CHANCE)
    if share > MOST_WITHOUT_CHANCE:
        faults.append(
            f"{100 * share:.1f} % of the {deadline.size} patients eligible at the last visit had a "
            f"chance of following the strategy {treating.strategy} there below {LEAST_CHANCE}"
        )
    if untreated is not None and untreated < LEAST_UNTREATED_CHANCE:
        decided = decided if faults else (untreated, LEAST_UNTREATED_CHANCE)
        faults.append(f"a patient stayed untreated against a chance of {untreated:.3f}")
    if strata and not faults:
        decided = (None, None)  # a stratum is named, not measured
    faults += [f"in {each['stratum']} {each['choice']}" for each in strata[:3]]
    if faults:
        text = "; ".join(faults) + ": the weights rest on patients who hardly had a choice."
        return Check("positivity", "fail", _capital(text), *decided, details)
    text = "Every kind of patient seen had a chance of both choices."
    return Check("positivity", "pass", text, share, MOST_WITHOUT_CHANCE, details)


def _smallest_untreated_chance(weight: Floats, weights: CloneWeights) -> float | None:
    if weights.stabilised or weights.loss is not None or np.isfinite(weights.caps[0]):
        return None  # such weights are no plain inverse chance
    largest = float(weight.max(initial=0.0))
    return 1.0 / largest if largest > 0.0 else None


def _quantiles(visit: npt.NDArray[np.int32], probability: Floats) -> list[dict[str, Any]]:
    found = []
    for each in np.unique(visit):
        there = probability[visit == each]
        values = np.quantile(there, _QUANTILES)
        named = {
            f"q{100 * level:g}": float(value)
            for level, value in zip(_QUANTILES, values, strict=True)
        }
        found.append({"visit": int(each), "eligible": int(there.size), **named})
    return found


def _one_sided_strata(
    person_time: PersonTime, rows: npt.NDArray[np.int64], outcome: npt.NDArray[np.bool_]
) -> list[dict[str, Any]]:
    """Strata of single covariates in which, over all decisions, one choice never occurred."""
    owner = person_time.patient[rows]
    found: list[dict[str, Any]] = []
    columns = [
        (covariate.name, person_time.values[rows, place])
        for place, covariate in enumerate(person_time.covariates)
    ]
    # Of a share that needs two procedures the first one cannot be the last.
    begun = begun_before(person_time, rows).astype(np.float64)
    for column, values in [*columns, ("local treatment begun before", begun)]:
        for name, inside in _strata(column, values):
            patients = np.unique(owner[inside]).size
            treated = int(np.count_nonzero(outcome[inside]))
            if patients < _FEW or 0 < treated < patients:
                continue
            choice = (
                "nobody was treated as the strategy asks"
                if treated == 0
                else "everybody was treated as the strategy asks"
            )
            found.append({"stratum": name, "patients": int(patients), "choice": choice})
    return found


def _strata(name: str, values: Floats) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    distinct = np.unique(values)
    if distinct.size <= 1:
        return []
    if distinct.size <= 5:
        return [(f"{name} = {value:g}", values == value) for value in distinct]
    cuts = np.quantile(values, _QUARTERS)
    quarter = np.searchsorted(cuts, values, side="left")
    return [(f"quarter {turn + 1} of {name}", quarter == turn) for turn in range(4)]


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
