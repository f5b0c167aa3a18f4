"""Everything that is measured of the courses, by option, difference and layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.board.futures.alike import Alike
from debulk.board.futures.equipoise import sides_of
from debulk.board.futures.known import Known
from debulk.board.futures.measures import (
    ICON_YEARS,
    YEARS,
    Curve,
    curve_of,
    curves_apart,
    median_difference,
    middle,
    months_lived,
    of_100,
    price_of,
)
from debulk.board.futures.options import Followed
from debulk.board.futures.result import Difference, Layers, OptionFutures
from debulk.board.futures.spread import Interval, Spread, spread_of
from debulk.board.settings import BoardSettings
from debulk.core.strings import entries, text

LAYER_YEAR = 2
"""Year at which the three layers are told."""

_BASE = "systemic"


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Attributes
    ----------
    options, differences, layers
        As in `debulk.board.futures.result.Futures`.
    gain : Spread
        Months of life up to the horizon that the first option adds, by parameter draw.
    disagree : bool
        The variants of the model disagree in sign, and the interval is wider than the department
        shows.
    """

    options: tuple[OptionFutures, ...]
    differences: tuple[Difference, ...]
    layers: Layers
    gain: Spread
    disagree: bool


def measure(
    followed: Mapping[str, Followed],
    who: Alike,
    known: Known,
    settings: BoardSettings,
    structures: Sequence[str],
) -> Measured:
    """Measure every option and its difference from systemic therapy alone.

    Parameters
    ----------
    followed : mapping of str to Followed
        By option, systemic therapy alone among them.
    who : Alike
    known : Known
        Of the case.
    settings : BoardSettings
    structures : sequence of str
        Of each parameter draw.
    """
    base = followed[_BASE]
    horizon = settings.horizon_months
    names = [name for name in followed if name != _BASE]
    options = tuple(
        _option(name, followed[name], base, who, known, horizon) for name in (_BASE, *names)
    )
    differences = tuple(
        _difference(name, followed[name], base, who, known, settings) for name in names
    )
    first = followed[names[0]]
    two_years = {
        _BASE: spread_of(100.0 * _alive(base), who),
        names[0]: spread_of(100.0 * _alive(first), who),
        "difference": spread_of(100.0 * (_alive(first) - _alive(base)), who),
    }
    layers = _layers(two_years, options, structures)
    signs = {np.sign(each["estimate"]) for each in layers.model["difference"]}
    apart = two_years["difference"].interval()
    return Measured(
        options=options,
        differences=differences,
        layers=layers,
        gain=spread_of(
            months_lived(first.death_months, horizon) - months_lived(base.death_months, horizon),
            who,
        ),
        disagree={-1.0, 1.0} <= signs and apart.upper - apart.lower > settings.widest_disagreement,
    )


def _alive(followed: Followed) -> npt.NDArray[np.float64]:
    return (followed.death_months > 12.0 * LAYER_YEAR).astype(np.float64)


def _option(
    name: str, followed: Followed, base: Followed, who: Alike, known: Known, horizon: float
) -> OptionFutures:
    overall = curve_of(followed.death_months, who)
    free = None if known.progressed else curve_of(followed.progression_free_months, who)
    return OptionFutures(
        option=name,
        title=text(f"futures.options.{name}"),
        curves={
            "overall": overall.to_dict(),
            "progression_free": None if free is None else free.to_dict(),
        },
        alive={year: overall.at(12 * year) for year in YEARS},
        icons={year: _icons(followed, overall, who, year) for year in ICON_YEARS},
        median_months=overall.median(),
        median_progression_free_months=None if free is None else free.median(),
        mean_months=spread_of(months_lived(followed.death_months, horizon), who).interval(),
        middle_80=middle(followed.death_months, who),
        price=price_of(followed, base, who),
    )


def _icons(followed: Followed, overall: Curve, who: Alike, year: int) -> dict[str, int]:
    """Whole patients of 100: what an icon array shows beside the interval in words."""
    dead = 100 - round(overall.at(12 * year).estimate)
    of_treatment = round(of_100(followed.died_within_90_days, who).estimate)
    return {
        "alive": 100 - dead,
        "dead": dead,
        "dead_within_90_days": min(dead, of_treatment),
    }


def _difference(
    name: str,
    followed: Followed,
    base: Followed,
    who: Alike,
    known: Known,
    settings: BoardSettings,
) -> Difference:
    horizon = settings.horizon_months
    there, here = followed.death_months, base.death_months
    curves = curves_apart(there, here, who)
    lower, upper = curves.limits()
    gain = months_lived(there, horizon) - months_lived(here, horizon)
    free = None
    if not known.progressed:
        free = (followed.progression_free_months, base.progression_free_months)
    benefit, little, harm = sides_of(gain, settings.delta_months)
    return Difference(
        option=name,
        against=_BASE,
        alive={
            year: Interval(
                *(
                    100.0 * float(each[12 * year])
                    for each in (curves.mean, lower, upper, curves.monte_carlo_se)
                )
            ).cut(-100.0, 100.0)
            for year in YEARS
        },
        median_months=median_difference(curve_of(here, who), curves),
        median_progression_free_months=None
        if free is None
        else median_difference(curve_of(free[1], who), curves_apart(*free, who)),
        mean_months=spread_of(gain, who).interval(),
        benefit=of_100(benefit, who),
        little=of_100(little, who),
        harm=of_100(harm, who),
    )


def _layers(
    two_years: Mapping[str, Spread], options: Sequence[OptionFutures], structures: Sequence[str]
) -> Layers:
    """Chance, knowledge and model, of the patients alive after two years."""
    names = list(dict.fromkeys(structures))
    groups = np.array([names.index(each) for each in structures])
    return Layers(
        chance={each.option: each.middle_80 for each in options},
        knowledge={
            name: each.within(groups).cut(-100.0 if name == "difference" else 0.0, 100.0)
            for name, each in two_years.items()
        },
        model={name: _by_structure(each, names, groups) for name, each in two_years.items()},
        left_out=tuple(entries("futures.left_out").values()),
    )


def _by_structure(
    spread: Spread, names: Sequence[str], groups: npt.NDArray[np.int64]
) -> list[dict[str, Any]]:
    means, errors = spread.group_means(groups), spread.group_errors(groups)
    return [
        {
            "structure": name,
            "estimate": float(means[place]),
            "monte_carlo_se": float(errors[place]),
            "draws": int((groups == place).sum()),
        }
        for place, name in enumerate(names)
    ]
