"""The paragraphs for a protocol: complete, and true to the numbers they are made from."""

import pytest

from debulk.reports.design.paragraph import paragraphs_of


def text_of(answer):
    return " ".join(part["text"] for part in paragraphs_of(answer))


def test_nothing_a_protocol_needs_is_missing(answer):
    text = text_of(answer)
    for needed in (
        "primary endpoint is overall survival",
        "allocated 1 : 1",
        "hazard ratio (experimental to control) is 1 or more",
        "log-rank test",
        "one-sided type I error of 2.5 % over all analyses together",
        "median of 18 months",
        "hazard ratio of 0.7, which is a median of 25.7 against 18 months",
        "200 events are needed by the formula of Schoenfeld (1981)",
        "power of 80.1 %",
        "expected from 300 patients",
        "uniformly over 36 months",
        "5 % of the patients of either arm",
        "24 months after the last",
        "One interim analysis is planned, after 100 events (50 % of the final number)",
        "Z is at least 2.960 and 1.970 at the two analyses",
        "nominal one-sided p at most 0.0015",
        "estimated hazard ratio at most 0.550",
        "For futility the trial stops where Z is at most 0.100",
        "non-binding",
        "For harm the trial stops where Z is at most \u22122.100 and \u22122.200",
        "one-sided error of 2.5 % of its own",
        "no effect at all (hazard ratio exactly 1)",
        "shows a benefit with a probability of 2.5 % (0.2 % and 2.3 %",
        "stops for futility with 50.0 %",
        "stops for harm with 2.1 %",
        "ends without crossing a boundary with 45.4 %",
        "are assumptions",
        "debulk 9.9",
        "debulk trial design --hazard-ratio 0.7",
    ):
        assert needed in text


def test_binding_futility_and_two_sides_say_so(answer):
    answer["rules"]["binding"] = True
    answer["sided"] = 2
    text = text_of(answer)
    assert "This boundary is binding" in text
    assert "two-sided type I error" in text
    assert "the distance of Z from 0 is at most 0.100" in text
    assert "symmetric" in text


def test_a_margin_is_called_one(answer):
    answer["null_ratio"] = 1.25
    text = text_of(answer)
    assert "Non-inferiority is to be shown" in text
    assert "is 1.25 or more, the margin" in text
    assert "shows a hazard ratio below 1.25" in text


def test_without_looks(single):
    text = text_of(single)
    assert "No interim analysis of efficacy is planned" in text
    assert "restricted mean survival time up to 36 months" in text
    assert "method: Somebody (2000)" in text
    assert "events are needed" not in text


def test_a_rule_without_spending_is_not_made_again_at_other_events(answer):
    assert "calculated again" in text_of(answer)
    answer["rules"]["efficacy"] = "pocock"
    assert "calculated again" not in text_of(answer)


def test_a_look_without_a_bound_is_left_out(answer):
    first = answer["whole"]["looks"][0]
    first["efficacy_z"] = first["critical_hazard_ratio"] = first["nominal_p"] = None
    text = text_of(answer)
    assert "Z is at least 1.970 at the final analysis" in text
    assert "No error is spent at the analyses before" in text


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("fleming-harrington:0,1", "Fleming and Harrington (rho = 0, gamma = 1)"),
        ("milestone:24", "survival at 24 months"),
        ("max-combo", "MaxCombo"),
        ("average-hazard-ratio", "average hazard ratio"),
        ("one-sample", "one arm"),
    ],
)
def test_each_test_has_its_words(answer, test, words):
    answer |= {"test": test, "formula": None, "source": "S"}
    assert words in text_of(answer)


def test_the_simulation_shows_its_error(answer):
    power = {"estimate": 0.801, "se": 0.004}
    answer["simulation"] = {
        "trials": 10000,
        "seed": 3,
        "alternative": {"power": power},
        "null": {"power": {"estimate": 0.0251, "se": 0.0016}},
    }
    text = text_of(answer)
    assert "In 10000 simulated trials of this design (seed 3), 80.10 %" in text
    assert "standard error 0.40 percentage points" in text
    assert "2.51 % (error 0.16)" in text
