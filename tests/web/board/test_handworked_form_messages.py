"""Each message of the form, with the value that was found; each doubt and each cross-check."""

from __future__ import annotations

import pytest

from debulk.board.example_cases import example_cases
from debulk.board.matching.board_trials import packaged_trials
from debulk.core.strings import entries
from debulk.prognosis import load_score, packaged_scores
from debulk.treatments import card_named
from debulk.web.board.case_form import choices
from debulk.web.board.case_form.reading import Reading, read_typed
from debulk.web.board.case_form.typed import Typed, typed_of_content, with_lesion_names

CASES = {each.case_id: each.to_dict() for each in example_cases()}


def typed_case(case_id: str, **changes: str) -> Typed:
    """A packaged case as typed, with some fields changed; ``__`` stands for a point."""
    typed = with_lesion_names(typed_of_content(CASES[case_id], 1))
    for name, value in changes.items():
        table, *rest = name.split("__")
        row = typed.single[table] if len(rest) == 1 else typed.rows[table][rest[0]]
        row[rest[-1]] = value
    return typed


def reading_of(case_id: str, **changes: str) -> Reading:
    """What the form says of such a case."""
    typed = typed_case(case_id, **changes)
    return read_typed(typed, case_id=case_id, stored=CASES[case_id])


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        (
            "patients__age_years",
            "7",
            "Age is 18 to 110 years (found 7). This program covers adults.",
        ),
        ("patients__n_positive", "3.5", "Positive nodes are a whole number, 0 to 99 (found 3.5)."),
        (
            "patients__who_ps",
            "5",
            "WHO performance status is 0 to 4 (found 5; 5 is death).",
        ),
        ("patients__comorbidity", "31", "Points 0 to 30; leave the cancer out (found 31)."),
        ("patients__life_expectancy_months", "900", "Months, 0 to 240 (found 900: weeks?)."),
        ("patients__cea_ug_l", "-1", "CEA cannot be negative (found -1)."),
        (
            "patients__liver_remnant_share",
            "0.3",
            "Percent, 5 to 100. Found 0.3: did you mean 30?",
        ),
        ("lesions__L1__site", "left S9", "S9 is no liver segment (S1 to S8)."),
        ("lesions__L1__diameter_mm", "0", '0 is not a size: choose "disappeared".'),
        (
            "lesions__L1__detected_months",
            "-3",
            "Months count from the diagnosis of the bowel cancer and cannot be negative "
            "(found -3).",
        ),
        ("lesions__L1__organ", "hepar", 'Unknown organ "hepar". Did you mean'),
        (
            "patients__cea_ug_l",
            "1.234,5",
            "CEA: leave out what separates thousands (found 1.234,5).",
        ),
        ("patients__cea_ug_l", "1,234", "CEA: 1,234 may mean a decimal or thousands."),
        ("assessments__r1__ctdna_vaf", "140", "VAF is percent, 0 to 100 (found 140)."),
        ("assessments__r1__time_months", "", "Month is needed in a row that has begun."),
        ("patients__lesion_list_complete", "", "All lesions are listed is needed."),
    ],
)
def test_handworked_a_wrong_value_is_told_beside_its_field(
    field: str, typed: str, message: str
) -> None:
    reading = reading_of("BC04", **{field: typed})
    assert list(reading.errors) == [field.replace("__", ".")]
    assert reading.errors[field.replace("__", ".")].startswith(message)
    assert reading.case is None


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("treatments__r1__end_months", "0.5", "Ends (0.5) before it starts (1)."),
        ("treatments__r1__lesion_ids", "L99", "L99 is not in the lesion table."),
        ("treatments__r1__line", "", "Line is needed in a row that has begun."),
        ("treatments__r1__complication_grade", "5", "Grade 5 is death"),
    ],
)
def test_handworked_a_wrong_treatment_is_told(field: str, typed: str, message: str) -> None:
    reading = reading_of("BC03", **{field: typed})
    assert reading.errors[field.replace("__", ".")].startswith(message)


