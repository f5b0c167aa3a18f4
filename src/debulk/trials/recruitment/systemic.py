"""Systemic therapy of an arm, where the arms of a protocol differ in it.

A protocol whose arms say nothing of it has line 1 from the first step on, in both arms alike.
Where they do, the run-in belongs to both, so that no course differs before randomisation:

- with a run-in, line 1 goes on from it, stops at a time, or stops at randomisation;
- without one nobody has a drug before randomisation, which then is the moment of the imaging that
  eligibility was judged on; line 1 begins when the arm says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from debulk.core.units import DAYS_PER_MONTH
from debulk.disease.growth import STEP_DAYS

if TYPE_CHECKING:
    import numpy.typing as npt

    from debulk.disease import Care
    from debulk.protocols import Strategy
    from debulk.trials.recruitment.run_in import RunIn
    from debulk.trials.running.settings import TrialSettings


def steps_of(months: float) -> int:
    """Months as the nearest whole number of steps of 21 days."""
    return round(months * DAYS_PER_MONTH / STEP_DAYS)


def care_of(settings: TrialSettings, strategy: Strategy) -> Care:
    """Systemic therapy of one arm, with the resections outside the arms.

    Parameters
    ----------
    settings : TrialSettings
        Protocol, and the length of its run-in.
    strategy : Strategy
        Of the arm.
    """
    plan, care, randomised = strategy.systemic, settings.care, settings.run_in_steps
    if plan is None:
        return care
    if plan.given == "lines":
        stop = plan.stop_after_months
        return replace(
            care,
            first_drug_step=0 if settings.protocol.run_in else steps_of(plan.start_after_months),
            last_drug_step=None if stop is None else randomised + steps_of(stop),
        )
    if settings.protocol.run_in:
        # Line 1 has begun: it stops here, and may come back at progression.
        return replace(care, last_drug_step=randomised)
    return replace(care, systemic="after progression")


def kill_factor_of(
    settings: TrialSettings, strategy: Strategy, run_in: RunIn
) -> npt.NDArray[np.float64]:
    """Kill of each patient's line 1 relative to the disease model's, in one arm.

    Parameters
    ----------
    settings : TrialSettings
        With the cards of regimens.
    strategy : Strategy
        Of the arm; its regimen, where it names one, is the whole of line 1.
    run_in : RunIn
        The patients, each with the regimen of the run-in.
    """
    plan = strategy.systemic
    if plan is None or not plan.regimen:
        return run_in.kill_factor
    card = settings.cards_of_regimens[plan.regimen]
    return np.full(run_in.kill_factor.size, float(card.kill_factor.value))
