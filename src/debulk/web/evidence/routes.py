"""Pages of evidence and of published scores."""

from __future__ import annotations

from debulk.web.evidence.explore_page import pages as explore
from debulk.web.evidence.pool_page import pages as pool

PAGES = (explore, pool)
