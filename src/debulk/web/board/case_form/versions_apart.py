"""Two people changed one case: what differs, and the case that was chosen of both."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from debulk.core.strings import text
from debulk.web.board.case_form.fields import ROWS, SINGLE, by_name
from debulk.web.board.case_form.typed import Row, Typed, typed_of_content
from debulk.web.board.case_form.view import label_of_path, words_of

Side = Literal["yours", "theirs"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that the two versions say differently.

    Attributes
    ----------
    path : str
        ``table.column``, ``table.key.column``, ``table.key`` for a row that one side lacks, or
        ``answers.protocol/criterion``.
    label, before, yours, theirs : str
        In words; empty is nothing.
    chosen : {"yours", "theirs"} or None
        The side that alone changed it; None where both did.
    """

    path: str
    label: str
    before: str
    yours: str
    theirs: str
    chosen: Side | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def differences(
    yours: Mapping[str, Any], theirs: Mapping[str, Any], before: Mapping[str, Any]
) -> list[Difference]:
    """What two contents of a case say differently, in the order of the form.

    Parameters
    ----------
    yours, theirs, before : mapping
        Contents as they are stored; `before` is what both began with.
    """
    mine, other, base = (_flat(typed_of_content(each)) for each in (yours, theirs, before))
    found = []
    for path in dict.fromkeys([*mine, *other]):
        a, b, c = (each.get(path, "") for each in (mine, other, base))
        if a == b or _inside_a_missing_row(path, mine, other):
            continue
        chosen: Side | None = "theirs" if a == c else "yours" if b == c else None
        said = [_words(path, each) for each in (c, a, b)]
        found.append(Difference(path, _label(path), said[0], said[1], said[2], chosen))
    return found


def chosen_of(yours: Typed, theirs: Typed, choice: Mapping[str, str]) -> Typed:
    """Theirs, with what was chosen of yours put into it."""
    merged = deepcopy(theirs)
    for path, side in choice.items():
        if side == "yours":
            _take(path, yours, merged)
    merged.kept = yours.kept | theirs.kept
    return merged


def _flat(typed: Typed) -> dict[str, str]:
    """Every entry by its path, a row itself as one that is there."""
    flat = {f"{t}.{name}": value for t in SINGLE for name, value in typed.single[t].items()}
    for table in ROWS:
        for key, row in typed.rows[table].items():
            flat[f"{table}.{key}"] = _in_short(table, row)
            flat |= {f"{table}.{key}.{n}": v for n, v in row.items() if n in by_name(table)}
    return flat | {f"answers.{key}": value for key, value in typed.answers.items()}


def _in_short(table: str, row: Row) -> str:
    return ", ".join(value for name, value in row.items() if value and name in by_name(table))


def _is_row(path: str) -> bool:
    return path.count(".") == 1 and path.partition(".")[0] in ROWS


def _inside_a_missing_row(path: str, mine: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Rows on both sides differ cell by cell; a row that one side lacks differs as a whole."""
    if path.partition(".")[0] not in ROWS:
        return False
    row = ".".join(path.split(".")[:2])
    both = row in mine and row in other
    return both if _is_row(path) else not both


def _label(path: str) -> str:
    if path.startswith("answers."):
        return path.removeprefix("answers.")
    return label_of_path(path)


def _words(path: str, value: str) -> str:
    table, _, column = path.partition(".")
    field = by_name(table).get(column.rpartition(".")[2]) if table != "answers" else None
    if value and field is not None and field.kind in ("truth", "words") and not _is_row(path):
        return words_of(value)
    return value or text("case_form.conflict.nothing")


def _take(path: str, source: Typed, target: Typed) -> None:
    table, _, rest = path.partition(".")
    if table == "answers":
        target.answers[rest] = source.answers.get(rest, "")
    elif table in SINGLE:
        if rest in by_name(table):
            target.single[table][rest] = source.single[table].get(rest, "")
    elif table in ROWS:
        key, _, column = rest.partition(".")
        if not column:
            target.rows[table].pop(key, None)
            if key in source.rows[table]:
                target.rows[table][key] = dict(source.rows[table][key])
        elif key in target.rows[table] and column in by_name(table):
            target.rows[table][key][column] = source.rows[table].get(key, {}).get(column, "")
