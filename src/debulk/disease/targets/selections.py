"""Whom cohorts select, on what imaging shows and the patient's own chance.

Shares that no source gives (how many resectable patients enter a palliative trial, how many with
many metastases are resected after a response) and limits of volume are assumptions, named here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from debulk.disease.targets.sight import Seen

Mask = npt.NDArray[np.bool_]

SPARED_RESECTABLE = 0.9
"""Assumption: share of resectable patients who are operated on and enter no palliative trial."""
RESECTED_MANY = 0.5
"""Assumption: share of patients with more than a few liver metastases who go to resection once
induction has held them."""
FEW = 3
"""Assumption: most liver metastases that are resected at presentation."""
LIVER_ML_RESECTABLE = 500.0
"""Assumption: largest volume of liver metastases that is resected, in ml."""
LOW_LIVER_ML = 250.0
"""Assumption: largest volume of untreated liver metastases that counts as low, in ml."""


def fit(seen: Seen) -> Mask:
    """WHO performance status 0 or 1."""
    return np.asarray(seen.who_ps <= 1)


def resectable(seen: Seen) -> Mask:
    """A few metastases in one organ that is operated on: liver or lung."""
    one = seen.liver_only | ((seen.lung > 0) & (seen.lung == seen.lesions))
    return np.asarray(one & (seen.lesions <= FEW))


def first_line(seen: Seen) -> Mask:
    """Entrants of palliative first-line trials: fit, measurable, as a rule not resectable."""
    spared = resectable(seen) & (seen.chance < SPARED_RESECTABLE)
    return fit(seen) & (seen.sum_cm >= 2.0) & ~spared


def extensive(seen: Seen) -> Mask:
    """Entrants of such trials with ten or more metastases in two or more organs."""
    return first_line(seen) & (seen.organs >= 2) & (seen.lesions >= 10)


def few_liver(seen: Seen) -> Mask:
    """A few metastases, all in the liver, that are resected at presentation."""
    return seen.liver_only & (seen.liver <= FEW) & (seen.liver_ml < LIVER_ML_RESECTABLE)


def eligible_for_surgery(seen: Seen) -> Mask:
    """Liver metastases that are resected at presentation, in a patient who stands it."""
    return few_liver(seen) & fit(seen) & (seen.age_years < 75.0)


def many_liver(seen: Seen) -> Mask:
    """More of them: resected, by the patient's chance, if induction holds them."""
    many = seen.liver_only & (seen.liver > FEW) & (seen.liver <= 12)
    return many & (seen.liver_ml < LIVER_ML_RESECTABLE) & (seen.chance < RESECTED_MANY)


def and_organ(count: Callable[[Seen], npt.NDArray[np.int64]]) -> Callable[[Seen], Mask]:
    """Liver and exactly one other organ, at most eight metastases in all."""

    def select(seen: Seen) -> Mask:
        other = count(seen)
        both = (seen.liver > 0) & (other > 0) & (seen.liver + other == seen.lesions)
        return np.asarray(both & (seen.lesions <= 8))

    return select


def perioperative(seen: Seen) -> Mask:
    """Up to four resectable metastases, all in the liver, in a fit patient."""
    return seen.liver_only & (seen.liver <= 4) & (seen.liver_ml < LIVER_ML_RESECTABLE) & fit(seen)


def clocc(seen: Seen) -> Mask:
    """Three to nine metastases below 4 cm, all in the liver, in a fit patient."""
    small = (seen.liver >= 3) & (seen.liver <= 9) & (seen.largest_cm < 4.0)
    return np.asarray(seen.liver_only & small & fit(seen))


def sirflox(liver_only: bool) -> Callable[[Seen], Mask]:
    """Liver-only or liver-dominant: three or more liver metastases, or more than 100 ml."""

    def select(seen: Seen) -> Mask:
        much = (seen.liver >= 3) | (seen.liver_ml > 100.0)
        if liver_only:
            return much & seen.liver_only & fit(seen)
        outside = (seen.outside_liver > 0) & (seen.outside_liver <= 5) & (seen.organs == 2)
        return np.asarray(much & outside & (seen.liver > 0) & fit(seen))

    return select
