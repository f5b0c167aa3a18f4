"""The cohorts that targets were measured in: whom imaging selects, how they are treated.

Selections see what imaging shows and the patient's own chance, never a latent variable. Shares that
no source gives (how many resectable patients enter a palliative trial, how many with many
metastases are resected after a response) and eras of drugs are assumptions, named here.
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
from debulk.disease.targets.sight import Seen

Mask = npt.NDArray[np.bool_]

SPARED_RESECTABLE = 0.9
"""Assumption: share of resectable patients who are operated on and enter no palliative trial."""
RESECTED_MANY = 0.5
"""Assumption: share of patients with more than a few liver metastases who go to resection once
induction has held them."""
INDUCTION_STEPS = 4
"""Assumption: steps of 21 days of induction before such a resection: 12 weeks."""
FEW = 3
"""Assumption: most liver metastases that are resected at presentation."""
ERA_RESECTION = 0.6
"""Assumption: kill of drugs given after the resections of 1985-2005, relative to modern doublets."""
ERA_2000_TO_2012 = 0.9
"""Assumption: the same of trials that recruited from 2000 to 2012."""
LIVER_ML_RESECTABLE = 500.0
"""Assumption: largest volume of liver metastases that is resected, in ml."""
EXTENSIVE_LIVER_ML = 250.0
"""Assumption: volume of untreated liver metastases as found in 1981, before tomography, in ml."""


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
    share : float or None
        Share of the cohort; None is as many as there are beside the other strata.
    kept : float
        Guess of the share that is not left out, so that enough are drawn.
    """

    select: Callable[[Seen], Mask]
    arms: Mapping[str, Arm]
    run_in_steps: int = 0
    operated: bool = False
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
    horizon_months: float = 72.0
    follow_up_months: tuple[float, float] = field(default=(24.0, 72.0))

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        return tuple(self.strata[0].arms)


def fit(seen: Seen) -> Mask:
    """WHO performance status 0 or 1."""
    return seen.who_ps <= 1


def resectable(seen: Seen) -> Mask:
    """A few metastases in one organ that is operated on: liver or lung."""
    one = seen.liver_only | ((seen.lung > 0) & (seen.lung == seen.lesions))
    return one & (seen.lesions <= FEW)


def first_line(seen: Seen) -> Mask:
    """Entrants of palliative first-line trials: fit, measurable, as a rule not resectable."""
    spared = resectable(seen) & (seen.chance < SPARED_RESECTABLE)
    return fit(seen) & (seen.sum_cm >= 2.0) & ~spared


def _extensive(seen: Seen) -> Mask:
    return first_line(seen) & (seen.organs >= 2) & (seen.lesions >= 10)


def _few_liver(seen: Seen) -> Mask:
    return seen.liver_only & (seen.liver <= FEW) & (seen.liver_ml < LIVER_ML_RESECTABLE)


def eligible_for_surgery(seen: Seen) -> Mask:
    """Liver metastases that are resected at presentation, in a patient who stands it."""
    return _few_liver(seen) & (seen.who_ps <= 2) & (seen.age_years < 80.0)


def _many_liver(seen: Seen) -> Mask:
    many = seen.liver_only & (seen.liver > FEW) & (seen.liver <= 12)
    return many & (seen.liver_ml < LIVER_ML_RESECTABLE) & (seen.chance < RESECTED_MANY)


def _ten_liver(seen: Seen) -> Mask:
    return seen.liver_only & (seen.liver >= 10) & (seen.liver_ml < LIVER_ML_RESECTABLE) & fit(seen)


def _and_organ(count: Callable[[Seen], npt.NDArray[np.int64]]) -> Callable[[Seen], Mask]:
    """Liver and exactly one other organ, at most eight metastases in all."""

    def select(seen: Seen) -> Mask:
        other = count(seen)
        both = (seen.liver > 0) & (other > 0) & (seen.liver + other == seen.lesions)
        return both & (seen.lesions <= 8)

    return select


def _perioperative(seen: Seen) -> Mask:
    return seen.liver_only & (seen.liver <= 4) & (seen.liver_ml < LIVER_ML_RESECTABLE) & fit(seen)


def _clocc(seen: Seen) -> Mask:
    small = (seen.liver >= 3) & (seen.liver <= 9) & (seen.largest_cm < 4.0)
    return seen.liver_only & small & fit(seen)


def _sirflox(liver_only: bool) -> Callable[[Seen], Mask]:
    """Liver-only or liver-dominant: three or more liver metastases, or more than 100 ml."""

    def select(seen: Seen) -> Mask:
        much = (seen.liver >= 3) | (seen.liver_ml > 100.0)
        if liver_only:
            return much & seen.liver_only & fit(seen)
        outside = (seen.outside_liver > 0) & (seen.outside_liver <= 5) & (seen.organs == 2)
        return much & outside & (seen.liver > 0) & fit(seen)

    return select


_LIVER = Use("liver_resection", ("liver",))
_ALL_OPERATIONS = (
    _LIVER,
    Use("lung_resection", ("lung", "pleura")),
    Use("cytoreductive_surgery", ("peritoneum",)),
    Use("other_resection", ("lymph_node",)),
)

_RESECTED = Care("after progression", era=ERA_RESECTION, repeat_resection=1.0)
_INDUCED = Care("lines", last_drug_step=INDUCTION_STEPS, era=ERA_RESECTION, repeat_resection=1.0)


