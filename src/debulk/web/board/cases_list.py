"""The list of cases."""

from __future__ import annotations

from debulk.web.pages import Pages

pages = Pages("board", patient=True)
