"""Who does something: a person in a role, or the program itself."""

from __future__ import annotations

from dataclasses import dataclass

BOARD_ROLES = ("viewer", "board member", "administrator")
"""Roles an account may have; one account may be board member and administrator."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who reads or writes, as the log names them.

    Attributes
    ----------
    name : str
        Name of the account; ``"local"`` where a server on this machine has no accounts.
    role : str
        The role in which it is done, out of `BOARD_ROLES` or ``"program"``.
    """

    name: str
    role: str


LOCAL_MEMBER = Actor("local", "board member")
"""The one member of a server that only this machine reaches and that has no accounts."""

PROGRAM = Actor("program", "program")
"""The program, where it reads a case to compute, or a command changes what is stored."""
