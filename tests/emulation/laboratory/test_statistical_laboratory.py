"""Does a small laboratory find what the large one finds, whoever computes it?

100 registries of 1,000: a coverage of 95 % has a Monte Carlo error of 2.2 points, so that 88 to 100
is three of them.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from debulk.core.errors import InputError
from debulk.core.files import json_text
from debulk.emulation.check import Check
from debulk.emulation.laboratory import analyses, measuring
from debulk.emulation.laboratory.cells import Cell, Experiment, whole_table
from debulk.emulation.laboratory.running import fingerprint, run_laboratory
from debulk.emulation.laboratory.store import RegistryStore
from debulk.emulation.laboratory.table import tidy_frame
from debulk.evidence.pooling.bias_table import read_bias_table

LEAST_COVERAGE = 0.88
CLONES = ("clone-censor-weight-natural", "clone-censor-weight-uniform")


def small(**changes) -> Experiment:
    """A few small registries, with few patients behind the truth."""
    asked = {"registries": 6, "patients": 200} | changes
    cell = Cell("harm-then-benefit", "mild", "none", **asked)
    return Experiment((cell,), seed=4, truth_patients=400)


@pytest.fixture(scope="module")
def reference():
    cells = (Cell("null", "mild", "none", registries=100, patients=1000),)
    return run_laboratory(Experiment(cells, seed=1, truth_patients=1_000), workers=1)


@pytest.fixture
def short_chunks(monkeypatch) -> None:
    """Two registries a chunk."""
    monkeypatch.setattr(measuring, "_PATIENTS_A_CHUNK", 400)


def test_clones_cover_the_truth_and_naive_intervals_never_do(reference) -> None:
    scores = {each["method"]: each for each in reference.to_list()[0]["methods"]}
    for name in CLONES:
        for interval in ("sandwich", "known-weights"):
            told = scores[name]["intervals"][interval]
            assert told["log_hazard_ratio"]["coverage"] >= LEAST_COVERAGE
            assert told["rmst_months"]["coverage"] >= LEAST_COVERAGE
        assert abs(scores[name]["bias_log_hr"]) < 4.0 * scores[name]["monte_carlo_error"]
        assert scores[name]["false_positive"] <= 1.0 - LEAST_COVERAGE
        assert scores[name]["power"] is None
    naive = scores["naive"]
    assert naive["coverage"] <= 0.02
    assert naive["false_positive"] >= 0.98
    assert naive["bias_log_hr"] < -0.4
    assert scores["landmark"]["bias_log_hr"] < -0.2
    assert scores["mantel-byar"]["bias_log_hr"] < -0.2
    assert all(each["failures"] == 0 for each in scores.values())


def test_the_table_is_what_pooling_reads(reference, tmp_path) -> None:
    file = tmp_path / "bias.json"
    file.write_text(json_text(reference.to_list()), encoding="utf-8")
    table = read_bias_table(file)
    assert len(table.cells) == len(analyses.TITLES)
    bias = table.cell("naive", "null", "mild", "none")
    told = next(each for each in reference.to_list()[0]["methods"] if each["method"] == "naive")
    assert (bias.mean, bias.monte_carlo_error) == (told["bias_log_hr"], told["monte_carlo_error"])
    one = tmp_path / "one.json"
    one.write_text(json_text(reference.to_list()[0]), encoding="utf-8")
    assert [each.mean for each in read_bias_table(one).cells] == [each.mean for each in table.cells]


def test_tidy_frame(reference) -> None:
    frame = reference.frame()
    assert set(frame["method"].unique()) == set(analyses.TITLES)
    # Twelve methods, of which the two clones have a second interval; two measures.
    assert frame.height == (12 + 2) * 2
    usual = frame.filter("usual", method="naive", measure="log_hazard_ratio")
    assert usual["bias"].item() < -0.4
    again = tidy_frame(json.loads(json_text(reference.to_list())))
    assert again.equals(frame)


def test_every_situation_once_in_the_list_and_sizes_inside() -> None:
    cells = whole_table(registries=2, patients=100, bootstrap=20, sizes=(60, 80))
    assert len(cells) == 18 + 6
    assert sum(cell.bootstrap > 0 for cell in cells) == 2
    chosen = tuple(
        cell
        for cell in cells
        if cell.situation == ("null", "mild", "strong") and not cell.bootstrap
    )
    table = run_laboratory(Experiment(chosen, truth_patients=200), workers=1)
    told = table.to_list()
    assert len(told) == 1
    assert [each["patients"] for each in told[0]["sizes"]] == [60, 80]
    assert set(table.frame()["patients"].unique()) == {60, 80, 100}


@pytest.mark.usefixtures("short_chunks")
def test_the_same_bytes_whatever_the_workers() -> None:
    experiment = small(bootstrap=20)
    alone = json_text(run_laboratory(experiment, workers=1).to_list())
    assert json_text(run_laboratory(experiment, workers=2).to_list()) == alone


@pytest.mark.usefixtures("short_chunks")
def test_an_interrupted_run_is_taken_up_where_it_was(tmp_path, monkeypatch) -> None:
    experiment = small()
    whole = json_text(run_laboratory(experiment, workers=1).to_list())
    store = RegistryStore(tmp_path, fingerprint(experiment))

    def stop(done: int, _: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_laboratory(experiment, workers=1, store=store, progress=stop)
    store.close()
    kept = sorted(each.name for each in (tmp_path / "chunks").glob("*.npz"))
    assert len(kept) == 3  # the truth and two chunks
    measured = []
    usual = measuring.measure
    monkeypatch.setattr(
        "debulk.emulation.laboratory.running.measure",
        lambda asked, chunk: measured.append(chunk.first) or usual(asked, chunk),
    )
    store = RegistryStore(tmp_path, fingerprint(experiment))
    assert json_text(run_laboratory(experiment, workers=1, store=store).to_list()) == whole
    assert measured == [4]
    store.close()


def test_a_folder_of_other_settings_is_refused(tmp_path) -> None:
    RegistryStore(tmp_path, fingerprint(small())).close()
    with pytest.raises(InputError, match="holds a run with other settings"):
        RegistryStore(tmp_path, fingerprint(small(patients=300)))


def test_a_broken_chunk_is_computed_again(tmp_path) -> None:
    experiment = small()
    store = RegistryStore(tmp_path, fingerprint(experiment))
    whole = json_text(run_laboratory(experiment, workers=1, store=store).to_list())
    for each in (tmp_path / "chunks").glob("*.npz"):
        each.write_bytes(each.read_bytes()[:100])
    assert json_text(run_laboratory(experiment, workers=1, store=store).to_list()) == whole
    store.close()


def test_refusals_are_counted(monkeypatch) -> None:
    """A method that refuses every second registry is scored on the others, and says so."""
    calls = []
    naive = analyses._USUAL["naive"]

    def fussy(person_time, grace, asked):
        calls.append(1)
        if len(calls) % 2:
            raise InputError("registry", "is odd", "Take another")
        return naive(person_time, grace, asked)

    monkeypatch.setitem(analyses._USUAL, "naive", fussy)
    monkeypatch.setitem(analyses._USUAL, "landmark", _refuses)
    told = run_laboratory(small(), workers=1).to_list()[0]
    found = {each["method"]: each for each in told["methods"]}
    assert found["naive"]["failures"] == 3
    assert found["naive"]["intervals"]["usual"]["log_hazard_ratio"]["answered"] == 3
    assert told["without_answer"] == ["landmark"]


def _refuses(person_time, grace, asked):
    raise InputError("registry", "is never right", "Take another")


def test_checks_are_counted_and_both_together(monkeypatch) -> None:
    def few(person_time, _):
        return Check("few", "fail" if person_time.patients < 150 else "pass", "")

    def never_sure(*_):
        return Check("never sure", "unknown", "")

    def always(*_):
        return Check("always", "fail", "")

    checks = {"few": few, "never sure": never_sure, "always": always}
    for module in ("checking", "measuring", "table"):
        monkeypatch.setattr(f"debulk.emulation.laboratory.{module}.CHECKS", checks)
    told = run_laboratory(small(), workers=1).to_list()[0]["checks"]
    assert [each["check"] for each in told] == [*checks, "either"] * 2
    assert [each["failed"] for each in told] == [0.0, 0.0, 1.0, 1.0] * 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"scenario": "nul"}, "Did you mean 'null'"),
        ({"selection": "severe"}, "there is no selection 'severe'"),
        ({"unmeasured": "some"}, "there is no unmeasured 'some'"),
        ({"registries": 1}, "1 is out of range. Give a whole number from 2"),
        ({"patients": 10}, "10 is out of range. Give a whole number from 50"),
        ({"bootstrap": -1}, "-1 is out of range. Give a whole number from 0"),
        ({"model": "mice"}, "there is no model 'mice'"),
        ({"timings": ("late",)}, "are no timings"),
    ],
)
def test_hostile_cells(changes, words) -> None:
    asked = {"scenario": "null", "selection": "mild", "unmeasured": "none"} | changes
    with pytest.raises(InputError, match=words):
        Cell(**asked)


def test_hostile_seed_and_workers() -> None:
    with pytest.raises(InputError, match="seed"):
        Experiment((), seed=-1)
    with pytest.raises(InputError, match="workers: 0 is out of range"):
        run_laboratory(small(), workers=0)


def test_two_seeds_differ() -> None:
    first, second = (
        measuring.measure(
            Experiment(small().cells, seed=seed, truth_patients=400), measuring.Chunk(0, 0, 2)
        )
        for seed in (1, 2)
    )
    assert not np.any(first["numbers"][:, 0, 0] == second["numbers"][:, 0, 0])
