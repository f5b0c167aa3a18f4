"""What is compared: each panel holds some published aggregates against a statistic of a cohort."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from debulk.disease.fits_cohorts import Sample

Floats = npt.NDArray[np.float64]
Statistic = Callable[[Sample, npt.NDArray[np.int64], Floats], Floats]
"""Takes a sample, rows of it (some patients), and places on the axis; gives a value at each."""


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One panel of the fits.

    Attributes
    ----------
    name, title : str
    cohort : str
        By name in `debulk.disease.fits_cohorts.COHORTS`.
    x_title, y_title : str
        With units.
    unit : {"share", "mm", "1/month"}
    statistic : callable
    points : tuple of (float, str)
        Place on the axis and name of the summary of the patients.
    grid : tuple of float
        Where the model's curve is drawn; empty where only the places of the points make sense.
    """

    name: str
    title: str
    cohort: str
    x_title: str
    y_title: str
    unit: str
    statistic: Statistic
    points: tuple[tuple[float, str], ...]
    grid: tuple[float, ...] = ()


def quantiles(column: str) -> Statistic:
    """Quantiles of a column; NaN is left out."""

    def statistic(sample: Sample, rows: npt.NDArray[np.int64], at: Floats) -> Floats:
        values = sample[column][rows]
        values = values[np.isfinite(values)]
        return np.quantile(values, at) if values.size else np.full(at.size, np.nan)

    return statistic


def survival(column: str) -> Statistic:
    """Share whose time in a column is later."""

    def statistic(sample: Sample, rows: npt.NDArray[np.int64], at: Floats) -> Floats:
        return 1.0 - _share_by(sample[column][rows], at)

    return statistic


def incidence(column: str, competing: str) -> Statistic:
    """Share that has had an event, death without it competing."""

    def statistic(sample: Sample, rows: npt.NDArray[np.int64], at: Floats) -> Floats:
        times = sample[column][rows]
        return _share_by(np.where(times <= sample[competing][rows], times, np.inf), at)

    return statistic


def change_at() -> Statistic:
    """Median change of the sum of diameters at the visit nearest to a month, of those measured."""

    def statistic(sample: Sample, rows: npt.NDArray[np.int64], at: Floats) -> Floats:
        if not rows.size:
            return np.full(at.size, np.nan)
        months = sample["months"][0]
        found = np.full(at.size, np.nan)
        for place, month in enumerate(at):
            values = sample["change"][rows, int(np.argmin(np.abs(months - month)))]
            values = values[np.isfinite(values)]
            if values.size:
                found[place] = np.median(values)
        return found

    return statistic


def shrunk_by() -> Statistic:
    """Share whose sum fell at best by so many per cent; who was never measured did not."""

    def statistic(sample: Sample, rows: npt.NDArray[np.int64], at: Floats) -> Floats:
        best = np.nan_to_num(sample["best_change"][rows], nan=0.0)
        return _share_by(best, -at / 100.0)

    return statistic


def _share_by(times: Floats, at: Floats) -> Floats:
    if not times.size:
        return np.full(at.size, np.nan)
    return np.searchsorted(np.sort(times), at, side="right") / times.size


_QUARTILES = ((0.25, "q25"), (0.5, "q50"), (0.75, "q75"))
_THREE_YEARS = tuple(float(month) for month in range(0, 37, 2))
_FIVE_YEARS = tuple(float(month) for month in range(0, 61, 3))


def _at_quartiles(prefix: str) -> tuple[tuple[float, str], ...]:
    return tuple((place, f"{prefix}/{name}") for place, name in _QUARTILES)


def _at_years(prefix: str, *years: int) -> tuple[tuple[float, str], ...]:
    return tuple((12.0 * year, f"{prefix}/year-{year}") for year in years)


