"""The endpoints a protocol names, by arm: what trials measure, beside the truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.core.units import DAYS_PER_MONTH
from debulk.trials.endpoints.complications import GRADES, complication_shares
from debulk.trials.endpoints.measures import MeasureResult, Times, mean_times, measure
from debulk.trials.endpoints.states import (
    Q_TWIST_PARTS,
    STATES,
    q_twist_weights,
    quality_adjusted_weights,
    state_times,
)

if TYPE_CHECKING:
    from debulk.protocols import Protocol
    from debulk.protocols.spec import Endpoint
    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.conduct.worlds import Worlds
    from debulk.trials.recruitment.randomised import Randomised
    from debulk.trials.running.settings import TrialSettings

Floats = npt.NDArray[np.float64]

_UTILITY_GRID = (0.0, 0.25, 0.5, 0.75, 1.0)
NEED_UTILITIES = ("quality_adjusted", "q_twist")
_NEED_THERAPY = (*NEED_UTILITIES, "days_off_chemotherapy")
_NEED_LOCAL = (*_NEED_THERAPY, "complications")

NOTES = {
    "quality_adjusted": (
        "Systemic therapy is known up to progression only: everything after it counts as after "
        "progression.",
        "Time off therapy after local treatment is recovery for as long as the cards pause "
        "therapy; what lies beyond is time off chemotherapy.",
    ),
    "q_twist": (
        "TOX is time off therapy while recovering from local treatment; toxicity of systemic "
        "therapy is not simulated.",
    ),
    "days_off_chemotherapy": (
        "Days alive and without progression on which the planned systemic therapy was not given; "
        "after progression nothing is known of it.",
    ),
    "complications": (
        "Of local treatment alone; the cards do not tell grades below 3 apart, nor 3 from 4.",
    ),
}
"""What a reader of each endpoint must know."""


@dataclass(frozen=True)
class EndpointResult:
    """One endpoint.

    Attributes
    ----------
    name, title : str
        As the protocol names it.
    tau_months : float
        Horizon of mean times.
    measures : tuple of MeasureResult
        Empty where the patients cannot tell.
    not_told : str
        Why they cannot; empty where they can.
    notes : tuple of str
        What a reader must know.
    extra : dict
        Of Q-TWiST: ``utilities`` and ``threshold``, the true difference for each pair of them.
    """

    name: str
    title: str
    tau_months: float
    measures: tuple[MeasureResult, ...]
    not_told: str = ""
    notes: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        content: dict[str, Any] = plain(
            {
                "name": self.name,
                "title": self.title,
                "tau_months": self.tau_months,
                "measures": [each.to_dict() for each in self.measures],
                "not_told": self.not_told,
                "notes": list(self.notes),
                **self.extra,
            }
        )
        return content


def check_endpoints(protocol: Protocol) -> None:
    """Refuse endpoints that weigh time by its worth where no worth is given.

    Parameters
    ----------
    protocol : Protocol
        Names its endpoints.

    Raises
    ------
    InputError
        With the protocol's file and field.
    """
    named = [each.name for each in protocol.endpoints if each.name in NEED_UTILITIES]
    if named and protocol.utilities is None:
        raise InputError(
            f"{protocol.source_name or protocol.name}, utilities",
            f"is missing, and the endpoint {named[0]} weighs time by it",
            "Write on_chemotherapy, off_chemotherapy, after_progression and recovery, or leave the "
            "endpoint out",
        )


def endpoint_results(
    settings: TrialSettings,
    pool: Randomised,
    allocation: Allocation,
    worlds: Worlds,
    cutoff_months: Floats,
    planned_cutoff_months: Floats,
) -> tuple[EndpointResult, ...]:
    """Every endpoint that the protocol names, in its order.

    Parameters
    ----------
    settings : TrialSettings
        Protocol, cards, and what the patients can tell.
    pool, allocation
        All patients; progression as it is found.
    worlds : Worlds
        What trials see of them.
    cutoff_months, planned_cutoff_months : float64[trials]
        Calendar time of each trial's analysis, and of the last one planned, up to which the truth
        is followed; the protocol's date where a trial is not analysed.
    """
    protocol = settings.protocol
    tau = protocol.estimand.tau_months
    sizes = np.diff(worlds.os.starts)
    follow_up = np.maximum(np.repeat(planned_cutoff_months, sizes) - pool.randomised_months, 0.0)
    states = state_times(pool, allocation, _recovery_months(settings))
    times = mean_times(states, worlds, cutoff_months, follow_up, tau, _wanted(settings))
    arms = (protocol.control.name, protocol.experimental.name)
    results = []
    for each in protocol.endpoints:
        if because := _not_told(settings, each.name):
            results.append(EndpointResult(each.name, each.title, tau, (), because))
        elif each.name == "complications":
            shares = complication_shares(pool, allocation, worlds.os.starts)
            measures = tuple(
                measure(name, GRADES[name][0], "share of the arm", found, arms)
                for name, found in shares.items()
            )
            notes = NOTES[each.name]
            results.append(EndpointResult(each.name, each.title, tau, measures, notes=notes))
        else:
            results.append(_of_times(protocol, each, times, arms))
    return tuple(results)


def _not_told(settings: TrialSettings, name: str) -> str:
    """Why an endpoint cannot be told; empty where it can."""
    if name not in _NEED_LOCAL:
        return ""
    if not settings.generator.local_treatment:
        return f"{settings.generator.name} tell nothing of local treatment or its pauses"
    plans = [arm.strategy.systemic for arm in settings.protocol.arms]
    if name in _NEED_THERAPY and not all(plan is None or plan.throughout for plan in plans):
        return (
            "an arm has systemic therapy for a part of the time alone, and patients tell only the "
            "days lost of what is planned"
        )
    return ""


def _wanted(settings: TrialSettings) -> tuple[str, ...]:
    """Mean times that the protocol's endpoints are made of, as far as the patients tell them."""
    names = {each.name for each in settings.protocol.endpoints}
    if any(not _not_told(settings, each) for each in names & set(_NEED_THERAPY)):
        return STATES
    return tuple(each for each in ("os", "pfs") if each in names)


