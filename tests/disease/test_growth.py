"""Growth of one tumour against its differential equation, and sizes."""

import math

import numba
import numpy as np
import pytest

from debulk.disease.growth import (
    age_at_ln_cells,
    age_of_primary,
    cells_of_diameter,
    cells_of_primary,
    diameter_of_cells,
    growth_constant,
)
from debulk.disease.model import prior_model

CLOSED_FORM_RTOL = 1e-9
DIFFERENCE_RTOL = 1e-5  # a derivative by central difference
RECORDS = {name: prior_model(name).record()[0] for name in ("reference", "exponential")}
LN_ML = math.log(1e9)


def ln_cells_at_age(p, growth, age):
    """The law as the design states it."""
    if p["exponential"] > 0.0:
        return growth * age
    return math.log(10.0) * p["cap_met"] * (1.0 - math.exp(-growth * age))


@numba.njit
def _age_of_metastasis(p, growth, ln_cells):
    return age_at_ln_cells(p, growth, ln_cells)


def metastasis(p, growth, age, ln_cells):
    return ln_cells_at_age(p, growth, age), _age_of_metastasis(p, growth, ln_cells)


@numba.njit
def primary(p, growth, age, ln_cells):
    return cells_of_primary(p, growth, age), age_of_primary(p, growth, ln_cells)


@numba.njit
def sizes(p, diameter, cells):
    return cells_of_diameter(diameter), diameter_of_cells(cells), growth_constant(p)


@pytest.mark.parametrize("structure", RECORDS)
@pytest.mark.parametrize("growth", [0.0005, 0.0017, 0.01])
@pytest.mark.parametrize("cells", [1.5, 1e6, 1e11])
def test_growth_and_age_undo_each_other(structure, growth, cells):
    p = RECORDS[structure]
    age = metastasis(p, growth, 1.0, math.log(cells))[1]
    assert metastasis(p, growth, age, 1.0)[0] == pytest.approx(
        math.log(cells), rel=CLOSED_FORM_RTOL
    )


@pytest.mark.parametrize("structure", RECORDS)
def test_one_millilitre_doubles_in_the_stated_days(structure):
    p = RECORDS[structure]
    growth = sizes(p, 1.0, 1.0)[2]
    age = metastasis(p, growth, 1.0, LN_ML)[1]
    slope = (
        metastasis(p, growth, age + 0.01, 1.0)[0] - metastasis(p, growth, age - 0.01, 1.0)[0]
    ) / 0.02
    assert math.log(2) / slope == pytest.approx(float(p["dtM"]), rel=DIFFERENCE_RTOL)


def test_gompertz_slows_with_size_and_exponential_growth_does_not():
    slopes = {}
    for structure, p in RECORDS.items():
        growth = sizes(p, 1.0, 1.0)[2]
        for cells in (1e3, 1e9):
            age = metastasis(p, growth, 1.0, math.log(cells))[1]
            late, early = (metastasis(p, growth, age + d, 1.0)[0] for d in (0.01, -0.01))
            slopes[structure, cells] = (late - early) / 0.02
    room = float(RECORDS["reference"]["cap_met"]) * math.log(10)
    expected = (room - math.log(1e3)) / (room - math.log(1e9))
    assert slopes["reference", 1e3] / slopes["reference", 1e9] == pytest.approx(
        expected, rel=DIFFERENCE_RTOL
    )
    assert slopes["exponential", 1e3] == pytest.approx(
        slopes["exponential", 1e9], rel=DIFFERENCE_RTOL
    )


def test_a_metastasis_never_passes_its_largest_size():
    p = RECORDS["reference"]
    assert metastasis(p, 0.002, 1.0, (float(p["cap_met"]) + 0.1) * math.log(10))[1] == np.inf
    assert metastasis(p, 0.002, 1e6, 1.0)[0] <= float(p["cap_met"]) * math.log(10)


@pytest.mark.parametrize("structure", RECORDS)
def test_the_primary_follows_gompertz_in_every_structure(structure):
    p = RECORDS[structure]
    age = primary(p, 0.001, 1.0, math.log(3e10))[1]
    assert age == pytest.approx(-math.log(1 - math.log(3e10) / math.log(1e12)) / 0.001)
    assert primary(p, 0.001, age, 1.0)[0] == pytest.approx(3e10, rel=CLOSED_FORM_RTOL)


def test_a_centimetre_holds_half_a_millilitre():
    cells, diameter, _ = sizes(RECORDS["reference"], 1.0, 1e9 * math.pi / 6)
    assert cells == pytest.approx(1e9 * math.pi / 6, rel=CLOSED_FORM_RTOL)
    assert diameter == pytest.approx(1.0, rel=CLOSED_FORM_RTOL)
    assert sizes(RECORDS["reference"], 1.0, 0.0)[1] == 0.0
