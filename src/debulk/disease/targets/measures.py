"""What each target measures of a cohort that was followed, by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from debulk.core.units import DAYS_PER_MONTH
from debulk.disease.targets import statistics
from debulk.disease.targets.runs import Run

Floats = npt.NDArray[np.float64]
Measure = Callable[[Run, tuple[str, ...], float], float]

RESPONSE = -0.30
"""Change of the sum of diameters that is a response (RECIST)."""

VISIT_WINDOW_MONTHS = 0.5
"""Assumption: how far from its month the visit of a later line may fall."""

_LIVER, _ELSEWHERE, _BOTH = 1, 2, 3
_MANY = 4
_YEARS_10_MONTHS = 120.0


def death(run: Run, arm: str) -> Floats:
    """Months to death; infinite where alive at the horizon."""
    return np.asarray(run.arms[arm]["death_months"], dtype=np.float64)


def progression(run: Run, arm: str) -> Floats:
    """Months to progression; infinite where none."""
    return np.asarray(run.arms[arm]["progression_months"], dtype=np.float64)


def progression_or_death(run: Run, arm: str) -> Floats:
    """Months of progression-free survival."""
    return np.minimum(death(run, arm), progression(run, arm))


def _line(run: Run, arm: str, line: int) -> tuple[Floats, Floats]:
    """Progression-free and overall survival from the start of a line, of those given it."""
    start = run.arms[arm]["line_start_months"][:, line - 1]
    end = run.arms[arm]["line_end_months"][:, line - 1]
    given = start < death(run, arm)
    dead = death(run, arm)[given] - start[given]
    stopped = np.where(np.isnan(end[given]), np.inf, end[given]) - start[given]
    # In the course all visits of a line fall on one grid, in which a median would be caught; those
    # of a trial fall within two weeks or so of it.
    stopped = stopped + statistics.spread(stopped.size, (-VISIT_WINDOW_MONTHS, VISIT_WINDOW_MONTHS))
    return np.minimum(stopped, dead), dead


def _median_os(run: Run, arms: tuple[str, ...], months: float) -> float:
    return statistics.median_time(death(run, arms[0]))


def _median_pfs(run: Run, arms: tuple[str, ...], months: float) -> float:
    return statistics.median_time(progression_or_death(run, arms[0]))


def _os_at(run: Run, arms: tuple[str, ...], months: float) -> float:
    return statistics.survival_at(death(run, arms[0]), months)


def _pfs_at(run: Run, arms: tuple[str, ...], months: float) -> float:
    return statistics.survival_at(progression_or_death(run, arms[0]), months)


def _median_os_gain(run: Run, arms: tuple[str, ...], months: float) -> float:
    first, second = (statistics.median_time(death(run, arm)) for arm in arms)
    return second - first if math.isfinite(first) and math.isfinite(second) else math.nan


def _os_gain_at(run: Run, arms: tuple[str, ...], months: float) -> float:
    first, second = (statistics.survival_at(death(run, arm), months) for arm in arms)
    return second - first


def _ratio(run: Run, arms: tuple[str, ...], times: Callable[[Run, str], Floats]) -> float:
    never = np.full(len(run), np.inf)
    first, second = ((times(run, arm), never) for arm in arms)
    return math.exp(statistics.log_hazard_ratio(first, second, run.follow_up_months))


def _hr_os(run: Run, arms: tuple[str, ...], months: float) -> float:
    return _ratio(run, arms, death)


def _hr_pfs(run: Run, arms: tuple[str, ...], months: float) -> float:
    return _ratio(run, arms, progression_or_death)


def _liver_times(run: Run, arm: str) -> tuple[Floats, Floats]:
    """Months to progression in the liver, and to death that rules it out."""
    return np.asarray(run.arms[arm]["liver_progression_months"]), death(run, arm)


def _hr_liver(run: Run, arms: tuple[str, ...], months: float) -> float:
    first, second = (_liver_times(run, arm) for arm in arms)
    return math.exp(statistics.log_hazard_ratio(first, second, run.follow_up_months))


def _median_liver(run: Run, arms: tuple[str, ...], months: float) -> float:
    return statistics.median_with_losses(*_liver_times(run, arms[0]))


def _liver_first(run: Run, arms: tuple[str, ...], months: float) -> float:
    return _share_of_progressions(run, arms[0], (_LIVER, _BOTH))


def _liver_alone(run: Run, arms: tuple[str, ...], months: float) -> float:
    return _share_of_progressions(run, arms[0], (_LIVER,))


def _elsewhere_alone(run: Run, arms: tuple[str, ...], months: float) -> float:
    return _share_of_progressions(run, arms[0], (_ELSEWHERE,))


def _share_of_progressions(run: Run, arm: str, sites: tuple[int, ...]) -> float:
    site = run.arms[arm]["progression_site"]
    site = site[site > 0]
    return float(np.isin(site, sites).mean()) if site.size else math.nan


def _median_recurrence(run: Run, arms: tuple[str, ...], months: float) -> float:
    return statistics.median_with_losses(progression(run, arms[0]), death(run, arms[0]))


def _recurrence_at(run: Run, arms: tuple[str, ...], months: float) -> float:
    return statistics.incidence_at(progression(run, arms[0]), death(run, arms[0]), months)


def _response(run: Run, arms: tuple[str, ...], months: float) -> float:
    return float(np.mean(run.arms[arms[0]]["confirmed_response"])) if len(run) else math.nan


def _early_shrinkage(run: Run, arms: tuple[str, ...], months: float) -> float:
    change = run.arms[arms[0]]["early_change"]
    change = change[np.isfinite(change)]
    return float(np.mean(change <= RESPONSE)) if change.size else math.nan


def _depth_of_response(run: Run, arms: tuple[str, ...], months: float) -> float:
    change = run.arms[arms[0]]["best_change"]
    change = change[np.isfinite(change)]
    return -float(np.median(change)) if change.size else math.nan


def _resected_share(run: Run, arms: tuple[str, ...], months: float) -> float:
    return float(np.mean(run.arms[arms[0]]["resections"] > 0)) if len(run) else math.nan


def _cured(run: Run, arms: tuple[str, ...], months: float) -> float:
    """No living metastatic cell at death or horizon, and no recurrence before."""
    free = run.arms[arms[0]]["tumour_free"] & ~np.isfinite(progression(run, arms[0]))
    return float(np.mean(free)) if len(run) else math.nan


def _cured_alive(run: Run, arms: tuple[str, ...], months: float) -> float:
    """Alive after ten years without a living metastatic cell."""
    free = run.arms[arms[0]]["tumour_free"] & (death(run, arms[0]) > _YEARS_10_MONTHS)
    return float(np.mean(free)) if len(run) else math.nan


def _of_line(line: int, which: int) -> Measure:
    def measure(run: Run, arms: tuple[str, ...], months: float) -> float:
        return statistics.median_time(_line(run, arms[0], line)[which])

    return measure


def _untreated_line(run: Run, arms: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Those given line 3 in the second arm: their times from there, in both arms.

    Until then both arms are the same to the bit; the first stops after two lines.
    """
    start = run.arms[arms[1]]["line_start_months"][:, 2]
    given = (start < death(run, arms[0])) & (start < death(run, arms[1]))
    first, second = (death(run, arm)[given] - start[given] for arm in arms)
    return first, second


