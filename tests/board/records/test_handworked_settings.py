"""Guideline text and thresholds in dated versions; imported trials."""

from __future__ import annotations

import pytest

from debulk.board import BoardSettings
from debulk.board.records import Actor, NoSuchRecord
from debulk.board.records.registry_trials import RegistryTrials
from debulk.board.records.tables import SETTINGS
from debulk.core import InputError

ANN = Actor("ann", "administrator")


def test_before_a_department_chooses_the_defaults_hold(records):
    current = records.settings.current()
    assert (current["delta_months"], current["leans_at"], current["extent_k"]) == (3.0, 90, 2)
    assert (current["guideline"], current["version"]) == ("", 0)


def test_a_change_is_a_version_and_the_rest_stays(records):
    records.settings.change({"delta_months": 4}, by=ANN, reason="Board of May")
    current = records.settings.change({"guideline": "Discuss all."}, by=ANN)
    assert (current["delta_months"], current["guideline"]) == (4.0, "Discuss all.")
    assert (current["version"], current["author"]) == (2, "ann")
    assert [each["version"] for each in records.settings.versions()] == [2, 1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"delta_month": 3}, "Did you mean 'delta_months'"),
        ({"delta_months": -0.1}, "from 0 to 120"),
        ({"leans_at": 0.9}, "whole number from 51 to 100"),
        ({"leans_at": 50}, "whole number from 51 to 100"),
        ({"extent_k": 2.5}, "Give 2 or 4"),
        ({"extent_k": 3}, "3 is no choice"),
        ({"extent_k": True}, "Give 2 or 4"),
        ({"extent_k": 4, "guideline": "\x00"}, "character 0 cannot be stored"),
    ],
)
def test_a_wrong_value_changes_nothing(records, changes, message):
    with pytest.raises(InputError, match=message):
        records.settings.change(changes, by=ANN)
    assert records.settings.current()["version"] == 0


@pytest.mark.parametrize(
    "edge",
    [
        {"extent_k": 2, "leans_at": 51, "delta_months": 0},
        {"extent_k": 4, "leans_at": 100, "delta_months": 120},
    ],
)
def test_what_may_be_stored_is_what_a_case_can_be_discussed_with(records, edge):
    used = BoardSettings.of_department(records.settings.change(edge, by=ANN))
    assert {name: getattr(used, name) for name in edge} == edge


def test_a_share_that_an_older_debulk_stored_reads_as_draws_of_100(records):
    older = {"guideline": "", "delta_months": 3.0, "leans_at": 0.95, "extent_k": 2}
    with records._database.writing() as connection:
        row = {"version": 1, "content": older, "author": "ann", "at": "2026-11-01", "reason": ""}
        connection.execute(SETTINGS.insert().values(row))
    assert records.settings.current()["leans_at"] == 95
    assert records.settings.versions()[0]["content"]["leans_at"] == 95
    assert records.settings.change({"extent_k": 4}, by=ANN)["leans_at"] == 95


def test_importing_a_trial_again_adds_a_version(records):
    records.trials.store("NCT01792934", {"a": 1}, "criteria: []", by=ANN)
    records.trials.store("NCT01792934", {"a": 2}, "criteria: []", by=ANN)
    records.trials.store("NCT00000001", {"b": 1}, "", by=ANN)
    assert [(each.registration, each.version) for each in records.trials.current()] == [
        ("NCT00000001", 1),
        ("NCT01792934", 2),
    ]
    assert records.trials.read("NCT01792934", 1).record == {"a": 1}
    records.trials.withdraw("NCT01792934", by=ANN)
    assert [each.registration for each in records.trials.current()] == ["NCT00000001"]
    with pytest.raises(NoSuchRecord, match="'NCT9' is not imported"):
        records.trials.withdraw("NCT9", by=ANN)


def test_what_another_imported_in_between_is_what_is_withdrawn(records, monkeypatch):
    records.trials.store("NCT01792934", {"a": 1}, "", by=ANN)
    read = RegistryTrials.read

    def overtaken(trials, registration, version=None):
        found = read(trials, registration, version)
        if version is None:
            trials.store(registration, {"a": 2}, "criteria: []", by=ANN)
        return found

    monkeypatch.setattr(RegistryTrials, "read", overtaken)
    withdrawn = records.trials.withdraw("NCT01792934", by=ANN)
    before = records.trials.read("NCT01792934", withdrawn.version - 1)
    assert (withdrawn.record, withdrawn.criteria) == (before.record, before.criteria)
