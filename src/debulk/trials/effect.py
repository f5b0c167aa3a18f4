"""What simulated trials say of the effect: hazard ratio, power, type I error, early stops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from debulk.trials.conduct.monitoring import EFFICACY, HARM, REASONS, Monitor, boundaries_of
from debulk.trials.conduct.worlds import primary_endpoint
from debulk.trials.over_trials import mean, share, spread

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.protocols import Protocol

Table = Mapping[str, "npt.NDArray[np.float64]"]


def effect_of(protocol: Protocol, table: Table) -> dict[str, Any]:
    """Hazard ratio, power, type I error and difference in restricted mean over trials.

    All of the primary endpoint, named in ``endpoint``.

    A trial declares benefit where it crosses the efficacy bound, or, without looks before the last
    analysis, where the protocol's test favours the experimental arm at the design's level. A trial
    that cannot be analysed declares nothing. Hazard ratio and restricted mean are those at the
    stop, without correction for having stopped.

    With a margin (``null_ratio`` other than 1), to declare benefit is to declare that the hazard
    ratio lies below it: above 1, non-inferiority. The null world, whose ratio is 1, is then not the
    boundary of the hypothesis: ``declared_in_null_world`` is no type I error. That error,
    ``type_1_error``, is the share that declares it where the true ratio is the margin; without
    such a world it is None, with the ``reason``.

    Parameters
    ----------
    protocol : Protocol
        Gives level, looks and horizon.
    table : mapping of str to float64 array
        Numbers of each trial.
    """
    design = protocol.design
    tail = design.alpha / design.sided
    hazard_ratios = np.exp(table["log_hazard_ratio"])
    difference = table["rmst_difference_months"]
    return {
        "hazard_ratio": spread(hazard_ratios),
        "endpoint": primary_endpoint(protocol),
        "test": design.test,
        "null_ratio": design.null_ratio,
        "power": share(benefit_declared(protocol, table, "")),
        "type_1_error": {**_type_1_error(protocol, table), "nominal": tail},
        "declared_in_null_world": share(benefit_declared(protocol, table, "_null")),
        "two_sided_rejections_null": _either_side(protocol, table),
        "rmst_difference_months": {
            # Follow-up too short for the horizon is no late value: such trials are left out.
            **spread(difference[np.isfinite(difference)]),
            "tau_months": protocol.estimand.tau_months,
            "trials": int(np.isfinite(difference).sum()),
        },
    }


def benefit_declared(protocol: Protocol, table: Table, world: str) -> npt.NDArray[np.bool_]:
    """Which trials declare benefit in a world.

    Parameters
    ----------
    protocol : Protocol
        Gives level and looks.
    table : mapping of str to float64 array
        Numbers of each trial.
    world : {"", "_null", "_margin"}
        As simulated, the null world, or that at the margin: the end of the columns' names.
    """
    critical = float(ndtri(1.0 - protocol.design.alpha / protocol.design.sided))
    declared: npt.NDArray[np.bool_] = -table[f"z_test{world}"] > critical
    if protocol.design.monitoring is not None:
        declared = table[f"crossed{world}"] == EFFICACY
    return declared


NO_WORLD_AT_THE_MARGIN = (
    "these patients cannot be simulated with a true hazard ratio equal to the margin"
)
"""Why a run with a margin has no type I error."""


def _type_1_error(protocol: Protocol, table: Table) -> dict[str, Any]:
    """Share that declares benefit where the hazard ratio is the one to reject, and that ratio."""
    ratio = protocol.design.null_ratio
    if ratio == 1.0:
        return {**share(benefit_declared(protocol, table, "_null")), "true_ratio": 1.0}
    if not np.isfinite(table["z_test_margin"]).any():
        return {"estimate": None, "se": None, "true_ratio": ratio, "reason": NO_WORLD_AT_THE_MARGIN}
    return {**share(benefit_declared(protocol, table, "_margin")), "true_ratio": ratio}


def _either_side(protocol: Protocol, table: Table) -> dict[str, float | None]:
    """Share of null trials that reject in either direction; None with a margin, which has one side.

    With looks: for benefit or harm; its nominal value is that of symmetric bounds alone.
    """
    alpha = protocol.design.alpha
    if protocol.design.null_ratio != 1.0:
        return {"estimate": None, "se": None, "nominal": None}
    boundaries = boundaries_of(protocol)
    if boundaries is None:
        rejected = np.abs(table["z_test_null"]) > float(ndtri(1.0 - alpha / 2.0))
        return {**share(rejected), "nominal": alpha}
    rejected = np.isin(table["crossed_null"], (EFFICACY, HARM))
    return {**share(rejected), "nominal": alpha if boundaries.sided == 2 else None}


def monitoring_of(protocol: Protocol, table: Table) -> dict[str, Any] | None:
    """Where trials stopped, in the world simulated and in the null one; None without looks.

    Parameters
    ----------
    protocol : Protocol
        Gives the looks and their bounds.
    table : mapping of str to float64 array
        Numbers of each trial.

    Returns
    -------
    dict or None
        ``looks``: information, deaths and bounds (None: no bound there); then by world
        (``simulated``, ``null``) ``crossing`` (by bound, the share of trials that cross it first at
        each look, with standard errors), ``expected_events`` and ``expected_duration_months``
        (means), ``events`` and ``duration_months`` (median, lower, upper).
    """
    boundaries = boundaries_of(protocol)
    if boundaries is None or protocol.design.events is None:
        return None
    looks = boundaries.information.size
    deaths = Monitor.deaths_at(boundaries, protocol.design.events)
    bounds = {
        "efficacy_z": boundaries.efficacy_z,
        "futility_z": boundaries.futility_z,
        "harm_z": -boundaries.efficacy_z if boundaries.sided == 2 else boundaries.harm_z,
    }
    return {
        "looks": [
            {
                "information": float(boundaries.information[look]),
                "events": int(deaths[look]),
                **{n: None if b is None else float(b[look]) for n, b in bounds.items()},
            }
            for look in range(looks)
        ],
        "simulated": _stopping(table, "", "events", "cutoff_months", looks),
        "null": _stopping(table, "_null", "events_null", "cutoff_null_months", looks),
    }


def _stopping(table: Table, world: str, events: str, cutoff: str, looks: int) -> dict[str, Any]:
    crossed, look = table[f"crossed{world}"], table[f"look{world}"]
    by_bound = {
        name: [share((crossed == code) & (look == number)) for number in range(1, looks + 1)]
        for name, code in REASONS.items()
    }
    return {
        "crossing": {n: [e["estimate"] for e in each] for n, each in by_bound.items()},
        "crossing_se": {n: [e["se"] for e in each] for n, each in by_bound.items()},
        "expected_events": mean(table[events]),
        "expected_duration_months": mean(table[cutoff]),
        "events": spread(table[events]),
        "duration_months": spread(table[cutoff]),
    }
