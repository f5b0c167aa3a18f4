"""Damaged YAML: one message with file, line, field and remedy, never another exception."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.treatments import load_modalities, load_panel, load_regimens

FOLDER = files("debulk.data") / "treatments"
RFA = (FOLDER / "modalities" / "rfa.yaml").read_text(encoding="utf-8")
FOLFOX = (FOLDER / "regimens" / "folfox.yaml").read_text(encoding="utf-8")
PANEL = (FOLDER / "panel.yaml").read_text(encoding="utf-8")
anything = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def load_rfa(text: str, folder: Path) -> None:
    (folder / "rfa.yaml").write_text(text, encoding="utf-8")
    load_modalities(folder)


def problem_of(load: Callable[[], object]) -> InputError | None:
    """The complaint of a loader, if it has one; any other exception fails the test."""
    try:
        load()
    except InputError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("kind: destroys", "kind: melts", r"rfa\.yaml, line 8, kind: found 'melts'"),
        ("value: 0.0015", "value: 15", r"line 2\d, mortality_90_days: .*between 0 and 1"),
        ("value: 0.0015", "value: .nan", r"line 2\d, mortality_90_days.value"),
        ("value: 0.0015", "value: high", r"line 2\d, mortality_90_days.value: found 'high'"),
        ("surge:", "surges:", r"line \d+.*surge"),
        ("source: assumption\n  note: One week", "source: assumption\n  nope: One week", "nope"),
        ("source: assumption\n  note: One week for blood counts to recover",
         "source: assumption", r"line 3\d, pause_before_days: .*note"),
        ("source: assumption\n  note: One week", "source: user\n  note: One week", "assumption"),
        ("source: assumption\n  note: One week", "source: I think\n  note: One week", "key reads"),
        ("max_lesions:\n  liver:", "max_lesions:\n  livr:", r"line \d+.*livr.*Did you mean"),
        ("value: 0.88\n", "value: 0.11\n", "may not rise with size"),
        ("  lung:\n    value: 5", "  bone:\n    value: 5", "must name the same organs"),
        ("max_lesions:", "minimal_remnant: {value: 0.3, source: assumption, note: a guess}\n"
         "max_lesions:", "together or neither"),
        ("name: rfa", "name: mwa", r"line 2, name: 'mwa' in a file named 'rfa'"),
        ("name: rfa", "name: rfa\nname: rfa", "comes twice"),
        ("name: rfa", "name: [rfa", "not YAML"),
    ],
)  # fmt: skip
def test_a_fault_in_a_modality_card_is_told_with_its_line(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    assert old in RFA
    with pytest.raises(InputError, match=message):
        load_rfa(RFA.replace(old, new, 1), tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  alone:", "  ramucirumab:", r"line \d+, variants.ramucirumab"),
        ("      1:\n", "      4:\n", "line 4, in which it is not used"),
        ("value: 14", "value: 0", "between 1 and 84"),
    ],
)
def test_a_fault_in_a_regimen_card_is_told_with_its_line(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    assert old in FOLFOX
    (tmp_path / "folfox.yaml").write_text(FOLFOX.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_regimens(tmp_path)


def test_a_share_of_the_liver_that_falls_with_size_is_told(tmp_path: Path) -> None:
    text = (FOLDER / "modalities" / "liver_resection.yaml").read_text(encoding="utf-8")
    (tmp_path / "liver_resection.yaml").write_text(
        text.replace("value: 0.02\n", "value: 0.2\n", 1), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"line \d+, remnant_use: .*may not fall with size"):
        load_modalities(tmp_path)


@given(st.text(max_size=200))
@anything
def test_any_text_for_a_card_gives_a_message_with_the_file(tmp_path: Path, text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    (tmp_path / "rfa.yaml").write_bytes(data)
    (tmp_path / "panel.yml").write_bytes(data)
    for load in (load_modalities, load_regimens):
        with pytest.raises(InputError, match=r"rfa\.yaml"):
            load(tmp_path)
    with pytest.raises(InputError, match=r"panel\.yml"):
        load_panel(tmp_path / "panel.yml")


places = st.integers(0, RFA.count("\n") - 1)


@given(places, st.sampled_from(["", "  x", ": [", "value: -1", "\t", "note: &a *a", "- 3"]))
@anything
def test_a_line_replaced_loads_or_gives_a_message_with_a_line(
    tmp_path: Path, place: int, line: str
) -> None:
    lines = RFA.splitlines()
    lines[place] = line
    problem = problem_of(lambda: load_rfa("\n".join(lines), tmp_path))
    if problem is not None:
        assert re.search(r"rfa\.yaml, line \d+", problem.where)
        assert problem.remedy


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.sampled_from(sorted(yaml.safe_load(RFA))), values)
@anything
def test_any_value_of_a_field_loads_or_gives_a_message(
    tmp_path: Path, field: str, value: object
) -> None:
    content = yaml.safe_load(RFA)
    content[field] = value
    problem = problem_of(lambda: load_rfa(yaml.safe_dump(content), tmp_path))
    assert problem is None or problem.where.startswith(str(tmp_path / "rfa.yaml"))


@given(st.sampled_from(["organs", "sigma_liver_only", "more"]), values)
@anything
def test_any_value_in_the_panel_loads_or_gives_a_message(
    tmp_path: Path, field: str, value: object
) -> None:
    content = yaml.safe_load(PANEL)
    content[field] = value
    path = tmp_path / "panel.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    problem = problem_of(lambda: load_panel(path))
    assert problem is None or problem.where.startswith(str(path))
