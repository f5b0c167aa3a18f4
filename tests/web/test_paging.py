"""Links from one page of a list to the next."""

from __future__ import annotations

from debulk.web.paging import pager


def test_handworked_links_keep_what_was_asked_for() -> None:
    at = pager(2, 3, {"search": "a b", "status": ""})
    assert (at.newer, at.older) == ("?search=a+b&page=1", "?search=a+b&page=3")


def test_handworked_the_ends_have_one_link_and_one_page_has_none() -> None:
    assert (pager(1, 3).newer, pager(1, 3).older) == (None, "?page=2")
    assert (pager(3, 3).newer, pager(3, 3).older) == ("?page=2", None)
    assert (pager(1, 1).newer, pager(1, 1).older) == (None, None)


def test_handworked_beyond_the_end_newer_is_the_last_page() -> None:
    assert (pager(9, 3).newer, pager(9, 3).older) == ("?page=3", None)
