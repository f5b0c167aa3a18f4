"""Does the model give the patients we know? Posterior predictive checks beside aggregates."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk import __version__
from debulk.core.provenance import Provenance
from debulk.core.results import plain
from debulk.core.streams import claim, uniforms
from debulk.disease.continuum import LEVEL, check_sizes, drawn_model, structures_of
from debulk.disease.fits_cohorts import COHORTS, Sample
from debulk.disease.fits_panels import PANELS, Floats, PanelSpec
from debulk.disease.model import DiseaseModel, load_model
from debulk.disease.summaries import PatientSummary, patient_summary

LEAST_REPLICATES = 200
"""Replicated data sets over all draws, at least: with few draws each gives several."""

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


@dataclass(frozen=True)
class Fits:
    """Every panel of the fits.

    Attributes
    ----------
    panels : tuple of FitPanel
    draws, replicates : int
        Parameter sets; replicated data sets over all of them.
    structures : mapping of str to int
        Draws of each structure.
    patients : int
        People with bowel cancer in each draw, of whom cohorts are selected.
    assumptions : mapping of str to tuple of str
        By cohort.
    sources : mapping of str to str
        Licence and caveats of each data set.
    provenance : Provenance
    posterior_sha256 : str or None
    """

    panels: tuple[FitPanel, ...]
    draws: int
    replicates: int
    structures: Mapping[str, int]
    patients: int
    assumptions: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, str]
    provenance: Provenance
    posterior_sha256: str | None

    @property
    def points(self) -> tuple[FitPoint, ...]:
        """Every point of every panel."""
        return tuple(point for panel in self.panels for point in panel.points)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        points = self.points
        inside = sum(each.inside for each in points)
        return {
            "panels": [each.to_dict() for each in self.panels],
            "level": LEVEL,
            "points": len(points),
            "inside": inside,
            "inside_share": inside / len(points) if points else None,
            "draws": self.draws,
            "replicates": self.replicates,
            "structures": dict(self.structures),
            "patients_per_draw": self.patients,
            "assumptions": {name: list(each) for name, each in self.assumptions.items()},
            "sources": dict(self.sources),
            "posterior": {"draws": self.draws, "sha256": self.posterior_sha256},
            "provenance": self.provenance.to_dict(),
        }


def fits(
    model: DiseaseModel | None = None,
    *,
    draws: int | None = None,
    patients: int = 8000,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Fits:
    """Hold the model against aggregates of patients' data, by posterior predictive checks.

    For each draw virtual cohorts are selected and treated like the patients; a replicate is as
    many of them as the data has patients.

    Parameters
    ----------
    model : DiseaseModel, optional
        The calibrated one if left out.
    draws : int, optional
        Parameter sets of the posterior, from 1 to all; at most
        `debulk.disease.continuum.MOST_DRAWS` if left out.
    patients : int
        People with bowel cancer lived through in each draw, 1 to 10 million over all draws.
    seed : int
        0 or above. Same seed, same bytes, whatever the threads.
    progress : callable, optional
        Called with draws done and all draws.

    Returns
    -------
    Fits

    Raises
    ------
    InputError
        If a number is out of its range.

    Notes
    -----
    The aggregates went into the calibration: this checks the fit, and predicts nothing new.
    """
    model = drawn_model(load_model() if model is None else model, draws)
    check_sizes(patients, model.draws, seed)
    replicates = math.ceil(LEAST_REPLICATES / model.draws)
    gathering = [Gathering.of(spec) for spec in PANELS]
    for draw in range(model.draws):
        for cohort in COHORTS:
            sample = cohort.draw(model, seed, draw, patients)
            for each in gathering:
                if each.spec.cohort == cohort.name:
                    each.add(sample, seed=seed, draw=draw, replicates=replicates)
        if progress is not None:
            progress(draw + 1, model.draws)
    names = structures_of(model)
    return Fits(
        panels=tuple(each.panel() for each in gathering),
        draws=model.draws,
        replicates=replicates * model.draws,
        structures={name: names.count(name) for name in dict.fromkeys(names)},
        patients=patients,
        assumptions={each.title: each.assumptions for each in COHORTS},
        sources=_sources(gathering),
        provenance=Provenance(
            version=__version__,
            seed=seed,
            parameters=model.parameter_records(),
            remarks=(
                "Research use; not a medical device, and no prognosis of a patient.",
                "The aggregates went into the calibration: it checks the fit, validates nothing.",
            ),
        ),
        posterior_sha256=None if model.posterior is None else model.posterior.sha256,
    )


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


def _sources(gathering: list[Gathering]) -> dict[str, str]:
    sources = {each.summaries[0].source.name: each.summaries[0].source for each in gathering}
    return {
        name: f"{each.study}. {each.data}. Licence: {each.licence}. {each.caveats}"
        for name, each in sources.items()
    }
