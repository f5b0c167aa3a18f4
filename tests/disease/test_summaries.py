"""The packaged aggregates, and the script that makes them: on a small made-up table always, on the
patients' tables where DEBULK_DATA names them."""

from __future__ import annotations

import importlib
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import polars as pl
import pytest

from debulk.core.errors import InputError
from debulk.core.yaml_files import parse_yaml
from debulk.disease.summaries import patient_summaries, patient_summary

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
PRINTED_RTOL = 5e-6
"""The file has six figures a number."""
EXACT = 1e-12
UNITS = {"share", "months", "mm", "days", "1/month", "ratio", "ug/L"}


@pytest.fixture(name="script")
def load_script(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    yield importlib.import_module("write_patient_summaries")
    for name in ("write_patient_summaries", "patient_estimates"):
        sys.modules.pop(name, None)


def test_every_aggregate_is_complete_and_inside_its_limits():
    summaries = patient_summaries()
    assert {each.source.name for each in summaries.values()} == {"ffcd", "colon", "tcia"}
    for name, each in summaries.items():
        assert each.name == name
        assert each.lower <= each.value <= each.upper, name
        assert each.standard_error > 0.0, name
        assert each.unit in UNITS, name
        assert each.meaning, name
        assert each.method, name
        assert each.n >= 20, f"{name}: an aggregate of few patients may point at one"
        if each.unit == "share" and "change" not in name:
            assert each.lower >= 0.0, name
            assert each.upper <= 1.0, name


def test_every_source_names_study_licence_and_caveats():
    for source in {each.source.name: each.source for each in patient_summaries().values()}.values():
        assert source.data
        assert source.study
        assert "GPL" in source.licence or source.licence == "CC BY 4.0"
        assert source.caveats


def test_an_unknown_aggregate_offers_the_nearest():
    with pytest.raises(InputError, match="ffcd/all/overall-survival/median"):
        patient_summary("ffcd/all/overal-survival/median")


def test_recurrence_rises_with_time_and_falls_with_chemotherapy():
    for arm in ("Obs", "Obs+Lev", "Lev+5FU"):
        values = [patient_summary(f"colon/{arm}/recurrence/year-{y}").value for y in (1, 2, 3, 5)]
        assert values == sorted(values)
    assert patient_summary("colon/recurrence-hazard-ratio").upper < 1.0


@pytest.mark.data
@pytest.mark.skipif(
    not os.environ.get("DEBULK_DATA"), reason="DEBULK_DATA names no folder of patients' tables"
)
def test_the_patients_tables_give_the_packaged_aggregates(script: ModuleType):
    made = script.summaries(Path(os.environ["DEBULK_DATA"]))
    packaged = patient_summaries()
    assert [each.name for each in made] == list(packaged)
    for each in made:
        known = packaged[each.name]
        for key in ("value", "lower", "upper", "standard_error"):
            expected = pytest.approx(getattr(each, key), rel=PRINTED_RTOL, abs=1e-12)
            assert getattr(known, key) == expected, (each.name, key)
        assert (known.n, known.unit, known.meaning) == (each.n, each.unit, each.meaning)


def test_the_script_reads_the_packaged_file_back_as_written(script: ModuleType):
    rows = [
        script.Row(each.name, each.value, each.lower, each.upper, each.standard_error, each.n,
                   each.unit, each.meaning, each.method)
        for each in patient_summaries().values()
    ]  # fmt: skip
    assert script.text(rows) == script.PACKAGED.read_text("utf-8")


def test_the_script_says_what_it_needs(script: ModuleType, monkeypatch, capsys):
    monkeypatch.delenv("DEBULK_DATA", raising=False)
    assert script.main([]) == 2
    assert "DEBULK_DATA" in capsys.readouterr().err


def test_an_aggregate_that_was_not_reached_is_not_written(script: ModuleType):
    row = script.Row("x", math.nan, 0.0, 1.0, 0.1, 5, "months", "m", "m")
    with pytest.raises(InputError, match="nan"):
        script.text([row])


def _made_up_ffcd(folder: Path) -> None:
    """Twenty patients, every other one on combination, alike but for the size at entry.

    Sums fall to 0.6 at month 2 and 0.5 at month 4, then rise by e^0.1 a month. Patients 1 to 4
    have a new lesion at month 3, of whom 1 and 2 die at month 5; the others are alive at month 12.
    """
    home = folder / "ffcd2000-05_frailtypack"
    home.mkdir()
    events, visits = [], []
    for patient in range(1, 21):
        ends = [3.0] if patient <= 4 else []
        ends.append(5.0 if patient <= 2 else 12.0)
        for row, end in enumerate(ends):
            last = row == len(ends) - 1
            events.append(
                {
                    "id": patient,
                    "time0": 0.0 if row == 0 else ends[0] / 12.0,
                    "time1": end / 12.0,
                    "new.lesions": int(not last),
                    "treatment": "C" if patient % 2 else "S",
                    "state": int(last and patient <= 2),
                }
            )
        size = 10.0 + patient
        course = {0: 1.0, 2: 0.6, 4: 0.5, 6: 0.5 * math.exp(0.2), 8: 0.5 * math.exp(0.4)}
        for month, factor in course.items():
            if month > ends[-1]:
                continue
            visits.append(
                {
                    "id": patient,
                    "year": month / 12.0,
                    "treatment": "C" if patient % 2 else "S",
                    "who.PS": patient % 3,
                    "sld_cm_backtransformed": size * factor,
                }
            )
    pl.DataFrame(events).write_csv(home / "colorectal.csv")
    pl.DataFrame(visits).write_csv(home / "colorectalLongi.csv")


def test_tumour_sizes_of_a_made_up_trial_are_those_worked_by_hand(script: ModuleType, tmp_path):
    _made_up_ffcd(tmp_path)
    made = {each.name: each for each in script._ffcd(tmp_path)}
    value = {name: each.value for name, each in made.items()}
    assert value["ffcd/all/sum-of-diameters-at-entry/q50"] == pytest.approx(205.0, rel=EXACT)
    assert value["ffcd/all/relative-change/month-2"] == pytest.approx(-0.4, rel=EXACT)
    assert value["ffcd/all/relative-change/month-4"] == pytest.approx(-0.5, rel=EXACT)
    # Before the new lesion at month 3, patients 1 to 4 had shrunk by 40 % already.
    assert value["ffcd/all/shrinkage/30-percent"] == 1.0
    assert made["ffcd/all/best-change"].n == 20
    assert value["ffcd/all/growth-after-nadir/q50"] == pytest.approx(0.1, rel=1e-9)
    assert value["ffcd/all/volume-doubling-after-nadir"] == pytest.approx(
        math.log(2.0) / 0.3 * 30.4375, rel=1e-9
    )
    assert value["ffcd/all/new-lesion/month-6"] == pytest.approx(4 / 20, rel=EXACT)
    assert made["ffcd/combination/new-lesion/month-6"].n == 10
    assert value["ffcd/all/who-status-2-or-worse"] == pytest.approx(7 / 20, abs=EXACT)


def test_limits_of_a_sample_quantile_hold_their_level(script: ModuleType):
    """Distribution-free limits of a median: at least 95 % of 2,000 samples cover; error 0.5 %."""
    generator = np.random.default_rng(11)
    samples = generator.exponential(size=(2000, 55))
    rows = [script.of_sample("x", each, 0.5, "mm", "m") for each in samples]
    covered = np.mean([row.lower <= math.log(2.0) <= row.upper for row in rows])
    assert 0.945 <= covered <= 0.985


def test_no_row_of_a_patient_is_packaged():
    file = SCRIPTS.parent / "src/debulk/data/disease/patient_summaries.yaml"
    content = parse_yaml(file.read_text("utf-8"), "patient_summaries.yaml").content
    assert set(content) == {"sources", "summaries"}
    for entry in content["summaries"].values():
        assert not any(isinstance(value, list | dict) for value in entry.values())