def _third_line_untreated_os(run: Run, arms: tuple[str, ...], months: float) -> float:
    return statistics.median_time(_untreated_line(run, arms)[0])


def _third_line_hr_os(run: Run, arms: tuple[str, ...], months: float) -> float:
    first, second = _untreated_line(run, arms)
    if first.size == 0:
        return math.nan
    never = np.full(first.size, np.inf)
    log_ratio = statistics.log_hazard_ratio((first, never), (second, never), (12.0, 18.0))
    return math.exp(log_ratio)


def _from_volume(column: int) -> Measure:
    """Median survival from the month at which the tumour reaches a volume of `REACHED_ML`."""

    def measure(run: Run, arms: tuple[str, ...], months: float) -> float:
        start, dead = run.arms[arms[0]]["reached_months"][:, column], death(run, arms[0])
        given = start < dead
        return statistics.median_time(dead[given] - start[given])

    return measure


def _split_ratio(run: Run, arm: str, many: npt.NDArray[np.bool_]) -> float:
    few_run, many_run = run.where(~many), run.where(many)
    if not len(few_run) or not len(many_run):
        return math.nan
    times = [(death(each, arm), np.full(len(each), np.inf)) for each in (few_run, many_run)]
    return math.exp(statistics.log_hazard_ratio(times[0], times[1], run.follow_up_months))


def _hr_more_than_one(run: Run, arms: tuple[str, ...], months: float) -> float:
    return _split_ratio(run, arms[0], run.seen.lesions > 1)


def _hr_extrahepatic(run: Run, arms: tuple[str, ...], months: float) -> float:
    return _split_ratio(run, arms[0], run.seen.outside_liver > 0)


def _extrahepatic_by_number(run: Run, arms: tuple[str, ...], months: float) -> float:
    """Hazard ratio of extrahepatic disease with many metastases, over that with few."""
    many = run.seen.lesions >= _MANY
    with_many = _hr_extrahepatic(run.where(many), arms, months)
    return with_many / _hr_extrahepatic(run.where(~many), arms, months)


