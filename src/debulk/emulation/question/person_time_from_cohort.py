"""From a cohort to person-time: who is in, from when, and what is known at every visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.emulation.grace import GracePeriod
from debulk.emulation.person_time import Covariate, Flags, Floats, PersonTime, visit_of
from debulk.emulation.question.covariates import (
    CovariateSource,
    CovariateValues,
    columns_of,
    covariate_sources,
    marked,
    read_covariates,
    values_at_visits,
)
from debulk.emulation.question.eligibility import Eligibility, keep_eligible
from debulk.emulation.question.flow import Flow, reasons
from debulk.emulation.question.local_treatments import completion, first_start, strategy_treatments
from debulk.emulation.question.missing_values import handle_missing
from debulk.emulation.question.outcome import CUTOFF, add_follow_up, add_progression, event_of, lost
from debulk.emulation.question.settings import Settings
from debulk.emulation.question.time_zero import add_time_zero
from debulk.patients import Cohort, parse_rule
from debulk.protocols import Protocol


@dataclass(frozen=True)
class EmulatedPatients:
    """The patients of an emulated trial, and how they came to be those.

    Attributes
    ----------
    person_time : PersonTime
    grace : GracePeriod
    flow : Flow
    eligibility : Eligibility
    covariates : tuple of CovariateSource
    prevalent : int
        Left out since they were treated before time zero.
    undated_only : (n,) bool
        Patients with local treatment, none of it dated.
    late_after_progression, treated_not_eligible : int
        Treated after progression (usual care), and where usual care was not thought to treat.
    doubts : tuple of str
        What makes the moment of a criterion or covariate doubtful.
    considered : int
        Patients who reached time zero free of progression, those treated before it included.
    calendar : (n,) float64 or None
        Calendar year of each patient's time zero, where a column tells it.
    loss_told : bool
        Whether those lost can be told from those whom the cut-off ended.
    """

    person_time: PersonTime
    grace: GracePeriod
    flow: Flow
    eligibility: Eligibility
    covariates: tuple[CovariateSource, ...]
    prevalent: int
    undated_only: Flags
    late_after_progression: int
    treated_not_eligible: int
    doubts: tuple[str, ...]
    considered: int
    calendar: Floats | None
    loss_told: bool

    @property
    def undated(self) -> int:
        """Number of patients whose local treatment has no date."""
        return int(self.undated_only.sum())

    @property
    def treated_in_grace(self) -> int:
        """Patients treated as the strategy asks, by its deadline and not after progression."""
        person_time = self.person_time
        done = person_time.complete_visit
        usual_care = person_time.progression_months <= person_time.complete_months
        return int(np.sum((done >= 0) & (done < self.grace.visits) & ~usual_care))


def emulated_patients(cohort: Cohort, protocol: Protocol, settings: Settings) -> EmulatedPatients:
    """Find the patients of an emulated trial and lay out their person-time.

    Parameters
    ----------
    cohort : Cohort
    protocol : Protocol
    settings : Settings

    Returns
    -------
    EmulatedPatients

    Raises
    ------
    InputError
        If nobody is left at some step, a criterion or covariate is unknown and that is to be
        refused, or the grace period is longer than anybody was followed.
    """
    flow = Flow(cohort.patients.select("patient_id").with_row_index("_row"))
    flow.begin("patients of the registry")
    plan, grace = settings.plan, settings.grace(protocol)
    covariate_sources(plan.covariates, cohort)  # a slip is told before anything is counted
    add_time_zero(flow, cohort, plan)
    add_follow_up(flow, cohort)
    add_progression(flow, cohort, plan.grace_months)
    considered = flow.rows.height
    prevalent, treatments = _without_prevalent(flow, cohort, protocol, plan.local_rule)
    eligibility = keep_eligible(flow, cohort, protocol, settings)
    if grace.staged:
        strategy = protocol.experimental.strategy
        complete = completion(
            treatments.join(flow.rows.select("patient_id"), on="patient_id", how="semi"),
            cohort,
            flow.rows,
            strategy,
        )
        flow.rows = flow.rows.join(complete, on="patient_id", how="left", maintain_order="left")
    covariates, doubts = read_covariates(plan.covariates, cohort, flow.rows)
    covariates = handle_missing(flow, covariates, settings)
    person_time, counts = _laid_out(flow, covariates, cohort, grace, settings)
    return EmulatedPatients(
        person_time=person_time,
        grace=grace,
        flow=flow,
        eligibility=eligibility,
        covariates=tuple(each.about for each in covariates),
        prevalent=prevalent,
        undated_only=_undated_only(flow),
        late_after_progression=counts[0],
        treated_not_eligible=counts[1],
        doubts=tuple(dict.fromkeys([*eligibility.undated, *doubts])),
        considered=considered,
        calendar=_calendar(cohort, flow.rows, settings.calendar),
        loss_told=CUTOFF in cohort.patients.columns,
    )


def _undated_only(flow: Flow) -> Flags:
    rows = flow.rows
    undated = rows["undated"] > 0
    only = (undated & rows["start_months"].is_null()).to_numpy().copy()
    flow.decide(
        "patients with local treatment without a date beside dated ones, which alone count",
        int(undated.sum()) - int(only.sum()),
    )
    return only


def _without_prevalent(
    flow: Flow, cohort: Cohort, protocol: Protocol, rule: str | None
) -> tuple[int, pl.DataFrame]:
    """Leave out who was treated before time zero, or after death; add start_months, undated."""
    strategy = protocol.experimental.strategy
    treatments = strategy_treatments(cohort, strategy, rule, flow)
    started = first_start(treatments, flow.rows)
    flow.rows = flow.rows.join(started, on="patient_id", how="left", maintain_order="left")
    rows = flow.rows.with_columns(pl.col("undated").fill_null(0))
    before = rows["before_months"].is_not_null()
    after_end = rows["start_months"] > rows["followed_months"]
    ever = int((before | rows["start_months"].is_not_null() | (rows["undated"] > 0)).sum())
    if ever and int(before.sum()) == ever:
        found = f"all {ever} patients with local treatment were treated before it"
        raise InputError("time zero", found, "Choose an earlier time zero")
    flow.rows = rows.with_columns(
        # After the last contact nothing is known: the patient is followed to that contact.
        pl.when(after_end).then(None).otherwise(pl.col("start_months")).alias("start_months"),
    ).drop("before_months")
    late = int((after_end & ~rows["dead"]).fill_null(value=False).sum())
    flow.decide(
        "patients whose local treatment, dated after the last contact, was left aside", late
    )
    why = reasons(
        (before, "local treatment before time zero (prevalent treatment)"),
        (after_end & rows["dead"], "local treatment dated after death"),
        length=rows.height,
    )
    flow.leave_out("not treated before time zero", why)
    if flow.rows.height == 0:
        raise InputError("time zero", "everybody was treated before it", "Choose an earlier one")
    return int(before.sum()), treatments


def _laid_out(
    flow: Flow,
    covariates: list[CovariateValues],
    cohort: Cohort,
    grace: GracePeriod,
    settings: Settings,
) -> tuple[PersonTime, tuple[int, int]]:
    rows, visit_months = flow.rows, settings.visit_months
    event = event_of(rows, settings.plan, flow)
    time = event["time_months"].to_numpy().astype(np.float64)
    last = min(float(time.max()), settings.tau_months)
    visits = max(int(np.ceil(last / visit_months - 1e-9)), 1)
    if visits < grace.visits:
        found = f"{grace.visits} visits, and nobody was followed beyond {last:.1f} months"
        raise InputError("grace_months", found, "Give a shorter grace period")
    counts = np.minimum(np.ceil(time / visit_months - 1e-9).astype(np.int64), visits)
    first = np.concatenate([[0], np.cumsum(counts)])
    visit = (np.arange(first[-1]) - np.repeat(first[:-1], counts)).astype(np.int32)
    progression = _floats(rows, "progression_months")
    progression[progression > time] = np.nan
    start = _floats(rows, "start_months")
    start[start > time] = np.nan
    complete = _floats(rows, "complete_months") if grace.staged else start.copy()
    complete[complete > time] = np.nan
    values, about = _matrix(covariates, first, settings, flow)
    eligible, out_of_turn = _eligible(visit, first, start, progression, values, about, settings)
    flow.decide(
        "patients treated where they were not eligible, who count as eligible there",
        out_of_turn,
    )
    late = int(np.sum(progression <= start))  # one on the same day came first, as for the clones
    flow.decide("patients treated after progression, which is usual care", late)
    person_time = PersonTime(
        time_months=time,
        cause=event["cause"].to_numpy().astype(np.int8),
        entry_months=_floats(rows, "entry_from_zero"),
        start_months=start,
        complete_months=complete,
        progression_months=progression,
        lost=lost(rows, visit_months).to_numpy().copy() & (event["cause"].to_numpy() == 0),
        first=first.astype(np.int64),
        visit=visit,
        eligible=eligible,
        values=values,
        covariates=about,
        patient_id=tuple(rows["patient_id"].to_list()),
        centre=_centre(cohort, rows),
        visit_months=visit_months,
    )
    return person_time, (late, out_of_turn)


def _floats(rows: pl.DataFrame, name: str) -> Floats:
    return rows[name].cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()


def _matrix(
    covariates: list[CovariateValues],
    first: npt.NDArray[np.int64],
    settings: Settings,
    flow: Flow,
) -> tuple[Floats, tuple[Covariate, ...]]:
    columns: list[Floats] = []
    about: list[Covariate] = []
    for each in covariates:
        values = values_at_visits(each, first, settings.visit_months)
        fill = None
        unknown = each.about.patients - each.about.known
        if settings.missing == "indicator" and unknown:
            fill = 0.0 if each.about.levels else each.median
            share = 100.0 * each.about.missing_share
            how = (
                "a column marks them" if marked(each.about) else "too few for a column of their own"
            )
            middle = (
                "the reference stands" if each.about.levels else f"the median, {fill:g}, stands"
            )
            text = (
                f"patients ({share:.0f} %) have no {each.about.name} at time zero; {middle} for it"
            )
            flow.decide(f"{text}, {how}", unknown)
        made, names = columns_of(each, values, fill)
        columns += made
        about += names
    size = int(first[-1])
    matrix = np.column_stack(columns) if columns else np.empty((size, 0))
    return np.ascontiguousarray(matrix, dtype=np.float64), tuple(about)


def _eligible(
    visit: npt.NDArray[np.int32],
    first: npt.NDArray[np.int64],
    start: Floats,
    progression: Floats,
    values: Floats,
    about: tuple[Covariate, ...],
    settings: Settings,
) -> tuple[Flags, int]:
    """Visits at which usual care could treat, and how many were treated at others."""
    counts = np.diff(first)
    when = visit * settings.visit_months
    # Status is read at the visit: whoever progressed on its very day is not eligible.
    free = ~(np.repeat(progression, counts) <= when + 1e-9)
    eligible = free & _rule_holds(values, about, settings)
    begun = visit_of(start, settings.visit_months)
    inside = (begun >= 0) & (begun < counts)
    rows = (first[:-1] + begun)[inside]
    wrong = free[rows] & ~eligible[rows]
    eligible[rows[wrong]] = True
    return eligible, int(wrong.sum())


def _rule_holds(values: Floats, about: tuple[Covariate, ...], settings: Settings) -> Flags:
    rule = settings.plan.eligible_while
    if rule is None:
        return np.ones(values.shape[0], dtype=np.bool_)
    names = [each.name for each in about]
    parsed = parse_rule(rule, where="eligible_while")
    for name in parsed.names:
        if name not in names:
            found = f"{name!r} is no numeric covariate of this emulation"
            raise InputError("eligible_while", found, f"Use one of {', '.join(names) or 'none'}")
    table = pl.DataFrame({name: values[:, names.index(name)] for name in parsed.names})
    # Where nothing tells, usual care may treat.
    held = table.fill_nan(None).select(parsed.expression).to_series().fill_null(value=True)
    return held.to_numpy().copy()


def _calendar(cohort: Cohort, rows: pl.DataFrame, name: str | None) -> Floats | None:
    """Calendar year of time zero: that of the cohort's, and the months since."""
    if name is None:
        return None
    if name not in cohort.patients.columns or not cohort.patients.schema[name].is_numeric():
        found = f"{name!r} is no column of years"
        raise InputError("calendar", found, nearest(name, cohort.patients.columns))
    years = cohort.patients[name][rows["_row"]].cast(pl.Float64)
    return (years + rows["zero_months"] / 12.0).fill_null(float("nan")).to_numpy().copy()


def _centre(cohort: Cohort, rows: pl.DataFrame) -> npt.NDArray[np.int32] | None:
    centre = cohort.patients["centre"][rows["_row"]]
    if centre.null_count() == centre.len():
        return None
    return centre.fill_null("unknown").rank("dense").to_numpy().astype(np.int32) - np.int32(1)
