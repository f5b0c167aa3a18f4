"""Does a YAML file keep its lines, and does each mistake name its own?"""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict

from debulk.core import InputError
from debulk.core.yaml_files import YamlDocument, parse_yaml, read_yaml, validated


class Inner(BaseModel):
    """A part."""

    model_config = ConfigDict(extra="forbid")
    weight: float


class Outer(BaseModel):
    """A file."""

    model_config = ConfigDict(extra="forbid")
    name: str
    parts: list[Inner] = []


TEXT = "name: x\nparts:\n  - weight: 1\n  - weight: 2\n"


def test_every_part_knows_its_line() -> None:
    document = parse_yaml(TEXT, "a.yaml")
    assert document.content == {"name": "x", "parts": [{"weight": 1}, {"weight": 2}]}
    assert document.line_of(("parts", 1, "weight")) == 4
    assert document.line_of(("parts", 1, "colour")) == 4  # the nearest part that is there
    assert document.line_of(("nothing",)) == 1


def test_a_file_that_fits_becomes_its_model() -> None:
    assert validated(Outer, parse_yaml(TEXT, "a.yaml")).parts[1].weight == 2.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a mapping"),
        ("- 1\n- 2\n", "not a mapping"),
        ("name: x\nparts: [\n", "not YAML"),
        ("name: x\nname: y\n", "line 2: 'name' comes twice"),
        ("name: &a x\nparts: *a\n", "alias"),
        ("name: x\nparts:\n  - weight: heavy\n", "line 3, parts.0.weight: found 'heavy'"),
        ("name: x\nparts:\n  - wieght: 1\n", "line 3"),
        ("name: x\nprats: []\n", "Did you mean 'parts'?"),
        ("parts: []\n", "'name' is missing"),
        ("name: 2001-13-45\n", "not YAML"),
        ("name: \x00\n", "not YAML"),
        ("? [1, 2]\n: x\n", "a.yaml"),
    ],
)
def test_a_mistake_names_its_line(text: str, words: str) -> None:
    with pytest.raises(InputError, match=r"a\.yaml") as caught:
        validated(Outer, parse_yaml(text, "a.yaml"))
    assert words in str(caught.value)


def test_more_than_one_mistake_is_counted() -> None:
    with pytest.raises(InputError, match="and 1 more"):
        validated(Outer, parse_yaml("nam: x\n", "a.yaml"))


def test_a_very_long_file_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(InputError, match="more than 100000 lines"):
        parse_yaml("\n" * 100_001, "a.yaml")


def test_a_missing_file(tmp_path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_yaml(tmp_path / "none.yaml")


def test_errors_about_a_part_say_where() -> None:
    document = YamlDocument("a.yaml", {}, {(): 1, ("x",): 7})
    assert str(document.error(("x", "y"), "is odd", "Mend it")) == (
        "a.yaml, line 7, x.y: is odd. Mend it."
    )
