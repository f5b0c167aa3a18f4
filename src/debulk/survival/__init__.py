"""Survival statistics on arrays: curves, log-rank tests, hazard ratios, restricted means."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.survival.curves import SurvivalCurve, kaplan_meier
    from debulk.survival.hazards import hazard_ratio, hazard_ratios
    from debulk.survival.rank.logrank import logrank
    from debulk.survival.restricted import rmst_difference

__all__ = [
    "SurvivalCurve",
    "hazard_ratio",
    "hazard_ratios",
    "kaplan_meier",
    "logrank",
    "rmst_difference",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "SurvivalCurve": "debulk.survival.curves",
        "hazard_ratio": "debulk.survival.hazards",
        "hazard_ratios": "debulk.survival.hazards",
        "kaplan_meier": "debulk.survival.curves",
        "logrank": "debulk.survival.rank.logrank",
        "rmst_difference": "debulk.survival.restricted",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
