"""The bias expected of an observational effect, and effects pooled with it taken into account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from debulk.evidence.pooling.checks import PlainResult

if TYPE_CHECKING:
    from debulk.core.provenance import Provenance
    from debulk.evidence.pooling.pooled import PooledEffect

Adjustment = Literal["shift", "down-weight"]
"""Take the mean bias off and add its variance; or keep the estimate and add the squared bias and
its variance to the variance of the study."""


@dataclass(frozen=True, slots=True)
class BiasEstimate:
    """The bias that one way of analysis has in one situation.

    Attributes
    ----------
    mean : float
        Expected estimate minus truth, on the scale of the log hazard ratio: below 0 it flatters
        treatment.
    sd : float
        Standard deviation of that bias between studies to which it is applied, its Monte Carlo
        error included.
    monte_carlo_error : float
        Standard error of `mean` as simulated.
    analysis, scenario, selection, unmeasured : str
        The cell of the laboratory: method of analysis, what treatment does there, how hard
        patients are selected, how strong what nobody measured is.
    source : str
        Name of the file it was read from.
    sha256 : str
        Of that file.
    """

    mean: float
    sd: float
    monte_carlo_error: float
    analysis: str
    scenario: str
    selection: str
    unmeasured: str
    source: str
    sha256: str


@dataclass(frozen=True, slots=True)
class AdjustedStudy:
    """One study before and after.

    Attributes
    ----------
    name : str
        The study.
    estimate, se : float
        As published.
    adjusted_estimate, adjusted_se : float or None
        As pooled; `adjusted_se` None where the bias is unbounded.
    shift : float
        Adjusted minus published estimate.
    weight, adjusted_weight : float
        Shares of the weight, 0 to 1.
    bias : BiasEstimate or None
        What was taken to be its bias; None for a study taken as unbiased.
    """

    name: str
    estimate: float
    se: float
    adjusted_estimate: float
    adjusted_se: float | None
    shift: float
    weight: float
    adjusted_weight: float
    bias: BiasEstimate | None


@dataclass(frozen=True)
class BiasAdjustedPool(PlainResult):
    """An effect pooled with the bias of each study taken into account, beside the plain one.

    Attributes
    ----------
    how : {"shift", "down-weight"}
        What was done.
    unadjusted, adjusted : PooledEffect
        Without and with it.
    studies : tuple of AdjustedStudy
        In the order given.
    assumptions : tuple of str
        What must hold for the adjusted effect to mean something.
    provenance : Provenance
        Choices, the tables of bias with their hashes, remarks.
    """

    how: Adjustment
    unadjusted: PooledEffect
    adjusted: PooledEffect
    studies: tuple[AdjustedStudy, ...]
    assumptions: tuple[str, ...]
    provenance: Provenance = field(repr=False)
