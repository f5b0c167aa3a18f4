"""Numbers of rpact, gsDesign, East and an independent recursion.

tests/reference/trials/make_boundaries_*.R make them; scripts/write_boundary_agreement_page.py
compares them and shows the differences.
"""

from __future__ import annotations

import importlib.util
import json
import math
from pathlib import Path

import numpy as np
import pytest

from debulk.trials.boundaries.families import WangTsiatis
from debulk.trials.boundaries.inference import final_inference
from debulk.trials.boundaries.repeated import repeated_inference
from debulk.trials.boundaries.solving import group_sequential
from debulk.trials.boundaries.spending import Spending

ROOT = Path(__file__).parents[3]

PRECISE = 1e-7  # the arbiter; found: 2e-12
CROSS_SOFTWARE = 1e-5  # up to 10 looks; rpact's own tolerance is 1e-8 in probability
EAST = 2e-6  # East prints six digits
RPACT_INFERENCE = 1e-6  # solved to 1e-6 by rpact
RPACT_REPEATED_P = 5e-6  # found by bisection to about 1e-6 by rpact

# rpact's own error: it stops at a total beta of 0.2000017 and a power of 0.7999983; and a bound of
# 1e-4 off at the second look of a first look that spends 1e-12, where the arbiter sides with us.
ERRORS_OF_RPACT = {
    (
        "alpha 0.025, beta 0.2, sided 1, typeOfDesign noEarlyEfficacy, typeBetaSpending bsOF",
        "shift",
    ),
    (
        "alpha 0.025, beta 0.2, sided 1, typeOfDesign noEarlyEfficacy, typeBetaSpending bsOF",
        "futility Z",
    ),
    ("alpha 0.05, beta 0.2, sided 2, typeOfDesign asOF", "Z"),
}


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


agreement = script("write_boundary_agreement_page")
ROWS = list(agreement.rows())
INFERENCE = json.loads(
    (agreement.REFERENCE / "boundaries_inference.json").read_text(encoding="utf-8")
)


def table(rows):
    return "\n".join(f"{row[0]} | {row[1]} | {row[2]} | {row[3]} | {row[4]:.2e}" for row in rows)


def test_the_arbiter_agrees():
    rows = [row for row in ROWS if row[0] == "precise"]
    assert len(rows) == 48
    beyond = [row for row in rows if row[4] > PRECISE]
    assert beyond == [], table(beyond)


@pytest.mark.parametrize(("source", "quantities"), [("rpact 4.4", 480), ("gsDesign 3.4", 110)])
def test_other_programs_agree_up_to_ten_looks(source, quantities):
    rows = [row for row in ROWS if row[0] == source]
    assert len(rows) >= quantities
    beyond = [
        row
        for row in rows
        if row[2] <= 10 and row[4] > CROSS_SOFTWARE and (row[1], row[3]) not in ERRORS_OF_RPACT
    ]
    assert beyond == [], table(beyond)


def test_the_page_of_differences_is_up_to_date():
    assert agreement.PAGE.read_text(encoding="utf-8") == agreement.page(ROWS)


@pytest.mark.parametrize("case", INFERENCE["designs"], ids=lambda case: case["name"])
def test_further_designs_of_rpact(case):
    found = agreement.from_rpact(case["args"])
    np.testing.assert_allclose(found.efficacy_z, case["critical"], atol=CROSS_SOFTWARE)
    # rpact's shift gives the power of benefit, whatever beta was spent under.
    power = found.probabilities(math.sqrt(case["shift"])).power
    assert power == pytest.approx(1 - case["args"]["beta"], abs=1e-7)
    if found.sided == 1:
        assert found.drift**2 == pytest.approx(case["shift"], abs=CROSS_SOFTWARE)
    if found.futility_z is not None:
        np.testing.assert_allclose(found.futility_z[:-1], case["futility"], atol=CROSS_SOFTWARE)


EFFICACY = {
    "of": "obrien-fleming",
    "ld": Spending("obrien-fleming"),
    "pocock": Spending("pocock"),
}


@pytest.mark.parametrize("case", INFERENCE["inference"], ids=lambda c: f"{c['name']}-{c['stage']}")
def test_inference_after_a_stop(case):
    """rpact's hazard ratios are above 1 for benefit here, so ours are their inverse."""
    bounds = group_sequential((0.4, 0.7, 1.0), efficacy=EFFICACY[case["name"]])
    z = np.atleast_1d(case["z"])
    final = final_inference(bounds, z[-1], case["stage"])
    assert final.p == pytest.approx(case["final_p"], abs=1e-9)
    ratio = final.hazard_ratio(events=300)
    assert 1 / ratio.hazard_ratio == pytest.approx(case["final_median"], abs=RPACT_INFERENCE)
    assert 1 / ratio.upper == pytest.approx(case["final_lower"], abs=RPACT_INFERENCE)
    assert 1 / ratio.lower == pytest.approx(case["final_upper"], abs=RPACT_INFERENCE)
    repeated = repeated_inference(bounds, z)
    for k, row in enumerate(repeated):
        interval = row.hazard_ratio(events=300)
        assert row.p == pytest.approx(case["repeated_p"][k], abs=RPACT_REPEATED_P)
        assert 1 / interval.upper == pytest.approx(case["repeated_lower"][k], abs=RPACT_INFERENCE)
        assert 1 / interval.lower == pytest.approx(case["repeated_upper"][k], abs=RPACT_INFERENCE)


def test_the_case_of_east():
    """East 6.5: HR 0.6, 235 events, an interim look at 176."""
    bounds = group_sequential(
        (176 / 235, 1.0),
        alpha=0.0125,
        beta=0.0495,
        efficacy=Spending("obrien-fleming"),
        futility=Spending("hwang-shih-decani", -10),
    )
    np.testing.assert_allclose(bounds.efficacy_z, [2.66062, 2.27985], atol=EAST)
    # East prints 0.7378751.
    assert bounds.futility_z[0] == pytest.approx(0.737875, abs=EAST)
    found = bounds.probabilities(-math.log(0.6) * math.sqrt(235) / 2)
    np.testing.assert_allclose(np.cumsum(found.efficacy), [0.766637, 0.950502], atol=EAST)


# Jennison and Turnbull 2000, tables 2.1 and 2.3: two-sided, alpha 0.05.
POCOCK = {2: 2.178, 3: 2.289, 4: 2.361, 5: 2.413}
OBRIEN_FLEMING = {2: 1.977, 3: 2.004, 4: 2.024, 5: 2.040}


@pytest.mark.parametrize("looks", [2, 3, 4, 5])
def test_published_constants(looks):
    t = np.arange(1, looks + 1) / looks
    pocock = group_sequential(t, alpha=0.05, sided=2, efficacy="pocock")
    fleming = group_sequential(t, alpha=0.05, sided=2, efficacy=WangTsiatis(0.0))
    np.testing.assert_allclose(pocock.efficacy_z, POCOCK[looks], atol=5e-4)
    np.testing.assert_allclose(fleming.efficacy_z * np.sqrt(t), OBRIEN_FLEMING[looks], atol=5e-4)
    assert math.isclose(pocock.alpha_spent[-1], 0.05, rel_tol=1e-9)
