"""Findings that the options of a command choose, with a refusal for every name that is none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from debulk.core.errors import InputError, nearest

if TYPE_CHECKING:
    import polars as pl

    from debulk.core.provenance import Exclusion

_FEWER = "Ask for less, or see debulk evidence list"
_SEARCH = "debulk evidence search finds keys"


def filtered_findings(own: Sequence[Path], **filters: Any) -> pl.DataFrame:
    """Packaged findings and one's own that filters leave; a filter that is empty asks nothing.

    Raises
    ------
    InputError
        That names the option, if a word, a study, a quantity or a key does not exist, if a key
        stands there twice or lies outside the other filters, or if nothing is left.
    """
    from debulk.evidence.answers.names import check_names, naming_filters
    from debulk.evidence.tables import findings

    asked = {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in filters.items()
        if value
    }
    check_names(asked, own)
    keys = asked.get("key", [])
    _check_keys(keys, own)
    with naming_filters():
        rows = findings(own=own, **asked)
    if rows.is_empty():
        given = ", ".join(_typed(name, words) for name, words in asked.items())
        raise InputError(given or "evidence", "no finding has all of these", _FEWER)
    for key in set(keys) - set(rows["key"]):
        found = f"{key!r} is not among what the other options choose"
        raise InputError("--key", found, "Leave the other options out, or the key")
    return rows


def leaving_studies_out(
    rows: pl.DataFrame, without: Sequence[str] | None
) -> tuple[pl.DataFrame, list[Exclusion]]:
    """Findings without those of some studies, and how many studies that were.

    Raises
    ------
    InputError
        If no finding is of such a study.
    """
    from debulk.core.provenance import Exclusion
    from debulk.evidence.effects.study_effects import LEFT_OUT

    if not without:
        return rows, []
    names = list(dict.fromkeys(without))
    refuse_unknown(names, rows["study"].to_list())
    left = rows.filter(~rows["study"].is_in(names))
    if left.is_empty():
        raise InputError("--without", "every study would be left out", "Leave fewer out")
    return left, [Exclusion(f"{', '.join(names)}: {LEFT_OUT}", len(names))]


def refuse_unknown(without: Sequence[str], studies: Sequence[str]) -> None:
    """Refuse to leave out a study that is not there.

    Raises
    ------
    InputError
        That names ``--without``.
    """
    for name in without:
        if name not in studies:
            found = f"{name!r} is not among the studies"
            raise InputError("--without", found, nearest(name, set(studies)))


def _check_keys(keys: Sequence[str], own: Sequence[Path]) -> None:
    from debulk.evidence.tables import findings

    if not keys:
        return
    known = set(findings(own=own)["key"])
    for key in keys:
        if key not in known:
            offered = nearest(key, known)
            remedy = offered if offered.startswith("Did") else _SEARCH
            raise InputError("--key", f"there is no finding {key!r}", remedy)
        if keys.count(key) > 1:
            raise InputError("--key", f"{key!r} is named twice", "Name it once")


def _typed(name: str, words: Sequence[str]) -> str:
    from debulk.evidence.schema import RISKS

    told = " or ".join(repr(each) for each in words)
    return f"--risk {name}={told}" if name in RISKS else f"--{name} {told}"
