import json
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.disease.life_table import OLDEST_AGE, other_cause_hazards

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference/disease/life_table.json").read_text("utf-8")
)
PACKAGED_RTOL = 1e-9
"""The packaged hazards have ten figures."""
BETWEEN_RTOL = 0.06
"""The straight line between packaged years against the R package's own year."""
ROWS = {"male": 0, "female": 1}


@pytest.mark.parametrize(
    "case", REFERENCE["survivals"], ids=lambda c: f"{c['year']}-{c['sex']}-{c['age']}"
)
def test_survival_over_a_year_is_that_of_r(case):
    hazard = other_cause_hazards(case["year"])[ROWS[case["sex"]], case["age"]]
    assert np.exp(-12.0 * hazard) == pytest.approx(case["survival_one_year"], rel=PACKAGED_RTOL)


@pytest.mark.parametrize(
    "case", REFERENCE["years_between"], ids=lambda c: f"{c['year']}-{c['sex']}-{c['age']}"
)
def test_between_packaged_years_the_line_is_near_the_years_own_rates(case):
    hazard = other_cause_hazards(case["year"])[ROWS[case["sex"]], case["age"]]
    assert hazard == pytest.approx(case["hazard_per_month"], rel=BETWEEN_RTOL)


def test_between_two_packaged_years_the_hazard_is_on_the_line():
    first, second = other_cause_hazards(2010), other_cause_hazards(2014)
    np.testing.assert_allclose(
        other_cause_hazards(2011.0), 0.75 * first + 0.25 * second, rtol=1e-14
    )


@pytest.mark.parametrize("year", [1984.9, 2014.1, float("nan"), float("inf")])
def test_a_year_without_rates_is_refused(year):
    with pytest.raises(InputError, match="between 1985 and 2014"):
        other_cause_hazards(year)


def test_the_table_is_complete_and_people_past_forty_die_more_each_year():
    table = other_cause_hazards(2008)
    assert table.shape == (2, OLDEST_AGE + 1)
    assert np.all(table > 0)
    assert np.all(np.diff(table[:, 40:OLDEST_AGE]) > 0)
    assert np.all(table[0, 40:100] > table[1, 40:100])


def test_the_oldest_have_the_rate_of_the_sources_last_age():
    table = other_cause_hazards(2005)
    assert np.array_equal(table[:, OLDEST_AGE], table[:, OLDEST_AGE - 1])


def test_a_change_of_the_table_returned_does_not_reach_the_next_caller():
    other_cause_hazards(2010)[:] = 0.0
    assert np.all(other_cause_hazards(2010) > 0)


def test_the_file_and_its_note_name_the_source():
    folder = resources.files("debulk") / "data" / "disease"
    head = (folder / "life_table.csv").read_text("utf-8").splitlines()[0]
    note = (folder / "life_table.md").read_text("utf-8")
    assert "US population, R survival's survexp.us" in head
    assert re.search(r"\*\*Licence\.\*\* LGPL", note)
