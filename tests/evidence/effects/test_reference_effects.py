"""Numbers of R's metafor and lme4; tests/reference/effects/make_effects.R makes them."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import binom, norm

from debulk.evidence.effects.binomial_normal import pool_binomial_normal
from debulk.evidence.effects.continuity import Correction
from debulk.evidence.effects.mantel_haenszel import pool_tables
from debulk.evidence.effects.proportions import back_transform, proportion_effects
from debulk.evidence.effects.two_by_two import (
    peto_o_minus_e,
    two_by_two_effects,
    two_by_two_tables,
)

HERE = Path(__file__).parents[2] / "reference" / "effects"
REFERENCE = json.loads((HERE / "effects.json").read_text(encoding="utf-8"))
MEASURES = {"OR": "odds ratio", "RR": "risk ratio", "RD": "risk difference"}
POLICIES = {
    "affected": Correction(),
    "all": Correction(corrected="all"),
    "all_if_any": Correction(0.25, "all if any"),
}
SCALES = {"PR": "identity", "PLO": "logit", "PAS": "arcsine", "PFT": "double arcsine"}

CLOSED = 1e-12  # closed forms; the fixture holds 15 digits
LME4 = 3e-5  # glmer stops its search at about this distance from the maximum
EXACT = 1e-6  # a generic search over adaptive integration; the likelihood is flat at its maximum


def tables_of(data: dict[str, list[float]]):
    return two_by_two_tables(data["ai"], data["n1i"], data["ci"], data["n2i"])


@pytest.mark.parametrize("case", REFERENCE["escalc_tables"])
@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("policy", POLICIES)
def test_effects_of_single_tables(case: str, measure: str, policy: str) -> None:
    reference = REFERENCE["escalc_tables"][case]
    found = two_by_two_effects(
        tables_of(reference["data"]), MEASURES[measure], correction=POLICIES[policy]
    )
    expected = reference["effects"][measure][policy]
    np.testing.assert_allclose(found.estimates, expected["yi"], rtol=CLOSED, atol=CLOSED)
    np.testing.assert_allclose(found.std_errors**2, expected["vi"], rtol=CLOSED)


@pytest.mark.parametrize("case", REFERENCE["escalc_tables"])
def test_peto_of_single_tables(case: str) -> None:
    reference = REFERENCE["escalc_tables"][case]
    difference, variance = peto_o_minus_e(tables_of(reference["data"]))
    expected = reference["effects"]["PETO"]
    np.testing.assert_allclose(difference / variance, expected["yi"], rtol=CLOSED, atol=CLOSED)
    np.testing.assert_allclose(1.0 / variance, expected["vi"], rtol=CLOSED)


@pytest.mark.parametrize("case", REFERENCE["rma_tables"])
@pytest.mark.parametrize("measure", MEASURES)
def test_mantel_haenszel(case: str, measure: str) -> None:
    reference = REFERENCE["rma_tables"][case]
    found = pool_tables(tables_of(reference["data"]), MEASURES[measure])
    expected = reference["pooled"][measure]
    told = {
        "beta": found.estimate,
        "se": found.se,
        "ci.lb": found.lower,
        "ci.ub": found.upper,
        "zval": found.statistic,
        "pval": found.p,
        "QE": found.q,
        "QEp": found.q_p,
    }
    if measure == "OR":
        told |= {"MH": found.association.statistic, "BD": found.breslow_day.statistic}
        told |= {"TA": found.tarone.statistic, "TAp": found.tarone.p, "BDp": found.breslow_day.p}
    for name, value in told.items():
        assert value == pytest.approx(expected[name], rel=1e-10), name
    if len(expected["weights"]) == len(found.studies):
        weights = [each.weight for each in found.studies]
        np.testing.assert_allclose(weights, expected["weights"], rtol=1e-10)


@pytest.mark.parametrize("case", REFERENCE["rma_tables"])
def test_peto(case: str) -> None:
    reference = REFERENCE["rma_tables"][case]
    found = pool_tables(tables_of(reference["data"]), method="peto")
    expected = reference["pooled"]["PETO"]
    told = (found.estimate, found.se, found.lower, found.upper, found.q, found.q_p)
    wanted = [expected[name] for name in ("beta", "se", "ci.lb", "ci.ub", "QE", "QEp")]
    np.testing.assert_allclose(told, wanted, rtol=1e-10)


@pytest.mark.parametrize("case", REFERENCE["escalc_proportions"])
@pytest.mark.parametrize("measure", SCALES)
def test_effects_of_single_proportions(case: str, measure: str) -> None:
    reference = REFERENCE["escalc_proportions"][case]
    data, expected = reference["data"], reference[measure]
    found = proportion_effects(data["xi"], data["ni"], scale=SCALES[measure])
    np.testing.assert_allclose(found.estimates, expected["yi"], rtol=CLOSED, atol=CLOSED)
    np.testing.assert_allclose(found.std_errors**2, expected["vi"], rtol=CLOSED)


@pytest.mark.parametrize("case", REFERENCE["escalc_proportions"])
def test_correction_of_every_proportion(case: str) -> None:
    reference = REFERENCE["escalc_proportions"][case]
    data, expected = reference["data"], reference["PLO_all"]
    found = proportion_effects(data["xi"], data["ni"], correction=Correction(0.25, "all"))
    np.testing.assert_allclose(found.estimates, expected["yi"], rtol=CLOSED, atol=CLOSED)
    np.testing.assert_allclose(found.std_errors**2, expected["vi"], rtol=CLOSED)


@pytest.mark.parametrize("case", REFERENCE["escalc_proportions"])
def test_double_arcsine_back(case: str) -> None:
    reference = REFERENCE["escalc_proportions"][case]
    turned = back_transform(
        reference["ipft"]["x"], "double arcsine", patients=reference["data"]["ni"]
    )
    np.testing.assert_allclose(turned, reference["ipft"]["hm"], atol=1e-12)
    own = [
        float(back_transform(y, "double arcsine", patients=[n]))
        for y, n in zip(reference["PFT"]["yi"], reference["data"]["ni"], strict=True)
    ]
    np.testing.assert_allclose(own, reference["ipft"]["own"], atol=1e-7)


@pytest.mark.parametrize("case", REFERENCE["glmm"])
def test_binomial_normal_model_of_lme4(case: str) -> None:
    data, expected = REFERENCE["escalc_proportions"][case]["data"], REFERENCE["glmm"][case]
    found = pool_binomial_normal(data["xi"], data["ni"])
    assert found.estimate == pytest.approx(expected["beta"], abs=LME4)
    assert found.se == pytest.approx(expected["se"], abs=LME4)
    assert found.tau2 == pytest.approx(expected["tau2"], abs=2 * LME4)
    assert found.lower == pytest.approx(expected["lower"], abs=3 * LME4)
    assert found.q == pytest.approx(expected["lrt"], rel=1e-9)
    assert (found.q_p, found.q_df) == (pytest.approx(expected["lrt_p"], rel=1e-7), expected["df"])
    assert found.i2 == pytest.approx(expected["i2"] / 100.0, abs=LME4)


@pytest.mark.parametrize("case", REFERENCE["glmm"])
def test_binomial_normal_model_by_plain_integration(case: str) -> None:
    """The likelihood at the maximum and nearby, by an integration that shares no code."""
    data = REFERENCE["escalc_proportions"][case]["data"]
    found = pool_binomial_normal(data["xi"], data["ni"])

    u = np.linspace(-9.0, 9.0, 3001)  # the trapezoid rule is exact for what decays like this
    normal = norm.pdf(u) * (u[1] - u[0])
    x, n = (np.array(data[name], dtype=float)[:, None] for name in ("xi", "ni"))

    def minus_log_likelihood(at: np.ndarray) -> float:
        shares = binom.pmf(x, n, expit(at[0] + at[1] * u))
        return -float(np.log(shares @ normal).sum())

    here = np.array([found.estimate, found.tau2**0.5])
    assert -minus_log_likelihood(here) == pytest.approx(found.log_likelihood, rel=1e-10)
    by_search = minimize(
        minus_log_likelihood,
        here + 0.01,
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-13},
    )
    np.testing.assert_allclose(by_search.x, here, atol=EXACT)
    step = 1e-3
    bent = np.array(
        [
            [second_difference(minus_log_likelihood, here, i, j, step) for j in (0, 1)]
            for i in (0, 1)
        ]
    )
    assert np.linalg.inv(bent)[0, 0] ** 0.5 == pytest.approx(found.se, rel=1e-4)


def second_difference(function, here, i, j, step):
    one, two = np.eye(2)[i] * step, np.eye(2)[j] * step
    corners = function(here + one + two) - function(here + one - two)
    return (corners - function(here - one + two) + function(here - one - two)) / (4 * step**2)
