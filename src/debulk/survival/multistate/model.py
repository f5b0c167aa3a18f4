"""Multi-state models: what users call, and what they get."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.core.results import Estimate, plain
from debulk.survival.curves.limits import normal_width
from debulk.survival.labels import ByLabel, label_of
from debulk.survival.limits import Scale, check_scale, limits_of
from debulk.survival.multistate.estimate import (
    Occupation,
    clusters_of,
    estimate_occupation,
    initial_occupation,
    restricted_times,
)
from debulk.survival.multistate.hazards import TransitionHazard, transition_hazards
from debulk.survival.multistate.reading import read_state_rows
from debulk.survival.multistate.rows import StateRows, distinct_rising
from debulk.survival.options import check_flag, check_level, one_number, shown
from debulk.survival.subjects import Floats, Ints, moments


@dataclass(frozen=True, eq=False)
class MultiState:
    """Probabilities of being in each of S states over time (Aalen-Johansen).

    Attributes
    ----------
    states : tuple of str
        The states.
    time : array, shape (m,)
        Distinct times at which rows end, rising, in the unit given.
    probability, std_error : array, shape (m, S)
        Probability of being in each state just after each time, and its standard error
        (infinitesimal jackknife by cluster).
    lower, upper : array, shape (m, S)
        Pointwise limits; NaN where the scale is not defined (log: where the probability is 0).
    at_risk : array, shape (m, S)
        In each state just before each time (start < t <= stop), weighted where weights are.
    initial : mapping of str to float
        Probability of each state at `origin`.
    origin : float
        Time at which the curves start: 0, or the landmark.
    transitions : mapping of str to mapping of str to int
        Moves from each state to each other, each counted once.
    n, n_rows : int
        Subjects and rows.
    conf_level : float
    conf_type : {"log", "log-log", "plain"}
    counts : mapping of str to int
        What was decided about single subjects, with how many it concerned.
    """

    states: tuple[str, ...]
    time: Floats
    probability: Floats
    std_error: Floats
    lower: Floats
    upper: Floats
    at_risk: Floats
    initial: dict[str, float]
    origin: float
    transitions: dict[str, dict[str, int]]
    n: int
    n_rows: int
    conf_level: float
    conf_type: Scale
    counts: dict[str, int]
    _found: Occupation = field(repr=False)
    _subject: Ints = field(repr=False)

    def at(self, times: npt.ArrayLike) -> Floats:
        """Probabilities at `times`, shape (q, S); NaN before `origin` and past the last row."""
        return self._step(self._found.occupied, times)

    def std_error_at(self, times: npt.ArrayLike) -> Floats:
        """Standard errors at `times`, shape (q, S)."""
        return self._step(np.sqrt(self._found.variance), times)

    def limits_at(self, times: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Lower and upper limits at `times`, each of shape (q, S)."""
        return limits_of(self.at(times), self.std_error_at(times), self.conf_level, self.conf_type)

    def restricted_times(self, tau: float) -> dict[str, Estimate]:
        """Expected time in each state from `origin` to `tau`.

        Parameters
        ----------
        tau : float
            Horizon, above `origin` and not beyond the last row.

        Returns
        -------
        dict of str to Estimate
            Areas under the probabilities; infinitesimal jackknife, normal interval. They add up
            to the time between.

        Raises
        ------
        InputError
            If `tau` is not above `origin` or lies beyond the last row.
        """
        last = float(self.time[-1])
        horizon = one_number(tau, "tau")
        if not self.origin < horizon <= last:
            reason = f"{horizon:g} is not above {self.origin:g} and up to the last time, {last:g}"
            raise InputError("tau", reason, f"Give a horizon up to {last:g}")
        means, errors = restricted_times(self._found, self.origin, horizon)
        z = normal_width(self.conf_level)
        result: dict[str, Estimate] = ByLabel()
        for state, mean, se in zip(self.states, means.tolist(), errors.tolist(), strict=True):
            result[state] = Estimate(
                estimand=f"mean time in {state} from {self.origin:g} to {horizon:g}",
                estimate=mean,
                se=se,
                lower=mean - z * se,
                upper=mean + z * se,
                conf_level=self.conf_level,
                n=self.n,
                events=sum(each.get(state, 0) for each in self.transitions.values()),
                note="Area under the state occupation; infinitesimal jackknife, normal interval; "
                "events are moves into the state.",
            )
        return result

    def hazards(self) -> dict[tuple[str, str], TransitionHazard]:
        """Cumulative hazard of each transition that occurs (Nelson-Aalen), by (from, to)."""
        return transition_hazards(self._found, self.conf_level)

    def transition_probabilities(
        self, landmark: float, from_state: Any, *, markov: bool = True
    ) -> MultiState:
        """Probabilities of each state for one who is in `from_state` at `landmark`.

        Parameters
        ----------
        landmark : float
            Time s; moves in (s, t] count.
        from_state : label
            State at s.
        markov : bool
            Whether everybody's later moves are used, which assumes that they do not depend on the
            past (Aalen and Johansen 1978), or only those of subjects in `from_state` at s
            (landmark estimate; Putter and Spitoni 2018, Stat Methods Med Res 27:2081).

        Raises
        ------
        InputError
            If there is no such state, or nobody is in it at `landmark`.
        """
        check_flag(markov, "markov")
        start = one_number(landmark, "landmark")
        state = self._code(from_state)
        rows = self._found.rows
        here = (rows.start <= start) & (rows.stop > start) & (rows.origin == state)
        if not here.any():
            raise InputError(
                "landmark",
                f"nobody is in {self.states[state]!r} at {start:g}",
                "Choose a time and a state in which somebody is followed",
            )
        kept = rows.stop > start
        if not markov:
            chosen = np.zeros(int(self._subject.max()) + 1, dtype=np.bool_)
            chosen[self._subject[here]] = True
            kept &= chosen[self._subject]
        initial = np.zeros(len(self.states))
        initial[state] = 1.0
        part = StateRows(
            rows.start[kept],
            rows.stop[kept],
            rows.origin[kept],
            rows.target[kept],
            rows.cluster[kept],
            rows.weights[kept],
            rows.states,
        )
        fixed = np.zeros((clusters_of(rows), initial.size))
        found = estimate_occupation(part, initial, fixed)
        return multi_state_of(
            found, self._subject[kept], start, self.conf_level, self.conf_type, {}
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON; not defined is None."""
        names = (
            *("states", "time", "probability", "std_error", "lower", "upper", "at_risk"),
            *("initial", "origin", "transitions", "n", "n_rows", "conf_level", "conf_type"),
            "counts",
        )
        return {name: plain(getattr(self, name)) for name in names}

    def _code(self, state: Any) -> int:
        wanted = label_of(state)
        if wanted not in self.states:
            raise InputError(
                "from_state", f"no state is called {wanted!r}", nearest(wanted, self.states)
            )
        return self.states.index(wanted)

    def _step(self, steps: Floats, times: npt.ArrayLike) -> Floats:
        wanted = moments(times)
        found = steps[np.searchsorted(self._found.table.times, wanted, side="right")]
        known = (wanted >= self.origin) & (wanted <= self.time[-1])
        result: Floats = np.where(known[..., None], found, np.nan)
        return result


def multi_state(
    start: Any,
    stop: Any,
    to_state: Any,
    *,
    subject: Any,
    from_state: Any = None,
    censoring: Any = 0,
    weights: Any = None,
    cluster: Any = None,
    initial: dict[Any, float] | None = None,
    conf_level: float = 0.95,
    conf_type: Scale = "log",
) -> MultiState:
    """Estimate the probabilities of the states of a multi-state model (Aalen-Johansen).

    Parameters
    ----------
    start, stop : array-like, shape (n,)
        Each row's interval (start, stop], in any unit, from 0 on. The rows of a subject follow
        each other without gap or overlap; the first may start after 0 (delayed entry).
    to_state : array-like, shape (n,)
        State that the row ends in, or the label of censoring where it ends without a move.
    subject : array-like, shape (n,)
        Whose row it is.
    from_state : array-like, shape (n,), optional
        State during the row. Without it all subjects start in "(s0)", and later rows go on where
        the one before ended.
    censoring : label or None
        The value of `to_state` that marks a row without a move. Text needs it named.
    weights : array-like, shape (n,), optional
        Sampling weights of the rows, above 0.
    cluster : array-like, shape (n,), optional
        Units that vary independently; by default the subjects.
    initial : mapping of state to float, optional
        Probabilities of the states at time 0, taken as known. Default: the shares of those under
        observation just before the first move, whose sampling enters the standard errors.
    conf_level, conf_type : float, {"log", "log-log", "plain"}
        Level and scale of the pointwise limits.

    Returns
    -------
    MultiState

    Raises
    ------
    InputError
        On arrays that do not fit; on rows that contradict each other, naming subject and row.

    Notes
    -----
    Aalen and Johansen (1978, Scand J Stat 5:141); standard errors by the infinitesimal jackknife,
    as in R's survfit, at a cost of n log n. Moves come before censorings at the same time.
    """
    check_level(conf_level)
    check_scale(conf_type)
    rows, subjects = read_state_rows(
        start,
        stop,
        to_state,
        subject=subject,
        from_state=from_state,
        censoring=censoring,
        weights=weights,
        cluster=cluster,
    )
    return estimate_states(rows, subjects, initial, conf_level, conf_type, {})


def estimate_states(
    rows: StateRows,
    subjects: Ints,
    initial: dict[Any, float] | None,
    conf_level: float,
    conf_type: Scale,
    counts: dict[str, int],
) -> MultiState:
    """Estimate from rows already checked; the arguments are those of `multi_state`."""
    clusters = clusters_of(rows)
    if initial is None:
        shares, influence = initial_occupation(rows, clusters)
    else:
        shares = _initial(initial, rows)
        influence = np.zeros((clusters, shares.size))
    found = estimate_occupation(rows, shares, influence)
    return multi_state_of(found, subjects, 0.0, conf_level, conf_type, counts)


def multi_state_of(
    found: Occupation,
    subjects: Ints,
    origin: float,
    conf_level: float,
    conf_type: Scale,
    counts: dict[str, int],
) -> MultiState:
    """Put the estimates at every time at which a row ends."""
    rows, table = found.rows, found.table
    states = tuple(label_of(each) for each in rows.states)
    time = distinct_rising(rows.stop)
    place = np.searchsorted(table.times, time, side="right")
    probability, std_error = found.occupied[place], np.sqrt(found.variance[place])
    lower, upper = limits_of(probability, std_error, conf_level, conf_type)
    size = len(states)
    moving = rows.moves
    pairs = np.bincount(rows.origin[moving] * size + rows.target[moving], minlength=size**2)
    counted = pairs.reshape(size, size)
    return MultiState(
        states=states,
        time=time,
        probability=probability,
        std_error=std_error,
        lower=lower,
        upper=upper,
        at_risk=_at_risk(rows, time),
        initial=dict(zip(states, found.occupied[0].tolist(), strict=True)),
        origin=origin,
        transitions={
            states[i]: {states[j]: int(counted[i, j]) for j in range(size) if counted[i, j]}
            for i in range(size)
            if counted[i].any()
        },
        n=int(np.unique(subjects).size),
        n_rows=rows.n,
        conf_level=conf_level,
        conf_type=conf_type,
        counts=counts,
        _found=found,
        _subject=subjects,
    )


def _at_risk(rows: StateRows, time: Floats) -> Floats:
    size = len(rows.states)
    result = np.zeros((time.size, size))
    for state in range(size):
        here = rows.origin == state
        first = np.searchsorted(time, rows.start[here], side="right")
        last = np.searchsorted(time, rows.stop[here], side="right")
        change = np.bincount(first, rows.weights[here], minlength=time.size + 1)
        change = change - np.bincount(last, rows.weights[here], minlength=time.size + 1)
        result[:, state] = np.cumsum(change)[:-1]
    return result


def _initial(given: dict[Any, float], rows: StateRows) -> Floats:
    states = [label_of(each) for each in rows.states]
    shares = np.zeros(len(states))
    if not isinstance(given, Mapping):
        raise InputError("initial", f"{shown(given)} is no mapping", "Give {state: probability}")
    for label, share in given.items():
        if label_of(label) not in states:
            raise InputError(
                "initial",
                f"no state is called {label_of(label)!r}",
                nearest(label_of(label), states),
            )
        shares[states.index(label_of(label))] = one_number(share, "initial")
    if not (shares >= 0).all() or abs(shares.sum() - 1.0) > 1e-9:
        raise InputError(
            "initial", f"the probabilities add up to {shares.sum():g}", "They are 0 or more, sum 1"
        )
    return shares
