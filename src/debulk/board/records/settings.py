"""The department's own: its guideline text and its thresholds, in dated versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from debulk.board.records.actors import Actor
from debulk.board.records.audit import note
from debulk.board.records.database import Database
from debulk.board.records.refusals import clean_text, refusal
from debulk.board.records.tables import SETTINGS
from debulk.board.settings import BoardSettings
from debulk.core.errors import nearest

_LINES = ("delta_months", "leans_at", "extent_k")
"""What a department chooses of `debulk.board.BoardSettings`, which says what each may be."""

DEFAULTS: Mapping[str, Any] = {
    "guideline": "",
    **{name: getattr(BoardSettings(), name) for name in _LINES},
}
"""Until a department chooses: no guideline text, and the packaged lines."""


class Settings:
    """Guideline text and thresholds: read by all, changed by an administrator."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> dict[str, Any]:
        """What holds now.

        Returns
        -------
        dict
            The names of `DEFAULTS`, and ``version`` (0 before the first change), ``at``,
            ``author`` (None before it).
        """
        with self._database.reading() as connection:
            return current(connection)

    def versions(self) -> list[dict[str, Any]]:
        """Every version, newest first: version, content, author, at, reason."""
        with self._database.reading() as connection:
            rows = connection.execute(select(SETTINGS).order_by(SETTINGS.c.version.desc()))
            return [{**each, "content": _read(each["content"])} for each in rows.mappings()]

    def change(self, changes: Mapping[str, Any], *, by: Actor, reason: str = "") -> dict[str, Any]:
        """Change some of them in a new version; what is not named stays.

        Raises
        ------
        InputError
            If a name is unknown or a value outside its range; nothing is changed then.
        """
        checked = _checked(changes)
        reason = clean_text(reason, "reason")
        with self._database.writing() as connection:
            before = current(connection)
            content = {name: before[name] for name in DEFAULTS} | checked
            version, now = before["version"] + 1, self._database.now()
            connection.execute(
                SETTINGS.insert().values(
                    version=version, content=content, author=by.name, at=now, reason=reason
                )
            )
            names = ", ".join(sorted(checked))
            note(connection, now, by, "settings changed", version=version, names=names)
            return current(connection)


def current(connection: Connection) -> dict[str, Any]:
    """What holds in a transaction; see `Settings.current`."""
    row = connection.execute(select(SETTINGS).order_by(SETTINGS.c.version.desc()).limit(1)).first()
    if row is None:
        return {**DEFAULTS, "version": 0, "at": None, "author": None}
    content = _read(row.content)
    return {**content, "version": row.version, "at": row.at, "author": row.author}


def _read(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A version as it is read today: older ones hold `leans_at` as a share of one."""
    lines = BoardSettings.of_department(stored)
    guideline = stored.get("guideline", DEFAULTS["guideline"])
    return {"guideline": guideline, **{name: getattr(lines, name) for name in _LINES}}


def _checked(changes: Mapping[str, Any]) -> dict[str, Any]:
    for name in changes:
        if name not in DEFAULTS:
            known = nearest(name, DEFAULTS)
            raise refusal("records.refusals.unknown_setting", found=f"{name!r:.40}", known=known)
    lines = BoardSettings(**{name: changes[name] for name in _LINES if name in changes})
    checked = {name: getattr(lines, name) for name in _LINES if name in changes}
    if "guideline" in changes:
        checked["guideline"] = clean_text(changes["guideline"], "guideline")
    return checked
