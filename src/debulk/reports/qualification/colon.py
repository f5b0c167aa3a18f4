"""The packaged colon trial analysed anew, under the names of its reference numbers."""

from __future__ import annotations

import numpy as np
import polars as pl

from debulk.survival import (
    FlemingHarrington,
    cox,
    cumulative_incidence,
    example,
    gray_test,
    kaplan_meier,
    logrank,
    parametric,
)

_FIVE_YEARS_DAYS = 1825.0
_ARMS = ("Obs", "Lev", "Lev+5FU")


def colon_numbers() -> dict[str, float]:
    """Curves, tests and models of the colon trial, by the name of their reference number."""
    table = example("colon")
    deaths = table.filter(pl.col("etype") == 2)
    return {
        **_curves(deaths),
        **_tests(deaths),
        **_cox(deaths),
        **_competing(table.filter(pl.col("etype") == 1), deaths),
    }


def _curves(deaths: pl.DataFrame) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for arm in _ARMS:
        rows = deaths.filter(pl.col("rx").cast(pl.String) == arm)
        curve = kaplan_meier(rows["time"], rows["status"])
        last = int(np.searchsorted(curve.time, _FIVE_YEARS_DAYS, side="right")) - 1
        numbers[f"survival at 1825 days/{arm}"] = float(curve.survival[last])
        numbers[f"standard error at 1825 days/{arm}"] = float(curve.std_error[last])
        mean = curve.rmst(_FIVE_YEARS_DAYS).estimate
        numbers[f"restricted mean to 1825 days/{arm}"] = mean
    weibull = parametric(deaths["time"], deaths["status"], model="weibull")
    return {**numbers, "Weibull log likelihood": float(weibull.loglik)}


def _tests(deaths: pl.DataFrame) -> dict[str, float]:
    def chi_square(rows: pl.DataFrame, rho: float = 0.0) -> float:
        groups, weighting = rows["rx"].cast(pl.String), FlemingHarrington(rho, 0.0)
        test = logrank(rows["time"], rows["status"], groups, reference="Obs", weighting=weighting)
        return float(test.statistic)

    pair = deaths.filter(pl.col("rx").cast(pl.String) != "Lev")
    return {
        "log-rank chi-square/three groups": chi_square(deaths),
        "log-rank chi-square/Lev+5FU against Obs": chi_square(pair),
        "Peto-Peto chi-square/Lev+5FU against Obs": chi_square(pair, rho=1.0),
    }


def _cox(deaths: pl.DataFrame) -> dict[str, float]:
    numbers: dict[str, float] = {}
    names = {"rx[T.Lev]": "rxLev", "rx[T.Lev+5FU]": "rxLev+5FU", "age": "age", "sex": "sex"}
    for ties in ("efron", "breslow"):
        model = cox(deaths, time="time", event="status", formula="rx + age + sex", ties=ties)
        for term, coefficient, error in zip(model.names, model.coef, model.se, strict=True):
            numbers[f"Cox {ties} coefficient/{names[term]}"] = float(coefficient)
            numbers[f"Cox {ties} standard error/{names[term]}"] = float(error)
        numbers[f"Cox {ties} log likelihood"] = float(model.loglik[1])
        if ties == "efron":
            table = model.proportionality()
            last = table.filter(pl.col("term") == "GLOBAL")
            numbers["proportionality chi-square/GLOBAL"] = float(last["chi_square"][0])
    return numbers


def _competing(recurrences: pl.DataFrame, deaths: pl.DataFrame) -> dict[str, float]:
    both = recurrences.select("id", "rx", "time", "status").join(
        deaths.select("id", "time", "status"), on="id", suffix="_death"
    )
    recurred = pl.col("status") == 1
    frame = both.select(
        pl.col("rx").cast(pl.String),
        pl.when(recurred).then(pl.col("time")).otherwise(pl.col("time_death")).alias("time"),
        pl.when(recurred).then(1).otherwise(2 * pl.col("status_death")).alias("cause"),
    )
    curves = cumulative_incidence(frame["time"], frame["cause"], group=frame["rx"])
    numbers = {
        f"incidence of recurrence at 1825 days/{arm}": float(
            curves[arm][1].at(np.array([_FIVE_YEARS_DAYS]))[0]
        )
        for arm in _ARMS
    }
    test = gray_test(frame["time"], frame["cause"], frame["rx"])
    return {**numbers, "Gray chi-square/recurrence": float(test.statistic)}
