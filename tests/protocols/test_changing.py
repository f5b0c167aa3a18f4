"""`--set` of what a file holds, of what it leaves out, and of what there is not."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debulk.core import InputError
from debulk.protocols import load_protocol
from debulk.protocols.plans import Monitoring


def changed(name: str = "luna", **changes: str):
    return load_protocol(name, changes={k.replace("__", "."): v for k, v in changes.items()})


def test_an_optional_number_is_added_with_its_source() -> None:
    protocol = changed(conduct__salvage="0.2", conduct__missed_visits="0.05")
    assert (protocol.conduct.salvage, protocol.conduct.missed_visits) == (0.2, 0.05)
    record = next(each for each in protocol.parameters if each.name == "conduct.salvage")
    assert (record.value, record.status, record.source) == (0.2, "chosen", "chosen by the user")


def test_words_are_added_and_told() -> None:
    protocol = changed(design__test="rmst:24", design__sided="1")
    assert (protocol.design.test, protocol.design.sided) == ("rmst:24", 1)
    told = {each.name: each.value for each in protocol.parameters}
    assert told["design.test"] == "rmst:24"
    assert told["design.sided"] == "1"


@pytest.mark.parametrize("looks", ["[0.5, 1]", "0.5,1", "0.5, 1"])
def test_a_whole_part_is_added_field_by_field(looks) -> None:
    protocol = changed(
        design__events="60",
        design__monitoring__information=looks,
        design__monitoring__efficacy="pocock",
        design__monitoring__harm="spending-pocock",
        design__monitoring__harm_alpha="0.05",
    )
    assert protocol.design.monitoring == Monitoring(
        (0.5, 1.0), "pocock", harm="spending-pocock", harm_alpha=0.05
    )


def test_randomisation_and_centres_are_added() -> None:
    protocol = changed(
        conduct__randomisation__method="minimisation",
        conduct__randomisation__strata="centre",
        conduct__centres__number="7",
    )
    assert protocol.conduct.randomisation.method == "minimisation"
    assert protocol.conduct.randomisation.strata == ("centre",)
    assert protocol.conduct.centres is not None
    assert protocol.conduct.centres.number == 7


def test_lists_of_words_are_changed_and_added() -> None:
    assert changed("collision", arms__ablation__modalities="rfa").experimental.strategy == (
        changed("collision", arms__ablation__modalities="[rfa]").experimental.strategy
    )
    before = load_protocol("orchestra").experimental.strategy
    after = changed("orchestra", arms__debulking__targets="liver, lung").experimental.strategy
    assert (before.targets, after.targets) == ((), ("liver", "lung"))


def test_none_takes_away_what_may_be_left_out() -> None:
    assert changed("collision", design__null_ratio="none").design.null_ratio == 1.0
    with pytest.raises(InputError, match="not a number"):
        changed(design__alpha="none")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("conduct.salvag", "0.1", "Did you mean 'salvage'"),
        ("conduct.salvage", "lots", "not a number"),
        ("conduct.salvage", "1.5", "from 0 to 1"),
        ("conduct.salvage.valeu", "1.5", "Did you mean 'value'"),
        ("design.monitoring", "pocock", "Name one of: information, efficacy"),
        ("design.monitoring.efficacy", "pocock", r"information.*by --set too.*--yaml"),
        ("design.monitoring.looks", "2", "has no field 'looks' there"),
        ("conduct.randomisation.method", "dice", "dice"),
        ("conduct.centres.number", "0", "from 1 to 10000"),
        ("planned.hazard_ratio_os", "0.8", "by --set too"),
        ("endpoints.pfs.primary", "true", "no field 'pfs'"),
        ("criteria", "E1", "Name one of: E1"),
        ("design.goal.x", "1", "no field 'x'"),
        ("design.test", "[1", "is no value"),
    ],
)
def test_what_cannot_be_set_says_why(key, value, message) -> None:
    with pytest.raises(InputError, match=message):
        load_protocol("luna", changes={key: value})


KEYS = st.lists(
    st.sampled_from(
        [
            "conduct",
            "design",
            "monitoring",
            "salvage",
            "value",
            "arms",
            "control",
            "x",
            "funnel",
            "",
        ]
    ),
    min_size=1,
    max_size=4,
).map(".".join)


@settings(max_examples=150, deadline=None)
@given(
    key=KEYS, value=st.one_of(st.sampled_from(["0.5", "none", "{a: 1}", "[]", "? :"]), st.text())
)
def test_property_a_change_works_or_is_refused_in_words(key, value) -> None:
    with contextlib.suppress(InputError):
        load_protocol("luna", changes={key: value})
