"""Posterior predictive checks: replicates of data sets, bands over them, and p-values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.core.results import plain
from debulk.core.streams import claim, uniforms
from debulk.disease.continuum import LEVEL
from debulk.disease.fits_cohorts import Sample
from debulk.disease.fits_panels import Floats, PanelSpec
from debulk.disease.summaries import PatientSummary, patient_summary

_REPLICATE = claim(1190, "disease: patients of a replicate in the fits (index: replicate)")


@dataclass(frozen=True, slots=True)
class FitPoint:
    """One aggregate of patients beside what the model predicts for as many.

    Attributes
    ----------
    summary : str
        Name of the aggregate.
    x : float
        Its place on the axis of the panel.
    n : int
        Patients it rests on, and of each replicate.
    observed, observed_lower, observed_upper : float
        With limits of 95 %.
    model, model_lower, model_upper : float
        Median and central `LEVEL` over draws, of all virtual patients: what parameters leave open.
    predicted_lower, predicted_upper : float
        Central `LEVEL` of replicates of n patients: parameters and chance.
    tail : float
        Posterior predictive p-value, two-sided: twice the smaller share of replicates on one side
        of the observed value, half of those that equal it included. Small: the model does not
        give it.
    above : float
        Share of replicates above the observed value.
    """

    summary: str
    x: float
    n: int
    observed: float
    observed_lower: float
    observed_upper: float
    model: float
    model_lower: float
    model_upper: float
    predicted_lower: float
    predicted_upper: float
    tail: float
    above: float

    @property
    def inside(self) -> bool:
        """Whether the observed value lies in the predictive interval."""
        return self.predicted_lower <= self.observed <= self.predicted_upper

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        found = {each.name: plain(getattr(self, each.name)) for each in fields(self)}
        return found | {"inside": self.inside}


@dataclass(frozen=True, slots=True)
class FitPanel:
    """One panel: aggregates, and the model's curve with its bands.

    Attributes
    ----------
    name, title, cohort, x_title, y_title, unit : str
        As in `debulk.disease.fits_panels.PanelSpec`.
    n : int
        Patients of the data; the largest number where points differ.
    virtual : float
        Virtual patients in a draw, the median.
    x, median, lower, upper, predicted_lower, predicted_upper : float64[m]
        The curve, its band over draws, and its band over replicates of n patients.
    points : tuple of FitPoint
    source : str
        Study and data set of the aggregates.
    """

    name: str
    title: str
    cohort: str
    x_title: str
    y_title: str
    unit: str
    n: int
    virtual: float
    x: Floats
    median: Floats
    lower: Floats
    upper: Floats
    predicted_lower: Floats
    predicted_upper: Floats
    points: tuple[FitPoint, ...]
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        found["points"] = [each.to_dict() for each in self.points]
        return {name: plain(value) for name, value in found.items()}


@dataclass
class Gathering:
    """A panel while draws come in.

    Attributes
    ----------
    spec : PanelSpec
    summaries : list of PatientSummary
        Of its points.
    at : float64[m]
        Places of the curve and of the points, rising.
    whole : list of float64[m]
        The statistic of all virtual patients, a row a draw.
    replicated : list of float64[m]
        The statistic of replicates.
    sizes : list of int
        Virtual patients in each draw.
    """

    spec: PanelSpec
    summaries: list[PatientSummary]
    at: Floats
    whole: list[Floats]
    replicated: list[Floats]
    sizes: list[int]

    @classmethod
    def of(cls, spec: PanelSpec) -> Gathering:
        """Nothing gathered yet."""
        summaries = [patient_summary(name) for _, name in spec.points]
        at = np.unique([*spec.grid, *(place for place, _ in spec.points)])
        return cls(spec, summaries, at, [], [], [])

    @property
    def n(self) -> int:
        """Patients of a replicate: those of the data's cohort."""
        return max(each.n for each in self.summaries)

    def add(self, sample: Sample, *, seed: int, draw: int, replicates: int) -> None:
        """Take in the sample of one draw; an empty one is left out."""
        size = len(next(iter(sample.values())))
        self.sizes.append(size)
        if not size:
            return
        self.whole.append(self.spec.statistic(sample, np.arange(size), self.at))
        for index in range(replicates):
            rows = replicate_rows(size, self.cohort_size, seed=seed, draw=draw, index=index)
            self.replicated.append(self.spec.statistic(sample, rows, self.at))

    @property
    def cohort_size(self) -> int:
        """Patients of the whole cohort of the data, of whom a panel may show a part."""
        return COHORT_SIZES.get(self.spec.cohort, self.n)

    def panel(self) -> FitPanel:
        """Bands and predictive p-values over what was gathered."""
        tail = (1.0 - LEVEL) / 2.0
        empty = np.full((1, self.at.size), np.nan)
        whole = np.array(self.whole) if self.whole else empty
        replicated = np.array(self.replicated) if self.replicated else empty
        lower, median, upper = columns_quantile(whole, [tail, 0.5, 1.0 - tail])
        low, high = columns_quantile(replicated, [tail, 1.0 - tail])
        points = []
        for (place, name), found in zip(self.spec.points, self.summaries, strict=True):
            at = int(np.searchsorted(self.at, place))
            p, above = predictive_p(replicated[:, at], found.value)
            points.append(
                FitPoint(
                    summary=name,
                    x=place,
                    n=found.n,
                    observed=found.value,
                    observed_lower=found.lower,
                    observed_upper=found.upper,
                    model=float(median[at]),
                    model_lower=float(lower[at]),
                    model_upper=float(upper[at]),
                    predicted_lower=float(low[at]),
                    predicted_upper=float(high[at]),
                    tail=p,
                    above=above,
                )
            )
        spec, source = self.spec, self.summaries[0].source
        return FitPanel(
            name=spec.name,
            title=spec.title,
            cohort=spec.cohort,
            x_title=spec.x_title,
            y_title=spec.y_title,
            unit=spec.unit,
            n=self.n,
            virtual=float(np.median(self.sizes)) if self.sizes else math.nan,
            x=self.at,
            median=median,
            lower=lower,
            upper=upper,
            predicted_lower=low,
            predicted_upper=high,
            points=tuple(points),
            source=f"{source.study}; {source.data}",
        )


