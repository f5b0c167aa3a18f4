"""Covariates at every visit: the last value known at or before it, and nothing later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.emulation.person_time import Covariate, Floats
from debulk.emulation.question.as_known import known_at, refuse_whole_record, undated
from debulk.patients import FEATURES, Cohort
from debulk.patients.columns import ASSESSMENTS

Source = Literal["assessments", "patients", "features"]

_LOGGED = "log1p("  # a long tail, as of CEA, would decide the model in a few patients
_MOST_LEVELS = 12
_FEWEST_MARKED = 20  # fewer unknown patients than this would decide a column of their own
_FEWEST_FOR_A_SPLINE = 6  # fewer values than this are a score, not a measurement


@dataclass(frozen=True, slots=True)
class CovariateSource:
    """Where a covariate comes from: followed over the assessments, or fixed at time zero.

    Attributes
    ----------
    name : str
    source : {"assessments", "patients", "features"}
    levels : tuple of str
        For words: every level seen, the first is the reference. Empty for numbers.
    known : int
        Patients in whom it is known at time zero.
    patients : int
    """

    name: str
    source: Source
    levels: tuple[str, ...] = ()
    known: int = 0
    patients: int = 0

    @property
    def missing_share(self) -> float:
        """Share of the patients in whom it is unknown at time zero."""
        return 1.0 - self.known / self.patients if self.patients else 0.0


@dataclass
class CovariateValues:
    """Values of one covariate: fixed ones by patient, and measurements with their time.

    Attributes
    ----------
    about : CovariateSource
    fixed : (n,) float64
        At time zero; NaN is unknown. Words are numbers of their level.
    patient, months, value : arrays
        Measurements after time zero, by patient and time; empty for what is fixed.
    """

    about: CovariateSource
    fixed: Floats
    patient: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    months: Floats = field(default_factory=lambda: np.empty(0))
    value: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def never_known(self) -> bool:
        """Whether it is unknown in everybody, at time zero and later."""
        return self.about.known == 0 and self.value.size == 0

    @property
    def median(self) -> float:
        """Median at time zero; of what was measured later, where nothing was known then."""
        return float(np.nanmedian(self.fixed) if self.about.known else np.median(self.value))


def read_covariates(
    names: tuple[str, ...], cohort: Cohort, rows: pl.DataFrame
) -> tuple[list[CovariateValues], list[str]]:
    """Read covariates of the patients of `rows`; also what is doubtful about their moment.

    Raises
    ------
    InputError
        If a name is no covariate, looks at the whole record, or has too many words.
    """
    seen, sources = known_at(cohort, rows), covariate_sources(names, cohort)
    wanted = [column_of(name) for name, source in sources.items() if source == "features"]
    table = seen.features(moment="now", only=wanted)
    read = [_read(name, source, table, cohort, rows) for name, source in sources.items()]
    return read, undated(set(wanted), seen, "now")


def covariate_sources(names: tuple[str, ...], cohort: Cohort) -> dict[str, Source]:
    """Where each covariate comes from.

    Raises
    ------
    InputError
        If a name is no covariate, or looks at the whole record.
    """
    sources = {name: _source(column_of(name), cohort) for name in dict.fromkeys(names)}
    for name in sources:
        refuse_whole_record(column_of(name), cohort, f"covariate {name}")
    return sources


def column_of(name: str) -> str:
    """The column behind a covariate: of ``log1p(cea_ug_l)`` it is cea_ug_l."""
    logged = name.startswith(_LOGGED) and name.endswith(")")
    return name.removeprefix(_LOGGED).removesuffix(")") if logged else name


def values_at_visits(
    covariate: CovariateValues, first: npt.NDArray[np.int64], visit_months: float
) -> Floats:
    """One covariate at every visit, as the last value known at or before it.

    Parameters
    ----------
    covariate : CovariateValues
    first : (n + 1,) int64
        Where each patient's visits begin.
    visit_months : float

    Returns
    -------
    (N,) float64
        NaN is unknown.
    """
    counts = np.diff(first)
    found = np.repeat(covariate.fixed, counts)
    if covariate.value.size == 0:
        return found
    # The first visit at or after the measurement; one on the visit itself is known there.
    visit = np.ceil(covariate.months / visit_months - 1e-9).astype(np.int64)
    inside = visit < counts[covariate.patient]
    patient, value = covariate.patient[inside], covariate.value[inside]
    place = np.full(int(first[-1]), -1, dtype=np.int64)
    # Measurements come in order of time, so that the last one before a visit is written last.
    place[first[patient] + visit[inside]] = np.arange(patient.size)
    place = np.maximum.accumulate(place)
    owner = np.repeat(np.arange(counts.size), counts)
    own = place >= 0
    own[own] = patient[place[own]] == owner[own]
    found[own] = value[place[own]]
    return found


def columns_of(
    covariate: CovariateValues, values: Floats, fill: float | None
) -> tuple[list[Floats], list[Covariate]]:
    """Model columns of a covariate: itself, or one for each level of words; and what is unknown.

    Parameters
    ----------
    covariate : CovariateValues
    values : (N,) float64
        At the visits.
    fill : float or None
        What stands for an unknown value, beside a column that marks it where many are unknown;
        None: nothing is unknown.
    """
    about = covariate.about
    unknown = np.isnan(values)
    columns: list[Floats] = []
    names: list[Covariate] = []
    if about.levels:
        for number, level in enumerate(about.levels[1:], start=1):
            columns.append((values == number).astype(np.float64))
            names.append(Covariate(f"{about.name} = {level}"))
    else:
        columns.append(values if fill is None else np.where(unknown, fill, values))
        spread = np.unique(columns[0][:100_000]).size
        names.append(Covariate(about.name, continuous=spread >= _FEWEST_FOR_A_SPLINE))
    if fill is not None and marked(about):
        columns.append(unknown.astype(np.float64))
        names.append(Covariate(f"{about.name} unknown"))
    return columns, names


def marked(about: CovariateSource) -> bool:
    """Whether enough patients are unknown at time zero for a column that marks them."""
    return about.patients - about.known >= _FEWEST_MARKED


def _source(name: str, cohort: Cohort) -> Source:
    if name in ASSESSMENTS and name not in ("patient_id", "time_months"):
        table = cohort.assessments[name]
        if table.null_count() < table.len() or name not in {*cohort.patients.columns, *FEATURES}:
            return "assessments"
    if name in cohort.patients.columns:
        return "patients"
    if name in cohort.assessments.columns and name not in ("patient_id", "time_months"):
        return "assessments"
    if name in FEATURES:
        return "features"
    known = [*cohort.patients.columns, *cohort.assessments.columns, *FEATURES]
    raise InputError("covariates", f"no covariate {name!r}", nearest(name, known))


def _read(
    name: str, source: Source, table: pl.DataFrame, cohort: Cohort, rows: pl.DataFrame
) -> CovariateValues:
    column = column_of(name)
    empty = pl.Series(column, [None] * rows.height, dtype=pl.Float64)
    fixed = table[column] if column in table.columns else empty
    measured = _measured(column, cohort, rows) if source == "assessments" else None
    levels = _levels(name, fixed, None if measured is None else measured["value"])
    start = _numbers(fixed, levels, name)
    if measured is not None:
        since = measured["months"].to_numpy()
        value = _numbers(measured["value"], levels, name)
        patient = measured["_place"].to_numpy().astype(np.int64)
        before = since <= 0.0
        start[patient[before]] = value[before]
        known = int(np.sum(~np.isnan(start)))
        about = CovariateSource(name, source, levels, known, rows.height)
        after = ~before
        return CovariateValues(about, start, patient[after], since[after], value[after])
    known = int(np.sum(~np.isnan(start)))
    return CovariateValues(CovariateSource(name, source, levels, known, rows.height), start)


def _measured(name: str, cohort: Cohort, rows: pl.DataFrame) -> pl.DataFrame:
    places = rows.select("patient_id", "zero_months").with_row_index("_place")
    told = pl.col(name).is_not_null()
    if name == "response" and "progressed" in cohort.assessments.columns:
        # "No progression" without a response ends what was known: an earlier PD is past.
        told |= ~pl.col("progressed")
    return (
        cohort.assessments.filter(told)
        .join(places, on="patient_id")
        .select(
            "_place",
            (pl.col("time_months") - pl.col("zero_months")).alias("months"),
            pl.col(name).alias("value"),
        )
        .sort("_place", "months", maintain_order=True)
    )


def _levels(name: str, fixed: pl.Series, measured: pl.Series | None) -> tuple[str, ...]:
    kinds = {each.dtype for each in (fixed, measured) if each is not None and each.len()}
    if all(kind.is_numeric() or kind == pl.Boolean for kind in kinds):
        return ()
    if any(kind.is_nested() or kind.is_temporal() for kind in kinds):
        raise InputError(f"covariate {name}", "holds lists or dates", "Give numbers or words")
    words = fixed.drop_nulls().cast(pl.String).to_list()
    if measured is not None:
        words += measured.drop_nulls().cast(pl.String).to_list()
    order = next((k.categories.to_list() for k in kinds if isinstance(k, pl.Enum)), None)
    seen = set(words)
    levels = [each for each in order if each in seen] if order else sorted(seen)
    if len(levels) > _MOST_LEVELS:
        found = f"has {len(levels)} different words, such as {levels[0]!r}"
        raise InputError(f"covariate {name}", found, f"Give {_MOST_LEVELS} at the most")
    return tuple(levels)


def _numbers(values: pl.Series, levels: tuple[str, ...], name: str) -> Floats:
    if levels:
        number = {level: float(place) for place, level in enumerate(levels)}
        words = values.cast(pl.String)
        values = words.replace_strict(number, default=None, return_dtype=pl.Float64)
    found = values.cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()
    if np.any(np.isinf(found)):
        raise InputError(f"covariate {name}", "holds an infinite number", "Correct the value")
    if name != column_of(name):
        if levels or np.any(found <= -1.0):
            found_text = "holds words" if levels else f"holds {np.nanmin(found):g}"
            raise InputError(f"covariate {name}", found_text, "Take logarithms of amounts alone")
        found = np.log1p(found)
    return found
