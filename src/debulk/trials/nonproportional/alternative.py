"""What is assumed true when a trial is planned: hazards, their ratio, accrual and drop-out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.survival.options import one_number, shown
from debulk.trials.nonproportional.pieces import Pieces, read_pieces
from debulk.trials.survival_designs.assumptions import Stratum

_DROPOUT_MONTHS = 12.0


@dataclass(frozen=True)
class Alternative:
    """Two arms whose hazards need not be proportional, with accrual and drop-out.

    Parameters
    ----------
    hazard_ratio : float or pieces
        Experimental / control: one number, or ((start month, ratio), ...) since randomisation,
        the first start 0. Above 1 early and below 1 later is harm first, benefit later.
    median_control : float, optional
        Median survival of the control arm in months; its hazard is constant then.
    hazard_control : float or pieces, optional
        Hazard of the control arm per month, one number or ((start month, hazard), ...). A hazard
        of 0 from some time on leaves long-term survivors. Give this or `median_control`.
    accrual : float or pieces
        Months of uniform accrual, or ((start month, patients per month), ...): accrual then goes on
        until the patients are enrolled.
    dropout : float or pair of float
        Probability of being lost within 12 months (exponential), both arms or
        (experimental, control).
    allocation : float
        Experimental : control.
    strata : sequence of Stratum, optional
        Shares of patients with their own control hazard and, unless None, their own hazard ratio;
        `hazard_control` and `median_control` are not given then.

    Raises
    ------
    InputError
        On anything out of its range, shares that do not sum to 1, or no control hazard.
    """

    hazard_ratio: Any
    median_control: float | None = None
    hazard_control: Any = None
    accrual: Any = None
    dropout: Any = 0.0
    allocation: float = 1.0
    strata: tuple[Stratum, ...] | None = None

    def __post_init__(self) -> None:
        # Reading them checks them, so that a wrong one is refused where it was given.
        _ = self.hazards, self.dropout_rates, self.accrual_pieces, self.shares_of_arms

    @cached_property
    def hazards(self) -> tuple[HazardPair, ...]:
        """Hazards of each stratum; one where there are no strata."""
        ratio = read_pieces(self.hazard_ratio, "hazard_ratio")
        if self.strata is None:
            control = _control_hazard(self.median_control, self.hazard_control)
            return (HazardPair("all", 1.0, control, control.times(ratio), ratio),)
        if self.median_control is not None or self.hazard_control is not None:
            raise InputError("strata", "come with a control hazard beside them", "Give one of them")
        return _hazards_of_strata(self.strata, ratio)

    @cached_property
    def dropout_rates(self) -> tuple[float, float]:
        """Monthly hazards of being lost: control, experimental."""
        pair = self.dropout
        if isinstance(pair, np.ndarray):
            pair = pair.tolist()
        if not isinstance(pair, list | tuple):
            pair = (pair, pair)
        if len(pair) != 2:
            found = f"has {len(pair)} values"
            raise InputError("dropout", found, "Give one number or (experimental, control)")
        experimental, control = (_dropout_rate(each) for each in pair)
        return control, experimental

    @cached_property
    def accrual_pieces(self) -> Pieces | float:
        """Patients per month, or the months of uniform accrual."""
        if self.accrual is None:
            raise InputError(
                "accrual", "is missing", "Give months, or ((0, patients a month), ...)"
            )
        if isinstance(self.accrual, list | tuple | np.ndarray):
            pieces = read_pieces(self.accrual, "accrual", zero=True)
            if not any(pieces.values):
                raise InputError("accrual", "no patient is ever enrolled", "Give rates above 0")
            return pieces
        months = one_number(self.accrual, "accrual")
        if months <= 0:
            raise InputError("accrual", f"{months:g} months is not above 0", "Give months above 0")
        return months

    @cached_property
    def shares_of_arms(self) -> tuple[float, float]:
        """Shares of the patients: control, experimental."""
        ratio = one_number(self.allocation, "allocation")
        if not 0 < ratio < 1e6:
            remedy = "Give experimental : control, as 1 or 2"
            raise InputError("allocation", f"{ratio:g} is not above 0", remedy)
        return 1.0 / (1.0 + ratio), ratio / (1.0 + ratio)

    @property
    def no_effect(self) -> bool:
        """Whether the hazards of both arms are the same everywhere."""
        return all(
            np.array_equal(
                pair.control.at(np.asarray(pair.experimental.starts)), pair.experimental.values
            )
            for pair in self.hazards
        )

    def to_dict(self) -> dict[str, Any]:
        """What was given, as plain numbers."""
        names = self.__dataclass_fields__
        return plain({name: getattr(self, name) for name in names})  # type: ignore[no-any-return]


@dataclass(frozen=True)
class HazardPair:
    """Hazards of the two arms in one stratum.

    Attributes
    ----------
    name : str
    share : float
        Of all patients.
    control, experimental : Pieces
        Events a month.
    ratio : Pieces
        Experimental / control.
    """

    name: str
    share: float
    control: Pieces
    experimental: Pieces
    ratio: Pieces


def _control_hazard(median: Any, hazard: Any) -> Pieces:
    if (median is None) == (hazard is None):
        found = "are both missing" if median is None else "are both given"
        raise InputError("median_control and hazard_control", found, "Give one of them")
    if median is None:
        return some_hazard(read_pieces(hazard, "hazard_control", zero=True), "hazard_control")
    months = one_number(median, "median_control")
    if not 1e-6 <= months <= 1e6:
        raise InputError("median_control", f"{months:g} is out of range", "Give months above 0")
    return Pieces((0.0,), (math.log(2.0) / months,))


def some_hazard(pieces: Pieces, where: str) -> Pieces:
    """The hazard itself, if there is an event at all.

    Raises
    ------
    InputError
        If it is 0 everywhere.
    """
    if not any(pieces.values):
        raise InputError(where, "is 0 throughout", "Give a hazard above 0 somewhere")
    return pieces


def _hazards_of_strata(strata: Any, ratio: Pieces) -> tuple[HazardPair, ...]:
    if not isinstance(strata, list | tuple) or not strata:
        raise InputError(
            "strata", f"{shown(strata)} is no list of strata", "Give Stratum(...) each"
        )
    found: list[HazardPair] = []
    for row, each in enumerate(strata, 1):
        where = f"strata, stratum {row}"
        if not isinstance(each, Stratum):
            raise InputError(where, f"{shown(each)} is no Stratum", "Give Stratum(share, hazard)")
        share = one_number(each.share, f"{where}, share")
        if not 0 < share <= 1:
            raise InputError(
                f"{where}, share", f"{share:g} is out of range", "Give above 0, up to 1"
            )
        name = f"{where}, hazard_control"
        control = some_hazard(read_pieces(each.hazard_control, name, zero=True), name)
        own = ratio
        if each.hazard_ratio is not None:
            own = read_pieces(each.hazard_ratio, f"{where}, hazard_ratio")
        label = each.name or str(row)
        found.append(HazardPair(label, share, control, control.times(own), own))
    total = math.fsum(pair.share for pair in found)
    if abs(total - 1.0) > 1e-9:
        raise InputError("strata", f"the shares sum to {total:g}", "Let them sum to 1")
    return tuple(found)


def _dropout_rate(given: Any) -> float:
    share = one_number(given, "dropout")
    if not 0 <= share < 1:
        found = f"{share:g} is not a probability below 1"
        raise InputError("dropout", found, "Give the share lost within 12 months, as 0.05")
    return -math.log1p(-share) / _DROPOUT_MONTHS
