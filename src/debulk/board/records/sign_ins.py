"""Signing in: a token whose hash alone is stored, an end in time, and a limit to guessing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from debulk.board.records.actors import PROGRAM, Actor
from debulk.board.records.audit import note
from debulk.board.records.database import Database
from debulk.board.records.identifiers import new_token
from debulk.board.records.refusals import clean_text, words
from debulk.board.records.tables import FAILED_SIGN_INS, SIGN_INS, USERS
from debulk.board.records.users import User, Users, could_be_a_name, end_sign_ins
from debulk.core.errors import InputError

IDLE_SECONDS = 30 * 60
"""A sign-in ends after this time without a request."""

LONGEST_SECONDS = 12 * 60 * 60
"""A sign-in ends after this time in any case."""

WINDOW_SECONDS = 15 * 60
FAILURES_BY_NAME, FAILURES_BY_ADDRESS = 10, 30
"""Failures within the window after which an account, or an address, has to wait."""

_SEEN_EVERY_SECONDS = 60
_KEPT_SECONDS = 24 * 60 * 60


class WrongSignIn(InputError):
    """Name and password do not fit; which of the two is not said."""


class TooManySignIns(InputError):
    """Too many failures for this account or address.

    Attributes
    ----------
    seconds : int
        When to try again.
    """

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        minutes = -(-seconds // 60)
        super().__init__(*words("records.refusals.too_many_sign_ins", minutes=minutes))

    def __reduce__(self) -> tuple[type[TooManySignIns], tuple[Any, ...]]:
        return type(self), (self.seconds,)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody who is signed in.

    Attributes
    ----------
    user : User
        The account, with its roles as they are now.
    started_at : str
    ends_at : str
        When it ends unless something is asked before, or in any case.
    seconds_left : int
        Until then.
    """

    user: User
    started_at: str
    ends_at: str
    seconds_left: int


