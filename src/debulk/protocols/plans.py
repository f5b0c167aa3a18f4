"""Parts of a protocol that only some trials have: whom the model fits, monitoring, centres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["full", "partial", "none"]
"""How far the disease model can stand for a trial."""

Method = Literal["blocks", "minimisation", "simple"]
"""How patients are allocated: permuted blocks, minimisation, or by chance alone."""

Given = Literal["lines", "after progression"]
"""When an arm has systemic therapy: line 1 in a window of time, or line by line once the disease
has progressed."""


@dataclass(frozen=True, slots=True)
class Applicability:
    """How far the disease model can stand for this trial, and what it lacks.

    Attributes
    ----------
    level : {"full", "partial", "none"}
        "none": the model has no such treatment; patients are drawn from the plan's own numbers.
    missing : tuple of str
        What the model lacks; empty only for "full".
    """

    level: Level = "full"
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedPatients:
    """Patients drawn from the plan's own assumptions instead of from the disease model.

    Attributes
    ----------
    registered : int
        Patients who come to the front of the funnel over the accrual.
    median_os_months, median_pfs_months : float
        Of the control arm; both exponential, progression before death.
    hazard_ratio_os, hazard_ratio_pfs : float
        Experimental over control, as hoped for; the null world has 1.
    visit_interval_months : float
        Between assessments.
    """

    registered: int
    median_os_months: float
    hazard_ratio_os: float
    median_pfs_months: float
    hazard_ratio_pfs: float
    visit_interval_months: float


@dataclass(frozen=True, slots=True)
class Randomisation:
    """How patients are allocated.

    Attributes
    ----------
    method : {"blocks", "minimisation", "simple"}
    block_sizes : tuple of int
        Drawn at random for each block, for "blocks".
    strata : tuple of str
        Features, each with its own sequence of blocks (or a factor of minimisation); "centre" is
        the patient's centre.
    probability : float
        Of the arm that minimisation prefers.
    """

    method: Method = "blocks"
    block_sizes: tuple[int, ...] = (4,)
    strata: tuple[str, ...] = ()
    probability: float = 0.8


@dataclass(frozen=True, slots=True)
class CentrePlan:
    """Centres with their own accrual and skill.

    Attributes
    ----------
    number : int
    size_variation : float
        Coefficient of variation of the centres' accrual rates (gamma distributed).
    opening_months : float
        Centres open uniformly over this time.
    skill_sd : float
        Standard deviation between centres of the log odds that planned local treatment is
        delivered.
    learning_log_odds : float
        Log odds by which a centre's first patient falls short of its plateau.
    learning_patients : float
        Patients after which that shortfall has fallen to 1 / e of it.
    """

    number: int
    size_variation: float = 0.0
    opening_months: float = 0.0
    skill_sd: float = 0.0
    learning_log_odds: float = 0.0
    learning_patients: float = 20.0


@dataclass(frozen=True, slots=True)
class Monitoring:
    """Looks at the data before the last analysis, and the boundaries there.

    Attributes
    ----------
    information : tuple of float
        Rising fractions of the planned events, the last 1.
    efficacy : str
        ``obrien-fleming``, ``pocock``, ``spending-obrien-fleming``, ``spending-pocock``,
        ``kim-demets:RHO``, ``hwang-shih-decani:GAMMA``, ``wang-tsiatis:DELTA`` or
        ``haybittle-peto:Z``.
    futility, harm : str or None
        The same families, spending beta (futility) and the harm alpha (harm).
    harm_alpha : float
        One-sided error of the harm bound.
    binding : bool
        Whether the efficacy boundary relies on stopping for futility.
    """

    information: tuple[float, ...]
    efficacy: str
    futility: str | None = None
    harm: str | None = None
    harm_alpha: float = 0.025
    binding: bool = False


@dataclass(frozen=True, slots=True)
class SystemicPlan:
    """The systemic therapy of one arm, from randomisation on.

    Attributes
    ----------
    given : {"lines", "after progression"}
        Line 1 between two times and further lines at progression; or no drug until the first
        progression, lines from then on.
    start_after_months : float
        Start of line 1, from randomisation; progression before it brings it forward.
    stop_after_months : float or None
        End of line 1, from randomisation, progression or not; None: until progression.
    regimen : str
        Card of line 1; empty is the disease model's own doublet.
    """

    given: Given = "lines"
    start_after_months: float = 0.0
    stop_after_months: float | None = None
    regimen: str = ""

    @property
    def throughout(self) -> bool:
        """Whether line 1 runs from randomisation to progression."""
        lines = self.given == "lines" and self.start_after_months == 0.0
        return lines and self.stop_after_months is None


@dataclass(frozen=True, slots=True)
class Utilities:
    """Worth of a month in each state, 0 (dead) to 1 (full health), from the user.

    Attributes
    ----------
    on_chemotherapy, off_chemotherapy, after_progression : float
        Progression-free with and without systemic therapy, and after progression.
    recovery : float
        While recovering from local treatment (weeks without systemic therapy after a procedure).
    """

    on_chemotherapy: float
    off_chemotherapy: float
    after_progression: float
    recovery: float


@dataclass(frozen=True, slots=True)
class Leaning:
    """How a chance of the funnel depends on the patient: equipoise is not the same for all.

    Attributes
    ----------
    feature : str
        A column of the feature table.
    log_odds : float
        Change of the log odds of going on for one unit more of it.
    reference : float
        Value at which the step's chance holds.
    """

    feature: str
    log_odds: float
    reference: float