def _of_times(
    protocol: Protocol, endpoint: Endpoint, times: Times, arms: tuple[str, str]
) -> EndpointResult:
    """An endpoint that is a sum of mean times."""
    tau, utilities = protocol.estimand.tau_months, protocol.utilities
    name, title = endpoint.name, endpoint.title
    unit, scale = "months", 1.0
    extra: dict[str, Any] = {}
    weights: dict[str, tuple[str, Floats]] = {}
    if name in ("os", "pfs"):
        alone = np.array([name == "os", name == "pfs", False, False], dtype=np.float64)
        weights[name] = (f"mean up to {tau:g} months", alone)
    elif name == "days_off_chemotherapy":
        weights[name] = ("days off systemic therapy", np.array([0.0, 0.0, 1.0, 0.0]))
        unit, scale = "days", DAYS_PER_MONTH
    else:
        assert utilities is not None  # refused before anything ran
        if name == "quality_adjusted":
            worth = quality_adjusted_weights(
                utilities.on_chemotherapy,
                utilities.off_chemotherapy,
                utilities.after_progression,
                utilities.recovery,
            )
            weights[name] = ("quality-adjusted months", worth)
        else:
            u_tox, u_rel = utilities.recovery, utilities.after_progression
            weights = {part: (part, each) for part, each in Q_TWIST_PARTS.items()}
            weights["Q-TWiST"] = ("Q-TWiST", q_twist_weights(u_tox, u_rel))
            extra = {
                "utilities": {"TOX": u_tox, "TWiST": 1.0, "REL": u_rel},
                "threshold": _threshold(times),
            }
    measures = tuple(
        measure(key, text, unit, times.weighted(weight, scale), arms)
        for key, (text, weight) in weights.items()
    )
    return EndpointResult(name, title, tau, measures, notes=NOTES.get(name, ()), extra=extra)


def _threshold(times: Times) -> list[dict[str, float]]:
    """True difference in Q-TWiST for every pair of utilities, the table of threshold analysis."""
    rows = []
    for u_tox in _UTILITY_GRID:
        for u_rel in _UTILITY_GRID:
            truth = times.weighted(q_twist_weights(u_tox, u_rel)).truth
            rows.append({"TOX": u_tox, "REL": u_rel, "difference": float(truth[1] - truth[0])})
    return rows


def _recovery_months(settings: TrialSettings) -> tuple[float, float]:
    """Longest pause that each arm's cards make; a control patient who crosses over has the other's.

    Where the control arm treats nothing, its own pause is 0.
    """
    if not settings.generator.local_treatment:
        return 0.0, 0.0
    longest = []
    for arm in (settings.protocol.control, settings.protocol.experimental):
        tables = settings.tables_of(arm.strategy)
        days = np.asarray(tables.pause_before_days) + np.asarray(tables.pause_after_days)
        treats = arm.strategy.local_treatment and days.size > 0
        longest.append(float(days.max()) / DAYS_PER_MONTH if treats else 0.0)
    return longest[0], longest[1]
