"""Published evidence: findings with their sources, pooled, and curves rebuilt as patients."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.evidence.effects.study_effects import StudyEffects as StudyEffects
    from debulk.evidence.firewall import ALLOWED_ROLES as ALLOWED_ROLES
    from debulk.evidence.firewall import Violation as Violation
    from debulk.evidence.firewall import firewall_violations as firewall_violations
    from debulk.evidence.own_studies import OwnStudies as OwnStudies
    from debulk.evidence.own_studies import read_own_studies as read_own_studies
    from debulk.evidence.pooling.pooled import PooledEffect as PooledEffect
    from debulk.evidence.pooling.random_effects import pool as pool
    from debulk.evidence.published import PublishedResult as PublishedResult
    from debulk.evidence.published import published_result as published_result
    from debulk.evidence.record import Finding as Finding
    from debulk.evidence.record import citation as citation
    from debulk.evidence.record import finding as finding
    from debulk.evidence.schema import OUTCOMES as OUTCOMES
    from debulk.evidence.schema import RISKS as RISKS
    from debulk.evidence.schema import Role as Role
    from debulk.evidence.searching import SearchResult as SearchResult
    from debulk.evidence.searching import search as search
    from debulk.evidence.tables import CODED_BY as CODED_BY
    from debulk.evidence.tables import findings as findings
    from debulk.evidence.tables import studies as studies
    from debulk.evidence.tables import study_codes as study_codes

__all__ = [
    "ALLOWED_ROLES",
    "CODED_BY",
    "OUTCOMES",
    "RISKS",
    "Finding",
    "OwnStudies",
    "PooledEffect",
    "PublishedResult",
    "Role",
    "SearchResult",
    "StudyEffects",
    "Violation",
    "citation",
    "finding",
    "findings",
    "firewall_violations",
    "pool",
    "published_result",
    "read_own_studies",
    "search",
    "studies",
    "study_codes",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "ALLOWED_ROLES": "debulk.evidence.firewall",
        "CODED_BY": "debulk.evidence.tables",
        "Finding": "debulk.evidence.record",
        "OUTCOMES": "debulk.evidence.schema",
        "OwnStudies": "debulk.evidence.own_studies",
        "PooledEffect": "debulk.evidence.pooling.pooled",
        "PublishedResult": "debulk.evidence.published",
        "RISKS": "debulk.evidence.schema",
        "Role": "debulk.evidence.schema",
        "SearchResult": "debulk.evidence.searching",
        "StudyEffects": "debulk.evidence.effects.study_effects",
        "Violation": "debulk.evidence.firewall",
        "citation": "debulk.evidence.record",
        "finding": "debulk.evidence.record",
        "findings": "debulk.evidence.tables",
        "firewall_violations": "debulk.evidence.firewall",
        "pool": "debulk.evidence.pooling.random_effects",
        "published_result": "debulk.evidence.published",
        "read_own_studies": "debulk.evidence.own_studies",
        "search": "debulk.evidence.searching",
        "studies": "debulk.evidence.tables",
        "study_codes": "debulk.evidence.tables",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
