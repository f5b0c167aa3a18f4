"""Pages of trials: their protocols, and the designer."""

from __future__ import annotations

from debulk.web.pages import Pages
from debulk.web.trials import designer, downloads, protocols

# The designer's own addresses come first, or a protocol's name would swallow them.
PAGES: tuple[Pages, ...] = (downloads.pages, designer.pages, protocols.pages)
"""Pages of this part."""
