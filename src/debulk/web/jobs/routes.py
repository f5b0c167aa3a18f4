"""Pages of jobs."""

from __future__ import annotations

from debulk.web.pages import Pages

PAGES: tuple[Pages, ...] = ()
