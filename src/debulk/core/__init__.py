"""The ground floor: random streams, results, provenance, errors, units."""

from typing import TYPE_CHECKING

from debulk.core.errors import InputError, nearest
from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.core.anatomy import ORGANS as ORGANS
    from debulk.core.provenance import Exclusion as Exclusion
    from debulk.core.provenance import Parameter as Parameter
    from debulk.core.provenance import Provenance as Provenance
    from debulk.core.results import Estimate as Estimate
    from debulk.core.results import TestResult as TestResult
    from debulk.core.units import DAYS_PER_MONTH as DAYS_PER_MONTH

__all__ = [
    "DAYS_PER_MONTH",
    "ORGANS",
    "Estimate",
    "Exclusion",
    "InputError",
    "Parameter",
    "Provenance",
    "TestResult",
    "nearest",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "DAYS_PER_MONTH": "debulk.core.units",
        "ORGANS": "debulk.core.anatomy",
        "Estimate": "debulk.core.results",
        "Exclusion": "debulk.core.provenance",
        "Parameter": "debulk.core.provenance",
        "Provenance": "debulk.core.provenance",
        "TestResult": "debulk.core.results",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
