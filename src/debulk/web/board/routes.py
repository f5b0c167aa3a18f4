"""Pages of board."""

from __future__ import annotations

from debulk.web.pages import Pages

PAGES: tuple[Pages, ...] = ()
