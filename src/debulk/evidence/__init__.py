"""Published evidence: every figure a finding with its source and the role it may play."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.evidence.firewall import ALLOWED_ROLES as ALLOWED_ROLES
    from debulk.evidence.firewall import Violation as Violation
    from debulk.evidence.firewall import firewall_violations as firewall_violations
    from debulk.evidence.published import PublishedResult as PublishedResult
    from debulk.evidence.published import published_result as published_result
    from debulk.evidence.record import Finding as Finding
    from debulk.evidence.record import citation as citation
    from debulk.evidence.record import finding as finding
    from debulk.evidence.schema import Role as Role
    from debulk.evidence.tables import findings as findings
    from debulk.evidence.tables import studies as studies

__all__ = [
    "ALLOWED_ROLES",
    "Finding",
    "PublishedResult",
    "Role",
    "Violation",
    "citation",
    "finding",
    "findings",
    "firewall_violations",
    "published_result",
    "studies",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "ALLOWED_ROLES": "debulk.evidence.firewall",
        "Finding": "debulk.evidence.record",
        "PublishedResult": "debulk.evidence.published",
        "Role": "debulk.evidence.schema",
        "Violation": "debulk.evidence.firewall",
        "citation": "debulk.evidence.record",
        "finding": "debulk.evidence.record",
        "findings": "debulk.evidence.tables",
        "firewall_violations": "debulk.evidence.firewall",
        "published_result": "debulk.evidence.published",
        "studies": "debulk.evidence.tables",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
