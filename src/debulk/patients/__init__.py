"""The cohort, the one data model: tables, features, criteria, extent."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.patients.cohort import Cohort as Cohort
    from debulk.patients.columns import TABLES as TABLES
    from debulk.patients.criteria import Criterion as Criterion
    from debulk.patients.criteria import eligibility as eligibility
    from debulk.patients.criteria import judgement as judgement
    from debulk.patients.criteria import states as states
    from debulk.patients.description import Description as Description
    from debulk.patients.description import describe as describe
    from debulk.patients.extent import EXTENTS as EXTENTS
    from debulk.patients.features import FEATURES as FEATURES
    from debulk.patients.reading import example_cohort as example_cohort
    from debulk.patients.reading import read_cohort as read_cohort
    from debulk.patients.reading_record import ReadingRecord as ReadingRecord
    from debulk.patients.rules import Rule as Rule
    from debulk.patients.rules import parse_rule as parse_rule

__all__ = [
    "EXTENTS",
    "FEATURES",
    "TABLES",
    "Cohort",
    "Criterion",
    "Description",
    "ReadingRecord",
    "Rule",
    "describe",
    "eligibility",
    "example_cohort",
    "judgement",
    "parse_rule",
    "read_cohort",
    "states",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "EXTENTS": "debulk.patients.extent",
        "FEATURES": "debulk.patients.features",
        "TABLES": "debulk.patients.columns",
        "Cohort": "debulk.patients.cohort",
        "Criterion": "debulk.patients.criteria",
        "Description": "debulk.patients.description",
        "ReadingRecord": "debulk.patients.reading_record",
        "Rule": "debulk.patients.rules",
        "describe": "debulk.patients.description",
        "eligibility": "debulk.patients.criteria",
        "example_cohort": "debulk.patients.reading",
        "judgement": "debulk.patients.criteria",
        "parse_rule": "debulk.patients.rules",
        "read_cohort": "debulk.patients.reading",
        "states": "debulk.patients.criteria",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
