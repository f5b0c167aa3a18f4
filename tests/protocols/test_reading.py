"""Does a protocol file say what its trial said, and does a wrong one name its line?"""

from __future__ import annotations

from pathlib import Path

import pytest

from debulk.core import InputError
from debulk.protocols import load_protocol, packaged_protocols, protocol_text


@pytest.fixture
def edited(tmp_path: Path):
    """Write a copy of ORCHESTRA with one piece of text replaced."""

    def edit(old: str, new: str) -> Path:
        text, _ = protocol_text("orchestra")
        assert text.count(old) >= 1
        path = tmp_path / "mine.yaml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return edit


def test_orchestra_is_packaged_and_keeps_its_own_order() -> None:
    assert "orchestra" in packaged_protocols()
    protocol = load_protocol("orchestra")
    assert [each.step for each in protocol.funnel] == [
        "drawn",
        "eligible",
        "treatable",
        "registered",
        "stable or responding",
        "deliverable",
        "consenting",
        "randomised",
    ]
    assert protocol.design.planned_patients == 478
    assert protocol.control.name == "control"
    assert not protocol.control.strategy.local_treatment
    assert protocol.experimental.strategy.minimum_share == 0.8
    assert protocol.criterion("E5").judged == "at entry"
    assert {(each.regimen.split("_")[0], each.cycles) for each in protocol.run_in} == {
        ("capox", 3),
        ("folfox", 4),
    }


def test_the_registries_disagree_and_the_version_is_a_parameter() -> None:
    nct = load_protocol("orchestra")
    isrctn = load_protocol("orchestra", changes={"version": "ISRCTN15067672"})
    assert "extrahepatic_lesions > 1" in (nct.criterion("E4").rule or "")
    assert "extrahepatic_lesions > 3" in (isrctn.criterion("E4").rule or "")
    assert isrctn.parameters[0].status == "chosen"


def test_a_changed_number_is_marked_as_chosen() -> None:
    protocol = load_protocol("orchestra", changes={"funnel.consenting.chance": "0.9"})
    assert next(s.chance for s in protocol.funnel if s.step == "consenting") == 0.9
    record = {each.name: each for each in protocol.parameters}["funnel.consenting.chance"]
    assert (record.value, record.status, record.source) == (0.9, "chosen", "chosen by the user")


def test_every_number_has_a_source_and_every_assumption_a_reason() -> None:
    for name in packaged_protocols():
        for each in load_protocol(name).parameters:
            assert each.source, each.name
            assert each.source not in ("assumption", "derived") or each.note, each.name


def test_an_unknown_protocol_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean 'orchestra'"):
        load_protocol("orchestr")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: orchestra", "nam: orchestra", "line"),
        ("name: orchestra", "name: [orchestra", "not YAML"),
        ("version: NCT01792934", "version: NCT", "no version is called 'NCT'"),
        ("rule: crc_confirmed", "rule: crc_confirmd", "Did you mean 'crc_confirmed'"),
        ("rule: crc_confirmed", "rule: 'organs_involved >='", "criterion E1"),
        ("rule: crc_confirmed", "rule: sum(organs_involved) > 3", "criterion E1"),
        ("rule: crc_confirmed", "rule: '1'", "criterion E1"),
        ("- id: E2", "- id: E1", "'E1' comes twice"),
        ("criteria: [E5]", "criteria: [E55]", "no criterion 'E55'"),
        ("criteria: [R2]", "criteria: [R1]", "is used twice"),
        ("regimen: capox\n", "regimen: capx\n", "Did you mean"),
        ("value: 478", "value: many", "line"),
        ("value: 478", "value: -478", "from 2 to"),
        ("value: 478", "value: .nan", "line"),
        ("value: 478", "value: true", "line"),
        ("block_size: {value: 4", "block_size: {value: 5", "cannot be split"),
        ("kind: drawn", "kind: randomised", "funnel"),
        ("source: assumption, note: one to one", "source: assumption", "say why"),
        ('"trials:ORCHESTRA/planned_n"', '"trials:ORCHESTRA/hr_os"', "hr_os"),
        ('"trials:ORCHESTRA/planned_n"', '"trials:ORCHESTRA/planed_n"', "planed_n"),
        ("question: >-", "? [a, b]\n: c\nquestion: >-", "mine.yaml"),
        ("name: orchestra", "name: &x orchestra\ntitle2: *x", "alias"),
    ],
)
def test_a_wrong_file_names_the_place_and_the_remedy(edited, old, new, message) -> None:
    with pytest.raises(InputError, match=r"mine\.yaml") as caught:
        load_protocol(edited(old, new))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"conduct.withdrawm": "0.1"}, "Did you mean 'withdrawn'"),
        ({"conduct": "1"}, "is a group of fields"),
        ({"conduct.withdrawn": "lots"}, "is not a number"),
        ({"conduct.withdrawn": "1.5"}, "from 0 to 1"),
        ({"funnel.consentin.chance": "0.5"}, "Did you mean 'consenting'"),
    ],
)
def test_a_wrong_change_names_the_field(changes, message) -> None:
    with pytest.raises(InputError) as caught:
        load_protocol("orchestra", changes=changes)
    assert message in str(caught.value)


def test_bytes_that_are_not_utf8_are_named_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"name: x\ntitle: \xff\n")
    with pytest.raises(InputError, match=r"line 2.*not UTF-8"):
        load_protocol(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        load_protocol(tmp_path / "none.yaml")
