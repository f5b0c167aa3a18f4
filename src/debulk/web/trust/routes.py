"""Whether the model, and an analysis of a registry, can be trusted."""

from __future__ import annotations

from debulk.web.trust.laboratory_page import pages as laboratory
from debulk.web.trust.retrodiction_page import pages as retrodiction

PAGES = (retrodiction, laboratory)