@pytest.mark.parametrize(
    ("case_id", "field", "typed", "question"),
    [
        ("BC04", "lesions__L1__diameter_mm", "2,8", "2.8 looks like centimetres: use 28?"),
        ("BC04", "lesions__L1__diameter_mm", "210", "210 mm is rare: confirm."),
        (
            "BC04",
            "case__question",
            "Mr Jan Jansen: resect?",
            'Looks like a date, name, number or address: "Mr Jan"',
        ),
        ("BC03", "treatments__r1__name", "FOLFIXI", 'No card "FOLFIXI". Did you mean'),
    ],
)
def test_handworked_an_unusual_value_is_asked_about_once(
    case_id: str, field: str, typed: str, question: str
) -> None:
    reading = reading_of(case_id, **{field: typed})
    (asked,) = reading.open_doubts
    assert asked.field == field.replace("__", ".")
    assert asked.text.startswith(question)
    again = typed_case(case_id, **{field: typed})
    again.kept.add(asked.mark)
    kept = read_typed(again, case_id=case_id, stored=CASES[case_id])
    assert kept.open_doubts == []
    assert kept.content()["kept_as_typed"] == [asked.mark]


def test_handworked_a_kept_value_that_changes_is_asked_about_again() -> None:
    (first,) = reading_of("BC04", lesions__L1__diameter_mm="2.8").open_doubts
    typed = typed_case("BC04", lesions__L1__diameter_mm="3.8")
    typed.kept.add(first.mark)
    assert len(read_typed(typed, case_id="BC04").open_doubts) == 1


@pytest.mark.parametrize(
    ("case_id", "changes", "words"),
    [
        (
            "BC03",
            {"patients__primary_in_situ": "no"},
            'The primary is marked as removed, yet a lesion "primary" is still untreated.',
        ),
        (
            "BC01",
            {"patients__synchronous": "yes"},
            "Marked synchronous, but the first metastasis is dated month 14.",
        ),
        ("BC03", {"patients__synchronous": "no"}, "Marked as not synchronous"),
        ("BC04", {"patients__adjuvant_end_months": "4"}, '"None" was chosen, yet an end is given.'),
        (
            "BC04",
            {"lesions__L1__detected_months": "30"},
            "Detected in month 30, but the board meets in month 1.2.",
        ),
        (
            "BC04",
            {"lesions__L1__volume_ml": "900"},
            "900 ml for a 26 mm lesion (sphere: 9.2 ml)?",
        ),
        (
            "BC03",
            {"assessments__r2__sum_diameters_mm": "158"},
            "158 mm, but the listed targets add up to 130 mm.",
        ),
        (
            "BC03",
            {"assessments__r1__sum_diameters_mm": "101"},
            "PR, yet the sum rose from 101 to 130 mm.",
        ),
        (
            "BC04",
            {"lesions__L1__disappeared": "yes", "lesions__L1__disappeared_on": "CT"},
            '"Disappeared" means not seen on MRI. CT alone is kept, and said.',
        ),
    ],
)
def test_handworked_entries_that_do_not_fit_are_told_and_never_block(
    case_id: str, changes: dict[str, str], words: str
) -> None:
    reading = reading_of(case_id, **changes)
    assert reading.errors == {}
    assert reading.case is not None
    assert any(each.text.startswith(words) for each in reading.open_checks)


def test_handworked_line_two_that_starts_first_is_told() -> None:
    typed = typed_case("BC03", treatments__r1__line="2")
    typed.rows["treatments"]["n1"] = typed.rows["treatments"]["r1"] | {
        "line": "1",
        "start_months": "2",
    }
    reading = read_typed(typed, case_id="BC03")
    assert [each.text for each in reading.checks] == ["Line 2 starts before line 1."]


def test_ages_of_ninety_and_over_are_kept_as_ninety() -> None:
    case = reading_of("BC04", patients__age_years="97").case
    assert case is not None
    assert case.patient["age_years"] == 90.0


def test_percent_is_kept_as_a_share() -> None:
    case = reading_of("BC04", patients__liver_remnant_share="41,5").case
    assert case is not None
    assert case.patient["liver_remnant_share"] == 0.415


