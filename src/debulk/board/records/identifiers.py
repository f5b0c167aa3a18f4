"""Random identifiers of cases and jobs: short, read aloud without mistakes, and checked."""

from __future__ import annotations

import secrets

from debulk.board.records.refusals import refusal

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without 0, 1, I, O and U, which are taken for others. 31 is prime, so that the check below finds
every single wrong character and every two that changed places."""

_RANDOM, _FIRST = 5, 4


def new_case_id() -> str:
    """A random identifier such as ``K7QF-2M``: five random characters and one that checks them."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
    return _shown(body + _check(body))


def case_id_of(text: str) -> str:
    """The identifier meant by what someone typed: case, spaces and the hyphen do not matter.

    Raises
    ------
    InputError
        If it is no identifier, or its check character says that it was mistyped.
    """
    typed = _typed(text)
    if len(typed) != _RANDOM + 1 or any(each not in ALPHABET for each in typed):
        raise refusal("records.refusals.no_case_id", found=f"{str(text)!r:.40}")
    if _check(typed[:-1]) != typed[-1]:
        raise refusal("records.refusals.mistyped_case_id", found=f"{str(text)!r:.40}")
    return _shown(typed)


def is_part_of_case_id(text: str) -> bool:
    """Whether someone may have typed an identifier, or some of its characters in a row."""
    typed = _typed(text)
    if not typed or len(typed) > _RANDOM + 1 or any(each not in ALPHABET for each in typed):
        return False
    return len(typed) <= _RANDOM or _check(typed[:-1]) == typed[-1]


def new_token() -> str:
    """A random identifier that nobody can guess, for jobs and sign-ins."""
    return secrets.token_urlsafe(24)


def _typed(text: str) -> str:
    return "".join(each for each in str(text).upper() if each not in " -\t")


def _check(body: str) -> str:
    total = sum((i + 2) * ALPHABET.index(each) for i, each in enumerate(body))
    return ALPHABET[-total % len(ALPHABET)]


def _shown(typed: str) -> str:
    return f"{typed[:_FIRST]}-{typed[_FIRST:]}"
