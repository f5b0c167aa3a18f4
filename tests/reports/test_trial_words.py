"""Words follow the trial: its endpoint, its margin, its looks, and where its patients come from."""

from __future__ import annotations

import html
import io
import itertools
import re
from typing import Any

import pytest
from rich.console import Console

from debulk.reports import (
    about_the_patients,
    render_trial_report,
    summary_sentence,
    trial_tables,
)
from debulk.reports.charts import trial_charts
from debulk.reports.looks import bounds_at_looks, stopping_rows
from debulk.reports.trial_words import TrialWords

PLAN = {"name": "patients drawn from the plan", "disease_model": False, "plan": True}
NONE_OF_IT = {"level": "none", "missing": ["removal of the primary tumour", "side of the primary"]}


def with_effect(result: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**result, "effect": {**result["effect"], **changes}}


def page(result: dict[str, Any]) -> str:
    """Text of the report, without tags, scripts and surplus space."""
    text = render_trial_report(result)
    text = re.sub(r"(?s)<(script|style).*?</\1>", " ", text)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def terminal(result: dict[str, Any], width: int = 200) -> str:
    console = Console(width=width, record=True, file=io.StringIO())
    for table in trial_tables(result):
        console.print(table)
    return console.export_text()


@pytest.fixture
def margin(result: dict[str, Any]) -> dict[str, Any]:
    """A trial of non-inferiority on the disease model, which has no world at the margin."""
    return with_effect(
        result,
        null_ratio=1.3,
        type_1_error={
            "estimate": None,
            "se": None,
            "nominal": 0.025,
            "true_ratio": 1.3,
            "reason": "these patients cannot",
        },
        declared_in_null_world={"estimate": 0.55, "se": 0.05},
        two_sided_rejections_null={"estimate": None, "se": None, "nominal": None},
    )


def test_a_trial_of_progression_says_so_everywhere(result: dict[str, Any]) -> None:
    published = {**result["published"], "hazard_ratio": None, "lower": None, "upper": None}
    made = with_effect({**result, "published": published}, endpoint="pfs")
    for text in (page(made), terminal(made)):
        assert "hazard ratio for progression or death" in text
        assert "hazard ratio for death" not in text.lower()
        assert "none is known for this endpoint" in text
        assert "none (none to none)" not in text
        assert "mean progression-free survival" in text
    assert "Progressions and deaths at the analysis" in page(made)
    assert "published" not in str(trial_charts(made)["forest"])
    assert "hazard ratio for progression or death" in str(trial_charts(made)["spread"])


def test_a_margin_changes_what_trials_declare(margin: dict[str, Any]) -> None:
    sentence = summary_sentence(margin)
    assert "would declare non-inferiority (a hazard ratio below 1.3), against 55 %" in sentence
    for text in (page(margin), terminal(margin)):
        assert "non-inferiority (a hazard ratio below 1.3)" in text
        assert "55 % ± 5.0 points" in text
        assert "not simulated: these patients cannot" in text
        assert "declare a benefit" not in text
    assert "the null world" in page(margin)
    assert "either way" not in page(margin)
    null = summary_sentence({**margin, "world": "null"})
    assert "With equal arms, that is right" in null


def test_with_a_world_at_the_margin_there_is_a_type_1_error(margin: dict[str, Any]) -> None:
    error = {"estimate": 0.03, "se": 0.01, "nominal": 0.025, "true_ratio": 1.3}
    made = with_effect(margin, type_1_error=error)
    for text in (page(made), terminal(made)):
        assert "3.0 % ± 1.0 points, nominal 2.5 %" in text
        assert "type I error is not simulated" not in text


def test_more_than_superiority_has_its_own_words(margin: dict[str, Any]) -> None:
    made = with_effect(margin, null_ratio=0.9)
    assert "would declare a hazard ratio below 0.9, against" in summary_sentence(made)
    assert "non-inferiority" not in page(made)
    assert "that is right" not in summary_sentence({**made, "world": "null"})


def test_arms_that_differ_in_drugs_are_not_about_local_treatment(result: dict[str, Any]) -> None:
    drugs = {"given": "lines"}
    arms = {name: {**arm, "systemic": drugs} for name, arm in result["arms"].items()}
    for made, local in ((result, True), ({**result, "arms": arms}, False)):
        text = page(made)
        assert ("local treatment works as hoped" in text) == local
        assert ("local treatment does nothing" in summary_sentence(made)) == local
        assert ("If the arms do not differ: the null world" in text) != local


