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
    """The bias that a study is taken to have.

    Attributes
    ----------
    mean : float
        Expected estimate minus truth, on the scale of the log hazard ratio of treated against not:
        below 0 it flatters treatment.
    sd : float
        Standard deviation about that mean, the Monte Carlo error included; infinity where nothing
        is known, which leaves the study no weight.
    monte_carlo_error : float
        Standard error of `mean` as simulated.
    analysis, scenario, selection, unmeasured : str
        The situation in the laboratory: method of analysis, what treatment does there, how hard
        patients are selected, how strong what nobody measured is. Several are joined by ``;``.
    note : str
        Why it stands for the study.
    inputs : dict of str to str
        Name of each file it was read from, and the SHA-256 of its bytes.
    """

    mean: float
    sd: float
    monte_carlo_error: float = 0.0
    analysis: str = ""
    scenario: str = ""
    selection: str = ""
    unmeasured: str = ""
    note: str = ""
    inputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AdjustedStudy:
    """One study before and after.

    Attributes
    ----------
    name : str
        The study.
    estimate, se : float
        As published.
    adjusted_estimate : float
        As pooled.
    adjusted_se : float or None
        As pooled; None where the bias is unbounded and the study is not pooled.
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
    se_if_shared : float
        About the standard error of `adjusted` if the biases of all studies were off by the same
        amount instead of independently.
    assumptions : tuple of str
        What must hold for the adjusted effect to mean something.
    provenance : Provenance
        Choices, the tables of bias with their hashes, remarks.
    """

    how: Adjustment
    unadjusted: PooledEffect
    adjusted: PooledEffect
    studies: tuple[AdjustedStudy, ...]
    se_if_shared: float
    assumptions: tuple[str, ...]
    provenance: Provenance = field(repr=False)
