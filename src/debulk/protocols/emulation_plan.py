"""How a protocol's question is put to a registry: time zero, grace period, covariates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TIME_ZEROS = ("first-response", "first-line", "metastatic-diagnosis", "cohort-start")
"""Moments that a cohort's tables tell; any other word is a column of the patients table."""


@dataclass(frozen=True, slots=True)
class EmulationPlan:
    """The trial's question, as far as a registry must be told how to answer it.

    Attributes
    ----------
    time_zero : str
        *first-response*: first assessment without progression after the first palliative line
        began; *first-line*: its start; *metastatic-diagnosis*: the first metastasis detected;
        *cohort-start*: the cohort's own time zero; else a column of the patients table, in months.
    grace_months : float
        Time from time zero within which local treatment may begin.
    timing : {"natural", "uniform"}
        When inside the grace period; see `debulk.emulation.GracePeriod`.
    share : {"strategy", "any"}
        Whether the share of lesions that the experimental arm asks for must be reached within the
        grace period, or one local treatment of any kind is enough.
    local_rule : str or None
        Rule over the columns of the treatments that a local treatment must meet to be the
        strategy's, where the registry mixes it with others.
    outcome : {"os", "pfs"}
    covariates : tuple of str
        What the choice of treatment may depend on: columns of the assessments (followed over
        time), columns of the patients, features; ``log1p(NAME)`` for the logarithm of 1 + NAME.
    eligible_while : str or None
        Rule over the covariates that must hold at a visit for treatment to be possible there,
        beside being free of progression.
    response_after_months : float
        For *first-response*: an assessment sooner after the line began is no response.
    event_causes : tuple of str
        Words of ``followup.cause`` that are the event of interest; deaths of other causes then
        compete. Empty: death of any cause.
    """

    time_zero: str
    grace_months: float
    timing: Literal["natural", "uniform"]
    share: Literal["strategy", "any"] = "strategy"
    local_rule: str | None = None
    outcome: Literal["os", "pfs"] = "os"
    covariates: tuple[str, ...] = ()
    eligible_while: str | None = None
    response_after_months: float = 0.0
    event_causes: tuple[str, ...] = ()
