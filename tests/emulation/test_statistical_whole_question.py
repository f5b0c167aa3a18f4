"""Invented registries from their tables to the answer: what only the whole way can show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.emulation.question.registries import cohort, patient, protocol
from typer.testing import CliRunner

from debulk.cli.emulate import app
from debulk.core.errors import InputError
from debulk.emulation.clones.fit import clone_censor_weight
from debulk.emulation.emulation_result import Emulation
from debulk.emulation.front import emulate
from debulk.emulation.weight_model import WeightModel
from debulk.patients import Cohort

ROUNDING = 1e-12
"""The front and the method give the same numbers: the same operations in the same order."""

FIVE = ("liver", "liver", "liver", "lung", "lung")
FIRST, SECOND = ("L0", "L1"), ("L2", "L3")
"""Lesions of two procedures: together 80 % of five, alone 40 %."""


def registry(size: int = 240, seed: int = 1, **given: bool) -> Cohort:
    """Patients from a first line at month 1; the young are treated more and live longer.

    Of the treated three in five have a second procedure one to three months after the first.
    `informed_loss`: the old are lost sooner. `causes`: some die of something else.
    """
    random, late = np.random.default_rng(seed), given.get("late")
    people: dict[str, dict[str, Any]] = {}
    for number in range(size):
        age = random.normal(65.0, 9.0)
        old = (age - 65.0) / 9.0
        death = 1.0 + random.exponential(28.0 * np.exp(-0.4 * old))
        lost = 1.0 + random.exponential(40.0 * np.exp(-0.8 * old))
        last = min(death, 49.0, lost if given.get("informed_loss") else np.inf)
        local: tuple[float, ...] = ()
        if random.random() < 0.7 - 0.15 * np.tanh(old):
            local = (1.0 + random.uniform(0.0, 6.0),)
            if random.random() < 0.6:
                local += (local[0] + random.uniform(1.0, 3.0),)
        fracture = 1.0 + random.exponential(30.0 * np.exp(-0.5 * old))
        people[f"p{number}"] = patient(
            last=last,
            dead=last == death,
            cause=("heart" if random.random() < 0.3 else "cancer") if given.get("causes") else None,
            local=tuple(each for each in local if each < last),
            treated=(FIRST, SECOND),
            lesions=FIVE,
            age_years=age,
            cutoff_months=49.0,
            year=2010.0 + number % 8,
            fracture_months=fracture if fracture < last else None,
            entry_months=1.0 + random.uniform(0.0, 8.0) if late and random.random() < 0.5 else None,
        )
    return cohort(**people)


def answered(registry: Cohort, share: float = 0.0, **options: Any) -> Emulation:
    plan = protocol(share=share, covariates=("age_years",))
    return emulate(registry, plan, tau_months=30.0, **options)


def effects(answer: Any) -> list[float]:
    names = ("hazard_ratio", "rmst_difference", "risk_difference")
    return [getattr(answer, name).estimate for name in names]


@pytest.mark.parametrize("timing", ["natural", "uniform"])
def test_a_share_reached_in_two_procedures_is_answered(timing: str) -> None:
    found = answered(registry(), share=0.8, timing=timing)
    person_time, arm = found.person_time, found.answer.weights.arms[1]  # type: ignore[attr-defined]
    # Nobody reaches the share at visit 0, so that a term for each visit would be refused.
    assert not np.any(person_time.complete_visit == 0)
    with pytest.raises(InputError, match="rows of visit 0"):
        clone_censor_weight(person_time, found.grace, tau_months=30.0)
    said = [each for each in found.decisions if "as a spline" in each]
    reached = int(np.sum((person_time.complete_visit >= 0) & (person_time.complete_visit < 6)))
    assert said[0].endswith(f": {reached}")
    assert "of at least 80% of lesions" in found.answer.estimand
    # The first of two procedures cannot reach the share: said, and no positivity.
    assert any("reached at 0 visits of" in each for each in found.answer.caveats)
    assert any("months after its visit on average" in each for each in found.answer.caveats)
    positivity = next(each for each in found.checks if each.check == "positivity")
    assert positivity.state == "fail"
    assert "in local treatment begun before = 0 nobody was treated" in positivity.text.lower()
    # Who had one procedure in time, and stayed in follow-up free of progression, has left it.
    once = ~np.isnan(person_time.start_months) & (person_time.start_visit < 6)
    once &= ~(person_time.complete_months < 6.0) & (person_time.time_months > 5.0)
    assert once.sum() > 10
    assert np.all(arm.censored[once] == 5)
    assert np.isfinite(effects(found.answer)).all()


def test_a_model_of_ones_own_stands_for_a_share_too() -> None:
    model = WeightModel(month="linear", knots=0)
    found = answered(registry(), share=0.8, model=model)
    direct = clone_censor_weight(found.person_time, found.grace, tau_months=30.0, model=model)
    assert effects(found.answer) == pytest.approx(effects(direct), abs=ROUNDING)
    assert not [each for each in found.decisions if "as a spline" in each]


def test_loss_is_weighed_on_request() -> None:
    whole = registry(informed_loss=True)
    plain, weighed = answered(whole), answered(whole, weigh_loss=True)
    direct = clone_censor_weight(
        plain.person_time, plain.grace, tau_months=30.0, loss_model=WeightModel(month="spline")
    )
    assert effects(weighed.answer) == pytest.approx(effects(direct), abs=ROUNDING)
    assert effects(plain.answer) != pytest.approx(effects(direct), abs=1e-3)
    lost = int(plain.person_time.lost.sum())
    said = next(each for each in weighed.decisions if "lost to follow-up" in each)
    assert said.endswith(f": {lost}")
    told = {each.name: each for each in weighed.provenance.parameters}["weigh_loss"]
    assert (told.value, told.status) == (True, "chosen")


def test_loss_is_not_weighed_where_nothing_tells_of_it_or_by_other_methods() -> None:
    whole = registry(size=60, informed_loss=True)
    with pytest.raises(InputError, match="chosen, and landmark has no use for it"):
        answered(whole, weigh_loss=True, method="landmark")
    tables = {**whole.tables, "patients": whole.patients.drop("cutoff_months")}
    with pytest.raises(InputError, match="no column cutoff_months"):
        answered(Cohort.from_tables(tables), weigh_loss=True)


def test_deaths_of_other_causes_compete() -> None:
    found = answered(registry(causes=True), event_causes=("cancer",))
    assert set(np.unique(found.person_time.cause)) == {0, 1, 2}
    ratio, risk = found.answer.hazard_ratio, found.answer.risk_difference
    assert ratio is not None
    assert risk is not None
    assert "cause-specific" in ratio.estimand
    assert "cumulative incidence" in risk.estimand
    for curve in found.answer.curves:
        shares = curve.survival[-1] + sum(each[-1] for each in curve.competing.values())
        assert shares == pytest.approx(1.0, abs=ROUNDING)
    with pytest.raises(InputError, match="nobody died of 'flu'"):
        answered(registry(size=60, causes=True), event_causes=("flu",))


def test_a_negative_control_is_answered_by_the_same_method() -> None:
    whole = registry(size=400)
    found = answered(whole, negative_control="fracture_months")
    check = next(each for each in found.checks if each.check == "negative control outcome")
    assert check.state == "pass"  # age, which drives treatment and fracture, is in the model
    assert check.details["method"] == "clone-censor-weight"
    had = whole.patients["fracture_months"].drop_nulls()
    assert check.details["hazard_ratio"]["events"] == had.len()
    crude = answered(whole, negative_control="fracture_months", method="naive")
    assert crude.checks[-1].check == "negative control outcome"
    for wrong, match in (("fractures", "is no column of months"), ("arm", "is no column")):
        with pytest.raises(InputError, match=match):
            answered(whole, negative_control=wrong)


def test_late_entries_count_from_there_on() -> None:
    found = answered(registry(late=True))
    entry = found.person_time.entry_months
    assert (entry > 0.0).sum() > 50
    assert any("under observation late" in each for each in found.answer.caveats)
    direct = clone_censor_weight(found.person_time, found.grace, tau_months=30.0)
    assert effects(found.answer) == pytest.approx(effects(direct), abs=ROUNDING)


def test_calendar_time_is_asked_of_the_grace_period_alone() -> None:
    # Nobody is first treated after it: with a term for each later visit nothing could be tested.
    found = answered(registry(), calendar="year")
    check = next(each for each in found.checks if each.check == "calendar time")
    assert check.state == "pass"  # the year was dealt out by turns
    assert check.value is not None


@pytest.mark.parametrize("interval", ["bootstrap-percentile", "bca"])
def test_the_command_makes_every_interval(interval: str, tmp_path: Path) -> None:
    registry(size=200).write(tmp_path / "registry")
    line = ["run", str(tmp_path / "registry"), "orchestra", "--share", "any", "--covariate"]
    line += ["age_years", "--time-zero", "first-line", "--timing", "natural", "--tau-months", "30"]
    line += ["--unknown", "assume-met", "--missing", "indicator", "--json"]
    line += ["--interval", interval, "--replicates", "60"]
    line += ["--month", "spline"]
    result = CliRunner().invoke(app, line, catch_exceptions=False)
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    ratio = told["effect"]["hazard_ratio"]
    assert ratio["lower"] < ratio["estimate"] < ratio["upper"]
    words = "percentiles" if interval == "bootstrap-percentile" else "BCa"
    assert words in told["answers"][-1]["interval"]
