"""Systemic therapy of the arms in a protocol's file: read, told, or refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from debulk.core.errors import InputError
from debulk.protocols import load_protocol, protocol_text
from debulk.protocols.plans import SystemicPlan

STOP = "arms.perioperative.systemic.stop_after_months"


def test_it_is_read_and_told() -> None:
    protocol = load_protocol("eortc-40983", changes={STOP: "6"})
    plans = [arm.strategy.systemic for arm in protocol.arms]
    assert plans == [
        SystemicPlan("after progression"),
        SystemicPlan(stop_after_months=6.0, regimen="folfox"),
    ]
    assert [plan.throughout for plan in plans if plan] == [False, False]
    assert SystemicPlan(regimen="folfox").throughout
    assert protocol.systemic_by_arm
    assert not load_protocol("orchestra").systemic_by_arm
    assert protocol.to_dict()["arms"][0]["strategy"]["systemic"]["given"] == "after progression"
    told = {each.name: each for each in protocol.parameters}
    assert told[STOP].status == "chosen"


def said(folder: Path, before: str, after: str) -> str:
    """What is said of EORTC 40983 with one text changed."""
    text, _ = protocol_text("eortc-40983")
    assert text.count(before) == 1
    path = folder / "mine.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_protocol(path)
    return str(raised.value)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("regimen: folfox\n", "regimen: folfux\n", ("line", "'folfux'", "folfox")),
        ("given: after progression\n", "given: never\n", ("line", "given")),
        (
            "given: after progression\n",
            "given: after progression\n      start_after_months: {value: 1, source: mine}\n",
            ("belong to given: lines",),
        ),
        ("        value: 8.3\n", "        value: 61\n", ("stop_after_months", "0 to 60")),
        (
            "source: trials:EORTC 40983 (EPOC)/control\n",
            "source: trials:ORCHESTRA/hr_os\n",
            ("arms.control.systemic", "hr_os"),
        ),
        (
            "source: trials:EORTC 40983 (EPOC)/control\n",
            "source: assumption\n",
            ("say why in note",),
        ),
    ],
)
def test_mistakes_are_refused(
    tmp_path: Path, before: str, after: str, words: tuple[str, ...]
) -> None:
    text = said(tmp_path, before, after)
    assert "mine.yaml" in text
    for each in words:
        assert each in text
