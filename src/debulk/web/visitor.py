"""Who asks for a page, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from fastapi import Request

Role = Literal["viewer", "board member", "administrator"]
"""What an account may be; a person may be a member and an administrator."""

ROLES: tuple[Role, ...] = get_args(Role)


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


LOCAL = Visitor("local", frozenset(ROLES), local=True)
"""The one member of a server on a loopback address without accounts."""

NOBODY = Visitor("", frozenset())
"""Who has not signed in."""


def visitor_of(request: Request) -> Visitor:
    """The visitor that the guard put on the request."""
    visitor = getattr(request.state, "visitor", NOBODY)
    return visitor if isinstance(visitor, Visitor) else NOBODY
