"""What members would do with a patient: randomise, treat locally, not treat locally."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.core.errors import InputError
from debulk.core.strings import text

VIEWS = ("randomise", "treat", "not_treat")
"""What a view may be: would randomise, would treat locally, would not treat locally."""

_MOST = 1_000


@dataclass(frozen=True, slots=True)
class Views:
    """Members by what they would do, counted without names.

    Attributes
    ----------
    randomise, treat, not_treat : int
        Would randomise; would not, but treat locally; would do neither.
    none_of_these : int
        Chose none of these, such as more diagnosis.

    Raises
    ------
    InputError
        If a count is none.
    """

    randomise: int = 0
    treat: int = 0
    not_treat: int = 0
    none_of_these: int = 0

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            count = getattr(self, name)
            if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= _MOST:
                values = {"least": "0", "most": f"{_MOST:,}"}
                found = text("decision.errors.whole", found=f"{count!r:.60}", **values)
                remedy = text("decision.errors.whole_remedy", **values)
                raise InputError(f"views, {name}", found, remedy)

    @property
    def members(self) -> int:
        """How many."""
        return self.randomise + self.treat + self.not_treat + self.none_of_these


def views_of_counts(by_view: Mapping[str, Any]) -> Views | None:
    """The views noted at a sitting; None where nobody noted one.

    Parameters
    ----------
    by_view : mapping of str to int
        Members by name out of `VIEWS`.
    """
    views = Views(**{name: by_view.get(name, 0) for name in VIEWS})
    return views if views.members else None


def table_words(now: Views | None, before: Views | None = None) -> str:
    """What the members of the board say, and what they said before the futures were opened.

    Parameters
    ----------
    now, before : Views or None
        Of the decision, and of the sitting before the futures; None where nobody was asked.
    """
    if now is None:
        key = "none" if before is None else "first_views"
        return text(f"equipoise.table.{key}", **_numbers(before or Views()))
    others = text("equipoise.table.others", n=now.none_of_these) if now.none_of_these else ""
    said = text("equipoise.table.now", others=others, **_numbers(now))
    return said + (text("equipoise.table.before", **_numbers(before)) if before else "") + "."


def _numbers(views: Views) -> dict[str, int]:
    return {"n": views.members, **{name: getattr(views, name) for name in VIEWS}}
