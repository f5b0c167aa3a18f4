"""Survival that a study prints at landmark times, and patients rebuilt from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.evidence.landmarks.curve import landmark_curve
from debulk.evidence.landmarks.pseudo_patients import pseudo_patients
from debulk.evidence.record import Finding
from debulk.reports.evidence.reconstruction_figure import RebuiltArm, reconstruction_chart
from debulk.survival import kaplan_meier
from debulk.web.evidence.drawing import drawn

_TIME = re.compile(r"^(\d+)-?y OS$")
"""A quantity that is overall survival at a time."""

_POINT = 110
"""Area of a printed point in square pixels."""

_AT_RISK_YEARS = (0, 1, 2, 3, 5, 10)


@dataclass(frozen=True)
class GroupCurve:
    """Survival of one group of a study.

    Attributes
    ----------
    group : str
    n : int
        Patients.
    printed : list of dict
        months, survival (0 to 1), lower, upper (None where none was printed), key.
    rebuilt : polars.DataFrame
        time, event of the patients rebuilt.
    """

    group: str
    n: int
    printed: list[dict[str, Any]]
    rebuilt: Any

    def to_dict(self) -> dict[str, Any]:
        """Printed points, the rebuilt curve at them, numbers at risk, and how near it comes."""
        return {
            "group": self.group,
            "patients": self.n,
            "printed": self.printed,
            "rebuilt_at_printed": self.at_printed(),
            "at_risk": self.at_risk(),
            "greatest_difference": self.greatest_difference(),
        }

    def at_printed(self) -> list[float]:
        """Survival of the rebuilt patients at the printed times."""
        curve = kaplan_meier(self.rebuilt["time"].to_numpy(), self.rebuilt["event"].to_numpy())
        steps = np.concatenate(([1.0], curve.survival))
        times = [each["months"] for each in self.printed]
        places = np.searchsorted(curve.time, times, side="right")
        return [float(each) for each in steps[places]]

    def at_risk(self) -> list[dict[str, float]]:
        """Rebuilt patients still under observation at whole years up to the last printed time."""
        ends, last = self.rebuilt["time"].to_numpy(), self.printed[-1]["months"]
        return [
            {"months": 12.0 * year, "at_risk": float(np.sum(ends >= 12.0 * year))}
            for year in _AT_RISK_YEARS
            if 12 * year <= last
        ]

    def greatest_difference(self) -> float:
        """Greatest difference in survival between what was printed and what was rebuilt."""
        pairs = zip(self.printed, self.at_printed(), strict=True)
        return max(abs(float(each["survival"]) - rebuilt) for each, rebuilt in pairs)


def curves_of(found: list[Finding]) -> list[GroupCurve]:
    """A curve for each group that has survival at one time or more, and a number of patients."""
    by_group: dict[str, dict[float, Finding]] = {}
    for each in found:
        time = _TIME.match(each.quantity)
        if time and each.value is not None and each.unit in ("%", "share"):
            by_group.setdefault(each.group, {})[12.0 * int(time[1])] = each
    made = (_curve(group, dict(sorted(rows.items()))) for group, rows in by_group.items())
    return [each for each in made if each is not None]


def _curve(group: str, rows: dict[float, Finding]) -> GroupCurve | None:
    known = [each.n for each in rows.values() if each.n]
    if not known or group not in ("", "all"):
        # The number of the study's patients is not that of a part of them.
        return None
    printed = [_printed(months, each) for months, each in rows.items()]
    try:
        curve = landmark_curve(
            [each["months"] for each in printed],
            [each["survival"] for each in printed],
            patients=min(known),
        )
        return GroupCurve(group, min(known), printed, pseudo_patients(curve))
    except InputError:
        # Survival that rises from one printed time to the next is of different patients.
        return None


def _printed(months: float, found: Finding) -> dict[str, Any]:
    scale = 100.0 if found.unit == "%" else 1.0
    ends = {
        name: None if (end := getattr(found, name)) is None else end / scale
        for name in ("lower", "upper")
    }
    assert found.value is not None  # as `curves_of` chooses them
    return {"months": months, "survival": found.value / scale, **ends, "key": found.key}


def curves_chart(curves: list[GroupCurve]) -> dict[str, Any]:
    """Printed survival as circles over the curve of the rebuilt patients."""
    import polars as pl

    arms = [
        RebuiltArm(
            each.group or text("evidence.everybody"),
            pl.DataFrame(
                {
                    "time": [point["months"] for point in each.printed],
                    "survival": [point["survival"] for point in each.printed],
                }
            ),
            each.rebuilt,
            pl.DataFrame({"time": [point["months"] for point in each.at_risk()]}),
        )
        for each in curves
    ]
    chart = reconstruction_chart(arms, time_title=text("evidence.study.months"))
    made = drawn(chart)
    made["title"] = {**_title(made), "text": text("evidence.study.curve_title")}
    # A printed point is one of a few here, not one of hundreds of clicks.
    made["vconcat"][0]["layer"][-1]["mark"] |= {"size": _POINT, "strokeWidth": 2.0}
    return made


def _title(made: dict[str, Any]) -> dict[str, Any]:
    title = made.get("title", {})
    return title if isinstance(title, dict) else {"text": title}
