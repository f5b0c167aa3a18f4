"""Lesions typed one a line, such as ``liver right S6 28`` or ``lung RLL 11 x3``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from debulk.board.case import MOST_ROWS
from debulk.board.imports.refusals import refusal
from debulk.core.anatomy import ORGANS
from debulk.core.anatomy_sites import NoSite, lesion_names, site_of
from debulk.core.errors import InputError, nearest
from debulk.core.strings import text as string

MOST_LINES = 500
LONGEST_LINE = 200
MOST_A_LINE = 100
LARGEST_MM = 400.0
SMALLEST_WHOLE_MM = 10.0
"""A size below this with a decimal is taken to be centimetres until it says mm."""

_ORGANS = {
    **{organ: organ for organ in ORGANS if organ not in ("lymph_node", "other")},
    **dict.fromkeys(("node", "nodes", "ln", "lymph_node"), "lymph_node"),
    **dict.fromkeys(("lungs", "pulmonary"), "lung"),
    **dict.fromkeys(("hepatic", "livers"), "liver"),
    **dict.fromkeys(("peritoneal", "omentum"), "peritoneum"),
    **dict.fromkeys(("bones", "osseous"), "bone"),
    "adrenals": "adrenal",
    "ovaries": "ovary",
    "pleural": "pleura",
    "cerebral": "brain",
    "ovarian": "ovary",
    "other": "other",
}

_COUNT = re.compile(r"[x\u00d7](\d{1,6})|(\d{1,6})[x\u00d7]", re.I)
_SIZE = re.compile(r"(\d{1,6}(?:[.,]\d{1,4})?)(mm|cm)?", re.I)
_BEFORE = re.compile(r"\((\d{1,6}(?:[.,]\d{1,4})?)(mm|cm)?\)", re.I)
_MONTH = re.compile(r"m(\d{1,6}(?:[.,]\d{1,4})?)", re.I)
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3}){2,}|\d{1,3}[' ]\d{3}")


@dataclass(frozen=True, slots=True)
class QuickProblem:
    """A line that was not understood.

    Attributes
    ----------
    line : int
        Counted from 1.
    typed : str
        The line as typed, so that it can stay in the box.
    reason : str
    nearest : str
        The nearest word that would be understood, as a question; empty where none is near.
    """

    line: int
    typed: str
    reason: str
    nearest: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "line": self.line,
            "typed": self.typed,
            "reason": self.reason,
            "nearest": self.nearest,
        }


@dataclass(frozen=True, slots=True)
class QuickLines:
    """What lines of lesions say.

    Attributes
    ----------
    lesions : tuple of dict
        Rows of the table lesions without ``patient_id``, in the order typed.
    not_understood : tuple of QuickProblem
        Lines left out, each with its reason.
    """

    lesions: tuple[dict[str, Any], ...]
    not_understood: tuple[QuickProblem, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "lesions": [dict(each) for each in self.lesions],
            "not_understood": [each.to_dict() for each in self.not_understood],
        }


@dataclass(slots=True)
class _Line:
    """What has been read of a line so far."""

    organ: str = ""
    words: list[str] = field(default_factory=list)
    site: str | None = None
    diameter_mm: float | None = None
    baseline_mm: float | None = None
    count: int | None = None
    month: float | None = None
    near_vessel: bool | None = None
    disappeared: bool = False


class _NotUnderstood(Exception):
    """A line that cannot be read: the reason, and the nearest word."""

    def __init__(self, reason: str, near: str = "") -> None:
        self.reason, self.near = reason, near
        super().__init__(reason)


def quick_entry(text: str, *, taken: Iterable[str] = ()) -> QuickLines:
    r"""Read lesions typed one a line.

    Parameters
    ----------
    text : str
        Each line an organ, then in any order: a site (liver: lobe and segment S1 to S8; lung: RUL,
        RML, RLL, LUL, LLL or words; nodes: a station), the longest diameter in mm (``28``,
        ``28.5``, ``2,8cm``), the earlier one in brackets (``28 (41)``), ``x3`` for three alike,
        ``m14`` for the month it was detected, ``vessel`` or ``no vessel``, ``gone``. Empty lines
        are skipped; what follows ``#`` is ignored.
    taken : iterable of str
        Identifiers of lesions that the case already has.

    Returns
    -------
    QuickLines

    Raises
    ------
    InputError
        If it is no text, has more than `MOST_LINES` lines, or more lesions than a case holds.

    Examples
    --------
    >>> read = quick_entry("liver right S6 28\nlung RLL 11 x2\nlivr 10")
    >>> [each["lesion_id"] for each in read.lesions]
    ['L1', 'U1', 'U2']
    >>> read.not_understood[0].nearest
    "Did you mean 'liver'?"
    """
    if not isinstance(text, str):
        raise InputError("quick entry", f"{text!r:.60} is no text", "Give one lesion a line")
    lines = text.splitlines()
    if len(lines) > MOST_LINES:
        raise refusal(string("imports.places.quick"), "many_lines", most=MOST_LINES)
    used = set(taken)
    names = {organ: lesion_names(organ, used) for organ in ORGANS}
    rows: list[dict[str, Any]] = []
    problems: list[QuickProblem] = []
    for place, typed in enumerate(lines, start=1):
        bare = typed.partition("#")[0].strip()
        if not bare:
            continue
        try:
            read = _read(bare)
        except _NotUnderstood as problem:
            problems.append(QuickProblem(place, typed, problem.reason, problem.near))
        else:
            rows += _rows(read, names[read.organ])
        if len(rows) > MOST_ROWS:
            raise refusal(string("imports.places.quick"), "many_lesions", most=MOST_ROWS)
    return QuickLines(tuple(rows), tuple(problems))


def names_an_organ(line: str) -> bool:
    """Whether a line begins as a lesion does: with an organ."""
    words = _words(line)
    return bool(words) and words[0].casefold().replace("-", "_") in _ORGANS


def _read(line: str) -> _Line:
    if len(line) > LONGEST_LINE:
        raise _NotUnderstood(string("imports.quick.too_long", most=LONGEST_LINE))
    if thousands := _THOUSANDS.search(line):
        raise _NotUnderstood(string("imports.quick.thousands", found=thousands[0]))
    read = _Line()
    words = iter(_words(line))
    read.organ = _organ(next(words))
    for word in words:
        _take(word, read)
    _read_site(read)
    return read


def _words(line: str) -> list[str]:
    """The words of a line: units joined to their number, terms of two words to one."""
    joined = re.sub(r"(?i)(\d)\s+(mm|cm)\b", r"\1\2", line)
    joined = re.sub(r"(?i)\blymph[ -]nodes?\b", "node", joined)
    joined = re.sub(r"(?i)\b(?:no|not near|not at a)\s+vessel\b", "no-vessel", joined)
    joined = re.sub(r"(?i)\bnear\s+vessel\b", "vessel", joined)
    return [word.strip(",;:") for word in joined.split() if word.strip(",;:")]


def _organ(word: str) -> str:
    organ = _ORGANS.get(word.casefold().replace("-", "_"))
    if organ is None:
        reason = string("imports.quick.no_organ", found=word)
        raise _NotUnderstood(reason, _near(word, _ORGANS))
    return organ


def _near(word: str, known: Iterable[str]) -> str:
    offered = nearest(word.casefold(), known, most=1)
    return offered if offered.startswith("Did") else ""


def _take(word: str, read: _Line) -> None:
    plain = word.casefold()
    if plain in ("vessel", "vessels", "no-vessel"):
        read.near_vessel = plain != "no-vessel"
    elif plain in ("gone", "disappeared", "vanished"):
        read.disappeared = True
    elif found := _COUNT.fullmatch(word):
        _take_count(found[1] or found[2], read)
    elif found := _BEFORE.fullmatch(word):
        read.baseline_mm = _size(found)
    elif found := _SIZE.fullmatch(word):
        if read.diameter_mm is not None:
            first = f"{read.diameter_mm:g}"
            raise _NotUnderstood(string("imports.quick.two_sizes", first=first, second=word))
        read.diameter_mm = _size(found)
    elif found := _MONTH.fullmatch(word):
        read.month = _number(found[1])
        if read.month > 600.0:
            raise _NotUnderstood(string("imports.quick.month", found=found[1]))
    else:
        if not re.fullmatch(r"[^\W\d_][\w'/-]{0,30}", word):
            raise _NotUnderstood(string("imports.quick.not_understood", found=word))
        read.words.append(word)


def _take_count(digits: str, read: _Line) -> None:
    if read.count is not None:
        raise _NotUnderstood(string("imports.quick.two_counts"))
    if not 1 <= int(digits) <= MOST_A_LINE:
        raise _NotUnderstood(string("imports.quick.too_many", found=digits))
    read.count = int(digits)


def _number(digits: str) -> float:
    return float(digits.replace(",", "."))


def _size(found: re.Match[str]) -> float:
    value, unit = _number(found[1]), (found[2] or "").casefold()
    millimetres = round(value * 10.0, 3) if unit == "cm" else value
    if millimetres == 0.0:
        raise _NotUnderstood(string("imports.quick.zero"))
    if not unit and not value.is_integer() and value < SMALLEST_WHOLE_MM:
        asked = f"{value * 10.0:g}"
        reason = string("imports.quick.centimetres", found=found[1], millimetres=asked)
        raise _NotUnderstood(reason)
    if not 1.0 <= millimetres <= LARGEST_MM:
        raise _NotUnderstood(string("imports.quick.too_large", found=f"{millimetres:g}"))
    return millimetres


def _read_site(read: _Line) -> None:
    try:
        read.site = site_of(read.organ, " ".join(read.words)) if read.words else None
    except NoSite as error:
        near = error.near or _near(error.found, ("vessel", "gone"))
        raise _NotUnderstood(error.reason, near) from None


def _rows(read: _Line, names: Iterator[str]) -> Iterator[dict[str, Any]]:
    for _ in range(read.count or 1):
        yield {
            "lesion_id": next(names),
            "organ": read.organ,
            "site": read.site,
            "diameter_mm": None if read.disappeared else read.diameter_mm,
            "baseline_diameter_mm": read.baseline_mm
            or (read.diameter_mm if read.disappeared else None),
            "detected_months": read.month or 0.0,
            "near_vessel": read.near_vessel,
            "disappeared": read.disappeared,
        }
