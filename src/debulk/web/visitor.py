"""Who asks for a page, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from fastapi import Request

from debulk.board.records import Actor

Role = Literal["viewer", "board member", "administrator"]
"""What an account may be; a person may be a member and an administrator."""

ROLES: tuple[Role, ...] = get_args(Role)

_ACTS_AS: tuple[Role, ...] = ("board member", "viewer", "administrator")
"""The role in which something is done that several roles allow."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a page.

    Attributes
    ----------
    name : str
        Account; "local" on a loopback address without accounts.
    roles : frozenset of str
        Out of `ROLES`; empty for who has not signed in.
    local : bool
        Whether it is the one local member of a server without accounts.
    """

    name: str
    roles: frozenset[str]
    local: bool = False

    def may(self, *roles: str) -> bool:
        """Whether any of the roles is held; no role asked for is open to everybody."""
        return not roles or bool(self.roles & set(roles))

    def acting(self, *roles: str) -> Actor:
        """Who does something in one of the roles, as the log names them.

        Parameters
        ----------
        *roles : str
            The roles that allow it; none: any.
        """
        held = [each for each in _ACTS_AS if each in self.roles and (not roles or each in roles)]
        return Actor(self.name or "nobody", held[0] if held else "viewer")


LOCAL = Visitor("local", frozenset(ROLES), local=True)
"""The one member of a server on a loopback address without accounts."""

NOBODY = Visitor("", frozenset())
"""Who has not signed in."""


def visitor_of(request: Request) -> Visitor:
    """The visitor that the guard put on the request."""
    visitor = getattr(request.state, "visitor", NOBODY)
    return visitor if isinstance(visitor, Visitor) else NOBODY