COHORT_SIZES: Mapping[str, int] = {"ffcd": 150, "tcia": 197}
"""Patients of each data set, where some aggregates rest on a part of them."""


def replicate_rows(size: int, n: int, *, seed: int, draw: int, index: int) -> npt.NDArray[np.int64]:
    """Rows of a replicate: n of the virtual patients.

    As long as there are enough, the replicates of a draw share no patient, so that each is as
    uncertain as a data set of n; further ones are drawn with replacement.
    """
    if (index + 1) * n <= size:
        order = uniforms(seed, draw, np.arange(size, dtype=np.int64), _REPLICATE, 0)
        block = np.argsort(order, kind="stable")[index * n : (index + 1) * n]
        return np.sort(block)
    again = uniforms(seed, draw, np.arange(n, dtype=np.int64), _REPLICATE, index + 1)
    return np.sort(np.floor(again * size).astype(np.int64))


def predictive_p(replicated: Floats, observed: float) -> tuple[float, float]:
    """Two-sided posterior predictive p-value, and the share of replicates above.

    Parameters
    ----------
    replicated : float64[replicates]
        NaN, where a replicate has no value, is left out.
    observed : float

    Returns
    -------
    tuple of float
        With half of those that equal the observed value; NaN without replicates. Never exactly 0:
        one replicate more is counted on either side, since finitely many cannot show less.
    """
    known = replicated[np.isfinite(replicated)]
    if not known.size:
        return math.nan, math.nan
    above = float(np.sum(known > observed) + 0.5 * np.sum(known == observed))
    fewer = min(above, known.size - above)
    return min(1.0, 2.0 * (fewer + 1.0) / (known.size + 2.0)), above / known.size


def columns_quantile(rows: Floats, levels: list[float]) -> list[Floats]:
    """Quantiles of each column without its NaN; NaN where nothing is left."""
    found = np.full((len(levels), rows.shape[1]), np.nan)
    for column in range(rows.shape[1]):
        known = rows[np.isfinite(rows[:, column]), column]
        if known.size:
            found[:, column] = np.quantile(known, levels)
    return list(found)
