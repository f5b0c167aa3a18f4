"""Everything `debulk survival` says about one table."""

from debulk.survival.comparison.compare import compare
from debulk.survival.comparison.result import Comparison
from debulk.survival.comparison.times import TimeUnit, round_times

__all__ = ["Comparison", "TimeUnit", "compare", "round_times"]
