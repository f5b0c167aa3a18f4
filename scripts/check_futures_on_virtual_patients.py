"""Hold the futures against what happened to virtual patients of another seed.

Run ``python scripts/check_futures_on_virtual_patients.py``: virtual patients are written down as
cases, their futures under systemic therapy alone are read from the library, and what then happened
to each is compared. Options: ``--draws 160 --of-each-draw 5`` makes 800 cases out of all parameter
draws (seven minutes), ``--steps 3`` judges after nine weeks on the first line, ``--seed``. It
prints the rows of the table in docs/reference/board-futures.md.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from debulk.board import BoardCase, case_of_rows
from debulk.board.futures.alike import LEAST_DRAWS, Alike, alike
from debulk.board.futures.known import Known, known_of
from debulk.board.futures.library import Library, library_of
from debulk.board.futures.likeness import Likeness, effective
from debulk.board.futures.options import HORIZON_MONTHS, OPTIONS, follow
from debulk.board.futures.origin import PATIENTS
from debulk.board.settings import BoardSettings
from debulk.core.anatomy import ORGANS
from debulk.core.units import DAYS_PER_MONTH
from debulk.disease import Course, Presenters, load_model, run_course
from debulk.disease.course.outcome import RESPONSES
from debulk.disease.growth import STEP_DAYS
from debulk.disease.presenters import draw_presenters

SEED = 101
DRAWS, OF_EACH = 40, 1
"""By default 40 cases, one of every fourth parameter draw."""

_BIRTHS_A_CASE = 40
_TWO_YEARS, _FIVE_YEARS = 24.0, 60.0
_EXACT = {"primary_in_situ": bool, "synchronous": bool, "who_ps": int, "age_years": float}
_WEIGHTS = ("as many of each draw", "Bayes' weights over the draws")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Compared:
    """What was said of some cases and what they lived.

    Attributes
    ----------
    alive, months : float64[cases]
        Whether alive at two years (0 or 1), and months of the first five years.
    said_alive, said_months : float64[cases, 2]
        By the weights of `_WEIGHTS`: the futures' own, and others, which take no account of what
        was seen under the line.
    effective : float64[cases, 2]
        Effective number of virtual patients.
    unknown : int
        Cases of which not enough is known, or that the model does not hold.
    few : int
        Cases with too few virtual patients, which are left out above.
    """

    alive: Floats
    months: Floats
    said_alive: Floats
    said_months: Floats
    effective: Floats
    unknown: int
    few: int


def compare(
    library: Library,
    *,
    seed: int,
    draws: int,
    of_each: int,
    steps: int = 0,
    patients: int = PATIENTS,
    least: float | None = None,
) -> Compared:
    """Make cases of virtual patients and hold their futures against what they lived.

    Parameters
    ----------
    library : Library
    seed : int
        Of the virtual patients and of their courses; another than the library's.
    draws, of_each : int
        Parameter draws the cases come from, evenly spaced, and cases of each.
    steps : int
        Steps of 21 days on the first line before the judgement.
    patients : int
        Virtual patients drawn from the library.
    least : float, optional
        Fewest effective ones; the board's if left out.
    """
    settings = BoardSettings()
    least = settings.minimum_effective if least is None else least
    lived, said, held = [], [], []
    unknown = few = 0
    for trial in np.linspace(0, library.draws - 1, min(draws, library.draws)).astype(int):
        presenters = draw_presenters(
            library.model, seed=seed, first_trial=int(trial), trials=1, births=_births(of_each)
        ).take(np.arange(of_each))
        course = run_course(
            library.model,
            presenters,
            seed=seed,
            randomised_step=steps,
            horizon_months=float(HORIZON_MONTHS),
        )
        for place in range(of_each):
            known = _known(presenters, course, place, steps, settings)
            if known is None:
                unknown += 1
                continue
            who = alike(known, library, Likeness(), patients=patients)
            all_draws = who.trials.size + who.draws_left_out
            if who.effective < least or who.trials.size < LEAST_DRAWS * all_draws:
                few += 1
                continue
            lived.append(course.death_months[place])
            spoken = _said(library, who, known)
            said.append(spoken[:2])
            held.append(spoken[2])
    death, told = np.array(lived), np.array(said)
    return Compared(
        alive=(death > _TWO_YEARS).astype(float),
        months=np.minimum(death, _FIVE_YEARS),
        said_alive=told[:, 0],
        said_months=told[:, 1],
        effective=np.array(held),
        unknown=unknown,
        few=few,
    )


def _births(of_each: int) -> int:
    """People to live through, so that enough present with metastases."""
    return _BIRTHS_A_CASE * (of_each + 1)


def _known(
    presenters: Presenters, course: Course, place: int, steps: int, settings: BoardSettings
) -> Known | None:
    if steps and np.isfinite(course.death_months[place]) and course.death_months[place] <= 0.0:
        return None
    return known_of(case_of_presenter(presenters, course, place, steps), settings)[0]


def case_of_presenter(
    presenters: Presenters, course: Course, place: int, steps: int = 0
) -> BoardCase:
    """A virtual patient written down as a board would, from what imaging shows of it."""
    name = f"V{presenters.trial[place]}-{place}"
    months = steps * STEP_DAYS / DAYS_PER_MONTH
    about: dict[str, Any] = {
        column: kind(getattr(presenters, column)[place]) for column, kind in _EXACT.items()
    }
    about |= {
        "patient_id": name,
        "sex": "female" if presenters.female[place] else "male",
        "adjuvant": "given" if presenters.adjuvant[place] else "none",
        "ras": "mutated" if presenters.ras[place] else "wild_type",
        "braf": "mutated" if presenters.braf[place] else "wild_type",
        "msi": "high" if presenters.msi[place] else "stable",
        "lesion_list_complete": True,
    }
    tables: dict[str, Any] = {
        "patients": [about],
        "lesions": _lesions(presenters, course, place, steps, name),
    }
    if steps:
        line = {"kind": "systemic", "line": 1, "start_months": 0.0}
        tables["treatments"] = [{"patient_id": name, **line}]
        response = RESPONSES[course.response[place]]
        if response in RESPONSES[:4]:
            seen = {"patient_id": name, "time_months": months, "response": response}
            tables["assessments"] = [seen]
    return case_of_rows(tables, case_id=name, board_months=months)


def _lesions(
    presenters: Presenters, course: Course, place: int, steps: int, name: str
) -> list[dict[str, Any]]:
    """Rows of the metastases; one that a lump stands for has the lump's mean size."""
    rows = []
    for lesion in range(presenters.offsets[place], presenters.offsets[place + 1]):
        organ = ORGANS[presenters.organ[lesion]]
        if organ == "primary" or not presenters.visible[lesion]:
            continue
        size = now = float(presenters.diameter_mm[lesion])
        gone = False
        if steps:
            now, gone = float(course.run_in_diameter_mm[lesion]), not course.run_in_visible[lesion]
        for copy in range(round(presenters.copies[lesion])):
            rows.append(
                {
                    "patient_id": name,
                    "lesion_id": f"L{lesion}-{copy}",
                    "organ": organ,
                    "baseline_diameter_mm": size,
                    "diameter_mm": size if gone else now,
                    "detected_months": 0.0,
                    "disappeared": gone,
                }
            )
    return rows


