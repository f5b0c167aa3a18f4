"""Patients, plans and comparisons that the tests of the course share."""

import dataclasses

import numpy as np

from debulk.core.anatomy import ORGAN_CODE
from debulk.disease.course.care import Care, LocalTreatment
from debulk.disease.course.run import run_course
from debulk.disease.model import prior_model
from debulk.disease.presenters import Presenters, draw_presenters
from debulk.treatments import load_modalities, modality_tables

MODEL = prior_model()
SEED = 11
DRAWN = draw_presenters(MODEL, seed=SEED, first_trial=0, trials=1, births=1500)
TABLES = modality_tables(load_modalities())
RESECTING = Care(secondary_resection=1.0, repeat_resection=1.0)


def course(model=MODEL, drawn=DRAWN, steps=3, months=60.0, **more):
    return run_course(model, drawn, seed=SEED, randomised_step=steps, horizon_months=months, **more)


def differing(left, right):
    """Names of the outcomes that are not the same to the bit."""
    return [
        each.name
        for each in dataclasses.fields(left)
        if each.name != "watch"
        and not np.array_equal(
            getattr(left, each.name),
            getattr(right, each.name),
            equal_nan=np.asarray(getattr(left, each.name)).dtype.kind == "f",
        )
    ]


def local(step=4, *, drawn=DRAWN, where=None, name="liver_resection", more=None, **changes):
    """Every visible metastasis treated by one modality; `changes` are columns of the cards."""
    where = drawn.visible if where is None else where
    modality = np.where(where, TABLES.names.index(name), -1).astype(np.int8)
    tables = dataclasses.replace(TABLES, **changes) if changes else TABLES
    return LocalTreatment(tables, modality, np.full(len(drawn), step, np.int16), **(more or {}))


def patient(cells, organ="liver", *, growth=0.002, age=65.0, copies=None, people=1):
    """The same patient `people` times over, with metastases of these sizes in one organ."""
    cells = np.asarray(cells, dtype=np.float64)
    count = cells.size
    false = np.zeros(people, dtype=np.bool_)
    many = np.tile(cells, people)
    return Presenters(
        seed=3,
        births=people,
        trial=np.zeros(people, np.int32),
        patient=np.arange(people),
        age_years=np.full(people, float(age)),
        female=false,
        synchronous=~false,
        stage=np.full(people, 4, np.int8),
        primary_in_situ=false,
        adjuvant=false,
        adjuvant_end_months=np.full(people, np.nan),
        recurrence_months=np.zeros(people),
        who_ps=np.zeros(people, np.int8),
        ras=false,
        braf=false,
        msi=false,
        offsets=np.arange(people + 1) * count,
        organ=np.full(many.size, ORGAN_CODE[organ], np.int8),
        cells=many,
        growth=np.full(many.size, float(growth)),
        visible=many >= 4e8,
        diameter_mm=10.0 * np.cbrt(6.0 * many / 1e9 / np.pi),
        copies=np.ones(many.size) if copies is None else np.tile(np.asarray(copies, float), people),
        lobe=np.zeros(many.size, np.int8),
        station=np.zeros(many.size, np.int8),
        near_vessel=np.zeros(many.size, np.bool_),
    )
