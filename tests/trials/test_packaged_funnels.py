"""Packaged funnels and planned effects: of every protocol, fresh, and never a published result."""

from __future__ import annotations

import dataclasses

import pytest

from debulk.protocols import load_protocol, packaged_protocols
from debulk.trials.packaged_funnels import packaged_funnel
from debulk.trials.planned_effects import planned_effect


@pytest.mark.parametrize("name", packaged_protocols())
def test_every_protocol_has_its_funnel_of_the_file_as_it_is_now(name: str) -> None:
    protocol = load_protocol(name)
    funnel = packaged_funnel(protocol)
    assert funnel is not None, "run scripts/simulate_protocol_funnels.py"
    assert [each.step for each in funnel.steps] == [each.step for each in protocol.funnel]
    numbers = [each.patients for each in funnel.steps]
    assert numbers == sorted(numbers, reverse=True)
    changed = dataclasses.replace(protocol, sha256="another")
    assert packaged_funnel(changed) is None


@pytest.mark.slow
def test_the_packaged_funnel_is_what_the_run_gives() -> None:
    from debulk.trials import run_trial

    funnel = packaged_funnel(load_protocol("cairo4"))
    assert funnel is not None
    found = run_trial("cairo4", trials=funnel.trials, seed=funnel.seed).to_dict()["funnel"]
    assert [round(each["patients"], 1) for each in found] == [e.patients for e in funnel.steps]


def test_planned_effects_say_what_was_planned() -> None:
    orchestra = planned_effect(load_protocol("orchestra"))
    assert orchestra is not None
    assert (orchestra.gain_months, orchestra.median_control_months) == (6.0, 18.0)
    cairo4 = planned_effect(load_protocol("cairo4"))
    assert cairo4 is not None
    assert cairo4.hazard_ratio == load_protocol("cairo4").planned.hazard_ratio_os  # type: ignore[union-attr]
    assert planned_effect(load_protocol("clocc")) is None
