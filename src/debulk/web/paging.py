"""The links from one page of a list to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Pager:
    """Where a reader is in a list, newest first, and how to go on.

    Attributes
    ----------
    page, pages : int
        The page shown, and how many there are.
    newer, older : str or None
        Addresses relative to the page; None at the ends.
    """

    page: int
    pages: int
    newer: str | None
    older: str | None


def pager(
    page: int, pages: int, asked: Mapping[str, str] | None = None, *, name: str = "page"
) -> Pager:
    """Links that keep what was asked for.

    Parameters
    ----------
    page, pages : int
        The page shown, from 1, and how many there are.
    asked : mapping, optional
        Filters; empty ones are left out.
    name : str
        What the address calls the number of the page.
    """
    kept = {key: value for key, value in (asked or {}).items() if value}

    def link(to: int) -> str | None:
        return f"?{urlencode({**kept, name: to})}" if 1 <= to <= pages else None

    # From beyond the end, newer is the last page there is.
    return Pager(page, pages, link(min(page - 1, pages)), link(page + 1))
