"""Registry records beside packaged protocols: judged where someone curated, shown where not."""

import json

import pytest
from tests.board.known_cases import criterion, known, seen
from tests.board.registry_record import ELIGIBILITY, RECORD, curated, record

from debulk.board.matching.criteria_met import hold_trials
from debulk.board.matching.registry_trials import read_registry_trial, registry_trial
from debulk.core import InputError


def matched(case, trial):
    return hold_trials(case, [trial], seen(case))[0]


def test_a_curated_record_is_matched_like_a_protocol():
    found = registry_trial(record(), curated(), name="record.json")
    assert found.interventions == ("Local treatment",)
    assert (found.trial.status, found.trial.status_source) == (
        "recruiting",
        "NCT99999999 2026-02-03",
    )
    fitting = matched(known("BC02"), found.trial)
    assert fitting.in_force.fit == "may fit"
    assert criterion(fitting.in_force, "X2").field == "answers.NCT99999999/X2"
    answered = known("BC02").with_answers({"NCT99999999/X2": True})
    assert matched(answered, found.trial).in_force.fit == "fits"
    assert criterion(fitting.in_force, "I2").source.endswith(
        "At least 2 but no more than 10 metastases"
    )


def test_a_curated_record_rules_out_as_a_protocol_does():
    found = registry_trial(record(), curated(), name="record.json")
    frail = matched(known("BC08"), found.trial).in_force
    assert frail.fit == "does not fit"
    assert {each.id for each in frail.criteria if each.state == "not met"} == {"I3", "maximumAge"}


def test_without_curated_criteria_text_is_shown_and_nothing_judged():
    found = registry_trial(record(), name="record.json").trial
    assert (found.curated, found.free_text) == (False, ELIGIBILITY)
    shown = matched(known("BC02"), found)
    assert criterion(shown.in_force, "rest").state == "unknown"
    assert shown.in_force.fit == "may fit"
    assert shown.to_dict()["free_text"] == ELIGIBILITY


def test_age_and_sex_are_judged_without_anyone():
    found = registry_trial(record(sex="FEMALE"), name="record.json").trial
    assert matched(known("BC01"), found).in_force.deciding.id == "sex"
    assert matched(known("BC08"), found).in_force.deciding.id == "maximumAge"


@pytest.mark.parametrize(
    ("age", "state"), [(80, "met"), (81, "not met"), (18, "met"), (17, "not met")]
)
def test_limits_of_age_include_the_year_they_name(age, state):
    found = registry_trial(record(), name="record.json").trial
    judged = matched(known("BC01", age_years=age), found).in_force
    states = {criterion(judged, each).state for each in ("minimumAge", "maximumAge")}
    assert ("not met" in states) == (state == "not met")


def test_months_and_no_limit_are_read():
    found = registry_trial(record(minimumAge="18 Months", maximumAge="N/A"), name="r").trial
    assert [each.id for each in found.versions[0].criteria] == ["minimumAge", "rest"]


def test_criteria_are_found_beside_the_record(tmp_path):
    (tmp_path / "NCT99999999.json").write_text(record())
    assert not read_registry_trial(tmp_path / "NCT99999999.json").trial.curated
    from tests.board.registry_record import CURATED

    (tmp_path / "NCT99999999.criteria.yaml").write_text(CURATED)
    assert read_registry_trial(tmp_path / "NCT99999999.json").trial.curated


def without(*path):
    whole = json.loads(json.dumps(RECORD))
    part = whole
    for each in path[:-1]:
        part = part[each]
    del part[path[-1]]
    return json.dumps(whole)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1"),
        ("[]", "no group 'protocolSection'"),
        ('{"studies": []}', "one by one"),
        ("[" * 100_000, "not JSON"),
        (without("protocolSection", "identificationModule", "nctId"), "nctId: is missing"),
        (without("protocolSection", "eligibilityModule"), "eligibilityModule: is missing"),
        (record(minimumAge="eighteen"), "minimumAge: 'eighteen' is no age"),
        (record(sex="MEN"), "found 'MEN'"),
        (record(eligibilityCriteria=3), "eligibilityCriteria: found 3"),
        (record(minimumAge="\u0661\u0668 Years"), "is no age"),
    ],
)
def test_a_record_that_does_not_fit_is_refused_with_its_place(text, said):
    with pytest.raises(InputError, match=said):
        registry_trial(text, name="record.json")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("NCT99999999", "NCT00000001", "the record is NCT99999999"),
        ("who_ps <= 1", "who <= 1", "line 17.*no feature is called 'who'"),
        ("who_ps <= 1", "count(who_ps) > 1", "cannot be called|sums patients"),
        ("source: Peritoneal carcinomatosis", "source: Liver failure", "does not stand in"),
        ("id: I2", "id: I1", "'I1' comes twice"),
        ("id: I2", "id: minimumAge", "comes twice"),
        ("judged: latest", "judged: never", "line 6"),
        ("complete: true", "complete: maybe", "line 2"),
        ("    rule: crc_confirmed", "    rules: crc_confirmed", "'rules' is not known"),
    ],
)
def test_curated_criteria_that_do_not_fit_are_refused_with_their_line(old, new, said):
    with pytest.raises(InputError, match=said):
        registry_trial(record(), curated((old, new)), name="record.json")
