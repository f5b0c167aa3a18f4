"""Who, what, when, which endpoint: one Protocol for a trial, an emulation and a match."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.protocols.emulation_plan import EmulationPlan as EmulationPlan
    from debulk.protocols.reading import load_protocol as load_protocol
    from debulk.protocols.reading import packaged_protocols as packaged_protocols
    from debulk.protocols.reading import protocol_text as protocol_text
    from debulk.protocols.spec import Arm as Arm
    from debulk.protocols.spec import Conduct as Conduct
    from debulk.protocols.spec import Design as Design
    from debulk.protocols.spec import Endpoint as Endpoint
    from debulk.protocols.spec import Estimand as Estimand
    from debulk.protocols.spec import FunnelStep as FunnelStep
    from debulk.protocols.spec import Induction as Induction
    from debulk.protocols.spec import Protocol as Protocol
    from debulk.protocols.spec import Strategy as Strategy

__all__ = [
    "Arm",
    "Conduct",
    "Design",
    "EmulationPlan",
    "Endpoint",
    "Estimand",
    "FunnelStep",
    "Induction",
    "Protocol",
    "Strategy",
    "load_protocol",
    "packaged_protocols",
    "protocol_text",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "Arm": "debulk.protocols.spec",
        "Conduct": "debulk.protocols.spec",
        "Design": "debulk.protocols.spec",
        "EmulationPlan": "debulk.protocols.emulation_plan",
        "Endpoint": "debulk.protocols.spec",
        "Estimand": "debulk.protocols.spec",
        "FunnelStep": "debulk.protocols.spec",
        "Induction": "debulk.protocols.spec",
        "Protocol": "debulk.protocols.spec",
        "Strategy": "debulk.protocols.spec",
        "load_protocol": "debulk.protocols.reading",
        "packaged_protocols": "debulk.protocols.reading",
        "protocol_text": "debulk.protocols.reading",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
