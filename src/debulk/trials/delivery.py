"""How local treatment was delivered in each arm of simulated trials, and at what price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from debulk.trials.recruitment.randomised import MAJOR

if TYPE_CHECKING:
    from debulk.trials.conduct.allocation import Allocation
    from debulk.trials.recruitment.randomised import Randomised
    from debulk.trials.running.settings import TrialSettings

_SHARES = (
    "treated_as_assigned",
    "treated_completely",
    "treated_80",
    "treated_minimum",
    "mortality_90_days",
    "major_complications",
)


def delivery(
    settings: TrialSettings, pool: Randomised, allocation: Allocation, side: int
) -> dict[str, float | None]:
    """How local treatment was delivered in one arm, over all trials; nothing is, in a sham.

    Parameters
    ----------
    settings : TrialSettings
        Says what the patients can tell, and what the arms do.
    pool : Randomised
        Patients of all trials.
    allocation : Allocation
        Their arms, and what they really follow.
    side : int
        0 for the control arm, 1 for the experimental one.

    Returns
    -------
    dict
        Shares of the arm treated as assigned, treated completely, to 80 % and to the strategy's
        minimum share of what imaging shows;
        shares of those treated who died within 90 days or had a complication of grade 3 or more;
        mean days lost of the systemic therapy planned, which is 0 where none is; with salvage, the
        share treated after progression. None where nothing can be told.
    """
    treats = tuple(arm.strategy.local_treatment for arm in settings.protocol.arms)
    here = allocation.experimental == bool(side)
    sham = settings.null and treats == (False, True)
    if sham or not here.any() or not settings.generator.local_treatment:
        nothing_lost = sham and settings.generator.local_treatment
        return {**dict.fromkeys(_SHARES), "systemic_days_lost": 0.0 if nothing_lost else None}
    follows = allocation.follows_experimental

    lost = np.where(follows, pool.systemic_days_lost_experimental, pool.systemic_days_lost_control)
    if not any(treats):
        return {**dict.fromkeys(_SHARES), "systemic_days_lost": float(lost[here].mean())}
    local = np.where(follows, pool.local_months, pool.local_months_control)
    visible = np.where(follows, pool.visible, pool.visible_control)
    treated = np.where(follows, pool.treated, pool.treated_control)
    died = np.where(follows, pool.died_within_90_days, pool.died_within_90_days_control)
    grade = np.where(follows, pool.complication_experimental, pool.complication_control)
    done = here & np.isfinite(local)
    share = np.divide(treated, visible, out=np.ones(pool.size), where=visible > 0)
    minimum = np.where(
        follows,
        settings.protocol.experimental.strategy.minimum_share,
        settings.protocol.control.strategy.minimum_share,
    )
    own = here & (follows == bool(side))
    as_assigned = own & done if treats[side] else own
    arm_size = float(here.sum())
    found: dict[str, float | None] = {
        "treated_as_assigned": float(as_assigned.sum() / arm_size),
        "treated_completely": float((done & (share >= 1.0)).sum() / arm_size),
        "treated_80": float((done & (share >= 0.8)).sum() / arm_size),
        "treated_minimum": float((done & (share >= minimum)).sum() / arm_size),
        "mortality_90_days": float((done & died).sum() / done.sum()) if done.any() else None,
        "major_complications": (
            float((done & (grade >= MAJOR)).sum() / done.sum()) if done.any() else None
        ),
        "systemic_days_lost": float(lost[here].mean()),
    }
    if settings.protocol.conduct.salvage > 0.0:
        late = here & np.isfinite(pool.salvage_months) & ~follows & (not side)
        found["treated_after_progression"] = float(late.sum() / arm_size)
    return found
