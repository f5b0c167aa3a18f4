"""What the board stores: cases, votes, decisions, people, jobs, and the log of who did what."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.board.records.actors import BOARD_ROLES as BOARD_ROLES
    from debulk.board.records.actors import LOCAL_MEMBER as LOCAL_MEMBER
    from debulk.board.records.actors import PROGRAM as PROGRAM
    from debulk.board.records.actors import Actor as Actor
    from debulk.board.records.case_rows import Conflict as Conflict
    from debulk.board.records.case_rows import Listed as Listed
    from debulk.board.records.identifiers import case_id_of as case_id_of
    from debulk.board.records.refusals import NoSuchRecord as NoSuchRecord
    from debulk.board.records.sign_ins import TooManySignIns as TooManySignIns
    from debulk.board.records.sign_ins import WrongSignIn as WrongSignIn
    from debulk.board.records.store import Records as Records
    from debulk.board.records.store import open_records as open_records

__all__ = [
    "BOARD_ROLES",
    "LOCAL_MEMBER",
    "PROGRAM",
    "Actor",
    "Conflict",
    "Listed",
    "NoSuchRecord",
    "Records",
    "TooManySignIns",
    "WrongSignIn",
    "case_id_of",
    "open_records",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "BOARD_ROLES": "debulk.board.records.actors",
        "LOCAL_MEMBER": "debulk.board.records.actors",
        "PROGRAM": "debulk.board.records.actors",
        "Actor": "debulk.board.records.actors",
        "Conflict": "debulk.board.records.case_rows",
        "Listed": "debulk.board.records.case_rows",
        "NoSuchRecord": "debulk.board.records.refusals",
        "Records": "debulk.board.records.store",
        "TooManySignIns": "debulk.board.records.sign_ins",
        "WrongSignIn": "debulk.board.records.sign_ins",
        "case_id_of": "debulk.board.records.identifiers",
        "open_records": "debulk.board.records.store",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
