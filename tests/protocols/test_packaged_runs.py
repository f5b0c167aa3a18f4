"""Does every packaged protocol run, with patients from where it says?"""

from __future__ import annotations

import pytest

from debulk.protocols import load_protocol, packaged_protocols
from debulk.trials import run_trial

FEW = {"conduct.people_with_bowel_cancer": "4000"}
"""Small enough to be quick; `--set` takes the same."""


@pytest.mark.parametrize("name", packaged_protocols())
def test_a_small_trial_runs(name) -> None:
    protocol = load_protocol(name)
    few = FEW if protocol.planned is None else {"planned.registered": "120"}
    protocol = load_protocol(name, changes=few)
    result = run_trial(protocol, trials=1, seed=3, workers=1)
    row = result.trial_table.to_dicts()[0]
    control, experimental = row["patients_control"], row["patients_experimental"]
    assert 2 <= control + experimental <= protocol.design.planned_patients
    assert row["events"] >= 1
    if protocol.planned is not None:
        assert control + experimental > 60  # 120 registered, seven in ten consenting
        assert result.funnel[1]["lost"] == 0  # every criterion is taken as met


@pytest.mark.parametrize("name", [each for each in packaged_protocols() if each != "orchestra"])
def test_about_the_planned_number_is_randomised(name) -> None:
    """The mean of two trials of n patients strays by sqrt(n / 2): 8 % where n is 80."""
    result = run_trial(name, trials=2, seed=8)
    planned = load_protocol(name).design.planned_patients
    assert 0.8 * planned <= result.patients <= planned


def test_orchestra_randomises_as_many_as_its_file_says() -> None:
    """Parameter sets differ in how many come: the mean of trials strays by their spread."""
    result = run_trial("orchestra", trials=24, seed=1)
    table = result.trial_table
    counts = (table["patients_control"] + table["patients_experimental"]).to_numpy()
    assert abs(counts.mean() - 382) < 4 * counts.std(ddof=1) / counts.size**0.5
