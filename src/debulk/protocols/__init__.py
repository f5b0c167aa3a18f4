"""Who, what, when, which endpoint: one Protocol for a trial, an emulation and a match."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.protocols.reading import load_protocol, packaged_protocols, protocol_text
    from debulk.protocols.spec import (
        Arm,
        Conduct,
        Design,
        Endpoint,
        Estimand,
        FunnelStep,
        Induction,
        Protocol,
        Strategy,
    )

__all__ = [
    "Arm",
    "Conduct",
    "Design",
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
        name: "debulk.protocols.spec" if name[0].isupper() else "debulk.protocols.reading"
        for name in __all__
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
