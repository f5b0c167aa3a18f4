"""One number of a card changed by its dotted path, as ``--set`` does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from debulk.core.errors import InputError, nearest, number_remedy
from debulk.treatments.cards import NEAR_VESSEL, SIZE_CLASSES, BySize, Entry, Modality
from debulk.treatments.regimens import Regimen
from debulk.treatments.schema import LIMITS


def override(
    modalities: Mapping[str, Modality], path: str, value: float | str
) -> dict[str, Modality]:
    """Cards with one entry changed; the cards given stay as they are.

    Parameters
    ----------
    modalities : mapping of str to Modality
        The cards.
    path : str
        ``modalities.<name>.<entry>``, with or without ``modalities.``; for instance
        ``modalities.rfa.local_control.liver.up_to_20_mm`` or
        ``liver_resection.mortality_90_days``.
    value : float or str
        A number, as text or not; for ``near_vessel`` one of its words.

    Raises
    ------
    InputError
        If there is no such card or entry (nearest names are offered) or the value is outside
        its range.
    """
    name, inner = _split("modalities", modalities, path)
    card = modalities[name]
    entry = _entry(card.entries(), path, inner)
    changed = dict(modalities)
    changed[name] = _replaced(card, inner, _chosen(entry, path, inner, value))
    _check_whole(changed[name], path, inner)
    return changed


def override_regimens(
    regimens: Mapping[str, Regimen], path: str, value: float | str
) -> dict[str, Regimen]:
    """Regimen cards with one entry changed; the cards given stay as they are.

    Parameters
    ----------
    regimens : mapping of str to Regimen
        The cards.
    path : str
        ``regimens.<name>.<entry>``, with or without ``regimens.``.
    value : float or str
        A number, as text or not.

    Raises
    ------
    InputError
        If there is no such card or entry (nearest names are offered) or the value is outside
        its range.
    """
    name, inner = _split("regimens", regimens, path)
    card = regimens[name]
    chosen = _chosen(_entry(card.entries(), path, inner), path, inner, value)
    if inner.startswith("line_"):
        line_name, field = inner.split(".")
        line = int(line_name.removeprefix("line_"))
        change: dict[str, Any] = {field: chosen}
        outcomes = {**card.outcomes, line: replace(card.outcomes[line], **change)}
        card = replace(card, outcomes=outcomes)
    else:
        scalar: dict[str, Any] = {inner: chosen}
        card = replace(card, **scalar)
    return {**regimens, name: card}


def _split(kind: str, cards: Mapping[str, object], path: str) -> tuple[str, str]:
    parts = path.removeprefix(f"{kind}.").split(".", 1)
    if parts[0] not in cards:
        raise InputError(path, f"no card is named {parts[0]!r}", nearest(parts[0], cards))
    if len(parts) == 1:
        raise InputError(path, "names a card but none of its entries", f"Write {path}.<entry>")
    return parts[0], parts[1]


def _entry(entries: Mapping[str, Entry], path: str, inner: str) -> Entry:
    if inner not in entries:
        raise InputError(path, f"the card has no entry {inner!r}", nearest(inner, entries))
    return entries[inner]


def _chosen(entry: Entry, path: str, inner: str, value: float | str) -> Entry:
    if isinstance(entry.value, str):
        if value not in NEAR_VESSEL:
            raise InputError(path, f"{value!r} is not known here", nearest(str(value), NEAR_VESSEL))
        return entry.chosen(value)
    return entry.chosen(_number(path, inner, value))


def _number(path: str, inner: str, value: float | str) -> float:
    parts = inner.split(".")
    low, high = LIMITS[parts[1] if parts[0].startswith("line_") else parts[0]]
    remedy = f"Give a number between {low:g} and {high:g}"
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(path, f"{value!r} is no number", number_remedy(value, remedy)) from None
    if isinstance(value, bool) or not math.isfinite(number) or not low <= number <= high:
        raise InputError(path, f"{value!r} is out of range", remedy)
    return number


def _replaced(card: Modality, inner: str, entry: Entry) -> Modality:
    parts = inner.split(".")
    change: Any = entry
    if parts[0] == "max_lesions":
        change = {**card.max_lesions, parts[1]: entry}
    elif parts[0] == "local_control":
        change = {
            **card.local_control,
            parts[1]: _with_class(card.local_control[parts[1]], parts[2], entry),
        }
    elif parts[0] == "remnant_use" and card.remnant_use is not None:
        change = _with_class(card.remnant_use, parts[1], entry)
    fields: dict[str, Any] = {parts[0]: change}
    return replace(card, **fields)


def _with_class(by_size: BySize, name: str, entry: Entry) -> Any:
    changed: list[Any] = list(by_size)
    changed[SIZE_CLASSES.index(name)] = entry
    return tuple(changed)


def _check_whole(card: Modality, path: str, inner: str) -> None:
    """Refuse a number that does not go with the others of its card."""
    parts = inner.split(".")
    if parts[0] == "surge" and card.remnant_use is None and card.surge.value != 0.0:
        raise InputError(
            path,
            "would do nothing: the growth stimulus follows the share of the liver taken, and this "
            "card takes none",
            "Change liver_resection.surge, or the disease model's surge",
        )
    if parts[0] == "local_control":
        values = [each.value for each in card.local_control[parts[1]]]
        if sorted(values, reverse=True) != values:
            raise InputError(
                path, "local control would rise with size", "Set the other size classes first"
            )
    if parts[0] == "remnant_use" and card.remnant_use is not None:
        values = [each.value for each in card.remnant_use]
        if sorted(values) != values:
            raise InputError(
                path,
                "the share of the liver taken would fall with size",
                "Set the other size classes first",
            )
