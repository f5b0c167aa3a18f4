"""Words in a free text that could tell who the patient is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from debulk.core.errors import InputError
from debulk.core.strings import text as string

Kind = Literal["date", "name", "number", "address", "email", "phone"]

LONGEST = 10_000
"""Characters of a text that is looked through."""

_MONTH = (
    r"(?:jan(?:uary|uari)?|feb(?:ruary|ruari)?|mar(?:ch)?|maart|apr(?:il)?|may|mei|june?|juni|july?|"
    r"juli|aug(?:ust|ustus)?|sep(?:t|tember)?|o[ck]t(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WORD = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]{1,30}"
_PARTICLE = r"(?:(?:van|von|de|der|den|ter|ten|het|la|le|di|da|el|al)\s){0,3}"
_STREET = (
    r"(?:street|road|avenue|lane|drive|square|close|straat|laan|weg|plein|gracht|kade|dreef|"
    r"stra(?:ss|ß)e|gasse|platz)"
)

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")),
    ("date", re.compile(r"\b(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])(?:[-/.]\d{1,2})?\b")),
    ("date", re.compile(r"\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b")),
    # "28 may" alone is a size and a verb.
    ("date", re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}\b\s\d{{2,4}}\b", re.I)),
    ("date", re.compile(rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s(?!may\b){_MONTH}\b", re.I)),
    ("date", re.compile(rf"\b{_MONTH}\s(?:\d{{1,2}},?\s)?(?:19|20)\d{{2}}\b", re.I)),
    ("date", re.compile(r"\b(?:born|since|in|of|on)\s(?:19|20)\d{2}\b", re.I)),
    ("phone", re.compile(r"(?<![\w.])\+\d{1,3}(?:[ ().-]{0,2}\d){7,12}\b")),
    ("phone", re.compile(r"(?<![\w.])0\d(?:[ .-]?\d){7,10}\b")),
    ("address", re.compile(rf"\b\w{{0,30}}{_STREET}\s\d{{1,5}}\w?\b", re.I)),
    ("address", re.compile(rf"\b\d{{1,5}}\s(?:{_WORD}\s){{1,3}}{_STREET}\b", re.I)),
    ("address", re.compile(r"\b[1-9]\d{3}\s?(?!MG|ML|MM|CM|GY|IU|NG|KG)[A-Z]{2}\b")),
    ("address", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b")),
    (
        "number",
        re.compile(
            r"\b(?:MRN|NHS|BSN|SSN|PID|patient(?:\s(?:no|nr|number|id))|record|file|dossier|"
            r"(?:hospital|trial|study)\s(?:no|nr|number|id))[\s.:#]{0,3}[A-Z]{0,3}\d{2,}\b",
            re.I,
        ),
    ),
    ("number", re.compile(r"(?<![\w.])(?!NCT|ISRCTN)[A-Z]{0,3}\d{6,}\b")),
    ("number", re.compile(r"(?<![\w.])\d{3}[- ]\d{2}[- ]\d{4}\b|(?<![\w.])\d{3} \d{3} \d{4}\b")),
    (
        "name",
        re.compile(
            rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Mevr|Mevrouw|Mw|Dhr|Heer|Herr|Frau|Mme)\.?\s"
            rf"(?:[A-Z]\.\s?){{0,3}}{_PARTICLE}{_WORD}"
        ),
    ),
    ("name", re.compile(rf"\b(?:[A-Z]\.\s?){{1,4}}{_PARTICLE}{_WORD}(?:-{_WORD})?")),
    ("name", re.compile(rf"\b{_WORD}\s{_PARTICLE}{_WORD}(?:-{_WORD})?")),
)


@dataclass(frozen=True, slots=True)
class IdentifyingFinding:
    """A place in a text that could tell who the patient is.

    Attributes
    ----------
    kind : {"date", "name", "number", "address", "email", "phone"}
    found : str
        The words.
    start, end : int
        Where they stand in the text.
    """

    kind: Kind
    found: str
    start: int
    end: int

    @property
    def text(self) -> str:
        """The warning that stands beside the field."""
        kind = string(f"imports.identifying.{self.kind}")
        return string("imports.identifying.warning", kind=kind, found=self.found)

    def to_dict(self) -> dict[str, object]:
        """Plain values, ready for JSON."""
        return {
            "kind": self.kind,
            "found": self.found,
            "start": self.start,
            "end": self.end,
            "text": self.text,
        }


def identifying_text(text: str) -> list[IdentifyingFinding]:
    """Words of a free text that look like a date, name, number, address, e-mail or telephone.

    A warning, not a proof: it knows forms, not people, and whoever typed the text may confirm that
    it tells nobody.

    Parameters
    ----------
    text : str
        At most `LONGEST` characters.

    Returns
    -------
    list of IdentifyingFinding
        In the order of the text, none inside another.

    Raises
    ------
    InputError
        If it is no text, or too long.
    """
    if not isinstance(text, str):
        raise InputError("text", f"{text!r:.60} is no text", "Give a text")
    if len(text) > LONGEST:
        found = f"{len(text):,} characters"
        raise InputError("text", found, f"Give at most {LONGEST:,} characters")
    kept: list[IdentifyingFinding] = []
    for kind, pattern in _PATTERNS:
        for each in pattern.finditer(text):
            if kind == "name" and _of_the_field(each[0]):
                continue
            if all(each.end() <= other.start or each.start() >= other.end for other in kept):
                kept.append(IdentifyingFinding(kind, each[0], each.start(), each.end()))
    return sorted(kept, key=lambda each: each.start)


def _of_the_field(words: str) -> bool:
    """Whether capitalised words are a term of the field or the start of a sentence."""
    return any(word.strip(".").casefold() in _terms() for word in re.split(r"[\s-]+", words))


@cache
def _terms() -> frozenset[str]:
    """Words that begin a sentence or a term of the field, and are no part of a name."""
    return frozenset(string("imports.no_names").split())
