"""YAML files read so that every complaint names the line it is about."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from debulk.core.errors import InputError, nearest
from debulk.core.files import read_utf8

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]

_LONGEST = 60
_PLAIN = {
    "finite_number": "Give a finite number",
    "float_type": "Give a number",
    "float_parsing": "Give a number",
    "int_type": "Give a whole number",
    "int_parsing": "Give a whole number",
    "int_from_float": "Give a whole number",
    "bool_type": "Write true or false",
    "bool_parsing": "Write true or false",
    "string_type": "Write words; a number or a date in quotes",
    "list_type": "Write a list: [first, second], or a line with - for each",
    "dict_type": "Write a group: name: value, each on its own line",
    "model_type": "Write a group: name: value, each on its own line",
    "model_attributes_type": "Write a group: name: value, each on its own line",
}
"""What pydantic says in its own terms, in plain ones."""

_MOST_LINES = 100_000
# The parser in C where PyYAML was built with it: the same nodes, ten times faster.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class YamlDocument:
    """The content of a YAML file and the line on which each part of it starts."""

    name: str
    content: Any
    lines: dict[Place, int]

    def line_of(self, place: Place) -> int:
        """Line of a part, or of the nearest part that contains it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def error(self, place: Place, found: str, remedy: str) -> InputError:
        """Complaint about one part of the file."""
        field = ".".join(str(each) for each in place)
        where = f"{self.name}, line {self.line_of(place)}" + (f", {field}" if field else "")
        return InputError(where, found, remedy)


def read_yaml(path: Path) -> YamlDocument:
    """Read one YAML document.

    Raises
    ------
    InputError
        If the file is missing, not UTF-8, or not YAML; with its line.
    """
    return parse_yaml(read_utf8(path), str(path))


def parse_yaml(text: str, name: str) -> YamlDocument:
    """Parse the text of one YAML document; `name` is how complaints call it."""
    if text.count("\n") > _MOST_LINES:
        raise InputError(name, f"has more than {_MOST_LINES} lines", "Give a smaller file")
    loader = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        lines: dict[Place, int] = {}
        if node is not None:
            _walk(node, (), lines, name, set())
        content = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        problem = error.problem or "cannot be parsed"
        raise InputError(f"{name}{line}", f"not YAML: {problem}", "Correct the line") from None
    except yaml.YAMLError as error:
        first = str(error).splitlines()[0] if str(error) else "cannot be parsed"
        raise InputError(name, f"not YAML: {first}", "Correct the file") from None
    except (ValueError, TypeError, OverflowError, RecursionError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(name, f"not YAML: {error}", "Correct the file") from None
    finally:
        if loader is not None:
            loader.dispose()
    return YamlDocument(name, content, lines)


def validated(model: type[Model], document: YamlDocument) -> Model:
    """Hold a document against a pydantic model.

    Raises
    ------
    InputError
        On the first thing that does not fit: file, line, field, what was found, what to do.
    """
    if not isinstance(document.content, dict):
        raise InputError(
            f"{document.name}, line 1", "is not a mapping of names to values", "Write name: value"
        )
    try:
        return model.model_validate(document.content)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        # A misspelt field is also missing; told as unknown, its nearest name is offered.
        first = min(problems, key=lambda each: each["type"] == "missing")
        place = _place(first)
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        found, remedy = _explain(model, first, place)
        raise document.error(place, found + more, remedy) from None


def _place(problem: Any) -> Place:
    parts = problem["loc"]
    # What is unknown may be called anything: the user's word, no mark of pydantic's.
    ours = problem["type"] in ("missing", "extra_forbidden")
    return tuple(e for i, e in enumerate(parts) if _is_field(e) or (ours and i == len(parts) - 1))


def _is_field(part: str | int) -> bool:
    # pydantic adds the names of union branches and validators to a location.
    return isinstance(part, int) or not any(mark in part for mark in "[]()")


def _explain(model: type[BaseModel], problem: Any, place: Place) -> tuple[str, str]:
    kind, value = problem["type"], problem.get("input")
    if kind == "missing":
        return f"{place[-1]!r} is missing", f"Add {place[-1]}: ..."
    if kind == "extra_forbidden":
        return f"{place[-1]!r} is not known here", nearest(str(place[-1]), _fields(model, place))
    message = _PLAIN.get(kind, str(problem["msg"]).removeprefix("Value error, "))
    return f"found {_shown(value)}", message[:1].upper() + message[1:]


def _shown(value: Any) -> str:
    """A value as found; of a group its fields, of a long list its length, never a cut text."""
    if isinstance(value, BaseModel):
        value = {name: None for name in value.model_fields_set}
    if isinstance(value, dict):
        names = ", ".join(map(str, list(value)[:12])) + (", ..." if len(value) > 12 else "")
        return f"a group with {names}" if names else "an empty group"
    text = str(value) if isinstance(value, date) else repr(value)
    if isinstance(value, list) and len(text) > _LONGEST:
        return f"a list of {len(value)}"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _fields(model: type[BaseModel], place: Place) -> list[str]:
    """Names allowed beside the last part of a place, as far as plain nesting tells."""
    for part in place[:-1]:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        if field is None:
            continue
        inner = field.annotation
        arguments = [inner, *getattr(inner, "__args__", ())]
        models = [
            each for each in arguments if isinstance(each, type) and issubclass(each, BaseModel)
        ]
        if models:
            model = models[0]
    return list(model.model_fields)


def _walk(
    node: yaml.Node, place: Place, lines: dict[Place, int], name: str, visited: set[int]
) -> None:
    lines[place] = node.start_mark.line + 1
    if id(node) in visited:
        # An alias can contain itself, or grow a short file beyond memory; nothing here needs one.
        raise InputError(
            f"{name}, line {lines[place]}", "an alias (*name) is used", "Write the part out"
        )
    visited.add(id(node))
    if isinstance(node, yaml.MappingNode):
        seen: set[Hashable] = set()
        for key, value in node.value:
            label = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if label in seen:
                line = key.start_mark.line + 1
                raise InputError(f"{name}, line {line}", f"{label!r} comes twice", "Keep one")
            seen.add(label)
            _walk(value, (*place, label), lines, name, visited)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*place, index), lines, name, visited)
