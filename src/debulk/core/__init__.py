"""The ground floor: random streams, results, provenance, errors, units."""

from debulk.core.errors import InputError, nearest
from debulk.core.lazy import lazy_names

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
