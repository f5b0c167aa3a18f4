"""Locked predictions: written once, never over, and edits are found."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

import debulk
from debulk.core.errors import InputError
from debulk.protocols import load_protocol
from debulk.trials.retrodiction import locking
from debulk.trials.retrodiction.locking import lock_predictions, verify_predictions

made_up = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("made_up.py"))))
DAY = date(2026, 1, 2)


@pytest.fixture
def result():
    """One planned trial that is predicted and one that is not, under packaged protocols."""
    planned = made_up.entry("ERASur (A022101/NRG-GI009)", 0.75, None, role="planned")
    refused = made_up.unpredicted("COLLISION-RELAPSE", role="planned")
    return made_up.retrodiction(
        replace(planned, protocols=("erasur",)),
        replace(refused, protocols=("collision-relapse",)),
        made_up.entry("ALPHA", 0.8, 0.85),
    )


def test_a_locked_file_says_with_what_it_was_made_and_verifies(result, tmp_path: Path) -> None:
    path = tmp_path / "first.json"
    lock_predictions(result, path, DAY)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["locked"] == "2026-01-02"
    assert content["debulk"] == debulk.__version__
    assert content["posterior_sha256"] == "ab" * 32
    assert content["protocols_sha256"]["erasur"] == load_protocol("erasur").sha256
    assert len(content["evidence_sha256"]["evidence/findings.csv"]) == 64
    assert [each["trial"] for each in content["predictions"]] == ["ERASur (A022101/NRG-GI009)"]
    assert "does not fit" in content["not_predicted"][0]["reason"]
    found = verify_predictions(tmp_path)
    assert [each.predicted is None for each in found] == [False, True]
    assert all(each.published is None and each.inside is None for each in found)


def test_a_second_file_joins_the_index_and_the_first_is_never_written_over(
    result, tmp_path: Path
) -> None:
    lock_predictions(result, tmp_path / "first.json", DAY)
    before = (tmp_path / "first.json").read_bytes()
    with pytest.raises(InputError, match="never written over"):
        lock_predictions(result, tmp_path / "first.json", DAY)
    lock_predictions(result, tmp_path / "second.json", DAY)
    assert (tmp_path / "first.json").read_bytes() == before
    assert len(verify_predictions(tmp_path)) == 4
    assert len(verify_predictions(tmp_path / "second.json")) == 2
    assert len((tmp_path / "SHA256SUMS").read_text().splitlines()) == 2


def test_one_changed_digit_is_found(result, tmp_path: Path) -> None:
    path = tmp_path / "first.json"
    lock_predictions(result, path, DAY)
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace('"patients": 100', '"patients": 101'), encoding="utf-8")
    with pytest.raises(InputError, match="is not as it was locked"):
        verify_predictions(tmp_path)
    # Nor does a new own hash help: the index holds the bytes.
    content = json.loads(path.read_text(encoding="utf-8"))
    content.pop("sha256")
    content["sha256"] = locking._own_hash(content)
    path.write_text(locking.json_text(content), encoding="utf-8")
    with pytest.raises(InputError, match="is not as it was locked"):
        verify_predictions(tmp_path)
    with pytest.raises(InputError, match="is not as it was locked"):
        lock_predictions(result, tmp_path / "second.json", DAY)
    path.unlink()
    with pytest.raises(InputError, match="is in the index, but not there"):
        verify_predictions(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("stray.json", "{}", "is not in the index"),
        ("SHA256SUMS", "nonsense\n", "is no hash and name"),
        ("SHA256SUMS", "00  first.json\n" * 2, "line 2: first.json is there a second time"),
        ("SHA256SUMS", "00  first.json\n", "is not as it was locked"),
        ("first.json", "[" * 100_000, "is no file of locked predictions"),
    ],
)
def test_what_does_not_belong_is_named(result, tmp_path: Path, name, content, words) -> None:
    lock_predictions(result, tmp_path / "first.json", DAY)
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        verify_predictions(tmp_path)


def test_what_may_not_be_locked(result, tmp_path: Path) -> None:
    thawed = replace(result, posterior={**result.posterior, "frozen": False})
    with pytest.raises(InputError, match="is not the frozen one"):
        lock_predictions(thawed, tmp_path / "a.json", DAY)
    unasked = replace(result, trials=(replace(result.trials[0], blind=None),))
    with pytest.raises(InputError, match="is not predicted"):
        lock_predictions(unasked, tmp_path / "a.json", DAY)
    with pytest.raises(InputError, match="ends in"):
        lock_predictions(result, tmp_path / "a.txt", DAY)
    with pytest.raises(InputError, match="is no folder"):
        lock_predictions(result, tmp_path / "nowhere" / "a.json", DAY)
    assert list(tmp_path.iterdir()) == []


def test_a_result_that_came_later_stands_beside(result, tmp_path: Path, monkeypatch) -> None:
    lock_predictions(result, tmp_path / "first.json", DAY)
    monkeypatch.setattr(locking, "published_of", lambda _: made_up.published(0.8))
    first = verify_predictions(tmp_path)[0]
    assert first.inside is True
    assert first.to_dict()["published"]["estimate"] == 0.8
    monkeypatch.setattr(locking, "published_of", lambda _: made_up.published(3.0))
    assert verify_predictions(tmp_path)[0].inside is False


def test_the_predictions_of_the_repository_are_as_they_were_locked() -> None:
    folder = Path(__file__).parents[3] / "predictions"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "never" in readme
    if (folder / "SHA256SUMS").exists():
        found = verify_predictions(folder)
        assert any(each.predicted is not None for each in found)
    else:
        assert list(folder.glob("*.json")) == []
