"""Whatever a file holds, reading it ends in a protocol or in one clear message."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.core.yaml_files import YamlDocument, parse_yaml, validated
from debulk.protocols import protocol_text
from debulk.protocols.build import build_protocol
from debulk.protocols.reading import _records
from debulk.protocols.schema import ProtocolFile

ORCHESTRA = yaml.safe_load(protocol_text("orchestra")[0])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def _paths(part: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    items = part.items() if isinstance(part, dict) else enumerate(part)
    if isinstance(part, dict | list):
        for key, inner in items:
            found += (
                _paths(inner, (*path, key)) if isinstance(inner, dict | list) else [(*path, key)]
            )
    return found


PATHS = _paths(ORCHESTRA)


@given(st.text(max_size=300))
def test_arbitrary_text_is_no_protocol(text: str) -> None:
    with pytest.raises(InputError, match=r"any\.yaml"):
        validated(ProtocolFile, parse_yaml(text, "any.yaml"))


@given(st.sampled_from(PATHS), anything)
def test_one_part_replaced_by_anything(path: tuple[str | int, ...], value: object) -> None:
    content = yaml.safe_load(protocol_text("orchestra")[0])
    holder = content
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    document = YamlDocument("any.yaml", content, {})
    complaint = ""
    try:
        entries = validated(ProtocolFile, document)
        build_protocol(
            entries, document, records=_records(content, {}), source_name="any", sha256=""
        )
    except InputError as error:
        complaint = str(error)
    assert complaint == "" or "any.yaml" in complaint
