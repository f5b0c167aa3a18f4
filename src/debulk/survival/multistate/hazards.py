"""Cumulative hazards of single transitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.results import plain
from debulk.survival.curves.limits import normal_width
from debulk.survival.labels import label_of
from debulk.survival.multistate.estimate import Occupation
from debulk.survival.subjects import Floats, moments


@dataclass(frozen=True, eq=False)
class TransitionHazard:
    """Cumulative hazard of moving from one state to another (Nelson-Aalen).

    Attributes
    ----------
    from_state, to_state : str
        The transition.
    time : array, shape (m,)
        Times at which it happens, rising.
    at_risk, events : array, shape (m,)
        In `from_state` just before, and moves; weighted where weights are.
    cumulative, std_error : array, shape (m,)
        Sum of events / at_risk, and its standard error (Aalen 1978, Ann Stat 6:701: the sum of
        squared weights of those who move, over at_risk squared).
    lower, upper : array, shape (m,)
        Limits on the log scale.
    """

    from_state: str
    to_state: str
    time: Floats
    at_risk: Floats
    events: Floats
    cumulative: Floats
    std_error: Floats
    lower: Floats
    upper: Floats

    def at(self, times: npt.ArrayLike) -> Floats:
        """Cumulative hazard at `times`; 0 before the first, the last value after the last."""
        wanted = moments(times)
        steps = np.concatenate(([0.0], self.cumulative))
        result: Floats = steps[np.searchsorted(self.time, wanted, side="right")]
        return result

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        names = ("from_state", "to_state", "time", "at_risk", "events", "cumulative")
        more = ("std_error", "lower", "upper")
        return {name: plain(getattr(self, name)) for name in names + more}


def transition_hazards(
    found: Occupation, conf_level: float
) -> dict[tuple[str, str], TransitionHazard]:
    """Every transition that occurs."""
    rows, table = found.rows, found.table
    states = [label_of(each) for each in rows.states]
    z = normal_width(conf_level)
    result = {}
    moving = rows.moves
    for i, origin in enumerate(states):
        for j, target in enumerate(states):
            some = table.moves[:, i, j] > 0
            if not some.any():
                continue
            chosen = moving & (rows.origin == i) & (rows.target == j)
            squares = np.bincount(
                table.last[chosen] - 1, rows.weights[chosen] ** 2, minlength=table.times.size
            )[some]
            at_risk, events = table.at_risk[some, i], table.moves[some, i, j]
            cumulative = np.cumsum(events / at_risk)
            std_error = np.sqrt(np.cumsum(squares / at_risk**2))
            width = np.exp(z * std_error / cumulative)
            result[(origin, target)] = TransitionHazard(
                from_state=origin,
                to_state=target,
                time=table.times[some],
                at_risk=at_risk,
                events=events,
                cumulative=cumulative,
                std_error=std_error,
                lower=cumulative / width,
                upper=cumulative * width,
            )
    return result