def _several_among_survivors(run: Run, arms: tuple[str, ...], months: float) -> float:
    """Share with more than one metastasis among those who live for so long."""
    alive = death(run, arms[0]) > months
    return float(np.mean(run.seen.lesions[alive] > 1)) if alive.any() else math.nan


def _sum_of_diameters(quantile: float) -> Measure:
    """Quantile of the sum of diameters at entry, in cm."""

    def measure(run: Run, arms: tuple[str, ...], months: float) -> float:
        return float(np.quantile(run.seen.sum_cm, quantile)) if len(run) else math.nan

    return measure


def _median_of(column: str) -> Measure:
    """Median of a column among those who have it."""

    def measure(run: Run, arms: tuple[str, ...], months: float) -> float:
        values = run.arms[arms[0]][column]
        values = values[np.isfinite(values)]
        return float(np.median(values)) if values.size else math.nan

    return measure


def _shrinkage(run: Run, arms: tuple[str, ...], months: float) -> float:
    """Share of all whose sum of diameters fell by 30 %."""
    change = np.nan_to_num(run.arms[arms[0]]["best_change"], nan=0.0)
    return float(np.mean(change <= RESPONSE)) if len(run) else math.nan


def _new_lesion_at(run: Run, arms: tuple[str, ...], months: float) -> float:
    found = run.arms[arms[0]]["new_lesion_months"]
    return statistics.incidence_at(found, death(run, arms[0]), months)


def _doubling_after_nadir(run: Run, arms: tuple[str, ...], months: float) -> float:
    """Days in which the volume doubles after the smallest sum of diameters, at the median slope."""
    slope = _median_of("regrowth_a_month")(run, arms, months)
    return math.log(2.0) / (3.0 * slope) * DAYS_PER_MONTH if slope > 0.0 else math.inf


def _os_by_number(several: bool) -> Measure:
    def measure(run: Run, arms: tuple[str, ...], months: float) -> float:
        return statistics.survival_at(
            death(run, arms[0])[(run.seen.lesions > 1) == several], months
        )

    return measure


def _five_or_more(run: Run, arms: tuple[str, ...], months: float) -> float:
    return float(np.mean(run.seen.lesions >= 5)) if len(run) else math.nan


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "median_os": _median_os,
        "median_pfs": _median_pfs,
        "os_at": _os_at,
        "pfs_at": _pfs_at,
        "median_os_gain": _median_os_gain,
        "os_gain_at": _os_gain_at,
        "hazard_ratio_os": _hr_os,
        "hazard_ratio_pfs": _hr_pfs,
        "hazard_ratio_liver_progression": _hr_liver,
        "median_liver_progression": _median_liver,
        "liver_first": _liver_first,
        "recurrence_liver_alone": _liver_alone,
        "recurrence_elsewhere_alone": _elsewhere_alone,
        "median_recurrence": _median_recurrence,
        "recurrence_at": _recurrence_at,
        "response": _response,
        "early_shrinkage": _early_shrinkage,
        "depth_of_response": _depth_of_response,
        "resected_share": _resected_share,
        "cured": _cured,
        "cured_alive_at_10_years": _cured_alive,
        "second_line_pfs": _of_line(2, 0),
        "second_line_os": _of_line(2, 1),
        "third_line_pfs": _of_line(3, 0),
        "third_line_os": _of_line(3, 1),
        "third_line_untreated_os": _third_line_untreated_os,
        "third_line_hazard_ratio_os": _third_line_hr_os,
        "median_os_from_250_ml": _from_volume(0),
        "median_os_from_375_ml": _from_volume(1),
        "several_among_survivors": _several_among_survivors,
        "hazard_ratio_more_than_one": _hr_more_than_one,
        "hazard_ratio_extrahepatic": _hr_extrahepatic,
        "extrahepatic_by_number": _extrahepatic_by_number,
        "os_at_one_lesion": _os_by_number(several=False),
        "os_at_several_lesions": _os_by_number(several=True),
        "sum_of_diameters_q25": _sum_of_diameters(0.25),
        "sum_of_diameters_q50": _sum_of_diameters(0.5),
        "sum_of_diameters_q75": _sum_of_diameters(0.75),
        "median_early_change": _median_of("early_change"),
        "median_best_change": _median_of("best_change"),
        "shrinkage_30_percent": _shrinkage,
        "new_lesion_at": _new_lesion_at,
        "doubling_after_nadir": _doubling_after_nadir,
        "five_or_more": _five_or_more,
    }
)
"""Measures of cohorts that are followed: of a run, one or two arms (control first), and a month."""
