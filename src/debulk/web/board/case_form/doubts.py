"""What is unusual about one typed value: asked once, and kept as typed where that is confirmed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from debulk.board.imports.identifying import identifying_text
from debulk.core.errors import nearest
from debulk.core.strings import text
from debulk.treatments import card_named
from debulk.web.board.case_form import choices
from debulk.web.board.case_form.fields import Field, by_name
from debulk.web.board.case_form.messages import said

CENTIMETRES_BELOW = 10.0
"""A size below this with a decimal looks like centimetres."""

RARE_FROM_MM = 200.0
_DIAMETERS = ("diameter_mm", "baseline_diameter_mm")
_CARD_LIKENESS = 3


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something unusual, or that does not fit, beside a field.

    Attributes
    ----------
    field : str
        The field's name in the form.
    text : str
        What was found, as a question.
    mark : str
        What the box "keep as typed" sends; it changes with the value.
    kept : bool
        Whether it was confirmed.
    """

    field: str
    text: str
    mark: str
    kept: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"field": self.field, "text": self.text, "mark": self.mark, "kept": self.kept}


def doubt(field: str, kind: str, found: object, words: str, kept: set[str]) -> Doubt:
    """A doubt whose mark tells the field, the kind and the value, the latter by its digest."""
    digest = hashlib.sha256(str(found).encode("utf-8", "replace")).hexdigest()[:10]
    mark = f"{field}:{kind}:{digest}"
    return Doubt(field, words, mark, mark in kept)


def doubts_of_row(
    table: str, prefix: str, values: Mapping[str, Any], kept: set[str]
) -> Iterator[Doubt]:
    """What is unusual about the values of one row."""
    for name, field in by_name(table).items():
        value = values.get(name)
        if value is None:
            continue
        if field.free:
            yield from _identifying(f"{prefix}.{name}", value, kept)
        if name in _DIAMETERS:
            yield from _size(table, field, f"{prefix}.{name}", value, kept)
    if table == "treatments" and values.get("name"):
        yield from _card(f"{prefix}.name", values["name"], kept)


def _identifying(name: str, value: str, kept: set[str]) -> Iterator[Doubt]:
    found = identifying_text(value)
    if found:
        words = text("case_form.wrong.identifying", found=", ".join(e.found for e in found)[:120])
        yield doubt(name, "identifying", value, words, kept)


def _size(table: str, field: Field, name: str, value: float, kept: set[str]) -> Iterator[Doubt]:
    if value < CENTIMETRES_BELOW and value != round(value):
        words = said(table, field, "centimetres", found=f"{value:g}", meant=f"{10.0 * value:g}")
        yield doubt(name, "centimetres", value, words, kept)
    elif value >= RARE_FROM_MM:
        yield doubt(name, "rare", value, said(table, field, "rare", found=f"{value:g}"), kept)


def _card(name: str, value: str, kept: set[str]) -> Iterator[Doubt]:
    if card_named(value) is None:
        near = nearest(value, choices.treatment_names(), most=_CARD_LIKENESS)
        words = text("case_form.wrong.no_card", found=value, near=near)
        yield doubt(name, "card", value, words, kept)
