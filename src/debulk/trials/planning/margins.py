"""How much worse may a less invasive treatment be: the margin from the effect it must keep."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.results import plain
from debulk.trials.planning.checks import number
from debulk.trials.planning.information import z_quantile


@dataclass(frozen=True, slots=True)
class NonInferiorityMargin:
    """Margins for new / active hazard ratios, and the synthesis test beside them.

    Attributes
    ----------
    m1 : float
        Hazard ratio that would lose the whole (conservatively estimated) effect.
    m2 : float
        Hazard ratio that keeps the share `preserved` of it: the fixed margin.
    preserved : float
        Share of the effect, on the log scale, that must be kept.
    conservative_log_hazard_ratio : float
        Upper confidence limit of active / none.
    conf_level : float
        Level of that limit and of the interval of the new trial.
    point_m2 : float
        Margin were the historical effect known without error.
    synthesis : float or None
        Margin that the synthesis test amounts to at the new trial's standard error: it is
        fulfilled when the upper limit of new / active lies below.
    new_standard_error : float or None
        Standard error of the new trial's log hazard ratio that `synthesis` used.
    formula : str
        How the margins were made.
    assumptions : tuple of str
        What they rest on.
    """

    m1: float
    m2: float
    preserved: float
    conservative_log_hazard_ratio: float
    conf_level: float
    point_m2: float
    synthesis: float | None
    new_standard_error: float | None
    formula: str
    assumptions: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class SynthesisTest:
    """Result of the synthesis test of one new trial.

    Attributes
    ----------
    z : float
        Statistic; above 0 speaks for keeping more than the share.
    p : float
        One-sided p-value.
    preserved_estimate : float
        Share of the historical log hazard ratio that the new treatment is estimated to keep.
    formula : str
        How the statistic was made.
    """

    z: float
    p: float
    preserved_estimate: float
    formula: str

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and text, ready for JSON."""
        return plain(dataclasses.asdict(self))  # type: ignore[no-any-return]


def non_inferiority_margin(
    log_hazard_ratio: float,
    standard_error: float,
    preserved: float = 0.5,
    conf_level: float = 0.95,
    *,
    new_standard_error: float | None = None,
) -> NonInferiorityMargin:
    """Margin M2 by the fixed-margin (95-95) method, with the synthesis method beside it.

    Parameters
    ----------
    log_hazard_ratio : float
        Log hazard ratio of the active treatment against none; below 0 where it helps.
    standard_error : float
        Its standard error.
    preserved : float
        Share of the effect that the new treatment must keep, 0 to below 1.
    conf_level : float
        Level of the two-sided historical interval, between 0 and 1.
    new_standard_error : float, optional
        Planned standard error of the new trial's log hazard ratio, for the synthesis margin.

    Returns
    -------
    NonInferiorityMargin

    Raises
    ------
    InputError
        If the interval of the historical effect includes none: there is nothing to preserve.

    Notes
    -----
    Fixed margin and synthesis as in Rothmann and colleagues (2003, Statistics in Medicine 22) and
    the FDA guidance Non-Inferiority Clinical Trials to Establish Effectiveness (2016): M1 is the
    whole effect at its conservative limit, M2 what may be lost of it.
    """
    effect, error, kept, level = _checked(log_hazard_ratio, standard_error, preserved, conf_level)
    z = z_quantile(0.5 * (1.0 - level))
    limit = effect + z * error
    if limit >= 0.0:
        raise InputError(
            "log_hazard_ratio",
            f"the effect {math.exp(effect):.4g} is not established at {level:g}: its upper limit "
            f"is {math.exp(limit):.4g}",
            "Without an established effect there is no margin; pool more evidence",
        )
    lost = 1.0 - kept
    synthesis = new = None
    if new_standard_error is not None:
        new = number(new_standard_error, "new_standard_error", above=0.0, at_most=100.0)
        synthesis = math.exp(-lost * effect - z * (math.hypot(new, lost * error) - new))
    return NonInferiorityMargin(
        m1=math.exp(-limit),
        m2=math.exp(-lost * limit),
        preserved=kept,
        conservative_log_hazard_ratio=limit,
        conf_level=level,
        point_m2=math.exp(-lost * effect),
        synthesis=synthesis,
        new_standard_error=new,
        formula=(
            "M1 = exp(-U), M2 = exp(-(1 - preserved) U), U = log HR + z SE the upper limit of "
            "active / none; synthesis: upper limit of new / active below "
            "exp(-(1 - preserved) log HR - z (sqrt(s^2 + (1 - preserved)^2 SE^2) - s))"
        ),
        assumptions=(
            "constancy: the active treatment works today as in the historical trials",
            "assay sensitivity: the new trial could have seen a difference",
        ),
    )


def synthesis_test(
    log_hazard_ratio: float,
    standard_error: float,
    *,
    new_log_hazard_ratio: float,
    new_standard_error: float,
    preserved: float = 0.5,
) -> SynthesisTest:
    """Test whether the new treatment keeps more than a share of the effect of the active one.

    Parameters
    ----------
    log_hazard_ratio : float
        Log hazard ratio of the active treatment against none; below 0.
    standard_error : float
        Its standard error.
    new_log_hazard_ratio : float
        Log hazard ratio of new against active.
    new_standard_error : float
        Its standard error.
    preserved : float
        Share that must be kept, 0 to below 1.

    Returns
    -------
    SynthesisTest
    """
    effect, error, kept, _ = _checked(log_hazard_ratio, standard_error, preserved, 0.95)
    fresh = number(new_log_hazard_ratio, "new_log_hazard_ratio", at_least=-20.0, at_most=20.0)
    spread = number(new_standard_error, "new_standard_error", above=0.0, at_most=100.0)
    lost = 1.0 - kept
    z = -(fresh + lost * effect) / math.hypot(spread, lost * error)
    return SynthesisTest(
        z=z,
        p=0.5 * math.erfc(z / math.sqrt(2.0)),
        preserved_estimate=1.0 + fresh / effect,
        formula="-(new + (1 - preserved) old) / sqrt(s^2 + (1 - preserved)^2 SE^2)",
    )


def _checked(effect: Any, error: Any, kept: Any, level: Any) -> tuple[float, float, float, float]:
    value = number(effect, "log_hazard_ratio", at_least=-20.0, at_most=20.0)
    if value >= 0.0:
        raise InputError(
            "log_hazard_ratio",
            f"{value:g} is no benefit of the active treatment over none",
            "Give log(active / none), below 0; change the sign if it is none / active",
        )
    return (
        value,
        number(error, "standard_error", above=0.0, at_most=100.0),
        number(kept, "preserved", at_least=0.0, below=1.0),
        number(level, "conf_level", above=0.0, below=1.0),
    )
