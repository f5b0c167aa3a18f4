"""The wall between what the model may be made from and what it is held against."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from debulk.evidence.record import findings_by_key, nearest_keys
from debulk.evidence.schema import FORBIDDEN_ROLES, ROLES, Role

ALLOWED_ROLES: frozenset[Role] = frozenset(ROLES) - FORBIDDEN_ROLES
"""Roles that a card, a disease parameter or a protocol may cite by default."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A place that cites what it may not.

    Attributes
    ----------
    where : str
        The place, as the caller named it.
    key : str
        What it cites.
    found : str
        Why it may not.
    """

    where: str
    key: str
    found: str


def firewall_violations(
    uses: Mapping[str, str], *, allow: Collection[Role] = ALLOWED_ROLES
) -> list[Violation]:
    """Uses of evidence that break the wall.

    Parameters
    ----------
    uses : mapping of str to str
        Place to the key it cites; several keys are joined by ``;``. ``"assumption"`` cites
        nothing and is left out.
    allow : collection of Role
        Roles that may be cited. A scenario named as-delivered may add ``"process"``; nothing that
        sets a number may add ``"validation"``.

    Returns
    -------
    list of Violation
        In the order of `uses`: keys that do not exist, and keys whose role is not allowed.
    """
    rows = findings_by_key()
    violations = []
    for where, cited in uses.items():
        for key in (each.strip() for each in cited.split(";")):
            if key == "assumption":
                continue
            row = rows.get(key)
            if row is None:
                found = f"no finding has this key. {nearest_keys(key)}"
                violations.append(Violation(where, key, found))
            elif row.role not in allow:
                found = f"its role is {row.role} ({row.role_note or 'see the table of roles'})"
                violations.append(Violation(where, key, found))
    return violations