def _said(library: Library, who: Alike, known: Known) -> tuple[list[float], list[float], Floats]:
    """Share alive, months lived and effective number, by both weights."""
    death = follow(library.model, who, OPTIONS["systemic"]).death_months
    # What the draws say of the case by how many of their presenters are like it.
    evidence = np.bincount(
        library.trial, weights=Likeness().at_start(known, library), minlength=library.draws
    )
    bayes = who.weight * evidence[who.presenters.trial]
    weights = (who.weight, bayes / bayes.sum())
    return (
        [float(each @ (death > _TWO_YEARS)) for each in weights],
        [float(each @ np.minimum(death, _FIVE_YEARS)) for each in weights],
        np.array([who.effective, effective(weights[1])]),
    )


def report(found: Compared, steps: int, least: float) -> str:
    """Rows of the page's table, quarters, and the other weights."""
    n = found.alive.size
    when = f"{3 * steps} weeks on the first line" if steps else "before the first line"
    apart = found.months - found.said_months[:, 0]
    lines = [
        f"| {n}, {when} | {100 * found.said_alive[:, 0].mean():.1f} of 100 "
        f"| {100 * found.alive.mean():.1f} ({100 * found.alive.std() / n**0.5:.1f}) "
        f"| {found.said_months[:, 0].mean():.1f} "
        f"| {found.months.mean():.1f} ({apart.std() / n**0.5:.1f}) |",
        f"left out: {found.unknown} not known or not in the model, {found.few} with too few",
    ]
    order = np.argsort(found.said_alive[:, 0], kind="stable")
    quarters = np.array_split(order, 4)
    said, were = (
        ", ".join(f"{100 * values[each].mean():.0f}" for each in quarters)
        for values in (found.said_alive[:, 0], found.alive)
    )
    lines.append(f"in quarters by what was said: {said} of 100; they were {were}")
    if not steps:
        for place, name in enumerate(_WEIGHTS):
            error = float(np.mean((found.alive - found.said_alive[:, place]) ** 2))
            few = int((found.effective[:, place] < least).sum())
            lines.append(f"{name}: mean squared error {error:.3f}; {few} below {least:g} effective")
    return "\n".join(lines)


def main() -> None:
    """Compare, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--draws", type=int, default=None, help="parameter draws (default: 40)")
    parser.add_argument("--of-each-draw", type=int, default=OF_EACH, help="cases (default: 1)")
    parser.add_argument("--steps", type=int, default=0, help="of 21 days on the first line")
    asked = parser.parse_args()
    library = library_of(load_model())
    draws = asked.draws or (library.draws if asked.of_each_draw > OF_EACH else DRAWS)
    found = compare(
        library, seed=asked.seed, draws=draws, of_each=asked.of_each_draw, steps=asked.steps
    )
    print(report(found, asked.steps, BoardSettings().minimum_effective))


if __name__ == "__main__":
    main()
