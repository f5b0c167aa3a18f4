"""Has each patient the extent that imaging shows, and is all that it shows to be treated?"""

import dataclasses
import runpy
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from debulk.core.anatomy import ORGAN_CODE, ORGANS
from debulk.disease.extents import (
    EXTENTS,
    METASTATIC,
    OFF_AXIS,
    complete_treatment,
    has_occult,
    metastatic_extent,
    without_primary,
)
from debulk.patients import extent as classes
from debulk.treatments import load_modalities, modality_tables

HAND_MADE = runpy.run_path(str(Path(__file__).with_name("hand_made.py")))
presenters_of = HAND_MADE["presenters_of"]
TABLES = modality_tables(load_modalities())


def liver(count, mm=20.0):
    return [("liver", mm, True)] * count


def extent_names(patients):
    codes, _ = metastatic_extent(presenters_of(patients), TABLES)
    return ["off" if code == OFF_AXIS else METASTATIC[code].name for code in codes]


@pytest.mark.parametrize(
    ("lesions", "expected"),
    [
        (liver(1), "liver_1"),
        (liver(2), "liver_2_4"),
        (liver(4), "liver_2_4"),
        (liver(5), "liver_5_more"),
        (liver(10), "liver_5_more"),
        (liver(11), "liver_unresectable"),
        (liver(1, 160.0), "liver_unresectable"),
        (liver(3, 60.0), "liver_unresectable"),  # 0.9 of the liver would go
        ([("lung", 10.0, True)], "oligometastatic"),
        ([*liver(4), ("lung", 10.0, True)], "oligometastatic"),
        ([*liver(5), ("lung", 10.0, True)], "multi_organ_limited"),
        ([*liver(1), ("lung", 9.0, True), ("bone", 9.0, True)], "multi_organ_limited"),
        ([*liver(9), ("lung", 10.0, True)], "multi_organ_extensive"),
        ([("lung", 10.0, True)] * 6, "off"),
        ([*liver(1), ("lung", 4.0, False)], "liver_1"),
        ([*liver(1), ("primary", 40.0, True)], "liver_1"),
        ([("liver", 4.0, False)], "off"),
        ([], "off"),
    ],
    ids=str,
)
def test_extent_is_what_imaging_shows(lesions, expected):
    assert extent_names([lesions]) == [expected]


def test_every_extent_belongs_to_a_class_of_patients_data():
    assert {each.extent_class for each in EXTENTS} == set(classes.EXTENTS) - {"other_metastatic"}
    for each in EXTENTS:
        assert each.name.startswith(each.extent_class.removesuffix("_only"))


def test_lumped_lesions_count_as_many():
    one = presenters_of([liver(1)])
    many = dataclasses.replace(one, copies=np.array([12.0]))
    assert metastatic_extent(one, TABLES)[1].tolist() == [True]
    codes, resectable = metastatic_extent(many, TABLES)
    assert METASTATIC[codes[0]].name == "liver_unresectable"
    assert resectable.tolist() == [False]


def test_all_that_is_seen_is_planned_and_nothing_else():
    patients = [
        [*liver(2), ("lung", 4.0, False), ("liver", 4.0, False), ("primary", 40.0, True)],
        [*liver(11), ("peritoneum", 15.0, True)],
    ]
    presenters = presenters_of(patients)
    _, resectable = metastatic_extent(presenters, TABLES)
    modality = complete_treatment(presenters, TABLES, resectable)
    names = [TABLES.names[code] if code >= 0 else None for code in modality]
    assert names[:5] == ["liver_resection"] * 2 + [None, "liver_resection", None]
    assert set(names[5:16]) == {TABLES.names[TABLES.stages[ORGAN_CODE["liver"], 0]]}
    assert names[16] == "cytoreductive_surgery"


def test_every_organ_that_a_card_treats_has_a_modality_that_can_control_it():
    treatable = np.flatnonzero(TABLES.local_control.max(axis=(0, 2)) > 0.0)
    patients = [[(ORGANS[organ], 20.0, True)] for organ in treatable if ORGANS[organ] != "primary"]
    presenters = presenters_of(patients)
    modality = complete_treatment(presenters, TABLES, np.ones(len(patients), dtype=np.bool_))
    control = TABLES.local_control[modality, presenters.organ].max(axis=1)
    assert (modality >= 0).all()
    assert (control > 0.0).all()


def test_occult_is_a_living_metastasis_that_imaging_does_not_show():
    patients = [
        liver(2),
        [*liver(1), ("lung", 0.02, False)],
        [*liver(1), ("primary", 40.0, False)],
        [*liver(1), ("lung", 0.0, False)],
    ]
    assert has_occult(presenters_of(patients)).tolist() == [False, True, False, False]


@given(st.lists(st.lists(st.sampled_from(["liver", "lung", "primary"]), max_size=4), max_size=5))
def test_removal_of_the_primary_leaves_the_metastases_in_order(organs):
    patients = [[(organ, 10.0 + row, True) for row, organ in enumerate(own)] for own in organs]
    left = without_primary(presenters_of(patients))
    assert not left.primary_in_situ.any()
    for row, own in enumerate(patients):
        sizes = left.diameter_mm[left.offsets[row] : left.offsets[row + 1]].tolist()
        assert sizes == [size for organ, size, _ in own if organ != "primary"]
