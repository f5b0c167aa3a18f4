"""How like a case a virtual patient is: weights between 0 and 1, from what is known of the case.

A weight is a product of one factor a feature. A quantity on a scale has a bell of a stated width,
cut off at three widths; a category has 1 where it is the same and a stated penalty where not. What
is not known of the case has no factor. The widths are assumptions: they trade likeness against
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from debulk.board.futures.known import Known
from debulk.board.futures.library import Library
from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.core.provenance import Parameter

Floats = npt.NDArray[np.float64]

WIDTHS: Mapping[str, float] = MappingProxyType(
    {
        "lesions": 0.3,
        "largest": 0.35,
        "volume": 0.9,
        "age": 12.0,
        "change": 0.3,
    }
)
"""Widths: of the logarithm of the number of metastases plus one, of the largest diameter and of
the volume; of age in years; of the logarithm of the sum of diameters over its start."""

PENALTIES: Mapping[str, float] = MappingProxyType(
    {
        "organ": 0.2,
        "who": 0.05,
        "synchronous": 0.2,
        "primary": 0.3,
        "adjuvant": 0.5,
        "sex": 0.7,
        "ras": 0.6,
        "braf": 0.4,
    }
)
"""Factors where a category differs: each organ with or without a metastasis, each step of WHO
performance status, and so on."""

CUT = 3.0
"""Widths beyond which a virtual patient is not like the case at all."""

_GROUPS = ("liver", "lung", "peritoneum", "lymph_node")
_ELSEWHERE = [ORGAN_CODE[each] for each in ORGANS if each not in (*_GROUPS, "primary")]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Widths and penalties of the comparison.

    Attributes
    ----------
    widths, penalties : mapping of str to float
        As `WIDTHS` and `PENALTIES`.
    """

    widths: Mapping[str, float] = field(default_factory=lambda: WIDTHS)
    penalties: Mapping[str, float] = field(default_factory=lambda: PENALTIES)

    def parameters(self) -> tuple[Parameter, ...]:
        """Every width and penalty, as provenance states it."""
        named = {"width": (self.widths, WIDTHS), "penalty": (self.penalties, PENALTIES)}
        return tuple(
            Parameter(
                name=f"futures.{kind}.{name}",
                value=value,
                status="default" if value == usual[name] else "chosen",
                source="assumption",
                note="how like a virtual patient must be to stand for the case",
            )
            for kind, (values, usual) in named.items()
            for name, value in values.items()
        )

    def at_start(self, known: Known, library: Library) -> Floats:
        """Likeness at the start of the first palliative line, or now where there was none.

        Parameters
        ----------
        known : Known
            What is known of the case.
        library : Library

        Returns
        -------
        float64[n]
        """
        weight = _extent(known, library).astype(np.float64)
        counts = {name: library.in_organ[:, ORGAN_CODE[name]] for name in _GROUPS}
        counts["elsewhere"] = library.in_organ[:, _ELSEWHERE].sum(axis=1)
        for name, number_there in counts.items():
            weight *= self._same("organ", (number_there > 0) == (known.in_organ[name] > 0))
        lesions, liver = library.in_organ.sum(axis=1), counts["liver"]
        for those, number in ((liver, known.in_organ["liver"]), (lesions, known.lesions)):
            weight *= self._bell("lesions", np.log1p(those) - np.log1p(number))
        weight *= self._scale("largest", library.largest_mm, known.largest_mm)
        weight *= self._scale("volume", library.volume_ml, known.volume_ml)
        weight *= self._bell("age", library.age_years - known.age_years)
        weight *= self.penalties["who"] ** np.abs(library.who_ps - float(known.who_ps))
        for name, flag, value in (
            ("synchronous", library.synchronous, known.synchronous),
            ("primary", library.primary_in_situ, known.primary_in_situ),
            ("adjuvant", library.adjuvant, known.adjuvant),
            ("sex", library.female, known.female),
            ("ras", library.ras, known.ras),
            ("braf", library.braf, known.braf),
        ):
            if value is not None:
                weight *= self._same(name, flag == value)
        return weight

    def after_line(self, known: Known, response: npt.NDArray[np.int8], change: Floats) -> Floats:
        """Likeness at the moment of judgement, under the line that is running.

        Parameters
        ----------
        known : Known
        response : int8[n]
            Code of the response at the end of as many steps on line 1.
        change : float64[n]
            Sum of diameters then over that at the start, of the metastases seen at the start.

        Returns
        -------
        float64[n]
            0 where the response is another one, or the patient has died.
        """
        asked = known.response
        same = response <= _PROGRESSIVE if asked is None else response == asked
        weight = same.astype(np.float64)
        return weight * self._scale("change", change, known.change)

    def _scale(self, name: str, values: Floats, value: float | None) -> Floats:
        """Factor of a positive quantity, on the scale of its logarithm."""
        if value is None:
            return np.ones(values.size)
        return self._bell(name, np.log(np.maximum(values, 1e-9)) - np.log(max(value, 1e-9)))

    def _bell(self, name: str, distance: Floats) -> Floats:
        widths = np.abs(distance) / self.widths[name]
        return np.where(widths <= CUT, np.exp(-0.5 * widths**2), 0.0)

    def _same(self, name: str, same: npt.NDArray[np.bool_]) -> Floats:
        return np.where(same, 1.0, self.penalties[name])


_PROGRESSIVE = 3


def effective(weights: Floats) -> float:
    """Effective number of weighted patients, ``(sum w)^2 / sum w^2`` (Kish 1965)."""
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0.0 else 0.0


def even_over_draws(weights: Floats, trial: npt.NDArray[np.integer], draws: int) -> Floats:
    """Weights that add up to the same in each parameter draw, and to 1 in all.

    Parameters
    ----------
    weights : float64[n]
    trial : int[n]
        Parameter draw of each.
    draws : int
        Their number.

    Returns
    -------
    float64[n]
        0 in a draw with no weight at all.
    """
    total = np.bincount(trial, weights=weights, minlength=draws)
    filled = int((total > 0.0).sum())
    share = np.divide(1.0, total * filled, out=np.zeros(draws), where=total > 0.0)
    return np.asarray(weights * share[trial])


def effective_by_draw(weights: Floats, trial: npt.NDArray[np.integer], draws: int) -> Floats:
    """Effective number of weighted patients in each parameter draw."""
    total = np.bincount(trial, weights=weights, minlength=draws)
    squares = np.bincount(trial, weights=weights**2, minlength=draws)
    return np.divide(total**2, squares, out=np.zeros(draws), where=squares > 0.0)


def _extent(known: Known, library: Library) -> npt.NDArray[np.bool_]:
    """Whether the extent is the same, by the department's k."""
    organs = (library.in_organ > 0).sum(axis=1)
    lesions = library.in_organ.sum(axis=1)
    hepatic = library.in_organ[:, ORGAN_CODE["liver"]]
    rules = {
        "multi_organ": (organs >= 2) & (lesions - hepatic >= known.extent_k),
        "liver_only": (hepatic == lesions) & (lesions > 0),
    }
    few = (lesions <= _FEW_LESIONS) & (organs <= _FEW_ORGANS) & (lesions > 0)
    rules["oligometastatic"] = few & ~rules["multi_organ"] & ~rules["liver_only"]
    rules["other_metastatic"] = (lesions > 0) & ~(
        rules["multi_organ"] | rules["liver_only"] | rules["oligometastatic"]
    )
    same: npt.NDArray[np.bool_] = rules[known.extent]
    return same


_FEW_LESIONS, _FEW_ORGANS = 5, 2
