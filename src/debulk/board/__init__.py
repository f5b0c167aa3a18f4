"""One patient at the tumour board: what can be treated, which trial fits, what may follow."""

from typing import TYPE_CHECKING

from debulk.core.lazy import lazy_names

if TYPE_CHECKING:
    from debulk.board.case import BoardCase as BoardCase
    from debulk.board.case import case_of_entry as case_of_entry
    from debulk.board.case import case_of_rows as case_of_rows
    from debulk.board.case import read_case as read_case

__all__ = [
    "BoardCase",
    "case_of_entry",
    "case_of_rows",
    "read_case",
]

_lazy, __dir__ = lazy_names(
    __name__,
    {
        "BoardCase": "debulk.board.case",
        "case_of_entry": "debulk.board.case",
        "case_of_rows": "debulk.board.case",
        "read_case": "debulk.board.case",
    },
)


def __getattr__(name: str) -> object:
    return _lazy(name)
