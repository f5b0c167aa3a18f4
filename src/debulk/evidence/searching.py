"""Words looked for in every study and finding, the likeliest answers first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from debulk.core.errors import InputError
from debulk.evidence.tables import findings, studies

# A word in the name of a study tells more than the same word in a remark.
STUDY_WEIGHTS = {
    "study": 8,
    "title": 4,
    "question": 2,
    "population": 2,
    "first_author": 2,
    "source": 1,
    "domain": 1,
    "design": 1,
    "organ": 1,
    "modality": 1,
}
FINDING_WEIGHTS = {
    "study": 8,
    "quantity": 6,
    "outcome": 4,
    "group": 4,
    "title": 3,
    "population": 2,
    "text": 2,
    "note": 1,
    "key": 1,
    "source": 1,
}


_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
}
_YEARS = re.compile(rf"\b(\d+|{'|'.join(_NUMBERS)})[ -]?(?:y|yr|yrs|year|years)\b")
_SPELLINGS = (("randomiz", "randomis"), ("tumor", "tumour"), ("center", "centre"))
_SHORT = {
    "os": "overall survival",
    "pfs": "progression-free survival",
    "dfs": "disease-free survival",
    "hr": "hazard ratio",
    "rfa": "radiofrequency ablation",
    "crc": "colorectal cancer",
    "mcrc": "metastatic colorectal cancer",
}
"""What tables abbreviate in one row and write out in the next."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Studies and findings that hold every word looked for.

    Attributes
    ----------
    words : tuple of str
        What was looked for.
    studies, findings : polars.DataFrame
        Rows as `studies` and `findings` give them, the likeliest first.
    """

    words: tuple[str, ...]
    studies: pl.DataFrame
    findings: pl.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Words, rows and their counts, ready for JSON."""
        return {
            "words": list(self.words),
            "studies": self.studies.to_dicts(),
            "findings": self.findings.to_dicts(),
            "counts": {"studies": self.studies.height, "findings": self.findings.height},
        }


def search(words: str, *, own: Iterable[Path | str] = (), **filters: Any) -> SearchResult:
    """Look for words in the studies and the findings.

    Parameters
    ----------
    words : str
        Words, all of which must occur, anywhere and in any order. Upper and lower case are the
        same, so are "5-year", "five years" and "5y", "tumor" and "tumour", and a few abbreviations
        and what they stand for, such as OS and overall survival. Studies are searched by name,
        title, question, population, author, source, and codes; findings by their study and its
        title, quantity, outcome, group, population, text, note, key and source.
    own : iterable of path
        Files of studies of one's own, see `read_own_studies`.
    **filters
        As for `findings`; they limit the findings, and the studies to those of such findings.

    Returns
    -------
    SearchResult
        Ranked by where the words stand: in a name before a title before a remark, as whole words
        before parts of words; rows of equal rank keep the order of the tables.

    Raises
    ------
    InputError
        If there is no word, a filter does not exist, or a file does not fit.

    Examples
    --------
    >>> from debulk.evidence import search
    >>> search("liver transplant").studies["study"].to_list()
    ['TransMet']
    """
    sought = tuple(_spelt(words).split())
    if not sought:
        raise InputError("evidence search", f"{words!r} holds no word", "Give one word or more")
    every_study = studies(own=own)
    found = findings(own=own, **filters)
    if filters:
        every_study = every_study.filter(pl.col("study").is_in(found["study"].unique().implode()))
    titled = found.join(
        every_study.select("study", "title"), on="study", how="left", maintain_order="left"
    )
    return SearchResult(
        words=tuple(words.split()),
        studies=_ranked(every_study, every_study, sought, STUDY_WEIGHTS),
        findings=_ranked(found, titled, sought, FINDING_WEIGHTS),
    )


def _ranked(
    frame: pl.DataFrame, searched: pl.DataFrame, words: tuple[str, ...], weights: Mapping[str, int]
) -> pl.DataFrame:
    patterns = [(word, re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")) for word in words]
    scores = [
        _score([_plain(cell) for cell in row], patterns, list(weights.values()))
        for row in searched.select(*weights).iter_rows()
    ]
    return (
        frame.with_columns(pl.Series("rank", scores, dtype=pl.Int64))
        .filter(pl.col("rank") > 0)
        .sort("rank", descending=True, maintain_order=True)
        .drop("rank")
    )


def _score(cells: list[str], words: list[tuple[str, re.Pattern[str]]], weights: list[int]) -> int:
    """Sum over the words of the weightiest cell that holds each; 0 where one is missing."""
    total = 0
    for word, whole in words:
        best = max(
            (weight * (2 if whole.search(cell) else 1) if word in cell else 0)
            for cell, weight in zip(cells, weights, strict=True)
        )
        if not best:
            return 0
        total += best
    return total


def _plain(cell: Any) -> str:
    """A cell as it is searched: spelt one way, abbreviations both short and written out."""
    text = _spelt(" ".join(cell) if isinstance(cell, list) else cell or "")
    words = set(re.findall(r"\w+", text))
    other = [long for short, long in _SHORT.items() if short in words]
    other += [short for short, long in _SHORT.items() if long in text]
    return " ".join((text, *other))


def _spelt(text: str) -> str:
    """Lower case, one spelling, and "5-year", "five years" or "5-y" as "5y"."""
    told = text.casefold()
    for american, british in _SPELLINGS:
        told = told.replace(american, british)
    return _YEARS.sub(lambda found: f"{_NUMBERS.get(found[1], found[1])}y", told)
