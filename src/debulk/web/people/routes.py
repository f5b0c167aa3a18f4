"""Pages of people: see the modules."""

from __future__ import annotations

from debulk.web.pages import Pages
from debulk.web.people import account, administration, audit, department, sign_in, users

PAGES: tuple[Pages, ...] = (
    sign_in.pages,
    account.pages,
    administration.pages,
    users.pages,
    department.pages,
    audit.pages,
)
