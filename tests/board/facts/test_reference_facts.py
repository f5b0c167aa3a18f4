"""Facts of the twelve cases against what follows from the definitions."""

import pytest
from tests.board.known_cases import EXPECTED, SETTINGS, known, seen, with_rows

from debulk.board import case_of_rows
from debulk.board.facts.facts_of_case import facts_at
from debulk.board.first_sentences import extent_sentence, treatable_sentence
from debulk.board.settings import BoardSettings

NAMES = {
    "n_organs": "organs_involved",
    "n_lesions": "lesions",
    "n_hepatic": "hepatic",
    "n_extrahepatic": "extrahepatic",
    "largest_known_diameter_mm": "largest_diameter_mm",
    "n_disappeared": "disappeared",
    "n_removed": "removed",
    "n_near_vessel": "near_vessel",
    "n_near_vessel_unknown_in_liver": "near_vessel_unknown_in_liver",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_facts_of_a_case_follow_from_the_definitions(name):
    case = known(name)
    view = seen(case)
    for moment, key in (("now", "now"), ("entry", "at_entry")):
        found = facts_at(case, view, moment, SETTINGS).to_dict()
        for expected, value in EXPECTED[name][key].items():
            assert found[NAMES.get(expected, expected)] == value, (moment, expected)
    assert facts_at(case, view, "entry", SETTINGS).moment_months == EXPECTED[name]["entry_months"]


def test_the_departments_k_comes_first_and_the_other_beside_it():
    case = known("BC08")
    view = seen(case)
    two = facts_at(case, view, "now", SETTINGS)
    four = facts_at(case, view, "now", BoardSettings(extent_k=4))
    assert (two.extent, four.extent) == ("multi_organ", "oligometastatic")
    said = extent_sentence(two, SETTINGS)
    assert said == (
        "Extent: multi-organ (2 organs, 4 lesions, largest 29 mm). With k = 4: oligometastatic."
    )


def test_an_incomplete_list_makes_counts_lower_bounds():
    case = known("BC01", lesion_list_complete=False)
    found = facts_at(case, seen(case), "now", SETTINGS)
    assert found.counts_are_lower_bounds
    assert found.extent is None
    assert found.treatable_share is None
    assert "at least 2 lesions, largest at least 28 mm" in extent_sentence(found, SETTINGS)


def test_with_nothing_in_sight_the_extent_is_that_at_entry_never_a_stage():
    entry = known("BC10").to_dict()["tables"]
    rows = [{**row, "disappeared": True, "diameter_mm": None} for row in entry["lesions"]]
    case = case_of_rows({**entry, "lesions": rows}, case_id="A", board_months=4.2)
    found = facts_at(case, seen(case), "now", SETTINGS)
    assert (found.lesions, found.extent, found.extent_k4) == (0, "multi_organ", "other_metastatic")
    assert "the extent is that at entry" in found.remarks[0]
    assert treatable_sentence(found, "now") == "Treatable now: no metastasis is in sight."


def test_lesions_without_size_leave_the_share_unknown_and_say_why():
    case = known("BC11")
    found = facts_at(case, seen(case), "now", SETTINGS)
    assert (found.treatable, found.panel, found.volume_ml) == (None, None, None)
    said = treatable_sentence(found, "now")
    assert said == "Treatable now: unknown, since 3 lesions have no size."


def found_lesions(case):
    return [each for each in case.cohort.lesions["lesion_id"] if each != "P"]


def test_panels_differ_and_members_of_a_panel_replace_them():
    case = known("BC03")
    found = facts_at(case, seen(case, BoardSettings()), "now", BoardSettings())
    assert found.treatable == 15
    assert not found.panel.judged
    views = [
        {"lesion_id": lesion, "panellist": member, "treatable": place < most}
        for member, most in (("A", 9), ("B", 13))
        for place, lesion in enumerate(found_lesions(case))
    ]
    judged = with_rows("BC03", "judgements", *views)
    told = facts_at(judged, seen(judged), "now", SETTINGS)
    assert (told.panel.lower, told.panel.upper, told.panel.draws) == (9, 13, 2)
    assert told.treatable == 11
    assert "members of the panel say 9 to 13" in treatable_sentence(told, "now")
    assert found.panel.lower < found.panel.upper == 15
    assert "panels differ" in treatable_sentence(found, "now")
