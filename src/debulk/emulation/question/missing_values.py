"""Covariates that are unknown at time zero: refused, marked, or their patients left out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from debulk.core.errors import InputError
from debulk.emulation.person_time import Flags
from debulk.emulation.question.covariates import CovariateSource, CovariateValues
from debulk.emulation.question.flow import Flow, reasons
from debulk.emulation.question.settings import Settings

_REMEDY = "Leave it out, or say missing='indicator' or 'complete-cases' (counted and shown)"


def handle_missing(
    flow: Flow, covariates: list[CovariateValues], settings: Settings
) -> list[CovariateValues]:
    """Refuse, mark or leave out what is unknown at time zero, as the settings say.

    Returns
    -------
    list of CovariateValues
        Those that are used, of the patients still in.

    Raises
    ------
    InputError
        If something is unknown and that is to be refused, or nobody has every covariate.
    """
    if settings.missing == "refuse":
        _refuse_missing(covariates)
        return covariates
    if settings.missing == "indicator":
        never = [each.about.name for each in covariates if each.never_known]
        flow.decide(f"covariates unknown in everybody, left out ({', '.join(never)})", len(never))
        return [each for each in covariates if not each.never_known]
    lacking = [np.isnan(each.fixed) for each in covariates]
    why = reasons(
        *(
            (pl.Series(unknown), f"{each.about.name} unknown at time zero")
            for each, unknown in zip(covariates, lacking, strict=True)
        ),
        length=flow.rows.height,
    )
    kept = why.is_null().to_numpy()
    flow.leave_out("covariates known at time zero", why)
    if flow.rows.height == 0:
        found = "nobody has all of them at time zero"
        raise InputError("covariates", found, "Leave some out, or say missing='indicator'")
    place = np.cumsum(kept) - 1
    return [_only(each, kept, place) for each in covariates]


def _only(covariate: CovariateValues, kept: Flags, place: npt.NDArray[np.int64]) -> CovariateValues:
    there = kept[covariate.patient] if covariate.patient.size else np.empty(0, dtype=np.bool_)
    about, number = covariate.about, int(kept.sum())
    return CovariateValues(
        CovariateSource(about.name, about.source, about.levels, number, number),
        covariate.fixed[kept],
        place[covariate.patient[there]],
        covariate.months[there],
        covariate.value[there],
    )


def _refuse_missing(read: list[CovariateValues]) -> None:
    """Refuse covariates that are unknown in somebody at time zero.

    Raises
    ------
    InputError
        With the share of each.
    """
    lacking = [each.about for each in read if each.about.known < each.about.patients]
    if not lacking:
        return
    lacking.sort(key=lambda each: (each.known, each.name))
    shown = ", ".join(
        f"{each.name} in {each.patients - each.known} ({100 * each.missing_share:.0f} %)"
        for each in lacking
    )
    found = f"unknown at time zero, of {lacking[0].patients} patients: {shown}"
    raise InputError("covariates", found, _REMEDY)
