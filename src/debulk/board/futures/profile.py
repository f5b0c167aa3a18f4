"""How like the case its virtual patients came out: shown, since a match is never perfect."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.board.futures.alike import Alike
from debulk.board.futures.known import Known
from debulk.board.futures.library import presented
from debulk.board.futures.measures import MIDDLE

Floats = npt.NDArray[np.float64]


def profile_of(known: Known, who: Alike) -> list[dict[str, Any]]:
    """The case beside its virtual patients, feature by feature.

    Parameters
    ----------
    known : Known
    who : Alike

    Returns
    -------
    list of dict
        Quantities have ``case``, ``median``, ``low`` and ``high`` (the middle 80 of 100);
        categories ``case`` and ``same_of_100``. Features not known of the case are left out.
    """
    seen = presented(who.presenters)
    rows = [
        _quantity("lesions", known.lesions, seen["in_organ"].sum(axis=1), who),
        _quantity("largest", known.largest_mm, seen["largest_mm"], who),
        _quantity("volume", known.volume_ml, seen["volume_ml"], who),
        _quantity("age", known.age_years, seen["age_years"], who),
        _category("who", known.who_ps, seen["who_ps"], who),
        _category("synchronous", known.synchronous, seen["synchronous"], who),
        _category("primary", known.primary_in_situ, seen["primary_in_situ"], who),
        _category("adjuvant", known.adjuvant, seen["adjuvant"], who),
        _category("sex", known.female, seen["female"], who),
        _category("ras", known.ras, seen["ras"], who),
        _category("braf", known.braf, seen["braf"], who),
    ]
    return [each for each in rows if each["case"] is not None]


def _quantity(
    name: str, value: float | None, values: npt.NDArray[Any], who: Alike
) -> dict[str, Any]:
    order = np.argsort(values, kind="stable")
    share = np.cumsum(who.weight[order])
    marks = np.array([MIDDLE[0], 0.5, MIDDLE[1]]) * share[-1]
    places = np.minimum(np.searchsorted(share, marks), order.size - 1)
    low, median, high = (float(each) for each in values[order][places])
    return {"feature": name, "case": value, "median": median, "low": low, "high": high}


def _category(
    name: str, value: float | None, values: npt.NDArray[Any], who: Alike
) -> dict[str, Any]:
    same = None if value is None else 100.0 * float(who.weight[values == value].sum())
    return {"feature": name, "case": value, "same_of_100": same}
