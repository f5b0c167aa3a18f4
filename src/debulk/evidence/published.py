"""The result that a trial published, to stand beside a simulated one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from debulk.core.errors import InputError, nearest
from debulk.core.results import plain
from debulk.evidence.record import Finding, citation, findings_by_key
from debulk.evidence.schema import Role
from debulk.evidence.tables import studies

ARMS = ("control", "experimental")


@dataclass(frozen=True, slots=True)
class PublishedResult:
    """What a randomised trial reported; for display only, never to choose a number from.

    Attributes
    ----------
    trial : str
        Acronym.
    hazard_ratio, lower, upper : float or None
        Hazard ratio for death, experimental against control, with the limits printed.
    p : float or None
        Its p value as printed.
    median_os_months, median_pfs_months : dict of str to float
        Medians of ``control`` and ``experimental``, where printed.
    source : str
        How to cite it.
    role : Role
        What the result may be used for.
    remarks : tuple of str
        What a reader must know of the numbers.
    """

    trial: str
    hazard_ratio: float | None
    lower: float | None
    upper: float | None
    p: float | None
    median_os_months: dict[str, float]
    median_pfs_months: dict[str, float]
    source: str
    role: Role
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return {each.name: plain(getattr(self, each.name)) for each in fields(self)}


def published_result(trial: str) -> PublishedResult | None:
    """The survival result that a trial published.

    Parameters
    ----------
    trial : str
        Acronym as in the table of studies; upper and lower case are the same. Empty for a trial
        that has published nothing.

    Returns
    -------
    PublishedResult or None
        None if the trial printed neither a hazard ratio nor medians of survival.

    Raises
    ------
    InputError
        If no trial has that acronym.
    """
    if not trial:
        return None
    name = _acronym(trial)
    rows = findings_by_key()

    def field(name_of_field: str) -> Finding | None:
        return rows.get(f"trials:{name}/{name_of_field}")

    medians = {
        end: {arm: field(f"median_{end}_{arm}_months") for arm in ARMS} for end in ("os", "pfs")
    }
    ratio, p = field("hr_os"), field("p_os")
    told = [each for each in (ratio, *medians["os"].values(), p) if each and each.value is not None]
    if not any(each is not p for each in told):
        return None
    return PublishedResult(
        trial=name,
        hazard_ratio=ratio.value if ratio else None,
        lower=ratio.lower if ratio else None,
        upper=ratio.upper if ratio else None,
        p=p.value if p else None,
        median_os_months=_values(medians["os"]),
        median_pfs_months=_values(medians["pfs"]),
        source=citation(told[0]),
        role=told[0].role,
        remarks=tuple(f"{each.quantity}: {each.statistic}" for each in told if each.statistic),
    )


def _acronym(trial: str) -> str:
    names = studies(table="trials")["study"].to_list()
    same = [name for name in names if name.casefold() == trial.casefold()]
    if not same:
        found = f"no published trial is called {trial!r}"
        raise InputError("evidence", found, nearest(trial.upper(), names))
    return str(same[0])


def _values(medians: dict[str, Finding | None]) -> dict[str, float]:
    return {
        arm: each.value
        for arm, each in medians.items()
        if each is not None and each.value is not None
    }
