"""The store, opened: one object with a part for each thing a board keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

from debulk.board.records import backup, restore
from debulk.board.records.actors import PROGRAM, Actor
from debulk.board.records.audit import AuditLog
from debulk.board.records.cases import Cases
from debulk.board.records.database import Database
from debulk.board.records.decisions import Decisions
from debulk.board.records.jobs import Jobs
from debulk.board.records.location import database_url
from debulk.board.records.registry_trials import RegistryTrials
from debulk.board.records.reviews import Reviews
from debulk.board.records.schema import bring_up_to_date
from debulk.board.records.settings import Settings
from debulk.board.records.sign_ins import SignIns
from debulk.board.records.users import Users
from debulk.board.records.votes import Votes


class Records:
    """What a board keeps; made by `open_records`, and closed by its user.

    Attributes
    ----------
    place : str
        Path of the file, or URL without its password.
    cases : Cases
    votes : Votes
    decisions : Decisions
    reviews : Reviews
    settings : Settings
    trials : RegistryTrials
    users : Users
    sign_ins : SignIns
    jobs : Jobs
    audit : AuditLog
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.place = database.shown
        self.cases = Cases(database)
        self.votes = Votes(database)
        self.decisions = Decisions(database)
        self.reviews = Reviews(database)
        self.settings = Settings(database)
        self.trials = RegistryTrials(database)
        self.users = Users(database)
        self.sign_ins = SignIns(database, self.users)
        self.jobs = Jobs(database)
        self.audit = AuditLog(database)

    def backup(self, path: str | Path, *, by: Actor = PROGRAM) -> backup.Backup:
        """Write a backup of one moment while others go on working; see `write_backup`."""
        return backup.write_backup(self._database, path, by=by)

    def restore(
        self, path: str | Path, *, force: bool = False, by: Actor = PROGRAM
    ) -> restore.Restored:
        """Take everything over from a backup, all or nothing; see `restore_backup`."""
        return restore.restore_backup(self._database, path, force=force, by=by)

    def close(self) -> None:
        """Give back every connection."""
        self._database.close()

    def __enter__(self) -> Records:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_records(
    url: str | Path | None = None,
    *,
    migrate: bool = True,
    clock: Callable[[], datetime] | None = None,
) -> Records:
    """Open the store; an empty database gets its tables, an older one is brought up to date.

    Parameters
    ----------
    url : str or Path, optional
        Path of a SQLite file or a URL. Without one, the environment's `DEBULK_DATABASE`; without
        that, ``board.sqlite`` in the platform's folder for data.
    migrate : bool
        Whether tables may be made or moved.
    clock : callable, optional
        The time now, with its zone.

    Raises
    ------
    InputError
        If the place is none, cannot be opened, holds another program's tables or those of a newer
        debulk, or is older and may not be moved.
    """
    database = Database(database_url(url), clock)
    try:
        bring_up_to_date(database, migrate=migrate)
    except BaseException:
        database.close()
        raise
    return Records(database)
