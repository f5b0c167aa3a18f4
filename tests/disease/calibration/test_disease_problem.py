"""Is the disease model, as it is calibrated, the disease model with its table of targets?"""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.disease.calibration.disease_problem import (
    DISCREPANCY,
    SOFT,
    DiseaseSimulator,
    _curve,
    disease_problem,
)
from debulk.disease.parameters import parameter_entries
from debulk.disease.structures import STRUCTURES
from debulk.disease.targets.table import load_targets


def test_priors_targets_and_structures_are_the_packaged_ones():
    problem = disease_problem()
    free = [name for name, entry in parameter_entries().items() if entry.free]
    assert list(problem.priors.names) == free
    assert problem.structures == tuple(STRUCTURES)
    table = load_targets()
    points = Counter(_curve(each) for each in table)
    assert problem.target_names == tuple(each.name for each in table)
    for made, published in zip(problem.targets, table, strict=True):
        assert made.on_scale == pytest.approx(published.centre(), rel=1e-9, abs=1e-12)
        factor = SOFT if published.soft else 1.0
        shared = np.sqrt(points[_curve(published)])
        assert made.standard_deviation == pytest.approx(factor * published.error() * shared)
        assert made.evidence == published.evidence
        assert (made.side == "both") != published.one_sided


def test_a_parameter_that_a_structure_fixes_keeps_its_prior():
    problem = disease_problem()
    names = np.array(problem.priors.names)
    assert names[~problem.active("no-immunity")].tolist() == ["kimm"]
    assert problem.active("reference").all()


def test_discrepancies_are_by_group_and_else_by_scale():
    """Sources of one quantity share it: its variance in their mean is that of one."""
    table = load_targets()
    points = Counter(_curve(each) for each in table)
    group = table[0].group
    problem = disease_problem(discrepancies={group: 0.7})
    shared: dict[tuple, list[float]] = {}
    for made, published in zip(problem.targets, table, strict=True):
        usual = 0.7 if made.group == group else DISCREPANCY.get(made.scale)
        if usual is not None:
            what = (published.cohort, published.arms, published.measure, published.months)
            alone = made.discrepancy / usual / np.sqrt(points[_curve(published)])
            shared.setdefault(what, []).append(alone)
    assert max(map(len, shared.values())) > 1
    for each in shared.values():
        assert each == pytest.approx([np.sqrt(len(each))] * len(each))
    assert problem.fingerprint != disease_problem().fingerprint
    assert disease_problem(patients=700).fingerprint != disease_problem().fingerprint


def test_points_of_one_arm_of_one_study_are_one_curve():
    curves: dict[tuple, set[str]] = {}
    for each in load_targets():
        curves.setdefault(_curve(each), set()).add(each.name)
    clocc = {f"clocc_control_{when}" for when in ("3y", "5y", "8y", "os")}
    assert clocc in curves.values()
    assert {"fong_5y", "fong_10y"} in curves.values()
    assert {"clocc_hazard_ratio"} in curves.values()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"patients": 100}, "patients"),
        ({"patients": True}, "patients"),
        ({"discrepancies": {"nothing": 1.0}}, "no group of targets is called 'nothing'"),
        ({"discrepancies": {"census": -1.0}}, "discrepancy"),
    ],
)
def test_wrong_options_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        disease_problem(**options)


def test_a_median_beyond_the_horizon_counts_as_the_horizon():
    table = load_targets()
    simulator = DiseaseSimulator(table, 200)
    values = np.ones(len(table))
    months = next(row for row, each in enumerate(table) if each.unit == "months" and each.arms)
    share = next(row for row, each in enumerate(table) if each.unit == "share")
    values[[months, share]] = np.inf
    capped = simulator._within_horizon(values)
    assert 12.0 <= capped[months] <= 240.0
    assert np.isnan(capped[share])
    assert np.all(np.delete(capped, [months, share]) == 1.0)


@pytest.mark.slow
def test_one_seed_gives_one_answer_and_parameters_another():
    """Whatever the number of threads: courses draw by patient and decision."""
    from debulk.core.compiled import use_threads

    problem = disease_problem(patients=200)
    middle = problem.priors.from_unit(np.zeros(len(problem.priors)))
    use_threads(1)
    first, error = problem.simulate(middle, "reference", 3)
    use_threads(None)
    again, _ = problem.simulate(middle, "reference", 3)
    assert np.array_equal(first, again, equal_nan=True)
    assert np.isfinite(first).mean() > 0.9
    assert np.all(error[np.isfinite(first)] >= 0.0)
    moved, _ = problem.simulate(
        problem.priors.from_unit(np.full(len(problem.priors), 0.3)), "reference", 3
    )
    other, _ = problem.simulate(middle, "reference", 4)
    assert not np.array_equal(first, moved, equal_nan=True)
    assert not np.array_equal(first, other, equal_nan=True)
