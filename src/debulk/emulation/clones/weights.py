"""The weights of both strategies' clones and the models behind them, as checks read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.emulation.clones.timeline import last_intervals
from debulk.emulation.grace import Timing
from debulk.emulation.logistic import LogisticFit
from debulk.emulation.person_time import Flags, Floats, PersonTime, Wholes
from debulk.survival.options import check_kind

if TYPE_CHECKING:
    import polars as pl

    from debulk.emulation.clones.fit import CloneAnswer


@dataclass(frozen=True)
class FittedModel:
    """One model of weights at its rows.

    Attributes
    ----------
    rows : (R,) int64
        Rows of the person-time.
    outcome : (R,) bool
        Whether it happened there: treated (or complete), or lost before the next visit.
    learns : (R,) bool
        Whether the model learnt from the row; one before a patient's entry has only its factor.
    probability : (R,) float64
        Fitted.
    design : (R, p) float64
    terms : (p,) tuple of str
        Names of the design's columns.
    fit : LogisticFit
    """

    rows: npt.NDArray[np.int64]
    outcome: Flags
    learns: Flags
    probability: Floats
    design: Floats
    terms: tuple[str, ...]
    fit: LogisticFit


@dataclass(frozen=True)
class ArmWeights:
    """Weights of one strategy's clones.

    Attributes
    ----------
    strategy : str
    censored : (n,) int32
        Visit at which the clone leaves its strategy (artificial censoring); -1 if never.
    weight : (n, K) float64
        Weight in interval m, which is (m, m + 1] in visits; 0 once the clone has left. The last
        column holds for all later intervals. After a patient's time the last weight is repeated.
    model : FittedModel
        Model of the decisions that this strategy is judged by.
    """

    strategy: str
    censored: Wholes
    weight: Floats
    model: FittedModel

    @property
    def rows(self) -> npt.NDArray[np.int64]:
        """Decision rows of the strategy, as row numbers of the person-time."""
        return self.model.rows

    @property
    def probability(self) -> Floats:
        """Fitted probability at the decision rows."""
        return self.model.probability


@dataclass(frozen=True)
class CloneWeights:
    """Weights of both strategies.

    Attributes
    ----------
    timing : {"natural", "uniform"}
    visits : int
        Visits of the grace period, G. ``weight`` has G + 1 columns, or one a visit and one more
        where loss to follow-up has a model.
    visit_months : float
    arms : tuple of ArmWeights
        The strategy without local treatment first.
    loss : FittedModel or None
    stabilised : bool
    caps : tuple of float
        What the weights of each strategy were truncated at; infinity if they were not.
    """

    timing: Timing
    visits: int
    visit_months: float
    arms: tuple[ArmWeights, ArmWeights]
    loss: FittedModel | None = None
    stabilised: bool = False
    caps: tuple[float, float] = (np.inf, np.inf)

    def of(self, strategy: str) -> ArmWeights:
        """Weights of the strategy of that name.

        Raises
        ------
        InputError
            If there is none.
        """
        names = [arm.strategy for arm in self.arms]
        check_kind(strategy, str, "strategy", nearest("", names))
        if strategy not in names:
            raise InputError("strategy", f"found {strategy!r}", nearest(strategy, names))
        return self.arms[names.index(strategy)]


def weighted_follow_up(person_time: PersonTime, answer: CloneAnswer, strategy: str) -> pl.DataFrame:
    """Follow-up of one strategy's clones with their weights, as start-stop rows.

    Parameters
    ----------
    person_time : PersonTime
        What the answer was made from.
    answer : CloneAnswer
    strategy : str
        Name of a strategy.

    Returns
    -------
    polars.DataFrame
        ``patient_id``, ``start_months``, ``stop_months``, ``event`` (0 none, 1 the event of
        interest, 2 and more a competing one) and ``weight``. A clone has one row for each weight
        that it had, up to where it left the strategy; a clone that left at visit 0 has none.

    Raises
    ------
    InputError
        If there is no such strategy, or the answer is of other patients.
    """
    import polars as pl

    from debulk.emulation.clones.fit import CloneAnswer

    check_kind(answer, CloneAnswer, "answer")
    check_kind(person_time, PersonTime, "person_time")
    arm = answer.weights.of(strategy)
    if arm.censored.size != person_time.patients:
        found = f"{person_time.patients} patients; the answer has {arm.censored.size}"
        raise InputError("person-time", found, "Give the person-time that the answer was made from")
    columns = arm.weight.shape[1]
    starts = np.arange(columns) * answer.weights.visit_months
    last = np.searchsorted(starts, person_time.time_months, side="left") - 1
    interval = np.arange(columns)[None, :]
    there = (interval <= last[:, None]) & (arm.weight > 0.0)
    # A row begins where the weight differs from that of the interval before.
    before = np.column_stack((np.full(person_time.patients, np.nan), arm.weight[:, :-1]))
    begins = there & (arm.weight != before)
    patient, at = np.nonzero(begins)
    ends_at = np.r_[at[1:], 0]
    same = np.r_[patient[1:] == patient[:-1], False] if patient.size else np.zeros(0, np.bool_)
    left = np.where(arm.censored >= 0, arm.censored * answer.weights.visit_months, np.inf)
    end = np.minimum(person_time.time_months, left)[patient]
    stop = np.where(same, ends_at * answer.weights.visit_months, end)
    start = np.maximum(starts[at], person_time.entry_months[patient])
    final = ~same & (stop == person_time.time_months[patient])
    names = person_time.patient_id or tuple(range(person_time.patients))
    return pl.DataFrame(
        {
            "patient_id": pl.Series([names[each] for each in patient], strict=False),
            "start_months": start,
            "stop_months": stop,
            "event": np.where(final, person_time.cause[patient], 0).astype(np.int8),
            "weight": arm.weight[patient, at],
        }
    ).filter(pl.col("stop_months") > pl.col("start_months"))


def interval_count(person_time: PersonTime, visits: int, loss: bool) -> int:
    """Columns of the weights: what changes a weight, and one more."""
    if not loss:
        return visits + 1
    return max(visits, int(last_intervals(person_time).max(initial=0)) + 1) + 1
