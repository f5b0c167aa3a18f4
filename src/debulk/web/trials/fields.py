"""The fields of the designer: their names in the address, where they start, and their ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

FINDS = ("patients", "follow_up", "power")
"""What a design is solved for; the other two are given."""


class DesignQuery(BaseModel):
    """What stands in the address of a design: texts as typed; what is left out has its start.

    A pinned design is the query of another one, so that one address holds up to three.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    population: str = Field("", max_length=60)
    randomise: str = Field("after", max_length=20)
    lost_in_induction: str = Field("0", max_length=40)
    median_control: str = Field("18", max_length=40)
    front_median: str = Field("", max_length=40)
    by: str = Field("gain", max_length=20)
    gain_months: str = Field("6", max_length=40)
    hazard_ratio: str = Field("0.75", max_length=40)
    delay_months: str = Field("0", max_length=40)
    harm_ratio: str = Field("1", max_length=40)
    harm_months: str = Field("0", max_length=40)
    find: str = Field("patients", max_length=20)
    power: str = Field("0.8", max_length=40)
    accrual_months: str = Field("60", max_length=40)
    per_month: str = Field("10", max_length=40)
    ramp_months: str = Field("0", max_length=40)
    follow_up: str = Field("24", max_length=40)
    refusal: str = Field("0.3", max_length=40)
    not_treated: str = Field("0", max_length=40)
    crossover: str = Field("0", max_length=40)
    allocation: str = Field("1", max_length=40)
    dropout: str = Field("0.02", max_length=40)
    alpha: str = Field("0.05", max_length=40)
    sided: str = Field("2", max_length=10)
    looks: str = Field("", max_length=200)
    efficacy: str = Field("spending-obrien-fleming", max_length=60)
    futility: str = Field("", max_length=60)
    binding: str = Field("", max_length=10)
    a: str = Field("", max_length=2000)
    b: str = Field("", max_length=2000)


START: Mapping[str, str] = {
    name: str(field.default) for name, field in DesignQuery.model_fields.items()
}
"""Every field with where it starts."""

PINS = ("a", "b")

NAMES: tuple[str, ...] = tuple(name for name in START if name not in PINS)
"""Fields that decide a design."""


@dataclass(frozen=True, slots=True)
class Range:
    """Where a slider runs, which is narrower than what may be typed, and what may be typed.

    Attributes
    ----------
    least, most, step : float
        Of the slider.
    at_least, at_most : float or None
        What is refused beyond; None leaves it to the design.
    """

    least: float
    most: float
    step: float
    at_least: float | None = None
    at_most: float | None = None


RANGES: Mapping[str, Range] = {
    "lost_in_induction": Range(0, 0.6, 0.01, 0, 0.99),
    "median_control": Range(6, 60, 0.5, 0.1, 1200),
    "front_median": Range(6, 60, 0.5, 0.1, 1200),
    "gain_months": Range(1, 18, 0.5, 0.01, 1200),
    "hazard_ratio": Range(0.4, 1, 0.01, 0.01, 5),
    "delay_months": Range(0, 24, 1, 0, 240),
    "harm_ratio": Range(1, 3, 0.05, 0.05, 20),
    "harm_months": Range(0, 12, 0.5, 0, 240),
    "power": Range(0.6, 0.95, 0.01, 0.01, 0.9999),
    "accrual_months": Range(12, 144, 1, 0.1, 1200),
    "per_month": Range(1, 40, 0.5, 0.01, 10_000),
    "ramp_months": Range(0, 36, 1, 0, 240),
    "follow_up": Range(0, 60, 1, 0, 1200),
    "refusal": Range(0, 0.9, 0.01, 0, 0.99),
    "not_treated": Range(0, 0.5, 0.01, 0, 1),
    "crossover": Range(0, 0.5, 0.01, 0, 1),
    "dropout": Range(0, 0.2, 0.005, 0, 0.99),
    "alpha": Range(0.005, 0.2, 0.005, 0.000001, 0.5),
}
"""Fields that hold one number."""

MAY_BE_EMPTY = frozenset({"front_median"})

WORDS: Mapping[str, tuple[str, ...]] = {
    "randomise": ("after", "before"),
    "by": ("gain", "ratio"),
    "find": FINDS,
    "sided": ("2", "1"),
    "binding": ("", "yes"),
    "efficacy": (
        "spending-obrien-fleming",
        "spending-pocock",
        "kim-demets:3",
        "hwang-shih-decani:-4",
        "obrien-fleming",
        "pocock",
        "haybittle-peto:3",
    ),
    "futility": ("", "spending-obrien-fleming", "spending-pocock", "hwang-shih-decani:-4"),
}
"""Fields that hold one word out of a list; rules of stopping may also be typed in the address."""
