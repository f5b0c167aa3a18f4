"""The library: the same patients whatever the threads, from the file, and drawn again."""

from __future__ import annotations

from pathlib import Path

import numba
import numpy as np
import pytest

from debulk.board.futures import library as room
from debulk.board.futures.library import Library, draw_library, library_of, presented
from debulk.core.errors import InputError
from debulk.disease import draw_presenters, load_model
from debulk.disease.presenters import presenters_again

FIELDS = room._ARRAYS


def _same(one: Library, other: Library) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_property_threads_do_not_matter() -> None:
    model = load_model().with_draws(3)
    most = numba.get_num_threads()
    several = draw_library(model, seed=5, per_draw=700)
    try:
        numba.set_num_threads(1)
        single = draw_library(model, seed=5, per_draw=700)
    finally:
        numba.set_num_threads(most)
    _same(several, single)


def test_property_as_many_of_each_draw(library: Library) -> None:
    counts = np.bincount(library.trial)
    assert counts.tolist() == [library.per_draw] * library.draws
    assert library.in_organ.sum(axis=1).min() >= 1  # who presents shows a metastasis
    assert library.bytes < 200 * len(library)


def test_property_patients_are_drawn_again_as_they_were(library: Library) -> None:
    rows = np.arange(7, len(library), 1311)
    again = presenters_again(
        library.model, seed=library.seed, trial=library.trial[rows], patient=library.patient[rows]
    )
    for name, values in presented(again).items():
        np.testing.assert_array_equal(values, getattr(library, name)[rows])


def test_hostile_who_did_not_present_cannot_be_drawn_again(library: Library) -> None:
    absent = np.setdiff1d(np.arange(50), library.patient[library.trial == 0])[:1]
    with pytest.raises(InputError, match="did not present"):
        presenters_again(
            library.model, seed=library.seed, trial=np.zeros(1, np.int32), patient=absent
        )


def test_handworked_nobody_is_drawn_again(library: Library) -> None:
    nobody = np.zeros(0, np.int64)
    assert not len(presenters_again(library.model, seed=1, trial=nobody, patient=nobody))


def test_handworked_features_are_counted_from_the_lesions() -> None:
    drawn = draw_presenters(load_model(), seed=2, first_trial=0, trials=1, births=60)
    found = presented(drawn)
    for row in range(len(drawn)):
        one = drawn.take([row])
        seen = one.visible
        assert found["in_organ"][row].sum() == one.copies[seen].sum()
        assert found["largest_mm"][row] == one.diameter_mm[seen].max()
        volume = (one.cells * one.copies)[seen].sum() * 1e-9
        assert found["volume_ml"][row] == pytest.approx(volume, rel=1e-12)


def test_property_the_file_gives_the_same_and_a_broken_one_is_drawn_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model().with_draws(2)
    monkeypatch.setattr(room, "_held", {})
    first = library_of(model, seed=4, per_draw=30, folder=tmp_path)
    (file,) = tmp_path.iterdir()
    assert library_of(model, seed=4, per_draw=30, folder=tmp_path) is first
    room.forget()
    _same(first, library_of(model, seed=4, per_draw=30, folder=tmp_path))
    file.write_bytes(file.read_bytes()[:500])
    room.forget()
    _same(first, library_of(model, seed=4, per_draw=30, folder=tmp_path))
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_hostile_a_folder_that_cannot_be_written_to_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_held", {})
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert len(library_of(load_model().with_draws(1), seed=4, per_draw=5, folder=blocked)) == 5


def test_hostile_a_model_without_a_sample_and_no_patients() -> None:
    with pytest.raises(InputError, match="parameter set"):
        library_of(load_model().central())
    with pytest.raises(InputError, match="per_draw"):
        library_of(load_model(), per_draw=0)


def test_handworked_the_cache_folder_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBULK_CACHE", "/somewhere")
    assert room.cache_folder() == Path("/somewhere")
    monkeypatch.delenv("DEBULK_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/else")
    assert room.cache_folder() == Path("/else/debulk")
