"""Is the part of a protocol that puts its question to a registry read, changed and refused?"""

from __future__ import annotations

import pytest

from debulk.core import InputError
from debulk.patients import FEATURES
from debulk.patients.columns import ASSESSMENTS, PATIENTS
from debulk.protocols import load_protocol, packaged_protocols
from debulk.protocols.emulation_plan import TIME_ZEROS

WITH_PLAN = ("clocc", "luna", "orchestra", "sabr-comet")


def test_the_packaged_plans() -> None:
    found = tuple(n for n in packaged_protocols() if load_protocol(n).emulation is not None)
    assert found == WITH_PLAN
    for name in WITH_PLAN:
        plan = load_protocol(name).emulation
        assert plan.time_zero in TIME_ZEROS
        columns = {each.removeprefix("log1p(").removesuffix(")") for each in plan.covariates}
        assert columns <= {*FEATURES, *PATIENTS, *ASSESSMENTS}
        assert "best_response" not in plan.covariates


def test_a_plan_is_part_of_the_record() -> None:
    protocol = load_protocol("orchestra")
    assert protocol.to_dict()["emulation"]["time_zero"] == "first-response"
    sources = {each.name: each.source for each in protocol.parameters}
    assert sources["emulation.grace_months"] == "assumption"
    assert protocol.sources()["emulation.response_after_months"] == "assumption"


def test_single_fields_are_changed_and_the_part_taken_away_or_added() -> None:
    changes = {"emulation.timing": "uniform", "emulation.grace_months": "3"}
    plan = load_protocol("orchestra", changes=changes).emulation
    assert (plan.timing, plan.grace_months) == ("uniform", 3.0)
    assert load_protocol("orchestra", changes={"emulation": "none"}).emulation is None
    added = load_protocol(
        "pulmicc",
        changes={
            "emulation.time_zero": "cohort-start",
            "emulation.grace_months": "4",
            "emulation.timing": "natural",
            "emulation.covariates": "age_years,who_ps",
        },
    ).emulation
    assert added.covariates == ("age_years", "who_ps")
    assert added.share == "strategy"


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"emulation.timing": "soon"}, r"emulation\.timing"),
        ({"emulation.timing": "none"}, r"emulation\.timing"),
        ({"emulation.grace_months": "2.5"}, r"emulation.grace_months.*whole number from 1 to 60"),
        ({"emulation.grace_months": "61"}, r"emulation.grace_months.*found 61"),
        ({"emulation.response_after_months": "-1"}, r"response_after_months.*found -1"),
        ({"emulation.share": "most"}, r"emulation\.share"),
        ({"emulation.time_zero": "first-line"}, r"belongs to time_zero: first-response"),
        ({"emulation.source": "trials:ORCHESTRA/hr_os"}, r"emulation.*cites.*hr_os"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, str], match: str) -> None:
    with pytest.raises(InputError, match=match):
        load_protocol("orchestra", changes=changes)


def test_only_local_treatment_against_none_has_a_plan() -> None:
    changes = {
        "emulation.time_zero": "cohort-start",
        "emulation.grace_months": "4",
        "emulation.timing": "natural",
    }
    with pytest.raises(InputError, match=r"collision.*do not differ in whether metastases"):
        load_protocol("collision", changes=changes)
