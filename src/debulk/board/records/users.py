"""Accounts: names, passwords hashed with argon2id, roles."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from debulk.board.records.actors import BOARD_ROLES, LOCAL_MEMBER, PROGRAM, Actor
from debulk.board.records.audit import note
from debulk.board.records.database import Database
from debulk.board.records.refusals import choice, missing, refusal
from debulk.board.records.tables import SIGN_INS, USERS

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1_000
"""Characters of a password. Length is all that is asked; a rule on kinds of characters makes
passwords that are guessed alike."""

_HASHING = threading.BoundedSemaphore(2)
"""A password is hashed with 64 MiB of memory, so that only a few are at one time."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class User:
    """An account.

    Attributes
    ----------
    name : str
        Lower case.
    roles : tuple of str
        Out of `BOARD_ROLES`.
    created_at : str
    removed_at : str or None
        A removed account cannot sign in; its name stays taken, since the log names it.
    """

    name: str
    roles: tuple[str, ...]
    created_at: str
    removed_at: str | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self) | {"roles": list(self.roles)}


class Users:
    """The accounts of a server that others can reach."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, password: str, roles: Iterable[str], *, by: Actor) -> User:
        """Make an account, or open a removed one again with a new password.

        Raises
        ------
        InputError
            If the name is taken or none, a role is unknown, or the password too short.
        """
        name, wanted = user_name(name), _roles(roles)
        hashed = self.hash_password(password)
        with self._database.writing() as connection:
            now = self._database.now()
            row = connection.execute(select(USERS).where(USERS.c.name == name)).first()
            values = {"password_hash": hashed, "roles": list(wanted), "removed_at": None}
            if row is None:
                connection.execute(USERS.insert().values(name=name, created_at=now, **values))
            elif row.removed_at is None:
                raise refusal("records.refusals.name_taken", found=repr(name))
            else:
                connection.execute(update(USERS).where(USERS.c.name == name).values(values))
            note(connection, now, by, "account added", account=name, roles=", ".join(wanted))
            return _user(connection, name)

    def list(self) -> tuple[User, ...]:
        """Every account that can sign in, by name."""
        rows = select(USERS).where(USERS.c.removed_at.is_(None)).order_by(USERS.c.name)
        with self._database.reading() as connection:
            return tuple(_of_row(row) for row in connection.execute(rows))

    def read(self, name: str) -> User:
        """One account that can sign in.

        Raises
        ------
        NoSuchRecord
            If there is none.
        """
        with self._database.reading() as connection:
            return _user(connection, user_name(name))

    def set_roles(self, name: str, roles: Iterable[str], *, by: Actor) -> User:
        """Give an account other roles.

        Raises
        ------
        InputError
            If the last administrator would cease to be one.
        """
        name, wanted = user_name(name), _roles(roles)
        with self._database.writing() as connection:
            _user(connection, name)
            connection.execute(update(USERS).where(USERS.c.name == name).values(roles=list(wanted)))
            _still_administered(connection, name)
            at = self._database.now()
            note(connection, at, by, "account roles", account=name, roles=", ".join(wanted))
            return _user(connection, name)

    def set_password(self, name: str, password: str, *, by: Actor) -> None:
        """Give an account another password; every sign-in of it ends."""
        name, hashed = user_name(name), self.hash_password(password)
        with self._database.writing() as connection:
            _user(connection, name)
            now = self._database.now()
            connection.execute(
                update(USERS).where(USERS.c.name == name).values(password_hash=hashed)
            )
            end_sign_ins(connection, name, now)
            note(connection, now, by, "account password", account=name)

    def remove(self, name: str, *, by: Actor) -> None:
        """Close an account; every sign-in of it ends, its name stays in the log.

        Raises
        ------
        InputError
            If others remain and no administrator is among them.
        """
        name = user_name(name)
        with self._database.writing() as connection:
            _user(connection, name)
            now = self._database.now()
            connection.execute(update(USERS).where(USERS.c.name == name).values(removed_at=now))
            _still_administered(connection, name)
            end_sign_ins(connection, name, now)
            note(connection, now, by, "account removed", account=name)

    def exist(self) -> bool:
        """Whether there is any account that can sign in."""
        return bool(self.list())

    def hash_password(self, password: str) -> str:
        """The argon2id hash of a password, with its salt.

        Raises
        ------
        InputError
            If the password is too short or too long.
        """
        if not isinstance(password, str) or not (
            SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD
        ):
            n = len(password) if isinstance(password, str) else 0
            raise refusal(
                "records.refusals.password", n=n, least=SHORTEST_PASSWORD, most=LONGEST_PASSWORD
            )
        with _HASHING:
            return self.hasher.hash(_bytes(password))

    def matches(self, hashed: str | None, password: str) -> bool:
        """Whether a password fits a hash; without a hash it takes the same time and is False."""
        from argon2.exceptions import Argon2Error, InvalidHashError

        if not isinstance(password, str) or len(password) > LONGEST_PASSWORD:
            return False
        try:
            with _HASHING:
                fits = self.hasher.verify(hashed or self._nobody, _bytes(password))
        except (Argon2Error, InvalidHashError):
            return False
        return fits and hashed is not None

    @cached_property
    def hasher(self) -> PasswordHasher:
        """Argon2id with the parameters of RFC 9106 for little memory (64 MiB)."""
        from argon2 import PasswordHasher

        return PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        return self.hasher.hash(b"nobody has this account")


def user_name(name: Any) -> str:
    """A name of an account, in lower case.

    Raises
    ------
    InputError
        If it is none.
    """
    typed = name.strip().lower() if isinstance(name, str) else ""
    if not could_be_a_name(typed):
        raise refusal("records.refusals.user_name", found=f"{name!r:.40}")
    return typed


def could_be_a_name(name: str) -> bool:
    """Whether an account may be called so."""
    return bool(_NAME.fullmatch(name)) and name not in (LOCAL_MEMBER.name, PROGRAM.name)


def end_sign_ins(connection: Connection, name: str, now: str) -> None:
    """End every sign-in of an account, in a writer's transaction."""
    mine = (SIGN_INS.c.user_name == name, SIGN_INS.c.ended_at.is_(None))
    connection.execute(update(SIGN_INS).where(*mine).values(ended_at=now))


def _user(connection: Connection, name: str) -> User:
    row = connection.execute(
        select(USERS).where(USERS.c.name == name, USERS.c.removed_at.is_(None))
    ).first()
    if row is None:
        raise missing("records.refusals.no_user", found=repr(name))
    return _of_row(row)


def _of_row(row: Any) -> User:
    return User(row.name, tuple(row.roles), row.created_at, row.removed_at)


def _roles(roles: Iterable[str]) -> tuple[str, ...]:
    given = [roles] if isinstance(roles, str) else list(roles)
    wanted = {choice(each, "role", BOARD_ROLES) for each in given}
    if not wanted:
        raise refusal("records.refusals.no_role", known=", ".join(BOARD_ROLES))
    return tuple(each for each in BOARD_ROLES if each in wanted)


def _still_administered(connection: Connection, name: str) -> None:
    left = connection.execute(select(USERS.c.roles).where(USERS.c.removed_at.is_(None))).scalars()
    roles = list(left)
    if roles and not any("administrator" in each for each in roles):
        raise refusal("records.refusals.last_administrator", found=repr(name))


def _bytes(password: str) -> bytes:
    # A lone surrogate, which a form can carry, has no UTF-8.
    return password.encode("utf-8", "surrogatepass")
