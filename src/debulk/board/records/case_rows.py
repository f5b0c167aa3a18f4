"""A stored version of a case, what a list shows of it, and two people who changed one at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from debulk.board.records.identifiers import case_id_of
from debulk.board.records.refusals import missing, refusal, whole_number, words
from debulk.board.records.tables import CASE_VERSIONS, CASES
from debulk.core.errors import InputError

STATUSES = ("preparing", "decided", "withdrawn")
"""States of a case; ``decided`` follows from signing and ``withdrawn`` from withdrawing."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows of a case, derived from its content when that is saved.

    Attributes
    ----------
    extent_k2, extent_k4 : str or None
        Out of `debulk.patients.EXTENTS`, by both k: the list shows the one that the department
        chose. None is unknown.
    organs, lesions : int or None
        Organs involved and lesions now.
    """

    extent_k2: str | None = None
    extent_k4: str | None = None
    organs: int | None = None
    lesions: int | None = None

    @classmethod
    def of(cls, now: Mapping[str, Any]) -> Listed:
        """Of the part ``now`` of what the board computes for a case, or of its features now."""
        names = ("extent_k2", "extent_k4", "organs_involved", "lesions")
        return cls(*(now.get(name) for name in names))


@dataclass(frozen=True, slots=True)
class CaseVersion:
    """One version of a case.

    Attributes
    ----------
    case_id : str
    version : int
        From 1.
    content : dict
        As `BoardCase.to_dict` gives it, under the case's random identifier.
    author, role, at, reason : str
        Who saved it, in which role, when (UTC), and why.
    status : str
        The case's own, out of `STATUSES`, as it is now.
    latest : int
        The case's newest version.
    """

    case_id: str
    version: int
    content: dict[str, Any]
    author: str
    role: str
    at: str
    reason: str
    status: str
    latest: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


class Conflict(InputError):
    """Somebody else saved meanwhile; nothing was written.

    Attributes
    ----------
    stored : CaseVersion or SignedDecision
        The newest that is stored.
    yours : dict
        The content that was to be saved.
    base : dict or None
        The content both started from, where that is stored.
    """

    def __init__(
        self, stored: Any, yours: Mapping[str, Any], base: Mapping[str, Any] | None = None
    ) -> None:
        self.stored = stored
        self.yours = dict(yours)
        self.base = None if base is None else dict(base)
        super().__init__(
            *words("records.refusals.conflict", case_id=stored.case_id, version=stored.version)
        )

    def __reduce__(self) -> tuple[type[Conflict], tuple[Any, ...]]:
        return type(self), (self.stored, self.yours, self.base)


def case_row(connection: Connection, case_id: str, *, open_only: bool = False) -> RowMapping:
    """The row of a case.

    Raises
    ------
    NoSuchRecord
        If there is none.
    InputError
        If it was withdrawn and must not be.
    """
    case_id = case_id_of(case_id)
    row = connection.execute(select(CASES).where(CASES.c.id == case_id)).mappings().first()
    if row is None:
        raise missing("records.refusals.no_case", case_id=case_id)
    if open_only and row["status"] == "withdrawn":
        raise refusal("records.refusals.withdrawn", case_id=case_id)
    return row


def version_of(connection: Connection, case_id: str, version: int | None = None) -> CaseVersion:
    """A version of a case, by default the newest.

    Raises
    ------
    NoSuchRecord
        If there is none.
    """
    row = case_row(connection, case_id)
    wanted = row["version"] if version is None else whole_number(version, "version")
    found = (
        connection.execute(
            select(CASE_VERSIONS).where(
                CASE_VERSIONS.c.case_id == row["id"], CASE_VERSIONS.c.version == wanted
            )
        )
        .mappings()
        .first()
    )
    if found is None:
        raise missing("records.refusals.no_version", case_id=row["id"], version=wanted)
    return CaseVersion(**found, status=row["status"], latest=row["version"])