def test_a_number_and_unknown_together_are_a_question() -> None:
    reading = reading_of("BC04", **{"patients__asa:unknown": "yes"})
    assert "marked as unknown" in reading.errors["patients.asa"]


def test_answers_by_hand_are_kept_and_taken_back() -> None:
    typed = typed_case("BC03")
    typed.answers = {"orchestra/X6": "yes", "no/such": "yes"}
    case = read_typed(typed, case_id="BC03", trials=packaged_trials()).case
    assert case is not None
    assert dict(case.answers) == {"orchestra/X6": True}
    typed.answers = {"orchestra/X6": ""}
    stored = CASES["BC03"] | {"answers": {"orchestra/X6": True}}
    case = read_typed(typed, case_id="BC03", stored=stored).case
    assert case is not None
    assert dict(case.answers) == {}


NODES = ("paraaortic", "left para-aortic", "Retroperitoneal", "aortocaval", "para_aortic nodes")


@pytest.mark.parametrize("words", NODES)
def test_handworked_a_station_is_kept_in_one_spelling_however_it_is_written(words: str) -> None:
    reading = reading_of("BC05", lesions__N1__site=words)
    assert reading.case is not None
    assert (reading.errors, reading.doubts) == ({}, [])
    site = {row["lesion_id"]: row["site"] for row in reading.case.cohort.lesions.to_dicts()}
    assert site["N1"] == "para_aortic"


def test_handworked_a_slip_in_a_station_is_asked_about_and_never_counts_as_elsewhere() -> None:
    reading = reading_of("BC05", lesions__N1__site="para-oartic")
    (asked,) = reading.open_doubts
    assert asked.field == "lesions.N1.site"
    assert asked.text.startswith('"para-oartic" is no nodal station known here. Did you mean')
    assert reading.case is not None
    names = ("has_para_aortic_node", "has_coeliac_node")
    assert reading.case.cohort.features(only=names).row(0)[-2:] == (None, None)


@pytest.mark.parametrize(
    ("site", "kept"),
    [("S7", "right S7"), ("left lobe", "left"), ("Segment 4a", "left S4"), ("s1", "caudate S1")],
)
def test_handworked_a_segment_alone_tells_its_lobe(site: str, kept: str) -> None:
    reading = reading_of("BC04", lesions__L1__site=site)
    assert reading.case is not None
    assert reading.case.cohort.lesions["site"][0] == kept


def test_handworked_a_segment_of_the_other_lobe_is_refused() -> None:
    reading = reading_of("BC04", lesions__L1__site="left S7")
    said = "S7 lies in the right lobe, not in the left one."
    assert reading.errors == {"lesions.L1.site": said}


def test_the_columns_that_the_form_says_nobody_asks_are_read_by_no_rule() -> None:
    read = {
        name
        for trial in packaged_trials()
        for version in trial.versions
        for each in version.criteria
        if (rule := each.parsed()) is not None
        for name in rule.names
    } | {name for each in packaged_scores() for name in load_score(each).inputs}
    said = entries("case_form.fields.patients")
    unread = {name for name, each in said.items() if "packaged trial" in each.get("hint", "")}
    assert unread == {"asa", "comorbidity", "registered_months"}
    assert not unread & read


@pytest.mark.parametrize("field", ["lesions__L1__site", "case__question", "lesions__L1__volume_ml"])
@pytest.mark.parametrize("word", ["?", "unknown"])
def test_a_question_mark_is_unknown_in_every_field(field: str, word: str) -> None:
    reading = reading_of("BC04", **{field: word})
    assert reading.case is not None
    assert (reading.errors, reading.doubts) == ({}, [])
    table, *_, name = field.split("__")
    row = reading.case.cohort.lesions.row(0, named=True)
    assert not (row[name] if table == "lesions" else reading.case.question)


def test_every_suggested_treatment_has_its_card() -> None:
    assert all(card_named(each) for each in choices.treatment_names())
