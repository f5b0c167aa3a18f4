"""Lists cut into pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from debulk.board.records.refusals import whole_number

_MOST_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list.

    Attributes
    ----------
    rows : tuple of dict
        Plain values.
    total : int
        Rows of the whole list.
    page, pages : int
        This page's number, from 1, and how many there are: at least one.
    """

    rows: tuple[dict[str, Any], ...]
    total: int
    page: int
    pages: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "rows": list(self.rows),
            "total": self.total,
            "page": self.page,
            "pages": self.pages,
        }


def page_of(connection: Connection, rows: Select[Any], *, page: int, size: int) -> Page:
    """A page of what a query finds, in the query's order.

    Raises
    ------
    InputError
        If the number of the page or its size is none.
    """
    whole_number(page, "page")
    size = min(whole_number(size, "size"), _MOST_ROWS)
    total = connection.execute(
        select(func.count()).select_from(rows.order_by(None).subquery())
    ).scalar_one()
    found = connection.execute(rows.limit(size).offset((page - 1) * size)).mappings()
    pages = max(1, -(-total // size))
    return Page(tuple(dict(row) for row in found), total, page, pages)
