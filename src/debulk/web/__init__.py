"""The web page and its JSON twin."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.web.application import create_app as create_app
    from debulk.web.settings import WebSettings as WebSettings

__all__ = ["WebSettings", "create_app"]

_lazy, __dir__ = lazy_names(
    __name__,
    {"WebSettings": "debulk.web.settings", "create_app": "debulk.web.application"},
)


def __getattr__(name: str) -> object:
    return _lazy(name)
