"""Everything `debulk survival` says about one table."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.survival.comparison.comparing import compare as compare
    from debulk.survival.comparison.result import Comparison as Comparison
    from debulk.survival.comparison.times import TimeUnit as TimeUnit
    from debulk.survival.comparison.times import round_times as round_times

__all__ = ["Comparison", "TimeUnit", "compare", "round_times"]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "Comparison": "debulk.survival.comparison.result",
        "TimeUnit": "debulk.survival.comparison.times",
        "compare": "debulk.survival.comparison.comparing",
        "round_times": "debulk.survival.comparison.times",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
