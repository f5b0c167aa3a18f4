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
from debulk.core.errors import nearest

DEFAULTS: Mapping[str, Any] = {
    "guideline": "",
    "delta_months": 3.0,
    "leans_at": 0.9,
    "extent_k": 2,
}
"""Until a department chooses: no guideline text; 3 months over five years count as a gain or a
loss, and 90 of 100 parameter draws are needed to say that the model leans to an option; 2
extrahepatic lesions make disease in two organs multi-organ."""

_RANGES = {"delta_months": (0.1, 60.0), "leans_at": (0.51, 1.0)}
_CHOICES = {"extent_k": (2, 4)}
"""What `debulk.board.BoardSettings` takes: a stored value that it refused would stop every case."""


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
            return [dict(each) for each in rows.mappings()]

    def change(self, changes: Mapping[str, Any], *, by: Actor, reason: str = "") -> dict[str, Any]:
        """Change some of them in a new version; what is not named stays.

        Raises
        ------
        InputError
            If a name is unknown or a value outside its range; nothing is changed then.
        """
        checked = {name: _value(name, value) for name, value in changes.items()}
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
    return {
        **DEFAULTS,
        **row.content,
        "version": row.version,
        "at": row.at,
        "author": row.author,
    }


def _value(name: str, value: Any) -> Any:
    if name == "guideline":
        return clean_text(value, name)
    if name not in DEFAULTS:
        known = nearest(name, DEFAULTS)
        raise refusal("records.refusals.unknown_setting", found=f"{name!r:.40}", known=known)
    if name in _CHOICES:
        return _chosen(name, value)
    least, most = _RANGES[name]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most:
        raise refusal(
            "records.refusals.setting_range",
            name=name,
            found=f"{value!r:.40}",
            least=least,
            most=most,
        )
    return float(value)


def _chosen(name: str, value: Any) -> int:
    known = _CHOICES[name]
    if isinstance(value, bool) or not isinstance(value, int) or value not in known:
        raise refusal(
            "records.refusals.setting_choice",
            name=name,
            found=f"{value!r:.40}",
            known=" or ".join(map(str, known)),
        )
    return value