def test_patients_from_the_plan_are_no_provisional_model(result: dict[str, Any]) -> None:
    made = {**result, "patients_from": PLAN, "applicability": NONE_OF_IT, "provisional": False}
    text = page(made)
    for phrase in ("provisional", "Provisional", "local treatment does nothing", "Mechanisms of"):
        assert phrase not in text.replace("Provisional: the disease model is not calibrated.", "")
    assert summary_sentence(made).startswith("If patients fare as the plan assumes, ")
    assert "where the arms do not differ" in summary_sentence(made)
    assert text.index("say what the plan implies") < text.index("From all patients")
    assert "provisional" not in terminal(made)
    assert about_the_patients(made)[:3] == [
        "The disease model cannot stand for this trial. What is missing:",
        "  - removal of the primary tumour",
        "  - side of the primary",
    ]


def test_what_is_missing_of_the_model_stands_near_the_top(result: dict[str, Any]) -> None:
    made = {**result, "applicability": {"level": "partial", "missing": ["<b>the primary</b>"]}}
    text = page(made)
    assert text.index("stands for this trial in part") < text.index("From all patients")
    assert "<b>the primary</b>" in text
    assert about_the_patients({**result, "applicability": {"level": "full", "missing": []}}) == [
        "The disease model stands for this trial in full."
    ]


def test_patients_of_another_kind_are_named(result: dict[str, Any]) -> None:
    other = {"name": "made-up patients", "disease_model": False, "plan": False}
    made = {**result, "patients_from": other, "applicability": NONE_OF_IT, "provisional": False}
    assert about_the_patients(made) == [
        "Patients: made-up patients. The results say what follows from them."
    ]
    assert summary_sentence(made).startswith("With made-up patients, ")


def test_looks_have_a_table_and_a_chart(result: dict[str, Any], looks: dict[str, Any]) -> None:
    made = {**result, "monitoring": looks}
    rows = bounds_at_looks(made)
    assert [(row.look, row.bound, row.z, row.crossing) for row in rows] == [
        ("1: 125 events (50 %)", "efficacy", "2.96", ("60 %", "0 %")),
        ("", "futility", "0.50", ("2.0 %", "70 %")),
        ("2: 250 events (100 %)", "efficacy", "1.97", ("30 %", "2.0 %")),
    ]
    assert "chart-stopping" in render_trial_report(made)
    assert "170 170 (150 to 190)" in page(made)
    assert "expected events" in terminal(made)
    assert "…" not in terminal(made, width=80).split("Looks")[1].split("True effect")[0]
    assert "stopping" in trial_charts(made)
    assert "stopping" not in trial_charts(result)
    assert "Looks before the last analysis" not in page(result)


def test_the_bar_of_a_world_adds_up_to_all_its_trials(
    result: dict[str, Any], looks: dict[str, Any]
) -> None:
    rows = stopping_rows({**result, "monitoring": looks})
    here = [row for row in rows if row["world"] == "this run"]
    assert [(row["bound"], row["label"]) for row in here] == [
        ("efficacy", "1"),
        ("efficacy", "2"),
        ("futility", ""),
        ("no bound crossed", ""),
    ]
    assert here[-1]["end"] == pytest.approx(1.0)
    for before, after in itertools.pairwise(here):
        assert before["end"] == after["start"]


def test_delivery_tells_what_is_known_in_any_arm(result: dict[str, Any]) -> None:
    arms = {name: dict(arm) for name, arm in result["arms"].items()}
    arms["debulking"]["major_complications"] = 0.17
    arms["control"]["treated_after_progression"] = 0.2
    text = page({**result, "arms": arms})
    assert "Complication of grade 3 or more, of those treated locally none 17 %" in text
    assert "Treated after progression (salvage) 20 % none" in text
    nothing = {key: None for key, _ in TrialWords(result).delivery()}
    bare = {name: {**arm, **nothing, "systemic_days_lost": None} for name, arm in arms.items()}
    for arm in bare.values():
        arm.pop("major_complications", None)
        arm.pop("treated_after_progression", None)
    text = terminal({**result, "arms": bare})
    for phrase in ("treated", "days of systemic"):
        assert phrase not in text.split("Arms")[1].split("Effect")[0]


def test_trials_too_short_for_the_mean_are_counted(result: dict[str, Any]) -> None:
    mean = {**result["effect"]["rmst_difference_months"], "trials": 150}
    made = with_effect(result, rmst_difference_months=mean)
    for text in (page(made), terminal(made)):
        assert "in the 150 of 200 trials followed so long" in text