class SignIns:
    """Who is signed in."""

    def __init__(self, database: Database, users: Users) -> None:
        self._database = database
        self._users = users

    def start(self, name: str, password: str, *, address: str) -> str:
        """Sign in.

        Parameters
        ----------
        name, password : str
        address : str
            Where the request came from, for the limit.

        Returns
        -------
        str
            The token for the browser's cookie; stored is its hash.

        Raises
        ------
        TooManySignIns
            After `FAILURES_BY_NAME` failures of the account or `FAILURES_BY_ADDRESS` of the address
            within `WINDOW_SECONDS`.
        WrongSignIn
            If name and password do not fit.
        """
        name = str(name).strip().lower()
        address = clean_text(address, "address", most=100)
        # Counted as failed before it is checked, so that many at once cannot slip under the limit.
        attempt, hashed = self._attempt(_digest(name), address), self._hash_of(name)
        fits = self._users.matches(hashed, password)
        with self._database.writing() as connection:
            now = self._database.now()
            if not fits:
                # What stands in the field of the name may be a password typed one field too early.
                who = {"account": name} if hashed else {"account": None}
                note(connection, now, PROGRAM, "sign-in refused", None, **who)
            else:
                connection.execute(delete(FAILED_SIGN_INS).where(FAILED_SIGN_INS.c.id == attempt))
                token = new_token()
                row = {"user_name": name, "address": address, "started_at": now, "seen_at": now}
                connection.execute(SIGN_INS.insert().values(token_hash=_digest(token), **row))
                role = connection.execute(select(USERS.c.roles).where(USERS.c.name == name))
                note(connection, now, Actor(name, ", ".join(role.scalar_one())), "signed in")
        if not fits:
            raise WrongSignIn(*words("records.refusals.wrong_sign_in"))
        return token

    def find(self, token: str, *, touch: bool = True) -> SignIn | None:
        """Who is signed in with a token; None where nobody is, or no longer.

        Parameters
        ----------
        token : str
        touch : bool
            Whether this request keeps the sign-in alive; a poll of the page's own does not.
        """
        digest = _digest(str(token))
        with self._database.reading() as connection:
            found = self._alive(connection, digest)
        if found is None:
            return None
        sign_in, seen_at = found
        if touch and seen_at < self._database.now(-_SEEN_EVERY_SECONDS):
            with self._database.writing() as connection:
                mine = (SIGN_INS.c.token_hash == digest, SIGN_INS.c.ended_at.is_(None))
                now = self._database.now()
                connection.execute(update(SIGN_INS).where(*mine).values(seen_at=now))
                renewed = self._alive(connection, digest)
            return renewed[0] if renewed else None
        return sign_in

    def end(self, token: str) -> None:
        """Sign out; a token that is none is passed over."""
        digest = _digest(str(token))
        with self._database.writing() as connection:
            mine = (SIGN_INS.c.token_hash == digest, SIGN_INS.c.ended_at.is_(None))
            name = connection.execute(select(SIGN_INS.c.user_name).where(*mine)).scalar()
            if name is not None:
                now = self._database.now()
                connection.execute(update(SIGN_INS).where(*mine).values(ended_at=now))
                note(connection, now, PROGRAM, "signed out", account=name)

    def end_all(self, name: str, *, by: Actor) -> None:
        """End every sign-in of an account."""
        with self._database.writing() as connection:
            now = self._database.now()
            end_sign_ins(connection, name, now)
            note(connection, now, by, "sign-ins ended", account=name)

    def list(self) -> tuple[dict[str, Any], ...]:
        """Sign-ins not ended, newest first: user_name, address, started_at, seen_at."""
        columns = SIGN_INS.c
        shown = (columns.user_name, columns.address, columns.started_at, columns.seen_at)
        rows = (
            select(*shown)
            .where(
                columns.ended_at.is_(None),
                columns.seen_at > self._database.now(-IDLE_SECONDS),
                columns.started_at > self._database.now(-LONGEST_SECONDS),
            )
            .order_by(columns.started_at.desc())
        )
        with self._database.reading() as connection:
            return tuple(dict(row) for row in connection.execute(rows).mappings())

    def forget_old(self) -> None:
        """Remove sign-ins and failures of more than a day ago, as each attempt does."""
        with self._database.writing() as connection:
            self._forget_old(connection)

    def _forget_old(self, connection: Connection) -> None:
        old = self._database.now(-_KEPT_SECONDS)
        connection.execute(delete(FAILED_SIGN_INS).where(FAILED_SIGN_INS.c.at < old))
        connection.execute(delete(SIGN_INS).where(SIGN_INS.c.started_at < old))

    def _attempt(self, name: str, address: str) -> str:
        since = self._database.now(-WINDOW_SECONDS)
        columns = FAILED_SIGN_INS.c
        with self._database.writing() as connection:
            self._forget_old(connection)
            for column, value, most in (
                (columns.user_name, name, FAILURES_BY_NAME),
                (columns.address, address, FAILURES_BY_ADDRESS),
            ):
                row = connection.execute(
                    select(func.count(), func.min(columns.at)).where(
                        column == value, columns.at >= since
                    )
                ).one()
                if row[0] >= most:
                    raise TooManySignIns(self._seconds_until(row[1], WINDOW_SECONDS))
            values = {"id": new_token(), "user_name": name, "address": address}
            connection.execute(FAILED_SIGN_INS.insert().values(at=self._database.now(), **values))
            return values["id"]

    def _hash_of(self, name: str) -> str | None:
        if not could_be_a_name(name):
            return None
        with self._database.reading() as connection:
            return connection.execute(
                select(USERS.c.password_hash).where(
                    USERS.c.name == name, USERS.c.removed_at.is_(None)
                )
            ).scalar()

    def _alive(self, connection: Connection, digest: str) -> tuple[SignIn, str] | None:
        row = connection.execute(
            select(SIGN_INS.c.started_at, SIGN_INS.c.seen_at, USERS)
            .join(USERS, USERS.c.name == SIGN_INS.c.user_name)
            .where(
                SIGN_INS.c.token_hash == digest,
                SIGN_INS.c.ended_at.is_(None),
                USERS.c.removed_at.is_(None),
            )
        ).first()
        if row is None:
            return None
        left = min(
            self._seconds_until(row.seen_at, IDLE_SECONDS),
            self._seconds_until(row.started_at, LONGEST_SECONDS),
        )
        if left <= 0:
            return None
        user = User(row.name, tuple(row.roles), row.created_at, row.removed_at)
        return SignIn(user, row.started_at, self._database.now(left), left), row.seen_at

    def _seconds_until(self, start: str, seconds: int) -> int:
        end = datetime.fromisoformat(start) + timedelta(seconds=seconds)
        return int((end - self._database.clock()).total_seconds())


def _digest(token: str) -> str:
    # A token is random, so one round of a hash is as good as many.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
