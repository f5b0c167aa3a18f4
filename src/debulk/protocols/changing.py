"""Single changes of a protocol, as ``--set KEY=VALUE`` gives them.

A field that the file leaves out, but could hold, is added; so is the part around it. What the user
gives has "chosen by the user" as its source.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel

from debulk.core.errors import InputError, nearest, number_remedy
from debulk.protocols.schema import Number, ProtocolFile

NAMED_LISTS = {"criteria": "id", "funnel": "step", "run_in": "regimen", "arms": "name"}
"""Lists of a protocol file whose entries have names, and the field that holds them."""

CHOSEN = "chosen by the user"
"""Source of what the user changed."""

_NOTHING = ("none", "null", "~")


def change(content: Any, path: str, value: str, name: str) -> bool:
    """Set one field of a file's raw content.

    Parameters
    ----------
    content : dict
        What the file holds; changed in place.
    path : str
        Dotted path of the field.
    value : str
        As the user wrote it; ``none`` takes away what may be left out, and a list is written
        ``[0.5, 1]`` or ``0.5,1``.
    name : str
        How complaints call the file.

    Returns
    -------
    bool
        Whether a part was added that the file leaves out; it may lack other fields yet.

    Raises
    ------
    InputError
        If there is no such field, or the value cannot be one.
    """
    where = f"--set {path}"
    holder, key, kind, added = _descend(content, path.split("."), where, name)
    current = holder[key]
    given = _value(value, where)
    if _optional(kind) and value.strip().lower() in _NOTHING:
        holder[key] = None
    elif (isinstance(current, Mapping) and "value" in current) or _plain(kind) is Number:
        before = current if isinstance(current, Mapping) else {}
        number = _number(value, where)
        holder[key] = {**before, "value": number, "source": CHOSEN, "note": ""}
    elif _is_part(kind) or isinstance(current, Mapping) or _of_parts(current):
        inner = _names(path, current, kind)
        raise InputError(
            where, "is a group of fields", f"Name one of: {', '.join(map(str, inner))}"
        )
    elif isinstance(current, list) or get_origin(_plain(kind)) is list:
        holder[key] = _list(given)
    else:
        holder[key] = given
    return added


def _value(value: str, where: str) -> Any:
    try:
        return yaml.safe_load(value)
    except (yaml.YAMLError, ValueError):
        raise InputError(where, f"{value!r} is no value", "Give a number or a word") from None


def _number(value: str, where: str) -> float:
    try:
        number = float(value)
    except ValueError:
        raise InputError(where, f"{value!r} is not a number", number_remedy(value)) from None
    return int(number) if number.is_integer() and "." not in value else number


def _list(given: Any) -> list[Any]:
    if isinstance(given, list):
        return given
    if isinstance(given, str):
        return [yaml.safe_load(each) for each in given.split(",")]
    return [given]


def _of_parts(current: Any) -> bool:
    return isinstance(current, list) and any(isinstance(each, Mapping) for each in current)


def _names(path: str, current: Any, kind: Any) -> list[Any]:
    """What stands in a group: of a list, the names of its entries; else its fields."""
    if isinstance(current, list):
        label = NAMED_LISTS.get(path.split(".")[-1], "")
        return [each.get(label, "?") if isinstance(each, Mapping) else "?" for each in current]
    known = list(current) if isinstance(current, Mapping) else []
    fields = list(_plain(kind).model_fields) if _is_part(kind) else []
    return list(dict.fromkeys([*known, *fields]))


def _descend(content: Any, parts: list[str], where: str, name: str) -> tuple[Any, Any, Any, bool]:
    """Holder and key of the field that a dotted path names, its kind, and whether a part is new."""
    holder: Any = {"": content}
    key: Any = ""
    kind: Any = ProtocolFile
    above, added = "", False
    while parts:
        inner = holder[key]
        if inner is None and _is_part(kind):
            inner = holder[key] = _new_part(kind)
            added = True
        names = _inside(inner, above)
        for length in range(len(parts), 0, -1):
            # Names may hold dots of their own, so the longest name that fits is taken.
            candidate = ".".join(parts[:length])
            if candidate in names:
                kind = _kind_inside(kind, candidate, inner)
                holder, key, above, parts = inner, names[candidate], candidate, parts[length:]
                break
        else:
            fields = _plain(kind).model_fields if _is_part(kind) else {}
            if not isinstance(inner, dict) or parts[0] not in fields:
                remedy = nearest(parts[0], [*names, *fields])
                raise InputError(where, f"{name} has no field {parts[0]!r} there", remedy)
            inner[parts[0]] = None
    return holder, key, kind, added


def _inside(inner: Any, above: str) -> dict[str, Any]:
    """Names of what stands in a part, with their keys."""
    if isinstance(inner, list) and above in NAMED_LISTS:
        label = NAMED_LISTS[above]
        return {str(e.get(label)): i for i, e in enumerate(inner) if isinstance(e, dict)}
    return {str(each): each for each in inner} if isinstance(inner, dict) else {}


def _new_part(kind: Any) -> dict[str, Any]:
    return {"source": CHOSEN} if "source" in _plain(kind).model_fields else {}


def _kind_inside(kind: Any, name: str, inner: Any) -> Any:
    """Kind of a field of a part, or of an entry of a list."""
    plain = _plain(kind)
    if isinstance(inner, list):
        return (get_args(plain) or (None,))[0]
    field = plain.model_fields.get(name) if _is_part(kind) else None
    return None if field is None else field.annotation


def _plain(kind: Any) -> Any:
    """A kind without "or None"."""
    if get_origin(kind) in (Union, types.UnionType):
        inner = [each for each in get_args(kind) if each is not type(None)]
        return inner[0] if len(inner) == 1 else None
    return kind


def _optional(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def _is_part(kind: Any) -> bool:
    plain = _plain(kind)
    return isinstance(plain, type) and issubclass(plain, BaseModel)
