"""Two primary endpoints, PFS and OS: alpha split, passed on, and the power of each."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.bivariate import both_above, both_below
from debulk.trials.planning.checks import number, sequence, tail_alpha, whole, word
from debulk.trials.planning.curves import solve
from debulk.trials.planning.information import z_quantile

PASSED_ON = {"none": (0.0, 0.0), "fallback": (1.0, 0.0), "holm": (1.0, 1.0)}
NAMES = ("pfs", "os")


@dataclass(frozen=True, slots=True)
class CoprimaryDesign:
    """Levels of a test of two endpoints with the family-wise error kept.

    Attributes
    ----------
    alpha : float
        Total error at `sided`.
    sided : int
        1 or 2.
    first_level : tuple of float
        One-sided level of PFS and of OS while neither is shown.
    after_other : tuple of float
        One-sided level of each once the other is shown.
    critical_z, critical_z_after_other : tuple of float
        The Z values that belong to them.
    passed_on : tuple of float
        Share of its alpha that PFS passes to OS, and OS to PFS.
    correlation : float or None
        Correlation that the levels use; None for Bonferroni levels.
    error_global_null : float
        Chance of any claim when neither endpoint has an effect, at the correlation of the levels
        (0 for Bonferroni levels), one-sided.
    formula : str
        How the levels were made.
    assumptions : tuple of str
        What they rest on.
    """

    alpha: float
    sided: int
    first_level: tuple[float, float]
    after_other: tuple[float, float]
    critical_z: tuple[float, float]
    critical_z_after_other: tuple[float, float]
    passed_on: tuple[float, float]
    correlation: float | None
    error_global_null: float
    formula: str
    assumptions: tuple[str, ...]

    def power(self, thetas: Any, *, correlation: float) -> CoprimaryPower:
        """Power of each endpoint, of either and of both.

        Parameters
        ----------
        thetas : sequence of float
            Expected Z of PFS and of OS at their analyses, positive for benefit.
        correlation : float
            Correlation of the two Z.

        Returns
        -------
        CoprimaryPower
        """
        drift = _pair(thetas, "thetas", at_least=-100.0, at_most=100.0)
        rho = _correlation(correlation)
        first = [z - theta for z, theta in zip(self.critical_z, drift, strict=True)]
        later = [z - theta for z, theta in zip(self.critical_z_after_other, drift, strict=True)]
        either = 1.0 - both_below(first[0], first[1], rho)
        both = (
            both_above(first[0], later[1], rho)
            + both_above(later[0], first[1], rho)
            - both_above(first[0], first[1], rho)
        )
        # A claim of one comes at its first level, or later with the other's: both minus doubles.
        pfs = _upper(first[0]) + both_above(later[0], first[1], rho)
        pfs -= both_above(first[0], first[1], rho)
        overall = _upper(first[1]) + both_above(first[0], later[1], rho)
        overall -= both_above(first[0], first[1], rho)
        return CoprimaryPower(pfs, overall, either, both, drift, rho)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class CoprimaryPower:
    """Power of a test of two endpoints.

    Attributes
    ----------
    pfs, os : float
        Chance to claim each, by alpha passed on too.
    either, both : float
        Chance to claim at least one, and both.
    thetas : tuple of float
        Expected Z of each.
    correlation : float
        Correlation of the two Z.
    """

    pfs: float
    os: float
    either: float
    both: float
    thetas: tuple[float, float]
    correlation: float

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def coprimary_alpha(
    alpha: float = 0.05,
    *,
    sided: int = 2,
    pfs_share: float = 0.2,
    passed_on: Any = "fallback",
    correlation: float | None = None,
) -> CoprimaryDesign:
    """Split alpha between PFS and OS and pass on what is shown.

    Parameters
    ----------
    alpha : float
        Family-wise error at `sided`.
    sided : int
        1 or 2; claims are of benefit, so each direction gets half.
    pfs_share : float
        Share of alpha that PFS starts with, strictly between 0 and 1.
    passed_on : str or sequence of float
        ``"none"``, ``"fallback"`` (PFS passes all on to OS), ``"holm"`` (each passes all on), or
        the shares passed from PFS to OS and from OS to PFS.
    correlation : float, optional
        Correlation of the two Z under the null, where it is known: both first levels grow by one
        factor until their union has exactly alpha. Default: Bonferroni.

    Returns
    -------
    CoprimaryDesign

    Notes
    -----
    A graphical procedure of two hypotheses (Bretz, Maurer, Brannath and Posch 2009, Statistics in
    Medicine 28), with parametric first levels where the correlation is known (Bretz and colleagues
    2011, Biometrical Journal 53). One analysis of each endpoint.
    """
    tail = tail_alpha(alpha, sided)
    share = number(pfs_share, "pfs_share", above=0.0, below=1.0)
    passing = _passing(passed_on)
    weights = (share, 1.0 - share)
    rho = None if correlation is None else _correlation(correlation)
    factor = 1.0 if rho is None else _parametric_factor(tail, weights, rho)
    first = tuple(factor * weight * tail for weight in weights)
    after = (
        min(tail, max(first[0], (weights[0] + passing[1] * weights[1]) * tail)),
        min(tail, max(first[1], (weights[1] + passing[0] * weights[0]) * tail)),
    )
    critical = tuple(z_quantile(level) for level in first)
    later = tuple(z_quantile(level) for level in after)
    return CoprimaryDesign(
        alpha=float(alpha),
        sided=whole(sided, "sided"),
        first_level=(first[0], first[1]),
        after_other=after,
        critical_z=(critical[0], critical[1]),
        critical_z_after_other=(later[0], later[1]),
        passed_on=passing,
        correlation=rho,
        error_global_null=1.0 - both_below(critical[0], critical[1], rho or 0.0),
        formula=(
            "levels w alpha; once the other is shown (w + share passed on x w of the other) alpha; "
            "with a known correlation both first levels are multiplied by the factor that makes "
            "their union alpha"
        ),
        assumptions=(
            "one analysis of each endpoint; Z is asymptotically normal",
            "no correlation is assumed for the levels"
            if rho is None
            else f"the correlation {rho:g} of the two Z is known; a smaller true one costs alpha",
        ),
    )


def _parametric_factor(tail: float, weights: tuple[float, float], rho: float) -> float:
    # The union is at most tail at factor 1 (Bonferroni) and at least tail where one level is tail.
    def excess(factor: float) -> float:
        limits = [z_quantile(factor * weight * tail) for weight in weights]
        return 1.0 - both_below(limits[0], limits[1], rho) - tail

    most = 1.0 / max(weights)
    if excess(most) <= 0.0:
        return most
    if excess(1.0) >= 0.0:
        return 1.0
    return solve(excess, 1.0, most)


def _passing(passed_on: Any) -> tuple[float, float]:
    if isinstance(passed_on, str):
        return PASSED_ON[word(passed_on, tuple(PASSED_ON), "passed_on")]
    return _pair(passed_on, "passed_on", at_least=0.0, at_most=1.0)


def _pair(values: Any, where: str, **limits: float) -> tuple[float, float]:
    listed = sequence(values, where)
    if len(listed) != 2:
        raise InputError(where, f"{len(listed)} entries", "Give two: of PFS, then of OS")
    found = [
        number(each, f"{where} ({name})", **limits)
        for each, name in zip(listed, NAMES, strict=True)
    ]
    return found[0], found[1]


def _correlation(value: Any) -> float:
    return number(value, "correlation", at_least=-1.0, at_most=1.0)


def _upper(limit: float) -> float:
    return 0.5 * math.erfc(limit / math.sqrt(2.0))
