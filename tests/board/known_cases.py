"""The twelve reference cases, and a case seen with all its variants."""

import json
from functools import cache
from pathlib import Path

from debulk.board import case_of_entry
from debulk.board.facts.facts_of_case import panels
from debulk.board.matching.board_trials import packaged_trials
from debulk.board.matching.criteria_met import hold_trials
from debulk.board.matching.otherwise import what_if
from debulk.board.matching.possible_changes import possible_changes
from debulk.board.settings import BoardSettings

_FILE = Path(__file__).parents[1] / "reference" / "patients" / "cases.json"
ENTRIES = {each["case_id"]: each for each in json.loads(_FILE.read_text("utf-8"))["cases"]}
EXPECTED = {name: each["expect"] for name, each in ENTRIES.items()}
SETTINGS = BoardSettings(panel_draws=11)


def known(name, **patient):
    """A reference case, with some of the patient's columns replaced."""
    entry = json.loads(json.dumps(ENTRIES[name]))
    entry["tables"]["patients"][0].update(patient)
    return case_of_entry(entry)


def with_rows(name, table, *rows):
    """A reference case with more rows in a table."""
    entry = json.loads(json.dumps(ENTRIES[name]))
    entry["tables"].setdefault(table, []).extend({"patient_id": name, **row} for row in rows)
    return case_of_entry(entry)


def seen(case, settings=SETTINGS):
    """A case with panels and every change that is tried."""
    return what_if(case, (*panels(settings), *possible_changes(case)))


@cache
def matched(name):
    """A reference case held against every packaged trial."""
    case = known(name)
    return {each.trial.name: each for each in hold_trials(case, packaged_trials(), seen(case))}


def trial_of(case, trial="orchestra"):
    """A case held against one trial."""
    chosen = [each for each in packaged_trials() if each.name == trial]
    return hold_trials(case, chosen, seen(case))[0]


def criterion(version, name):
    """One criterion of a wording."""
    return next(each for each in version.criteria if each.id == name)
