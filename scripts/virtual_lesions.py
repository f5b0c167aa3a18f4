"""Write the visible lesions of virtual patients as flat arrays, for scripts/calibrate_panel.py.

    python scripts/virtual_lesions.py lesions.npz --births 40000 --seed 20260101

Patients are those of the packaged disease model who present with metastases that imaging shows,
at WHO performance status 0 or 1.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from debulk.disease import draw_presenters, load_model

FIT = 1


def main() -> None:
    """Draw the patients and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--births", type=int, default=40_000)
    parser.add_argument("--seed", type=int, default=20_260_101)
    options = parser.parse_args()
    model = load_model()
    # A trial takes a draw of the parameters: as many of each.
    drawn = draw_presenters(
        model,
        seed=options.seed,
        first_trial=0,
        trials=model.draws,
        births=-(-options.births // model.draws),
    )
    fit = drawn.take(np.flatnonzero(drawn.who_ps <= FIT))
    owner = fit.owner
    seen = fit.visible
    counts = np.bincount(owner[seen], minlength=len(fit))
    np.savez(
        options.file,
        organ=fit.organ[seen],
        diameter_mm=fit.diameter_mm[seen],
        near_vessel=fit.near_vessel[seen].astype(np.int8),
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
    )
    print(f"{len(fit)} patients, {int(seen.sum())} lesions")


if __name__ == "__main__":
    main()
