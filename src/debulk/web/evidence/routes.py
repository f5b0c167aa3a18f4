"""Pages of evidence and of published scores."""

from __future__ import annotations

from debulk.web.evidence.explore_page import pages as explore

PAGES = (explore,)
