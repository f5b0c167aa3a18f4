"""The test that decides a trial: read from the protocol's words, applied to one trial's data."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtri

from debulk.core.errors import InputError, nearest
from debulk.survival import (
    FlemingHarrington,
    ModestlyWeighted,
    cox,
    logrank,
    max_combo,
    milestone_difference,
    rmst_difference,
)

if TYPE_CHECKING:
    from debulk.protocols import Protocol

Kind = Literal[
    "logrank",
    "stratified-logrank",
    "fleming-harrington",
    "modestly-weighted",
    "max-combo",
    "rmst",
    "milestone",
]

NUMBERS: dict[Kind, tuple[str, ...]] = {
    "logrank": (),
    "stratified-logrank": (),
    "fleming-harrington": ("RHO", "GAMMA"),
    "modestly-weighted": ("MONTHS",),
    "max-combo": (),
    "rmst": ("MONTHS",),
    "milestone": ("MONTHS",),
}
"""The tests a protocol may name, and the numbers each takes after a colon."""

WITH_A_MARGIN: tuple[Kind, ...] = ("logrank", "stratified-logrank")
"""The tests that can hold a hazard ratio against another value than 1."""

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SurvivalTest:
    """A test of survival between the two arms.

    Attributes
    ----------
    kind : str
        One of `NUMBERS`.
    numbers : tuple of float
        What it takes, in the order of `NUMBERS`.
    null_ratio : float
        Hazard ratio of the hypothesis to reject. Other than 1, the statistic is Wald's, of a Cox
        model (Efron), with the strata where the test has them: log ratio minus the log of this,
        over the standard error.
    """

    kind: Kind = "logrank"
    numbers: tuple[float, ...] = ()
    null_ratio: float = 1.0

    def __str__(self) -> str:
        numbers = ",".join(f"{each:g}" for each in self.numbers)
        return f"{self.kind}:{numbers}" if numbers else self.kind

    @property
    def stratified(self) -> bool:
        """Whether it uses the strata of randomisation."""
        return self.kind == "stratified-logrank"

    @property
    def has_margin(self) -> bool:
        """Whether it holds the hazard ratio against another value than 1."""
        return self.null_ratio != 1.0

    def z(
        self,
        time: Floats,
        event: Bools,
        experimental: Bools,
        strata: npt.NDArray[np.int64] | None = None,
    ) -> float:
        """Statistic of one trial, below 0 where the experimental arm does better.

        Parameters
        ----------
        time, event, experimental : arrays
            Follow-up in months, whether it ended with death, and the arm.
        strata : int64 array, optional
            Stratum of each patient, for a stratified test.

        Returns
        -------
        float
            As the log-rank z of `debulk.survival`: above 0 is more deaths than expected in the
            experimental arm. Of a difference in restricted mean or survival, minus the difference
            over its standard error. Of MaxCombo, the normal quantile of its one-sided p. NaN where
            the data do not allow the test: an arm without patients, no event, or follow-up short of
            the horizon. With a margin, NaN also where the hazard ratio is not finite.
        """
        group = experimental.astype(np.int64)
        if group.size == 0 or group.min() == group.max():
            return math.nan
        try:
            return self._z(time, event, group, strata)
        except InputError:
            return math.nan

    def _z(
        self,
        time: Floats,
        event: Bools,
        group: npt.NDArray[np.int64],
        strata: npt.NDArray[np.int64] | None,
    ) -> float:
        if self.has_margin:
            return self._wald(time, event, group, strata)
        if self.kind in ("rmst", "milestone"):
            difference = rmst_difference if self.kind == "rmst" else milestone_difference
            found = difference(time, event, group, self.numbers[0], reference=0)
            return -found.estimate / found.se if found.se > 0.0 else math.nan
        if self.kind == "max-combo":
            combined = max_combo(time, event, group, reference=0, alternative="less")
            return float(ndtri(min(max(combined.p, 1e-300), 1.0 - 1e-16)))
        weighting: Any = "logrank"
        if self.kind == "fleming-harrington":
            weighting = FlemingHarrington(*self.numbers)
        if self.kind == "modestly-weighted":
            weighting = ModestlyWeighted(t_star=self.numbers[0])
        own = strata if self.stratified else None
        result = logrank(time, event, group, reference=0, strata=own, weighting=weighting)
        return math.nan if result.z is None else result.z

    def _wald(
        self,
        time: Floats,
        event: Bools,
        group: npt.NDArray[np.int64],
        strata: npt.NDArray[np.int64] | None,
    ) -> float:
        frame: dict[str, Any] = {"time": time, "event": event, "experimental": group}
        own = self.stratified and strata is not None
        if own:
            frame["stratum"] = strata
        model = cox(
            pl.DataFrame(frame),
            time="time",
            event="event",
            covariates=["experimental"],
            strata=["stratum"] if own else None,
        )
        return float(self.against_margin(model.coef[0], model.se[0]))

    def against_margin(self, log_ratio: Any, error: Any) -> Any:
        """Wald statistics of log hazard ratios against the margin.

        Parameters
        ----------
        log_ratio, error : float or float64 array
            Log hazard ratios, experimental over control, and their standard errors.
        """
        return (log_ratio - math.log(self.null_ratio)) / error


def deciding_test(protocol: Protocol) -> SurvivalTest:
    """The test that decides a protocol's trials, with its margin.

    Parameters
    ----------
    protocol : Protocol
        Gives the test and the hazard ratio to reject.

    Raises
    ------
    InputError
        If there is no such test, or it cannot be held against a margin.
    """
    file = protocol.source_name or protocol.name
    ratio = protocol.design.null_ratio
    test = replace(parse_test(protocol.design.test, f"{file}, design.test"), null_ratio=ratio)
    if test.has_margin and test.kind not in WITH_A_MARGIN:
        raise InputError(
            f"{file}, design.null_ratio",
            f"{test} has no hazard ratio to hold against {ratio:g}",
            f"Use {' or '.join(WITH_A_MARGIN)}, or leave null_ratio out",
        )
    return test


def parse_test(text: str, where: str) -> SurvivalTest:
    """Read a test as a protocol names it.

    Parameters
    ----------
    text : str
        ``logrank``, ``stratified-logrank``, ``fleming-harrington:RHO,GAMMA``,
        ``modestly-weighted:MONTHS``, ``max-combo``, ``rmst:MONTHS`` or ``milestone:MONTHS``.
    where : str
        The file and field, for complaints.

    Raises
    ------
    InputError
        If there is no such test, or its numbers are missing, superfluous or out of range.
    """
    name, _, rest = text.strip().partition(":")
    kinds = {str(each): each for each in NUMBERS}
    if name not in kinds:
        raise InputError(where, f"there is no test {name!r}", nearest(name, kinds))
    kind = kinds[name]
    test = SurvivalTest(kind, parsed_numbers(rest, NUMBERS[kind], name, where))
    if NUMBERS[kind] == ("MONTHS",) and not test.numbers[0] > 0.0:
        raise InputError(where, f"{test.numbers[0]:g} months", "Give months above 0")
    if kind == "fleming-harrington":
        try:
            FlemingHarrington(*test.numbers)
        except InputError as error:
            raise InputError(where, str(error), "Give e.g. fleming-harrington:0,1") from None
    return test


def parsed_numbers(rest: str, wanted: tuple[str, ...], name: str, where: str) -> tuple[float, ...]:
    """The numbers after a name's colon.

    Parameters
    ----------
    rest : str
        What stands after the colon.
    wanted : tuple of str
        What the numbers mean.
    name, where : str
        For complaints.

    Raises
    ------
    InputError
        If there are more or fewer, or one is no finite number.
    """
    parts = [each.strip() for each in rest.split(",")] if rest.strip() else []
    form = f"{name}:{','.join(wanted)}" if wanted else name
    if len(parts) != len(wanted):
        raise InputError(where, f"{name!r} has {len(parts)} numbers", f"Write {form}")
    numbers = []
    for part in parts:
        try:
            number = float(part)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InputError(where, f"{part!r} is no number", f"Write {form}")
        numbers.append(number)
    return tuple(numbers)
