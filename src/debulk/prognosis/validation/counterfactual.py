"""Validation of a risk under a strategy, such as "risk without debulking", that not all followed.

Keogh and van Geloven 2024 (Epidemiology 35:329). Patients count while they follow the strategy,
with weights that make them stand for those who no longer do; what is estimated is how well the
risks predict had everybody followed it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion
from debulk.prognosis.validation.assembling import Options, Predictions, assembled
from debulk.prognosis.validation.follow_up import FollowUp, read_causes, read_risk, refuse
from debulk.prognosis.validation.net_benefit import THRESHOLDS
from debulk.prognosis.validation.result import Validation
from debulk.survival.options import check_kind
from debulk.survival.subjects import check_weights, numbers

if TYPE_CHECKING:
    import polars as pl

COLUMNS = ("patient_id", "start_months", "stop_months", "event", "weight")
"""Columns of weighted follow-up under a strategy, one row for each interval of constant weight."""


def validate_counterfactual(
    follow_up: pl.DataFrame,
    risk: pl.DataFrame,
    *,
    horizon_months: float,
    strategy: str = "the strategy",
    name: str = "predicted risk",
    knots: int = 3,
    groups: int = 10,
    thresholds: Any = THRESHOLDS,
    conf_level: float = 0.95,
    bootstrap: int = 200,
    seed: int = 0,
) -> Validation:
    """Hold risks under a strategy against what happens to those who follow it, weighted.

    Parameters
    ----------
    follow_up : polars.DataFrame
        patient_id, start_months, stop_months, event (0 none, 1 the event, 2 and more a competing
        one, in a patient's last row only) and weight, as `weighted_follow_up` of an emulation
        gives them. A patient's rows follow one another and end where he or she leaves the
        strategy, is lost, or has an event.
    risk : polars.DataFrame
        patient_id and risk: predicted probability of the event by the horizon under the
        strategy, of everybody in whom it is to be judged. Patients without follow-up, as those
        who left the strategy at once, stay in it: others stand for them.
    horizon_months, name, knots, groups, thresholds, conf_level, bootstrap, seed
        As in `validate_risk`.
    strategy : str
        How reports call the strategy.

    Returns
    -------
    Validation
        Concordance of events by the horizon (weighted), area under the ROC curve, Brier score,
        observed over expected, intercept, slope and curves. Weights are taken as known.

    Raises
    ------
    InputError
        On a missing column, rows of a patient that overlap or do not follow one another, an event
        before a patient's last row, patients without a risk; and as `validate_risk`.
    """
    options = Options(conf_level, bootstrap, seed, knots, groups, thresholds)
    _need(risk, ("patient_id", "risk"), "risk")
    _need(follow_up, COLUMNS, "follow_up")
    places = _places(risk)
    rows = read_weighted_rows(follow_up, places)
    risks = read_risk(risk["risk"], len(places), "risk, column risk")
    empty = len(places) - int(np.unique(rows.patient).size)
    left: tuple[Exclusion, ...] = ()
    if empty:
        left = (Exclusion("no follow-up under the strategy; others stand for them", empty),)
    check_kind(strategy, str, "strategy", "Give its name")
    predictions = Predictions(f"{name}, under {strategy}", "counterfactual", risks, risks)
    said = (
        f"Everything here is what would be seen had everybody followed {strategy}: it rests on "
        "weights that make up for who did not, and so on every determinant of treatment and "
        "outcome having been measured.",
    )
    return assembled(rows, predictions, horizon_months, options, exclusions=left, caveats=said)


def read_weighted_rows(frame: pl.DataFrame, places: dict[Any, int]) -> FollowUp:
    """Check rows of weighted follow-up, for patients who have the places given.

    Raises
    ------
    InputError
        On the first row that is wrong.
    """
    if frame.height == 0:
        raise InputError("follow_up", "there are no rows", "Give the clones' follow-up")
    ids = frame["patient_id"].to_list()
    for row, each in enumerate(ids):
        if each not in places:
            where = f"follow_up, row {row + 1}, patient_id"
            raise InputError(where, f"{each!r} has no risk", "Give everybody's risk")
    start, stop, weight = (
        numbers(frame[name], f"follow_up, column {name}")
        for name in ("start_months", "stop_months", "weight")
    )
    refuse(start < 0.0, start, "follow_up, column start_months", "is negative", "Start at 0")
    late, remedy = start >= stop, "A row needs an interval"
    refuse(late, start, "follow_up, column start_months", "is not below stop_months", remedy)
    check_weights(weight, "follow_up, column weight")
    refuse(weight == 0.0, weight, "follow_up, column weight", "is not above 0", "Leave it out")
    cause = read_causes(frame["event"], frame.height, "follow_up, column event")
    patient = np.array([places[each] for each in ids], dtype=np.int64)
    order = np.lexsort((start, patient))
    same = patient[order][1:] == patient[order][:-1]
    apart = same & (start[order][1:] != stop[order][:-1])
    if apart.any():
        row = int(order[1:][np.argmax(apart)])
        found = f"the row of patient {ids[row]!r} does not begin where the one before ends"
        raise InputError(f"follow_up, row {row + 1}", found, "Give intervals without gaps")
    early = same & (cause[order][:-1] > 0)
    if early.any():
        row = int(order[:-1][np.argmax(early)])
        found = f"patient {ids[row]!r} is followed on after an event"
        raise InputError(f"follow_up, row {row + 1}", found, "End follow-up at the event")
    return FollowUp(start, stop, cause, weight, patient, np.ones(len(places)))


def _places(risk: pl.DataFrame) -> dict[Any, int]:
    ids = risk["patient_id"].to_list()
    places = {each: row for row, each in enumerate(ids)}
    if len(places) < len(ids):
        twice = next(each for row, each in enumerate(ids) if places[each] != row)
        raise InputError("risk, column patient_id", f"{twice!r} stands twice", "Give one row each")
    return places


def _need(frame: pl.DataFrame, columns: tuple[str, ...], name: str) -> None:
    import polars as pl

    check_kind(frame, pl.DataFrame, name)
    for each in columns:
        if each not in frame.columns:
            found = f"has no column {each!r}"
            raise InputError(name, found, nearest(each, frame.columns))
