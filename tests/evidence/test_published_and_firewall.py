"""Published results shown beside simulated ones, and the wall that keeps them out of the model."""

from __future__ import annotations

import pytest

from debulk.core import InputError
from debulk.evidence import firewall_violations, published_result, studies
from debulk.evidence.firewall import ALLOWED_ROLES


def test_orchestra_published_no_gain() -> None:
    result = published_result("orchestra")
    assert result is not None
    assert (result.hazard_ratio, result.lower, result.upper) == (0.88, 0.70, 1.10)
    assert result.median_os_months == {"control": 27.5, "experimental": 30.0}
    assert result.median_pfs_months == {"control": 10.4, "experimental": 10.5}
    assert result.p == 0.23
    assert "NCT01792934" in result.source
    assert "2024" in result.source
    assert result.role == "validation"
    assert any("0.27" in remark for remark in result.remarks)
    assert result.to_dict()["hazard_ratio"] == 0.88


def test_medians_alone_are_a_result() -> None:
    result = published_result("CAIRO4")
    assert result is not None
    assert result.hazard_ratio is None
    assert result.median_os_months == {"control": 18.3, "experimental": 20.1}


@pytest.mark.parametrize("trial", ["", "LUNA", "ERASur (A022101/NRG-GI009)"])
def test_a_trial_without_result_has_none(trial: str) -> None:
    assert published_result(trial) is None


def test_every_trial_can_be_asked_for() -> None:
    reported = [name for name in studies(table="trials")["study"] if published_result(name)]
    assert {"CLOCC", "PulMiCC", "TransMet", "iPACS", "COLLISION"} <= set(reported)


def test_an_unknown_trial_is_told() -> None:
    with pytest.raises(InputError, match="ORCHESTRA"):
        published_result("orchestre")


def test_calibration_and_protocol_pass_the_wall() -> None:
    uses = {
        "rfa.mortality": "parameters:harm/ablation-mortality-rfa-mwa#rfa",
        "orchestra.planned_n": "trials:ORCHESTRA/planned_n",
        "orchestra.share": "eligibility:ORCHESTRA/5; assumption",
        "elsewhere": "assumption",
    }
    assert firewall_violations(uses) == []


def test_the_wall_stops_outcomes_delivery_and_unknown_keys() -> None:
    uses = {
        "card": "trials:ORCHESTRA/hr_os",
        "pause": "parameters:harm/debulking-time-to-restart-chemo",
        "two": "parameters:harm/ablation-mortality-rfa-mwa;trials:CAIRO4/p_os",
        "typo": "trials:ORCHESTRA/planned",
    }
    found = firewall_violations(uses)
    assert [each.where for each in found] == ["card", "pause", "two", "typo"]
    assert "validation" in found[0].found
    assert "process" in found[1].found
    assert found[2].key == "trials:CAIRO4/p_os"
    assert "trials:ORCHESTRA/planned_n" in found[3].found


def test_delivery_may_serve_a_scenario_as_delivered_only() -> None:
    uses = {"pause": "parameters:harm/debulking-time-to-restart-chemo"}
    assert firewall_violations(uses, allow=ALLOWED_ROLES | {"process"}) == []
    assert firewall_violations({"hr": "trials:ORCHESTRA/hr_os"}, allow=ALLOWED_ROLES | {"process"})
