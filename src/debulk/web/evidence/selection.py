"""Which studies a page of evidence is about: its query string, and the command that says it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query

from debulk.core.strings import text
from debulk.evidence.answers.selecting import Filters
from debulk.evidence.pooling.bias_rules import RANDOMISED
from debulk.evidence.schema import CODES, COMPARISONS, OUTCOMES
from debulk.evidence.tables import studies

SERIES = ("cohort within a trial", "matched cohort", "cohort", "registry")
"""Designs whose arms, if there are any, were not formed by chance."""

WORDS = ("domain", "organ", "modality", "line")
"""Filters by the codes of a study; design and comparison are apart."""

YEARS = ("year_from", "year_to")
FIRST_YEAR, LAST_YEAR = 1950, 2100


@dataclass(frozen=True, slots=True)
class Selection:
    """The filters of the query string; an empty word asks nothing.

    Attributes
    ----------
    outcome, design, domain, organ, modality, line, comparison : str
        Words of the tables of evidence.
    year_from, year_to : str
        Years of the report, as typed.
    """

    outcome: str = "overall survival"
    design: str = ""
    domain: str = "mcrc"
    organ: str = ""
    modality: str = ""
    line: str = ""
    comparison: str = ""
    year_from: str = ""
    year_to: str = ""

    def problems(self) -> dict[str, str]:
        """What is wrong with the years, by field."""
        return {
            name: text("evidence.wrong_year", low=FIRST_YEAR, high=LAST_YEAR, found=typed)
            for name in YEARS
            if (typed := getattr(self, name).strip()) and _year(typed) is None
        }

    def designs(self, group: tuple[str, ...]) -> tuple[str, ...]:
        """Designs of a group that the selection asks for; all of them where it asks for none."""
        return tuple(each for each in group if self.design in ("", each))

    def codes(self) -> dict[str, list[str]]:
        """The filters by code, as `debulk.evidence.findings` takes them; without the design."""
        asked = {name: getattr(self, name) for name in WORDS}
        return {name: [word] for name, word in asked.items() if word}

    def in_years(self, year: int | None) -> bool:
        """Whether a report of that year is asked for; one without a year only where none is."""
        low, high = (_year(getattr(self, name)) for name in YEARS)
        if low is None and high is None:
            return True
        return year is not None and (low or year) <= year <= (high or year)

    def outside_years(self) -> frozenset[str]:
        """Studies outside the years asked for."""
        listed = studies()
        pairs = zip(listed["study"], listed["year"], strict=True)
        return frozenset(study for study, year in pairs if not self.in_years(year))

    def to_dict(self) -> dict[str, str]:
        """The filters by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def query(self, **changes: Any) -> str:
        """The query string of the selection, with some of it changed."""
        return urlencode(self.to_dict() | changes)

    def but(self, **changes: str) -> Selection:
        """The selection with some filters changed."""
        return replace(self, **changes)


def selection_of(
    outcome: Annotated[str, Query(max_length=60)] = "overall survival",
    design: Annotated[str, Query(max_length=60)] = "",
    domain: Annotated[str, Query(max_length=60)] = "mcrc",
    organ: Annotated[str, Query(max_length=60)] = "",
    modality: Annotated[str, Query(max_length=60)] = "",
    line: Annotated[str, Query(max_length=60)] = "",
    comparison: Annotated[str, Query(max_length=60)] = "",
    year_from: Annotated[str, Query(max_length=10)] = "",
    year_to: Annotated[str, Query(max_length=10)] = "",
) -> Selection:
    """The selection that a query string asks for."""
    words = (outcome, design, domain, organ, modality, line, comparison)
    return Selection(*words, year_from=year_from, year_to=year_to)


def choices() -> dict[str, list[tuple[str, str]]]:
    """What each filter may be, with the words a reader sees."""
    anything = [("", text("evidence.any"))]
    told = {
        name: anything + [(word, as_read(word)) for word in CODES.words[name]]
        for name in ("design", *WORDS)
    }
    usual = [("", text("evidence.usual_comparison")), ("any", text("evidence.any"))]
    return {
        **told,
        "outcome": [(word, word) for word in OUTCOMES],
        "comparison": usual + [(word, word) for word in COMPARISONS],
    }


def as_read(word: str) -> str:
    """A word of the tables as a reader sees it."""
    return text("evidence.words.mcrc") if word == "mcrc" else word.replace("_", " ")


def command_of(filters: Filters, *more: str) -> str:
    """The command line that pools what filters choose."""
    return shlex.join(["debulk", "evidence", "pool", *_options(filters), *more])


def _options(filters: Filters) -> Iterator[str]:
    for each in fields(filters):
        value = getattr(filters, each.name)
        if value is None or value is False:
            continue
        for word in value if isinstance(value, list) else [value]:
            yield from (f"--{each.name}", str(word))


def is_randomised(design: str) -> bool:
    """Whether the arms of a study of this design were formed by chance."""
    return design in RANDOMISED


def _year(typed: str) -> int | None:
    word = typed.strip()
    if word.isascii() and word.isdecimal() and FIRST_YEAR <= int(word) <= LAST_YEAR:
        return int(word)
    return None
