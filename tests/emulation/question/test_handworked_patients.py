"""Do hand-made patients land where a reader of their record would put them?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.emulation.question.registries import cohort, patient, protocol

from debulk.core.errors import InputError
from debulk.emulation.question.person_time_from_cohort import EmulatedPatients, emulated_patients
from debulk.emulation.question.settings import settings_of
from debulk.patients import Cohort
from debulk.protocols import Protocol, load_protocol

# An untreated and a treated patient, so that both strategies occur beside the one looked at.
OTHERS = {
    "untreated": patient(last=31.0, dead=True),
    "treated": patient(last=41.0, dead=True, local=(3.0,)),
}


def found_in(registry: Cohort, asked: Protocol | None = None, **others: object) -> EmulatedPatients:
    asked = asked or protocol()
    settings = settings_of(asked, {}, tau_months=None, **others)
    return emulated_patients(registry, asked, settings)


def of(found: EmulatedPatients, name: str) -> dict[str, object]:
    """What person-time holds of one patient."""
    pt = found.person_time
    place = pt.patient_id.index(name)
    rows = slice(int(pt.first[place]), int(pt.first[place + 1]))
    return {
        "time": pt.time_months[place],
        "cause": pt.cause[place],
        "entry": pt.entry_months[place],
        "start": pt.start_months[place],
        "start_visit": pt.start_visit[place],
        "complete": pt.complete_months[place],
        "progression": pt.progression_months[place],
        "lost": pt.lost[place],
        "visits": pt.visit[rows].tolist(),
        "eligible": pt.eligible[rows].tolist(),
        "values": pt.values[rows],
    }


def reason(found: EmulatedPatients) -> dict[str, int]:
    return {each.reason: int(each.count) for each in found.flow.left_out}


def test_times_count_from_time_zero_and_visits_end_with_follow_up() -> None:
    one = of(found_in(cohort(a=patient(last=4.5, dead=True, line=1.0), **OTHERS)), "a")
    assert one["time"] == pytest.approx(3.5)
    assert one["cause"] == 1
    # Visits at 0, 1, 2 and 3 months; the event comes before visit 4.
    assert one["visits"] == [0, 1, 2, 3]
    assert np.isnan(one["start"])


def test_who_ends_on_a_visit_has_no_row_there() -> None:
    one = of(found_in(cohort(a=patient(last=4.0, line=1.0), **OTHERS)), "a")
    assert one["visits"] == [0, 1, 2]
    assert one["cause"] == 0


def test_visits_end_at_the_horizon_for_all() -> None:
    asked = protocol()
    settings = settings_of(asked, {}, tau_months=12.0)
    found = emulated_patients(cohort(**OTHERS), asked, settings)
    assert found.person_time.visit.max() == 11
    assert found.person_time.time_months.max() == pytest.approx(40.0)


def test_progression_on_the_visit_day_ends_eligibility_there() -> None:
    one = of(found_in(cohort(a=patient(last=9.0, line=1.0, progression=3.0), **OTHERS)), "a")
    assert one["eligible"] == [True, True, False, False, False, False, False, False]


def test_progression_between_visits_ends_eligibility_at_the_next() -> None:
    one = of(found_in(cohort(a=patient(last=9.0, line=1.0, progression=3.4), **OTHERS)), "a")
    assert one["eligible"] == [True, True, True, False, False, False, False, False]


def test_a_progression_of_the_scans_counts_like_one_of_the_follow_up() -> None:
    scans = ((2.5, "SD", None), (3.4, "PD", None), (5.0, "PD", None))
    one = of(found_in(cohort(a=patient(last=9.0, line=1.0, assessments=scans), **OTHERS)), "a")
    assert one["progression"] == pytest.approx(2.4)


def test_treated_and_seen_last_in_one_month_is_treated() -> None:
    one = of(found_in(cohort(a=patient(last=6.8, line=1.0, local=(6.3,)), **OTHERS)), "a")
    assert one["start_visit"] == 5
    assert one["visits"][-1] == 5


def test_treatment_after_progression_is_usual_care_and_counted() -> None:
    a = patient(last=19.0, line=1.0, progression=3.0, local=(9.0,))
    found = found_in(cohort(a=a, **OTHERS))
    one = of(found, "a")
    assert one["start"] == pytest.approx(8.0)
    assert not any(one["eligible"][2:])
    assert found.late_after_progression == 1
    assert "patients treated after progression, which is usual care: 1" in found.flow.decisions


def test_treated_where_not_eligible_counts_as_eligible_there() -> None:
    scans = ((2.0, "SD", 5.0), (4.0, "SD", 50.0))
    a = patient(last=19.0, line=1.0, local=(5.2,), assessments=scans, cea_ug_l=5.0)
    others = {name: {**each, "columns": {"cea_ug_l": 5.0}} for name, each in OTHERS.items()}
    asked = protocol(covariates=("cea_ug_l",), eligible_while="cea_ug_l <= 20")
    found = found_in(cohort(a=a, **others), asked)
    # CEA is above 20 from 3 months after time zero on, and treatment came at visit 4.
    assert of(found, "a")["eligible"][:7] == [True, True, True, False, True, False, False]
    assert found.treated_not_eligible == 1


def test_prevalent_treatment_leaves_and_treatment_at_time_zero_stays() -> None:
    before = patient(last=19.0, line=1.0, local=(0.9,))
    at_once = patient(last=19.0, line=1.0, local=(1.0,))
    found = found_in(cohort(before=before, at_once=at_once, **OTHERS))
    assert "before" not in found.person_time.patient_id
    assert of(found, "at_once")["start_visit"] == 0
    assert found.prevalent == 1
    assert reason(found)["local treatment before time zero (prevalent treatment)"] == 1


def test_treatment_of_symptoms_or_of_the_primary_is_not_the_strategy() -> None:
    bone = patient(last=19.0, local=(2.0,), intent="symptoms")
    bowel = patient(last=19.0, local=(2.0,), treated=(("L0",),), lesions=("primary", "liver"))
    found = found_in(cohort(bone=bone, bowel=bowel, **OTHERS))
    assert np.isnan(of(found, "bone")["start"])
    assert np.isnan(of(found, "bowel")["start"])
    assert "local treatments left aside, for symptoms: 1" in found.flow.decisions
    assert "local treatments left aside, of the primary alone: 1" in found.flow.decisions


def test_a_rule_says_which_local_treatments_count() -> None:
    knife = patient(last=19.0, local=(2.0,), local_name="resection")
    port = patient(last=19.0, local=(2.0,), local_name="port")
    found = found_in(cohort(knife=knife, port=port), protocol(local_rule="name = 'resection'"))
    assert of(found, "knife")["start"] == pytest.approx(1.0)
    assert np.isnan(of(found, "port")["start"])


def test_treatment_after_death_leaves_and_after_the_last_contact_is_left_aside() -> None:
    dead = patient(last=9.0, dead=True, local=(9.5,))
    alive = patient(last=9.0, local=(9.5,))
    found = found_in(cohort(dead=dead, alive=alive, **OTHERS))
    assert reason(found)["local treatment dated after death"] == 1
    assert np.isnan(of(found, "alive")["start"])
    aside = "patients whose local treatment, dated after the last contact, was left aside: 1"
    assert aside in found.flow.decisions


def test_first_response_is_the_first_assessment_without_progression() -> None:
    scans = ((1.0, "SD", None), (3.0, "PR", None), (5.0, "SD", None))
    early = patient(last=19.0, line=1.0, assessments=((1.5, "SD", None), (4.0, "SD", None)))
    found = found_in(
        cohort(
            responder=patient(last=19.0, line=1.0, assessments=scans, local=(4.0,)),
            early=early,
            worse=patient(last=19.0, assessments=((3.0, "PD", None), (5.0, "SD", None))),
            unseen=patient(last=19.0),
            without=patient(last=19.0, line=None, assessments=scans),
            second=patient(last=19.0, second_line=2.5, assessments=((3.0, "SD", None),)),
        ),
        protocol(time_zero="first-response", response_after_months=1.0),
    )
    # A scan on the day the line begins, or too soon after it, is no response.
    assert of(found, "responder")["time"] == pytest.approx(16.0)
    assert of(found, "early")["time"] == pytest.approx(15.0)
    assert reason(found) == {
        "no first palliative line with a date": 1,
        "no response assessed after the first palliative line began": 1,
        "progressed before a response without progression was assessed": 1,
        "the second line began before a response was assessed": 1,
    }


def test_a_registry_that_knows_only_progression_or_none_has_responses_too() -> None:
    made = cohort(
        a=patient(last=19.0, assessments=((3.0, None, None),), local=(4.0,)),
        b=patient(last=19.0, assessments=((3.0, "PD", None),)),
        c=patient(last=19.0, assessments=((2.0, None, None), (3.0, None, None))),
    )
    rows = made.assessments.with_columns(progressed=np.array([False, True, True, False]))
    # A scan of unknown reading is none; those told tell.
    registry = Cohort.from_tables({**made.tables, "assessments": rows})
    found = found_in(registry, protocol(time_zero="first-response"))
    assert found.person_time.patient_id == ("a", "c")
    assert of(found, "c")["time"] == pytest.approx(16.0)


@pytest.mark.parametrize(
    ("time_zero", "time"),
    [("first-line", 18.0), ("metastatic-diagnosis", 18.5), ("cohort-start", 19.0), ("board", 17.0)],
)
def test_each_time_zero(time_zero: str, time: float) -> None:
    a = patient(last=19.0, line=1.0, detected=0.5, board=2.0)
    b = patient(last=29.0, line=1.0, detected=0.5, board=2.0, local=(3.0,))
    found = found_in(cohort(a=a, b=b), protocol(time_zero=time_zero))
    assert of(found, "a")["time"] == pytest.approx(time)


def test_late_entry_counts_from_time_zero_and_none_is_observed_after_the_end() -> None:
    late = patient(last=19.0, line=1.0, entry_months=4.0)
    never = patient(last=19.0, line=1.0, entry_months=19.0)
    early = patient(last=19.0, line=1.0, entry_months=0.5)
    found = found_in(cohort(late=late, never=never, early=early, **OTHERS))
    assert of(found, "late")["entry"] == pytest.approx(3.0)
    assert of(found, "early")["entry"] == 0.0
    assert "never" not in found.person_time.patient_id


def test_lost_are_those_last_seen_a_visit_or_more_before_the_cut_off() -> None:
    def followed(last: float, dead: bool = False) -> dict[str, object]:
        return patient(last=last, dead=dead, line=1.0, cutoff_months=30.0)

    found = found_in(
        cohort(
            lost=followed(12.0),
            seen=followed(29.5),
            dead=followed(12.0, dead=True),
            treated=patient(last=30.0, local=(2.0,), cutoff_months=30.0),
        )
    )
    assert found.loss_told
    assert [of(found, name)["lost"] for name in ("lost", "seen", "dead")] == [True, False, False]


def test_progression_free_survival_ends_at_the_first_of_both() -> None:
    found = found_in(
        cohort(
            a=patient(last=19.0, line=1.0, progression=5.0),
            b=patient(last=19.0, line=1.0),
            c=patient(last=19.0, line=1.0, progression=5.0, local=(7.0,)),
            **OTHERS,
        ),
        protocol(outcome="pfs"),
    )
    assert (of(found, "a")["time"], of(found, "a")["cause"]) == (pytest.approx(4.0), 1)
    assert (of(found, "b")["time"], of(found, "b")["cause"]) == (pytest.approx(18.0), 0)
    # Treatment after the event is none of this question's.
    assert np.isnan(of(found, "c")["start"])


def test_other_causes_compete_and_unknown_ones_are_a_cause_of_their_own() -> None:
    found = found_in(
        cohort(
            a=patient(last=19.0, dead=True, cause="cancer"),
            b=patient(last=19.0, dead=True, cause="heart"),
            c=patient(last=19.0, dead=True),
            d=patient(last=19.0, local=(2.0,)),
        ),
        protocol(event_causes=("cancer",)),
    )
    assert [of(found, name)["cause"] for name in "abcd"] == [1, 2, 3, 0]


def test_the_share_is_reached_with_the_lesion_that_makes_it() -> None:
    five = ("liver", "liver", "lung", "lung", "bone")
    staged = patient(
        last=29.0,
        line=1.0,
        lesions=five,
        local=(2.0, 3.0, 5.0),
        treated=(("L0", "L1"), ("L2", "L3"), ("L4",)),
    )
    again = patient(last=29.0, lesions=five, local=(2.0, 4.0), treated=(("L0",), ("L0", "L1")))
    found = found_in(
        cohort(staged=staged, again=again, none=patient(last=9.0)), protocol(share=0.8)
    )
    one = of(found, "staged")
    # Four of five lesions are 80 %: begun at 1, complete at 2 months after time zero.
    assert (one["start"], one["complete"]) == (pytest.approx(1.0), pytest.approx(2.0))
    # The same lesion twice is one lesion.
    assert np.isnan(of(found, "again")["complete"])


def test_lesions_of_later_do_not_count_for_the_share() -> None:
    a = patient(last=29.0, lesions=("liver",), local=(2.0,), treated=(("L0",),))
    registry = cohort(a=a, none=patient(last=9.0))
    later = {**registry.lesions.row(0, named=True), "lesion_id": "L9", "detected_months": 8.0}
    rows = [*registry.lesions.to_dicts(), later]
    found = found_in(Cohort.from_tables({**registry.tables, "lesions": rows}), protocol(share=1.0))
    assert of(found, "a")["complete"] == pytest.approx(1.0)


def test_covariates_are_the_last_value_at_or_before_the_visit() -> None:
    scans = ((0.5, None, 3.0), (2.0, None, 7.0), (3.5, None, 9.0), (99.0, None, 1.0))
    found = found_in(
        cohort(
            a=patient(last=7.0, line=1.0, assessments=scans, cea_ug_l=2.0),
            fixed=patient(last=7.0, line=1.0, cea_ug_l=4.0, local=(2.0,)),
        ),
        protocol(covariates=("cea_ug_l",)),
    )
    # Visits stand at 1, 2 ... 6 months; what is measured on the day of a visit is known there.
    assert of(found, "a")["values"][:, 0].tolist() == [3.0, 7.0, 7.0, 9.0, 9.0, 9.0]
    assert of(found, "fixed")["values"][:, 0].tolist() == [4.0] * 6


def test_words_become_a_column_for_each_level_but_the_first() -> None:
    found = found_in(
        cohort(
            a=patient(last=9.0, primary_site="right"),
            b=patient(last=9.0, primary_site="rectum"),
            c=patient(last=9.0, primary_site="left", local=(2.0,)),
        ),
        protocol(covariates=("primary_site",)),
    )
    assert found.person_time.names == ("primary_site = left", "primary_site = rectum")
    rows = [of(found, name)["values"][0].tolist() for name in "abc"]
    assert rows == [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]


def test_complete_cases_leave_out_and_indicators_mark_the_unknown() -> None:
    known = {f"k{n}": patient(last=9.0 + n, age_years=50.0 + n, local=(2.0,)) for n in range(3)}
    unknown = {f"u{n}": patient(last=9.0) for n in range(20)}
    asked = protocol(covariates=("age_years",))
    whole = found_in(cohort(**known, **unknown), asked, missing="complete-cases")
    assert whole.person_time.patients == 3
    assert reason(whole) == {"age_years unknown at time zero": 20}
    marked = found_in(cohort(**known, **unknown), asked, missing="indicator")
    assert marked.person_time.names == ("age_years", "age_years unknown")
    assert of(marked, "u0")["values"][0].tolist() == [51.0, 1.0]
    assert of(marked, "k0")["values"][0].tolist() == [50.0, 0.0]
    few = dict(list(unknown.items())[:19])
    unmarked = found_in(cohort(**known, **few), asked, missing="indicator")
    assert unmarked.person_time.names == ("age_years",)
    assert any("too few for a column" in each for each in unmarked.flow.decisions)


def test_criteria_are_judged_on_what_was_known_at_time_zero() -> None:
    # The second organ is found after time zero, the performance status falls after it.
    late = patient(last=9.0, lesions=("liver",), assessments=((5.0, None, None),))
    both = patient(last=9.0, local=(2.0,))
    registry = cohort(late=late, both=both)
    later = {**registry.lesions.row(0, named=True), "lesion_id": "L9", "organ": "lung"}
    rows = [*registry.lesions.to_dicts(), {**later, "detected_months": 4.0}]
    with_later = Cohort.from_tables({**registry.tables, "lesions": rows})
    found = found_in(with_later, protocol("E3"), unknown="exclude")
    assert found.person_time.patient_id == ("both",)


@pytest.mark.parametrize(
    ("unknown", "require", "patients"),
    [("assume-met", (), 3), ("exclude", (), 2), ("assume-met", ("E6",), 2), ("refuse", ("E6",), 2)],
)
def test_what_is_unknown_is_handled_as_asked(
    unknown: str, require: tuple[str, ...], patients: int
) -> None:
    registry = cohort(
        old=patient(last=9.0, age_years=60.0, local=(2.0,)),
        young=patient(last=9.0, age_years=17.0),
        adult=patient(last=9.0, age_years=18.0),
        ageless=patient(last=9.0),
    )
    found = found_in(registry, protocol("E6"), unknown=unknown, require=require)
    assert found.person_time.patients == patients
    judged = found.eligibility.criteria[0]
    assert (judged.met, judged.not_met, judged.unknown) == (2, 1, 1)


def test_consent_to_randomisation_is_not_asked_of_a_registry() -> None:
    bare, orchestra = protocol("E6"), load_protocol("orchestra")
    consent = next(each for each in orchestra.funnel if each.consent)
    asked = replace(
        bare,
        funnel=(*bare.funnel[:-1], consent, bare.funnel[-1]),
        criteria={**bare.criteria, "E9": orchestra.criteria["E9"]},
    )
    a, b = (patient(last=9.0, age_years=60.0, local=each) for each in ((2.0,), ()))
    found = found_in(cohort(a=a, b=b), asked)
    handling = {each.id: each.handling for each in found.eligibility.criteria}
    assert handling == {"E6": "judged", "E9": "not asked"}


def test_undated_treatment_is_counted_apart() -> None:
    found = found_in(
        cohort(
            undated=patient(last=9.0, local=(None,)),
            both=patient(last=9.0, local=(None, 3.0)),
            **OTHERS,
        )
    )
    assert found.undated == 1
    assert found.undated_only.tolist() == [True, False, False, False]
    assert of(found, "both")["start"] == pytest.approx(2.0)


def test_centres_are_numbered() -> None:
    found = found_in(
        cohort(
            a=patient(last=9.0, centre="north"),
            b=patient(last=9.0, centre="south", local=(2.0,)),
            c=patient(last=9.0, centre="north"),
        )
    )
    assert found.person_time.centre.tolist() == [0, 1, 0]


def test_overlapping_lines_are_counted_and_reversed_ones_refused() -> None:
    a = patient(last=9.0, line=1.0, line_end=5.0, second_line=4.0, local=(2.0,))
    found = found_in(cohort(a=a, b=patient(last=9.0)))
    assert any("lines that overlap" in each for each in found.flow.decisions)
    with pytest.raises(InputError, match=r"patient a.*later line begins at 0\.5, before the first"):
        found_in(cohort(a=patient(last=9.0, line=1.0, second_line=0.5), b=patient(last=9.0)))


def test_a_covariate_measured_only_later_is_marked_until_then() -> None:
    scans = ((3.0, None, 8.0),)
    people = {
        f"p{n}": patient(last=9.0, line=1.0, local=(2.0,), assessments=scans) for n in range(20)
    }
    asked = protocol(covariates=("cea_ug_l",))
    found = found_in(cohort(**people, last=patient(last=9.0)), asked, missing="indicator")
    assert found.person_time.names == ("cea_ug_l", "cea_ug_l unknown")
    assert of(found, "p0")["values"][:4].tolist() == [
        [8.0, 1.0],
        [8.0, 1.0],
        [8.0, 0.0],
        [8.0, 0.0],
    ]
    nobody = {f"p{n}": patient(last=9.0 + n, local=(2.0,) if n else ()) for n in range(3)}
    without = found_in(cohort(**nobody), asked, missing="indicator")
    assert without.person_time.names == ()
    assert "covariates unknown in everybody, left out (cea_ug_l): 1" in without.flow.decisions


def test_calendar_time_counts_from_time_zero() -> None:
    people = {
        "a": patient(last=31.0, line=6.0, diagnosed=2010.0),
        "b": patient(last=31.0, local=(3.0,)),
    }
    found = found_in(cohort(**people), calendar="diagnosed")
    assert found.calendar[0] == pytest.approx(2010.5)
    assert np.isnan(found.calendar[1])
    with pytest.raises(InputError, match="calendar: 'diagnosis' is no column of years"):
        found_in(cohort(**people), calendar="diagnosis")


def test_logarithms_are_taken_where_asked() -> None:
    scans = ((2.0, None, 9.0),)
    people = {
        "a": patient(last=5.0, line=1.0, cea_ug_l=0.0, assessments=scans),
        "b": patient(last=15.0, cea_ug_l=1.0, local=(2.0,)),
    }
    found = found_in(cohort(**people), protocol(covariates=("log1p(cea_ug_l)",)))
    assert found.person_time.names == ("log1p(cea_ug_l)",)
    assert of(found, "a")["values"][:2, 0] == pytest.approx([0.0, np.log(10.0)])
    words = {name: {**each, "columns": {"sex": "male"}} for name, each in people.items()}
    with pytest.raises(InputError, match=r"covariate log1p\(sex\): holds words"):
        found_in(cohort(**words), protocol(covariates=("log1p(sex)",)))


def test_no_progression_ends_an_earlier_response() -> None:
    """A PD from before the line is past once a later assessment shows no progression."""
    seen = ((0.2, "PD", None), (1.5, None, None), (3.5, "SD", None))
    registry = cohort(a=patient(last=9.0, assessments=seen), **OTHERS)
    told = pl.Series("progressed", [True, False, False])
    registry = replace(registry, assessments=registry.assessments.with_columns(told))
    asked = protocol(covariates=("response",))
    found = found_in(registry, asked, missing="indicator")
    levels = [each.name for each in found.person_time.covariates]
    progressed = of(found, "a")["values"][:, levels.index("response = PD")].tolist()
    # At time zero (month 1) the PD is the last that is known; from month 2 on it is past.
    assert progressed == [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    without = replace(registry, assessments=registry.assessments.drop("progressed"))
    kept = of(found_in(without, asked, missing="indicator"), "a")["values"]
    assert kept[:, levels.index("response = PD")].tolist() == [
        1.0,
        1.0,
        1.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
    ]
