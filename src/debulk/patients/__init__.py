"""The cohort, the one data model: tables, features, criteria, extent, readers."""

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
    from debulk.patients.readers.cbioportal import read_cbioportal as read_cbioportal
    from debulk.patients.readers.cdisc import read_cdisc as read_cdisc
    from debulk.patients.readers.formats import read_any as read_any
    from debulk.patients.readers.mapping import read_mapped as read_mapped
    from debulk.patients.readers.mapping_draft import draft_mapping as draft_mapping
    from debulk.patients.readers.mcode import read_mcode as read_mcode
    from debulk.patients.readers.mcode_export import write_mcode as write_mcode
    from debulk.patients.readers.omop import read_omop as read_omop
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
    "draft_mapping",
    "eligibility",
    "example_cohort",
    "judgement",
    "parse_rule",
    "read_any",
    "read_cbioportal",
    "read_cdisc",
    "read_cohort",
    "read_mapped",
    "read_mcode",
    "read_omop",
    "states",
    "write_mcode",
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
        "draft_mapping": "debulk.patients.readers.mapping_draft",
        "eligibility": "debulk.patients.criteria",
        "example_cohort": "debulk.patients.reading",
        "judgement": "debulk.patients.criteria",
        "parse_rule": "debulk.patients.rules",
        "read_any": "debulk.patients.readers.formats",
        "read_cbioportal": "debulk.patients.readers.cbioportal",
        "read_cdisc": "debulk.patients.readers.cdisc",
        "read_cohort": "debulk.patients.reading",
        "read_mapped": "debulk.patients.readers.mapping",
        "read_mcode": "debulk.patients.readers.mcode",
        "read_omop": "debulk.patients.readers.omop",
        "states": "debulk.patients.criteria",
        "write_mcode": "debulk.patients.readers.mcode_export",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
