"""Are the examples of the two pages what the program reads?"""

import re
from pathlib import Path

import pytest

from debulk.core.yaml_files import parse_yaml, validated
from debulk.patients.readers.dates import DATE_FORMATS
from debulk.patients.readers.formats import FORMATS
from debulk.patients.readers.mapping_schema import ColumnEntry, MappingFile, SourceEntry
from debulk.patients.readers.omop_concepts import OmopMapping
from debulk.patients.readers.units import _KINDS

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
MAPPINGS = (REFERENCE / "mapping-files.md").read_text("utf-8")
READERS = (REFERENCE / "readers.md").read_text("utf-8")
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", BLOCK.findall(MAPPINGS))
def test_every_mapping_on_the_page_is_one(text):
    assert validated(MappingFile, parse_yaml(text, "page")).tables


def test_the_mapping_of_concepts_on_the_page_is_one():
    (text,) = BLOCK.findall(READERS)
    assert validated(OmopMapping, parse_yaml(text, "page")).concepts.diagnosis


def test_every_part_format_and_unit_is_on_the_page():
    parts = {field.alias or name for model in (MappingFile, SourceEntry, ColumnEntry)
             for name, field in model.model_fields.items()}  # fmt: skip
    units = {unit for kind in _KINDS.values() for unit in kind}
    for word in parts | set(DATE_FORMATS):
        assert f"`{word}`" in MAPPINGS, word
    for unit in units:
        assert re.search(rf"\b{re.escape(unit)}\b", MAPPINGS), unit
    for name in FORMATS:
        assert f"| `{name}` |" in READERS