def _at_once(select: Callable[[Seen], Mask], uses: tuple[Use, ...] = (_LIVER,)) -> Stratum:
    arm = Arm(_RESECTED, local=LocalPlan(uses, step=0))
    return Stratum(select, {"resection": arm}, operated=True)


def _after_induction(select: Callable[[Seen], Mask], care: Care = _INDUCED) -> Stratum:
    """Resection of those whom induction has held: the course selects."""
    arm = Arm(care, local=LocalPlan((_LIVER,), step=INDUCTION_STEPS))
    return Stratum(select, {"resection": arm}, INDUCTION_STEPS, operated=True, kept=0.75)


def _resected_with(organ: str, count: Callable[[Seen], npt.NDArray[np.int64]]) -> CohortSpec:
    return CohortSpec(
        f"resected_{organ}",
        f"liver metastases and {organ.replace('_', ' ')} metastases, all resected",
        (_at_once(_and_organ(count), _ALL_OPERATIONS),),
        horizon_months=120.0,
        follow_up_months=(60.0, 120.0),
    )


_TRIAL = Care(secondary_resection=1.0, repeat_resection=0.5)
_OLDER = Care(secondary_resection=0.5, repeat_resection=0.5, era=ERA_2000_TO_2012)
_CAIRO3 = {"induction_steps": 6}
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
                (
                    Stratum(
                        first_line,
                        {
                            "doublet": Arm(_TRIAL, "folfiri"),
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
                (
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
                (
                    Stratum(
                        lambda seen: first_line(seen) & ~seen.ras,
                        {
                            "doublet": Arm(_TRIAL, "folfox"),
                            "bevacizumab": Arm(_TRIAL, "folfiri_bevacizumab"),
                            "egfr_antibody": Arm(_TRIAL, "folfiri_cetuximab"),
                        },
                    ),
                ),
            ),
            CohortSpec(
                "extensive",
                "the same with ten or more metastases in two or more organs",
                (Stratum(_extensive, {"doublet_bevacizumab": Arm(_TRIAL, "folfiri_bevacizumab")}),),
            ),
            CohortSpec(
                "cairo3",
                "held by eighteen weeks of induction",
                (
                    Stratum(
                        first_line,
                        {
                            word: Arm(Care(maintenance=to, **_CAIRO3), "capox_bevacizumab")  # type: ignore[arg-type]
                            for word, to in (("observation", "none"), ("maintenance", "all"))
                        },
                        run_in_steps=6,
                        kept=0.7,
                    ),
                ),
            ),
            CohortSpec(
                "untreated_extensive",
                "untreated synchronous liver metastases, as large as found before tomography",
                (
                    Stratum(
                        lambda seen: (
                            seen.liver_only
                            & seen.synchronous
                            & (seen.liver_ml > EXTENSIVE_LIVER_ML)
                        ),
                        _UNTREATED,
                    ),
                ),
            ),
            CohortSpec(
                "untreated_low",
                "untreated liver metastases of low volume, two or more",
                (
                    Stratum(
                        lambda seen: (
                            seen.liver_only
                            & (seen.liver_ml <= EXTENSIVE_LIVER_ML)
                            & (seen.liver >= 2)
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
                "untreated_worst",
                "untreated liver metastases of the worst prognosis: a quarter of the liver, unfit",
                (
                    Stratum(
                        lambda seen: (seen.liver_ml > 375.0) & (seen.outside_liver > 0),
                        _UNTREATED,
                    ),
                ),
            ),
            CohortSpec(
                "resected",
                "liver metastases alone, resected: few at once, more after induction",
                (_at_once(_few_liver), _after_induction(_many_liver)),
                horizon_months=121.0,
                follow_up_months=(60.0, 120.0),
            ),
            CohortSpec(
                "resected_ten",
                "ten or more liver metastases, resected after induction",
                (
                    _after_induction(
                        _ten_liver,
                        Care("lines", last_drug_step=INDUCTION_STEPS, repeat_resection=1.0),
                    ),
                ),
                horizon_months=72.0,
            ),
            _resected_with("lung", lambda seen: seen.lung),
            _resected_with("peritoneum", lambda seen: seen.peritoneum),
            _resected_with("lymph_node", lambda seen: seen.node),
            CohortSpec(
                "perioperative",
                "up to four resectable liver metastases",
                (Stratum(_perioperative, _PERIOPERATIVE),),
                horizon_months=108.0,
                follow_up_months=(36.0, 102.0),
            ),
            CohortSpec(
                "clocc",
                "three to nine liver metastases below 4 cm, not resectable",
                (
                    Stratum(
                        _clocc,
                        {
                            "control": Arm(_CLOCC, "folfox"),
                            "experimental": Arm(_CLOCC, "folfox", _CLOCC_ABLATION),
                        },
                    ),
                ),
                horizon_months=144.0,
                follow_up_months=(84.0, 144.0),
            ),
            CohortSpec(
                "sirflox",
                "liver-only (60 %) or liver-dominant disease, not resectable",
                (
                    Stratum(_sirflox(liver_only=True), _SIRFLOX_ARMS, share=0.6),
                    Stratum(_sirflox(liver_only=False), _SIRFLOX_ARMS, share=0.4),
                ),
                follow_up_months=(24.0, 62.0),
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
