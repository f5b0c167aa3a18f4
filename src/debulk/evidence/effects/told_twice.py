"""One study under two names: the same numbers, or the same work cited."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

IDENTIFIER = re.compile(r"\b10\.\d{4,9}/\S+|\bpmid\W*\d+|\b(?:nct|isrctn)\W*\d+", re.IGNORECASE)
"""A DOI, a PubMed number, or a number of a registry of trials."""
_BEFORE_DOI = re.compile(r"^(?:https?://)?(?:dx\.)?(?:doi\.org/|doi[:\s]\s*)", re.IGNORECASE)


def work_of(source: str) -> str:
    """A source in the form in which two of one work are alike; empty where it identifies none.

    Parameters
    ----------
    source : str
        Such as ``"https://doi.org/10.1093/jnci/djx015"``. What else stands beside the identifier
        counts, so that two studies of one paper can be told apart.
    """
    plain = _BEFORE_DOI.sub("", " ".join(source.split())).casefold().rstrip(".")
    return plain if IDENTIFIER.search(plain) else ""


def same_works(names: Sequence[str], sources: Sequence[str]) -> list[str]:
    """Remarks on studies that cite the same work."""
    pairs = zip(names, map(work_of, sources), strict=True)
    return [
        f"{_and(held)} cite the same work: check that they share no patients"
        for held in _alike((name, work) for name, work in pairs if work)
    ]


def same_numbers(
    studies: Iterable[tuple[str, tuple[float, float], int | None]],
) -> list[str]:
    """Remarks on studies whose effects and errors are the same to the digit.

    Parameters
    ----------
    studies : iterable of (name, (estimate, standard error), patients)
        Studies of different size are different studies, whatever their numbers.
    """
    held: dict[tuple[float, float], list[tuple[str, int | None]]] = {}
    for name, numbers, patients in studies:
        held.setdefault(numbers, []).append((name, patients))
    told = []
    for group in held.values():
        sizes = {patients for _, patients in group if patients is not None}
        # A study of unknown size may be any of them.
        alike = [[name for name, _ in group]] if len(sizes) < 2 else _alike(group)
        told += [each for each in alike if len(each) > 1]
    return [
        f"{_and(names)} have the same effect and error: check that they are not one study"
        for names in told
    ]


def _alike(pairs: Iterable[tuple[str, object]]) -> list[list[str]]:
    """Names that share what stands beside them."""
    held: dict[object, list[str]] = {}
    for name, mark in pairs:
        held.setdefault(mark, []).append(name)
    return [names for names in held.values() if len(names) > 1]


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
