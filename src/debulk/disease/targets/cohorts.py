"""The cohorts that targets were measured in: whom imaging selects, how they are treated.

Eras of drugs and the timing of operations are assumptions, named here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from debulk.core.errors import InputError, nearest
from debulk.disease.course.care import Care
from debulk.disease.targets.arms import Arm, LocalPlan, Use
from debulk.disease.targets.selections import (
    LOW_LIVER_ML,
    Mask,
    and_organ,
    clocc,
    extensive,
    few_liver,
    first_line,
    many_liver,
    perioperative,
    resectable,
    sirflox,
)
from debulk.disease.targets.sight import Seen

PALLIATIVE_MONTHS = 49.0
"""How long palliative cohorts are followed: half of them must have died by then."""
INDUCTION_STEPS = 4
"""Assumption: steps of 21 days of induction before such a resection: 12 weeks."""
ERA_RESECTION = 0.6
"""Assumption: kill of drugs after the resections of 1985-2005, relative to modern doublets."""
ERA_2000_TO_2012 = 0.9
"""Assumption: the same of trials that recruited from 2000 to 2012."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of a cohort that is selected and treated in one way.

    Attributes
    ----------
    select : callable
        From what imaging shows to a mask of who belongs to it.
    arms : mapping of str to Arm
        The same names in every stratum of a cohort.
    run_in_steps : int
        Steps of 21 days on line 1 before time zero; who has died or progressed by then is left
        out.
    operated : bool
        Whether those are left out too in whom the planned local treatment was not done.
    watched : bool
        Whether the tumour is watched over time.
    share : float or None
        Share of the cohort; None is as many as there are beside the other strata.
    kept : float
        Guess of the share that is not left out, so that enough are drawn.
    """

    select: Callable[[Seen], Mask]
    arms: Mapping[str, Arm]
    run_in_steps: int = 0
    operated: bool = False
    watched: bool = False
    share: float | None = None
    kept: float = 1.0


@dataclass(frozen=True, slots=True)
class CohortSpec:
    """Patients of one kind, each treated in every arm.

    Attributes
    ----------
    name, title : str
    strata : tuple of Stratum
    horizon_months : float
        How long the course is followed from time zero.
    follow_up_months : tuple of float
        Shortest and longest follow-up in the source, between which patients are spread evenly: the
        censoring behind hazard ratios.
    """

    name: str
    title: str
    strata: tuple[Stratum, ...]
    horizon_months: float = 61.0
    follow_up_months: tuple[float, float] = field(default=(24.0, 48.0))

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        return tuple(self.strata[0].arms)


_LIVER = Use("liver_resection", ("liver",))
_ALL_OPERATIONS = (
    _LIVER,
    Use("lung_resection", ("lung", "pleura")),
    Use("cytoreductive_surgery", ("peritoneum",)),
    Use("other_resection", ("lymph_node",)),
)

_RESECTED = Care("after progression", era=ERA_RESECTION, repeat_resection=1.0)
_INDUCED = Care("lines", last_drug_step=INDUCTION_STEPS, era=ERA_RESECTION, repeat_resection=1.0)
_RESECTED_MODERN = Care("after progression", repeat_resection=1.0)
_INDUCED_MODERN = Care("lines", last_drug_step=INDUCTION_STEPS, repeat_resection=1.0)


def _at_once(
    select: Callable[[Seen], Mask],
    uses: tuple[Use, ...] = (_LIVER,),
    care: Care = _RESECTED,
) -> Stratum:
    arm = Arm(care, local=LocalPlan(uses, step=0))
    return Stratum(select, {"resection": arm}, operated=True)


def _after_induction(select: Callable[[Seen], Mask], care: Care = _INDUCED) -> Stratum:
    """Resection of those whom induction has held: the course selects."""
    arm = Arm(care, local=LocalPlan((_LIVER,), step=INDUCTION_STEPS))
    return Stratum(select, {"resection": arm}, INDUCTION_STEPS, operated=True, kept=0.75)


def _resected_with(organ: str, count: Callable[[Seen], npt.NDArray[np.int64]]) -> CohortSpec:
    return CohortSpec(
        f"resected_{organ}",
        f"liver metastases and {organ.replace('_', ' ')} metastases, all resected",
        (_at_once(and_organ(count), _ALL_OPERATIONS),),
        follow_up_months=(36.0, 60.0),
    )


_TRIAL = Care(secondary_resection=1.0, repeat_resection=0.5)
_OLDER = Care(secondary_resection=0.5, repeat_resection=0.5, era=ERA_2000_TO_2012)
_CAIRO3_STEPS = 6
_CLOCC = Care(
    last_drug_step=9, era=ERA_2000_TO_2012, secondary_resection=0.35, repeat_resection=0.5
)
_CLOCC_ABLATION = LocalPlan(
    # Ablation with or without resection: what is too large to ablate is resected.
    (Use("rfa", ("liver",), largest_cm=3.0), _LIVER),
    step=1,
    delivered=0.95,
    operative_threshold=0.7,
    # Open ablation: one death in sixty, the pause of an operation.
    changes=(
        ("rfa.mortality_90_days", 0.018),
        ("liver_resection.mortality_90_days", 0.018),
        ("rfa.pause_before_days", 14.0),
        ("rfa.pause_after_days", 28.0),
    ),
)
_SIRFLOX = Care(era=ERA_2000_TO_2012, secondary_resection=0.5)
_SIRFLOX_ARMS = {
    "control": Arm(_SIRFLOX, "folfox"),
    "experimental": Arm(
        _SIRFLOX,
        "folfox",
        LocalPlan((Use("radioembolisation", ("liver",)),), step=1, delivered=0.93),
    ),
}
_PERIOPERATIVE = {
    "surgery": Arm(
        Care("after progression", era=ERA_2000_TO_2012, repeat_resection=1.0),
        local=LocalPlan((_LIVER,), step=0, delivered=0.9),
    ),
    # Twelve weeks of drug, four of rest, operation, six of rest, twelve of drug.
    "perioperative": Arm(
        Care(last_drug_step=12, era=ERA_2000_TO_2012, repeat_resection=1.0),
        "folfox",
        LocalPlan((_LIVER,), step=6, delivered=0.9),
    ),
}
_UNTREATED = {"none": Arm(Care("none"))}

COHORTS: Mapping[str, CohortSpec] = MappingProxyType(
    {
        each.name: each
        for each in (
            CohortSpec(
                "first_line",
                "entrants of a palliative first-line trial",
                horizon_months=PALLIATIVE_MONTHS,
                strata=(
                    Stratum(
                        first_line,
                        {
                            "doublet_bevacizumab": Arm(_TRIAL, "folfiri_bevacizumab"),
                            "triplet_bevacizumab": Arm(_TRIAL, "folfoxiri_bevacizumab"),
                            "two_lines": Arm(
                                Care(secondary_resection=1.0, repeat_resection=0.5, lines_most=2),
                                "folfiri_bevacizumab",
                            ),
                        },
                    ),
                ),
            ),
            CohortSpec(
                "older_first_line",
                "the same in 2004, without the later lines of today",
                horizon_months=PALLIATIVE_MONTHS,
                strata=(
                    Stratum(
                        first_line,
                        {
                            "doublet": Arm(_OLDER, "capox"),
                            "doublet_bevacizumab": Arm(_OLDER, "capox_bevacizumab"),
                        },
                    ),
                ),
            ),
            CohortSpec(
                "wild_type",
                "the same without a RAS mutation",
                horizon_months=PALLIATIVE_MONTHS,
                strata=(
                    Stratum(
                        lambda seen: first_line(seen) & ~seen.ras,
                        {
                            "bevacizumab": Arm(_TRIAL, "folfiri_bevacizumab"),
                            "egfr_antibody": Arm(_TRIAL, "folfiri_cetuximab"),
                        },
                    ),
                ),
            ),
            CohortSpec(
                "wild_type_response",
                "the same, followed as long as first lines shrink tumours",
                horizon_months=13.0,
                follow_up_months=(12.0, 12.0),
                strata=(
                    Stratum(
                        lambda seen: first_line(seen) & ~seen.ras,
                        {"doublet": Arm(_TRIAL, "folfox")},
                    ),
                ),
            ),
            CohortSpec(
                "extensive",
                "the same with ten or more metastases in two or more organs",
                horizon_months=PALLIATIVE_MONTHS,
                strata=(
                    Stratum(extensive, {"doublet_bevacizumab": Arm(_TRIAL, "folfiri_bevacizumab")}),
                ),
            ),
            CohortSpec(
                "ffcd",
                "entrants of FFCD 2000-05: not resectable, WHO performance status 0 to 2",
                horizon_months=PALLIATIVE_MONTHS,
                strata=(
                    Stratum(
                        lambda seen: (seen.who_ps <= 2) & (seen.sum_cm >= 2.0) & ~resectable(seen),
                        {"doublet": Arm(_OLDER, "folfox")},
                        watched=True,
                    ),
                ),
            ),
            CohortSpec(
                "cairo3",
                "held by eighteen weeks of induction",
                horizon_months=PALLIATIVE_MONTHS,
                strata=(
                    Stratum(
                        first_line,
                        {
                            "observation": Arm(
                                Care(induction_steps=_CAIRO3_STEPS, maintenance="none"),
                                "capox_bevacizumab",
                            ),
                            "maintenance": Arm(
                                Care(induction_steps=_CAIRO3_STEPS, maintenance="all"),
                                "capox_bevacizumab",
                            ),
                        },
                        run_in_steps=_CAIRO3_STEPS,
                        kept=0.9,
                    ),
                ),
            ),
            CohortSpec(
                "untreated",
                "untreated synchronous liver metastases, the primary removed",
                (
                    Stratum(
                        lambda seen: seen.liver_only & seen.synchronous & ~seen.primary,
                        _UNTREATED,
                        watched=True,
                    ),
                ),
            ),
            CohortSpec(
                "untreated_low",
                "untreated liver metastases of low volume, two or more",
                (
                    Stratum(
                        lambda seen: (
                            seen.liver_only & (seen.liver_ml <= LOW_LIVER_ML) & (seen.liver >= 2)
                        ),
                        _UNTREATED,
                    ),
                ),
            ),
            CohortSpec(
                "untreated_best",
                "untreated liver metastases of the best prognosis: one, small",
                (Stratum(lambda seen: seen.liver_only & (seen.liver == 1), _UNTREATED),),
            ),
            CohortSpec(
                "resected",
                "liver metastases alone, resected: few at once, more after induction",
                (_at_once(few_liver), _after_induction(many_liver)),
                horizon_months=121.0,
                follow_up_months=(60.0, 120.0),
            ),
            CohortSpec(
                "resected_modern",
                "the same with the drugs of today at recurrence",
                (
                    _at_once(few_liver, care=_RESECTED_MODERN),
                    _after_induction(many_liver, _INDUCED_MODERN),
                ),
            ),
            _resected_with("lung", lambda seen: seen.lung),
            _resected_with("peritoneum", lambda seen: seen.peritoneum),
            _resected_with("lymph_node", lambda seen: seen.node),
            CohortSpec(
                "perioperative",
                "up to four resectable liver metastases",
                (Stratum(perioperative, _PERIOPERATIVE),),
            ),
            CohortSpec(
                "clocc",
                "three to nine liver metastases below 4 cm, not resectable",
                (
                    Stratum(
                        clocc,
                        {
                            "control": Arm(_CLOCC, "folfox"),
                            "experimental": Arm(_CLOCC, "folfox", _CLOCC_ABLATION),
                        },
                    ),
                ),
                horizon_months=121.0,
                follow_up_months=(84.0, 120.0),
            ),
            CohortSpec(
                "sirflox",
                "liver-only (60 %) or liver-dominant disease, not resectable",
                (
                    Stratum(sirflox(liver_only=True), _SIRFLOX_ARMS, share=0.6),
                    Stratum(sirflox(liver_only=False), _SIRFLOX_ARMS, share=0.4),
                ),
                follow_up_months=(24.0, 60.0),
            ),
        )
    }
)
"""Every cohort that is followed, by name."""

UNIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "resected_any": ("resected", "resected_lung", "resected_peritoneum", "resected_lymph_node"),
    }
)
"""Cohorts made of others: their patients side by side."""

NOT_FOLLOWED = ("census", "presenters", "lesions")
"""Cohorts of natural history alone: everyone with bowel cancer, who presents, their lesions."""


def parts_of(name: str) -> tuple[str, ...]:
    """The cohorts behind a name: itself, or those of a union; none where nobody is followed.

    Raises
    ------
    InputError
        If there is no such cohort.
    """
    if name in NOT_FOLLOWED:
        return ()
    parts = UNIONS.get(name, (name,))
    for part in parts:
        if part not in COHORTS:
            known = [*COHORTS, *UNIONS, *NOT_FOLLOWED]
            raise InputError("cohort", f"no cohort is called {part!r}", nearest(part, known))
    return parts
