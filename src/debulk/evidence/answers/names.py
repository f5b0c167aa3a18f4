"""Names of filters, studies and files, and how complaints about them name the option."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from debulk.core.errors import InputError


@contextlib.contextmanager
def naming_filters() -> Iterator[None]:
    """Let complaints about a filter name the option it came from."""
    try:
        yield
    except InputError as error:
        _, _, column = error.where.partition(", filter ")
        if not column:
            raise
        option = "--risk" if column in _risks() else f"--{column}"
        raise InputError(option, error.found, error.remedy) from None


def check_names(filters: Mapping[str, Sequence[str]], own: Sequence[Path] | None) -> None:
    """Refuse the name of a study or a quantity that nothing has: such words have no fixed list.

    Raises
    ------
    InputError
        That names the option, with the nearest names there are.
    """
    from debulk.core.errors import nearest
    from debulk.evidence.tables import findings, studies

    asked = [name for name in ("study", "quantity") if filters.get(name)]
    for name in asked:
        table = studies(own=own or ()) if name == "study" else findings(own=own or ())
        known = set(table[name])
        for word in filters[name]:
            if word not in known:
                raise InputError(f"--{name}", f"{word!r}", nearest(word, known))


def risk_filters(given: Sequence[str] | None) -> dict[str, list[str]]:
    """Filters from ``--risk BIAS=LEVEL``.

    Raises
    ------
    InputError
        If one is not of that form or names no bias.
    """
    from debulk.core.errors import nearest

    filters: dict[str, list[str]] = {}
    for each in given or ():
        bias, equals, level = each.partition("=")
        name = bias.strip().replace("-", "_").replace(" ", "_")
        if not equals:
            raise InputError("--risk", f"{each!r}", "Write BIAS=LEVEL, as in immortal_time=high")
        if name not in _risks():
            raise InputError("--risk", f"there is no bias {bias!r}", nearest(name, _risks()))
        filters.setdefault(name, []).append(level.strip())
    return filters


def hashes_of(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of files by name; a second one of the same name gets a number."""
    from debulk.core.provenance import sha256_of
    from debulk.evidence.keys import Keys

    names = Keys()
    return {names.claim(path.name): sha256_of(path) for path in paths}


def _risks() -> tuple[str, ...]:
    from debulk.evidence.schema import RISKS

    return RISKS
