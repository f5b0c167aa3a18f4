"""Set how many people with bowel cancer a trial's catchment holds, in protocol files.

    python scripts/derive_catchment.py [NAME ...] [--trials 40]

For every protocol that the disease model can stand for, the packaged model's patients go through
the funnel, and the catchment is scaled so that as many are randomised as the file's note says, in
its months.
Only planned sizes and durations enter, nothing that a trial found.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from debulk.protocols import load_protocol, packaged_protocols
from debulk.trials import trial_settings
from debulk.trials.recruitment.funnel import recruit

FOLDER = Path(__file__).parents[1] / "src" / "debulk" / "data" / "protocols"
ROUNDS = 3
FIELD = re.compile(
    r"(  people_with_bowel_cancer:\n    value: )(\d+)(.*?about (\d+) are)", re.DOTALL
)


def randomised_per_trial(name: str, people: int, trials: int) -> float:
    """Mean number who would be randomised if recruitment never closed."""
    changes = {
        "conduct.people_with_bowel_cancer": str(people),
        "design.planned_patients": "100000",
    }
    settings = trial_settings(load_protocol(name, changes=changes), seed=20_260_101)
    return len(recruit(settings, 0, trials).order) / trials


def rounded(number: float) -> int:
    """To three significant digits, the last of them 0 or 5."""
    unit = 5 * 10 ** max(0, len(str(int(number))) - 3)
    return max(unit, round(number / unit) * unit)


def main() -> None:
    """Scale and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--trials", type=int, default=40)
    options = parser.parse_args()
    for name in options.names or packaged_protocols():
        if load_protocol(name).applicability.level == "none":
            continue
        path = FOLDER / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        found = FIELD.search(text)
        if found is None:
            print(f"{name}: no catchment that was derived")
            continue
        people, wanted = int(found[2]), int(found[4])
        for _ in range(ROUNDS):
            mean = randomised_per_trial(name, people, options.trials)
            people = rounded(people * wanted / max(mean, 0.5))
        print(f"{name}: {found[2]} -> {people}, {mean:.1f} randomised before the last step")
        path.write_text(FIELD.sub(rf"\g<1>{people}\g<3>", text, count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