PANELS: tuple[PanelSpec, ...] = (
    PanelSpec(
        "ffcd-size-at-entry",
        "First line: size at entry",
        "ffcd",
        "quantile of patients",
        "sum of diameters (mm)",
        "mm",
        quantiles("sum_mm"),
        _at_quartiles("ffcd/all/sum-of-diameters-at-entry"),
        tuple(round(0.1 * tenth, 1) for tenth in range(1, 10)),
    ),
    PanelSpec(
        "ffcd-change",
        "First line: change of size",
        "ffcd",
        "months since entry",
        "median change of the sum (%)",
        "share",
        change_at(),
        tuple((float(month), f"ffcd/all/relative-change/month-{month}") for month in (2, 4, 6)),
        tuple(2.07 * visit for visit in range(6)),
    ),
    PanelSpec(
        "ffcd-shrinkage",
        "First line: best response",
        "ffcd",
        "sum fell by at least (%)",
        "patients (%)",
        "share",
        shrunk_by(),
        tuple((float(fall), f"ffcd/all/shrinkage/{fall}-percent") for fall in (20, 30)),
        tuple(float(fall) for fall in range(5, 76, 5)),
    ),
    PanelSpec(
        "ffcd-growth",
        "First line: growth after nadir",
        "ffcd",
        "quantile of patients",
        "slope of log sum (per month)",
        "1/month",
        quantiles("growth"),
        _at_quartiles("ffcd/all/growth-after-nadir"),
        tuple(round(0.1 * tenth, 1) for tenth in range(1, 10)),
    ),
    PanelSpec(
        "ffcd-new-lesions",
        "First line: new lesions",
        "ffcd",
        "months since entry",
        "with a new lesion (%)",
        "share",
        incidence("new_lesion_months", "death_months"),
        tuple((float(month), f"ffcd/all/new-lesion/month-{month}") for month in (6, 12, 18)),
        tuple(float(month) for month in range(0, 25)),
    ),
    PanelSpec(
        "ffcd-survival",
        "First line: survival",
        "ffcd",
        "months since entry",
        "alive (%)",
        "share",
        survival("death_months"),
        _at_years("ffcd/all/overall-survival", 1, 2, 3),
        _THREE_YEARS,
    ),
    PanelSpec(
        "colon-without-adjuvant",
        "Stage III, no adjuvant drug",
        "colon-without",
        "months since resection",
        "recurred (%)",
        "share",
        incidence("recurrence_months", "death_months"),
        _at_years("colon/Obs+Lev/recurrence", 1, 2, 3, 5),
        _FIVE_YEARS,
    ),
    PanelSpec(
        "colon-with-adjuvant",
        "Stage III, adjuvant drug",
        "colon-with",
        "months since resection",
        "recurred (%)",
        "share",
        incidence("recurrence_months", "death_months"),
        _at_years("colon/Lev+5FU/recurrence", 1, 2, 3, 5),
        _FIVE_YEARS,
    ),
    PanelSpec(
        "tcia-largest",
        "Liver resected: largest lesion",
        "tcia",
        "quantile of patients",
        "largest metastasis (mm)",
        "mm",
        quantiles("largest_mm"),
        _at_quartiles("tcia/largest-metastasis"),
        tuple(round(0.1 * tenth, 1) for tenth in range(1, 10)),
    ),
    PanelSpec(
        "tcia-survival",
        "Liver resected: survival",
        "tcia",
        "months since resection",
        "alive (%)",
        "share",
        survival("death_months"),
        _at_years("tcia/overall-survival", 1, 3, 5),
        _FIVE_YEARS,
    ),
    PanelSpec(
        "tcia-disease-free",
        "Liver resected: free of disease",
        "tcia",
        "months since resection",
        "alive without recurrence (%)",
        "share",
        survival("event_months"),
        _at_years("tcia/disease-free-survival", 1, 3, 5),
        _FIVE_YEARS,
    ),
    PanelSpec(
        "tcia-liver-recurrence",
        "Liver resected: liver recurrence",
        "tcia",
        "months since resection",
        "recurred in the liver (%)",
        "share",
        incidence("liver_months", "death_months"),
        _at_years("tcia/liver-recurrence", 1, 3, 5),
        _FIVE_YEARS,
    ),
)
"""Every panel, in the order of the figure."""
