"""Lesions typed one a line: what is read, and what stays in the box with its reason."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.board.shown_cases import shown_case

from debulk.board.imports.quick_lines import MOST_LINES, quick_entry
from debulk.core.errors import InputError


def only(line):
    found = quick_entry(line)
    assert found.not_understood == ()
    return found.lesions[0]


def refusal(line):
    found = quick_entry(line)
    assert found.lesions == ()
    return found.not_understood[0]


def test_handworked_lines_of_the_form():
    found = quick_entry("liver right S6 28\nlung RLL 11 x3\n\nnode para-aortic 22 vessel  # seen\n")
    assert [each["lesion_id"] for each in found.lesions] == ["L1", "U1", "U2", "U3", "N1"]
    liver, lung, node = found.lesions[0], found.lesions[1], found.lesions[4]
    assert (liver["organ"], liver["site"], liver["diameter_mm"]) == ("liver", "right S6", 28.0)
    assert (lung["site"], lung["diameter_mm"]) == ("right lower lobe", 11.0)
    assert (node["organ"], node["site"], node["near_vessel"]) == ("lymph_node", "para_aortic", True)
    assert shown_case(*found.lesions).cohort.lesions.height == 5


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("liver S6 28", "site", "right S6"),
        ("liver S4a 28", "site", "left S4"),
        ("liver 2,8 cm", "diameter_mm", 28.0),
        ("liver 28 (41)", "baseline_diameter_mm", 41.0),
        ("liver gone 30", "baseline_diameter_mm", 30.0),
        ("liver gone 30", "diameter_mm", None),
        ("liver 28 no vessel", "near_vessel", False),
        ("liver 28", "near_vessel", None),
        ("liver 28 m14", "detected_months", 14.0),
        ("lymph node liver hilum 15", "site", "liver_hilum"),
        ("peritoneum right flank 20", "site", "right flank"),
        ("LIVER Right s6 28MM", "site", "right S6"),
        ("liver 9.5mm", "diameter_mm", 9.5),
    ],
)
def test_handworked_words(line, column, value):
    assert only(line)[column] == value


@pytest.mark.parametrize(
    ("line", "reason", "nearest"),
    [
        ("livr 10", 'no organ is named "livr"', "Did you mean 'liver'?"),
        ("liver S9 10", "S9 is no liver segment (S1 to S8)", ""),
        ("liver left S6 20", "S6 lies in the right lobe, not in the left one", ""),
        ("liver 2.8", "2.8 looks like centimetres: use 28?", ""),
        ("liver 0", '0 is not a size: write "gone" for a lesion that has disappeared', ""),
        ("liver 500", "500 mm: a lesion is 1 to 400 mm", ""),
        ("liver 1.000.000", "1.000.000: separators of thousands are not read", ""),
        ("node coelic 12", '"coelic" is no nodal station known here', "Did you mean 'coeliac'?"),
        ("liver rigth 10", '"rigth" is not understood', "Did you mean 'right'?"),
        ("lung 10 x0", "x0: 1 to 100 lesions a line", ""),
        ("lung 10 x101", "x101: 1 to 100 lesions a line", ""),
    ],
)  # fmt: skip
def test_handworked_refusals(line, reason, nearest):
    problem = refusal(line)
    assert (problem.line, problem.typed, problem.reason, problem.nearest) == (
        1,
        line,
        reason,
        nearest,
    )


def test_a_line_that_is_not_understood_takes_nothing_from_the_others():
    found = quick_entry("liver 28\nlivr 12\nliver 19", taken=("L1",))
    assert [each["lesion_id"] for each in found.lesions] == ["L2", "L3"]
    assert [each.line for each in found.not_understood] == [2]


def test_names_go_on_where_some_are_taken():
    found = quick_entry("liver 28 x2\nlung 9\nliver 12", taken=("L2", "U1"))
    assert [each["lesion_id"] for each in found.lesions] == ["L1", "L3", "U2", "L4"]
    most = "liver 10 x100\n" * 5
    assert len(quick_entry(most).lesions) == 500


def test_hostile_text_is_an_input_error():
    many = "liver 10 x100\n"
    for text in (None, 3, "liver 10\n" * (MOST_LINES + 1), many * 6, many * MOST_LINES):
        with pytest.raises(InputError):
            quick_entry(text)


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(
                    ("liver", "lung", "node", "S6", "28", "x3", "(41)", "vessel", "gone")
                ),
                st.text(max_size=12),
            ),
            max_size=6,
        ).map(" ".join),
        max_size=5,
    ).map("\n".join)
)
def test_property_every_line_is_read_or_refused_and_what_is_read_is_a_case(text):
    found = quick_entry(text)
    json.dumps(found.to_dict(), allow_nan=False)
    lines = [each.partition("#")[0].strip() for each in text.splitlines()]
    refused = {each.line for each in found.not_understood}
    assert refused <= {place for place, line in enumerate(lines, start=1) if line}
    if found.lesions:
        assert shown_case(*found.lesions).cohort.lesions.height == len(found.lesions)
