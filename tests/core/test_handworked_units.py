"""Volumes, diameters and months, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core import DAYS_PER_MONTH, ORGANS
from debulk.core.anatomy import ORGAN_CODE
from debulk.core.units import sphere_diameter_mm, sphere_volume_ml

ROUNDING = 1e-14  # a closed form in double precision


def test_a_month_is_a_twelfth_of_a_julian_year() -> None:
    assert 12 * DAYS_PER_MONTH == 365.25


def test_a_sphere_of_one_centimetre_holds_pi_sixths_millilitres() -> None:
    assert sphere_volume_ml(10.0) == pytest.approx(0.5235987755982988, rel=ROUNDING)
    assert sphere_volume_ml([0.0, 20.0]).tolist() == pytest.approx([0.0, 4.1887902047863905])


def test_diameter_and_volume_undo_each_other() -> None:
    diameters = np.geomspace(0.01, 300.0, 50)
    again = sphere_diameter_mm(sphere_volume_ml(diameters))
    np.testing.assert_allclose(again, diameters, rtol=ROUNDING)


def test_the_code_of_an_organ_is_its_position() -> None:
    assert [ORGAN_CODE[organ] for organ in ORGANS] == list(range(len(ORGANS)))
    assert len(set(ORGANS)) == 11
