"""Survival curves pooled by extent of disease and treatment, from the packaged findings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import debulk
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Exclusion, Provenance
from debulk.core.results import plain
from debulk.evidence.firewall import ALLOWED_ROLES
from debulk.evidence.landmarks.mapping import (
    EXTENTS,
    TREATMENTS,
    Extent,
    MappedGroup,
    Treatment,
    survival_map,
)
from debulk.evidence.landmarks.pooled import PooledSurvival
from debulk.evidence.landmarks.pooling import Between, pooled_survival
from debulk.evidence.landmarks.studies import SurvivalStudy, study_from_landmarks
from debulk.evidence.landmarks.transforms import Transform
from debulk.evidence.pooling.pooled import IntervalMethod, Method
from debulk.evidence.record import Finding, citation, finding
from debulk.evidence.schema import ROLES, Role


@dataclass(frozen=True)
class ExtentCurve:
    """The pooled curve of one extent and treatment.

    Attributes
    ----------
    extent : Extent
        Extent of disease.
    treatment : Treatment
        How the groups were treated.
    curve : PooledSurvival
        Pooled over `roles`' studies.
    roles : dict of str to Role
        What each study may be used for.
    patients : dict of str to int
        Patients of each study.
    """

    extent: Extent
    treatment: Treatment
    curve: PooledSurvival
    roles: dict[str, Role]
    patients: dict[str, int]


@dataclass(frozen=True)
class CurvesByExtent:
    """Survival curves by extent of disease.

    Attributes
    ----------
    curves : tuple of ExtentCurve
        In the order of the extents, then of the treatments; only where a study is left.
    roles : tuple of Role
        Roles whose findings entered.
    left_out : dict of str to str
        Key of each finding of survival that did not enter, and why.
    provenance : Provenance
        Groups left out, counted, and remarks.
    """

    curves: tuple[ExtentCurve, ...]
    roles: tuple[Role, ...]
    left_out: dict[str, str] = field(repr=False)
    provenance: Provenance = field(repr=False)

    def of(self, extent: Extent, treatment: Treatment) -> PooledSurvival:
        """The curve of one extent and treatment.

        Raises
        ------
        InputError
            If no study tells it.
        """
        for each in self.curves:
            if (each.extent, each.treatment) == (extent, treatment):
                return each.curve
        known = [f"{each.extent} {each.treatment}" for each in self.curves]
        found = f"no study tells the survival of {extent} {treatment}"
        raise InputError("curves by extent", found, nearest(f"{extent} {treatment}", known))

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {
            "curves": [
                {
                    "extent": each.extent,
                    "treatment": each.treatment,
                    "roles": plain(each.roles),
                    "patients": plain(each.patients),
                    **each.curve.to_dict(),
                }
                for each in self.curves
            ],
            "roles": list(self.roles),
            "left_out": dict(self.left_out),
            "provenance": self.provenance.to_dict(),
        }


def pooled_curves_by_extent(
    *,
    extents: Collection[Extent] = EXTENTS,
    treatments: Collection[Treatment] = TREATMENTS,
    roles: Collection[Role] = ALLOWED_ROLES,
    transform: Transform = "arcsine",
    method: Method = "dl",
    interval: IntervalMethod = "wald",
    between: Between = "correlated",
    conf_level: float = 0.95,
) -> CurvesByExtent:
    """Pool the survival that the packaged findings tell, by extent of disease and treatment.

    Parameters
    ----------
    extents : collection of Extent
        Default all.
    treatments : collection of Treatment
        Default all.
    roles : collection of Role
        Findings that enter. The default leaves out what is held out, so that the curves may set
        targets; with "validation" they describe and may set nothing.
    transform, method, interval, between, conf_level
        As for `pooled_survival`.

    Returns
    -------
    CurvesByExtent
        Months; survival from 0 to 1.

    Raises
    ------
    InputError
        If an extent, a treatment, a role or an option does not exist.
    """
    for name, given, known in (
        ("extents", extents, EXTENTS),
        ("treatments", treatments, TREATMENTS),
        ("roles", roles, ROLES),
    ):
        for each in given:
            if each not in known:
                raise InputError(name, f"{each!r}", nearest(str(each), known))
    left_out = {key: each.reason for each in survival_map().left_out for key in each.findings}
    curves = []
    excluded: list[str] = []
    for extent in (each for each in EXTENTS if each in extents):
        for treatment in (each for each in TREATMENTS if each in treatments):
            entered, reasons = _entered(extent, treatment, roles, left_out)
            excluded += reasons
            if not entered:
                continue
            studies = [each.study for each in entered]
            curve = pooled_survival(
                studies,
                times=_times(studies),
                transform=transform,
                method=method,
                interval=interval,
                between=between,
                conf_level=conf_level,
                exclusions=_counted(reasons),
            )
            roles_of = {each.study.name: each.role for each in entered}
            patients = {each.study.name: each.patients for each in entered}
            curves.append(ExtentCurve(extent, treatment, curve, roles_of, patients))
    chosen = tuple(each for each in ROLES if each in roles)
    return CurvesByExtent(tuple(curves), chosen, left_out, _provenance(chosen, excluded))


@dataclass(frozen=True)
class _Entered:
    """A group that enters, with the role of its findings and its patients."""

    study: SurvivalStudy
    role: Role
    patients: int


def _entered(
    extent: Extent, treatment: Treatment, roles: Collection[Role], left_out: dict[str, str]
) -> tuple[list[_Entered], list[str]]:
    """The groups of one extent and treatment, and why others did not enter."""
    entered, reasons = [], []
    for group in survival_map().groups:
        if (group.extent, group.treatment) != (extent, treatment):
            continue
        found = [finding(each.finding) for each in group.landmarks]
        held = {each.role for each in found} - set(roles)
        patients = found[0].n if group.patients == "finding" else group.patients
        if held or patients is None:
            asked = f"role {', '.join(sorted(held))} not asked for"
            reason = asked if held else "the number of patients is not known"
            reasons.append(reason)
            left_out.update({each.key: reason for each in found})
        else:
            entered.append(_Entered(_study(group, found, patients), found[0].role, patients))
    return entered, reasons


def _study(group: MappedGroup, found: Sequence[Finding], patients: int) -> SurvivalStudy:
    values = [_share(each.value) for each in found]
    limits = [(each.lower, each.upper) for each in found if "range" not in each.statistic]
    printed = len(limits) == len(found) and all(None not in each for each in limits)
    return study_from_landmarks(
        group.study,
        [each.months for each in group.landmarks],
        values,
        patients=patients,
        lower=[_share(low) for low, _ in limits] if printed else None,
        upper=[_share(high) for _, high in limits] if printed else None,
        source=citation(found[0]),
        note=group.note,
    )


def _share(percent: float | None) -> float:
    return float(percent or 0.0) / 100.0


def _times(studies: Sequence[SurvivalStudy]) -> list[float] | None:
    """Landmarks of two studies or more; where there are none, all of them."""
    printed = [time for study in studies for time in study.times.tolist()]
    common = any(printed.count(time) > 1 for time in printed)
    return None if common or len(studies) == 1 else sorted(set(printed))


def _counted(excluded: Sequence[str]) -> tuple[Exclusion, ...]:
    return tuple(Exclusion(reason, excluded.count(reason)) for reason in dict.fromkeys(excluded))


def _provenance(roles: tuple[Role, ...], excluded: Sequence[str]) -> Provenance:
    remarks = ["Printed limits are taken to be of 95 %; a table without them has nobody censored."]
    if "validation" in roles:
        remarks.append("With held-out results: these curves describe and may set nothing.")
    return Provenance(
        version=debulk.__version__,
        exclusions=_counted(excluded),
        remarks=tuple(remarks),
    )
