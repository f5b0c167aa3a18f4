"""The packaged facts of delivery: behind the wall, and the numbers of the rows they cite."""

from __future__ import annotations

import pytest

from debulk.core.errors import InputError
from debulk.evidence import finding
from debulk.protocols import load_protocol
from debulk.treatments import load_modalities
from debulk.trials.retrodiction.delivering import as_delivered
from debulk.trials.retrodiction.facts import facts_from, packaged_facts
from debulk.trials.retrodiction.published import published_of, study_of

CONVERTED = 1e-12
"""Unit conversions in double precision."""

HEAD = (
    "posterior_sha256: aa\ntrials:\n  - study: X\n"
    "    patients: {value: 382, source: 'trials:ORCHESTRA/enrolled_n'}\n"
)


def _fact(reported: str, rest: str = "how: set") -> str:
    return (
        f"{HEAD}    as_delivered:\n      - what: deaths\n        numbers: [conduct.withdrawn]\n"
        f"        {rest}\n        reported: {reported}\n        reasoning: because\n"
    )


def test_no_fact_rests_on_a_held_out_result() -> None:
    facts = packaged_facts()
    assert len(facts) == 7
    keys = [each.reported.source for one in facts.values() for each in one.as_delivered]
    assert len(keys) >= 9
    assert {finding(key).role for key in keys} <= {"process", "calibration"}
    assert {finding(one.patients.source).role for one in facts.values()} == {
        "protocol",
        "calibration",
    }


def test_every_fact_belongs_to_a_trial_with_a_protocol_that_is_predicted() -> None:
    from debulk.protocols import packaged_protocols

    loaded = [load_protocol(name) for name in packaged_protocols()]
    fits = {study_of(each).name for each in loaded if each.applicability.level != "none"}
    assert set(packaged_facts()) <= fits


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            _fact("{value: 0.88, unit: share, source: 'trials:ORCHESTRA/hr_os'}"),
            "its role is validation",
        ),
        (_fact("{value: 3, unit: share, source: 'trials:ORCHESTRA/nothing'}"), "no finding has"),
        (
            _fact("{value: 60, unit: share, source: 'parameters:harm/80-debulking-achieved'}"),
            "does not say",
        ),
        (_fact("{value: 72, unit: days, source: 'x'}"), "ays and weeks say what they become"),
        (
            _fact(
                "{value: 72, unit: share, source: 'parameters:harm/80-debulking-achieved'}",
                "how: reach",
            ),
            "names the simulated figure",
        ),
        (_fact("{value: 1, unit: share, source: 'x', more: 2}"), "more"),
    ],
)
def test_what_does_not_hold_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        facts_from(text, "mine.yaml")
    assert "mine.yaml, line" in str(caught.value)


def test_a_trial_twice_is_refused() -> None:
    text = HEAD + "".join(HEAD.splitlines(keepends=True)[2:])
    with pytest.raises(InputError, match="comes twice"):
        facts_from(text, "mine.yaml")


def test_orchestra_as_delivered_by_hand() -> None:
    protocol, cards = load_protocol("orchestra"), load_modalities()
    blind = {"treated_80": 0.75, "mortality_90_days": 0.054}
    found = as_delivered(protocol, cards, packaged_facts()["ORCHESTRA"], blind)
    strategy = found.protocol.experimental.strategy
    # 0.9 delivered and 5 % refusing gave 75 %; 72 % were reported, refusals inside it.
    assert strategy.delivered == pytest.approx(0.9 * 0.95 * 0.72 / 0.75, rel=CONVERTED)
    assert found.protocol.conduct.withdrawn == 0.0
    resection = found.modalities["liver_resection"]
    before = cards["liver_resection"]
    assert resection.pause_after_days.value == pytest.approx(12.7 * 7.0 - 28.0, rel=CONVERTED)
    assert resection.resume_probability.value == 0.865
    expected = before.mortality_90_days.value * 0.027 / 0.054
    assert resection.mortality_90_days.value == pytest.approx(expected, rel=CONVERTED)
    assert protocol.conduct.withdrawn == 0.05


def test_what_cannot_be_reached_stays_a_probability() -> None:
    facts = packaged_facts()["TransMet"]
    found = as_delivered(
        load_protocol("transmet"), load_modalities(), facts, {"treated_as_assigned": 0.5}
    )
    assert found.protocol.experimental.strategy.delivered == 1.0
    months = found.protocol.experimental.strategy.start_after_months
    assert months == pytest.approx(51 / 30.4375, rel=CONVERTED)


def test_published_effects() -> None:
    sirflox = published_of("SIRFLOX/FOXFIRE/FOXFIRE-Global")
    assert sirflox is not None
    # 844 deaths: log error 2 / sqrt(844) = 0.0688.
    assert sirflox.lower == pytest.approx(0.9087, abs=5e-5)
    assert "844 deaths" in sirflox.interval
    cairo4 = published_of("CAIRO4")
    assert cairo4 is not None
    assert cairo4.measure == "median_ratio"
    assert cairo4.estimate == pytest.approx(20.1 / 18.3, rel=CONVERTED)
    assert cairo4.lower is not None
    assert published_of("ERASur (A022101/NRG-GI009)") is None
    clocc = published_of("CLOCC")
    assert clocc is not None
    assert clocc.arms["survival_60_control"] == pytest.approx(0.303)


def test_a_protocol_without_published_name_is_known_by_its_registration() -> None:
    assert study_of(load_protocol("erasur")).name == "ERASur (A022101/NRG-GI009)"
    assert study_of(load_protocol("sabr-comet-3")).role == "planned"
