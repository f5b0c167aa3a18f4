"""Are finished trials kept, found again, and never mistaken for others?"""

from __future__ import annotations

import numpy as np
import pytest

from debulk.core import InputError
from debulk.core.files import json_text
from debulk.trials import ChunkStore, run_trial, trial_settings


@pytest.fixture
def settings(small_protocol):
    """Settings of a small run."""
    return trial_settings(small_protocol, seed=4)


def test_what_is_kept_is_not_computed_again(small_protocol, settings, tmp_path) -> None:
    store = ChunkStore(tmp_path / "run", settings.fingerprint)
    first = run_trial(small_protocol, trials=12, seed=4, store=store)
    kept = {each.name: each.stat().st_mtime_ns for each in store.folder.glob("*.npz")}
    assert len(kept) == 2
    second = run_trial(small_protocol, trials=12, seed=4, store=store)
    assert json_text(first) == json_text(second)
    assert kept == {each.name: each.stat().st_mtime_ns for each in store.folder.glob("*.npz")}


def test_a_damaged_chunk_is_computed_again(small_protocol, settings, tmp_path) -> None:
    store = ChunkStore(tmp_path / "run", settings.fingerprint)
    whole = run_trial(small_protocol, trials=2, seed=4, store=store)
    (chunk,) = store.folder.glob("*.npz")
    chunk.write_bytes(chunk.read_bytes()[: chunk.stat().st_size // 2])
    assert json_text(run_trial(small_protocol, trials=2, seed=4, store=store)) == json_text(whole)


def test_a_folder_of_other_settings_is_refused(settings, tmp_path) -> None:
    ChunkStore(tmp_path / "run", settings.fingerprint)
    with pytest.raises(InputError, match="other settings"):
        ChunkStore(tmp_path / "run", "something else")
    ChunkStore(tmp_path / "run", "something else", fresh=True)


def test_the_fingerprint_follows_everything_a_run_depends_on(small_protocol) -> None:
    from debulk.disease import load_model
    from debulk.treatments import load_modalities, load_regimens, override, override_regimens

    model, cards, regimens = load_model(), load_modalities(), load_regimens()
    runs = [
        trial_settings(small_protocol),
        trial_settings(small_protocol, seed=2),
        trial_settings("orchestra"),
        trial_settings(small_protocol, model=model.without("surge")),
        trial_settings(small_protocol, model=model.null_world()),
        trial_settings(small_protocol, model=model.with_parameters({"k1": 0.02})),
        trial_settings(small_protocol, modalities=override(cards, "liver_resection.surge", 0.2)),
        trial_settings(
            small_protocol, regimens=override_regimens(regimens, "folfox.kill_factor", 1.1)
        ),
    ]
    assert len({each.fingerprint for each in runs}) == len(runs)
    assert trial_settings(small_protocol).fingerprint == runs[0].fingerprint


def test_patients_of_a_chunk_do_not_depend_on_the_chunk(settings) -> None:
    from debulk.trials.recruitment.courses import follow
    from debulk.trials.recruitment.funnel import recruit

    together = follow(settings, recruit(settings, 0, 3))
    alone = follow(settings, recruit(settings, 2, 1))
    last = together.trial == 2
    assert np.array_equal(together.patient[last], alone.patient)
    assert np.array_equal(together.death_experimental[last], alone.death_experimental)
    assert np.array_equal(together.order[last], alone.order)
