"""From a case to its futures: known, alike, followed, measured, said."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from debulk.board.case import BoardCase
from debulk.board.futures import words
from debulk.board.futures.alike import LEAST_DRAWS, Alike, alike
from debulk.board.futures.equipoise import Equipoise, shares_of_draws, verdict_of
from debulk.board.futures.equipoise_words import with_text
from debulk.board.futures.known import Obstacle, known_of
from debulk.board.futures.library import Library, library_of
from debulk.board.futures.likeness import Likeness
from debulk.board.futures.measured import Measured, measure
from debulk.board.futures.options import OPTIONS, Option, follow
from debulk.board.futures.origin import PATIENTS, origin_of
from debulk.board.futures.result import Futures, Matched, NotEnoughKnown
from debulk.board.settings import BoardSettings
from debulk.core.errors import InputError, nearest
from debulk.core.provenance import Provenance
from debulk.disease import DiseaseModel, load_model
from debulk.disease.course.care import is_whole

DEFAULT_OPTIONS = ("systemic", "local")
"""What is compared if nothing else is asked."""

Progress = Callable[[float], None]
"""Called with the share done, 0 to 1; what it raises ends the simulation."""


def futures_of(
    case: BoardCase,
    *,
    settings: BoardSettings | None = None,
    options: Sequence[str] | None = None,
    library: Library | None = None,
    likeness: Likeness | None = None,
    patients: int = PATIENTS,
    progress: Progress | None = None,
) -> Futures | NotEnoughKnown:
    """Simulated futures of a patient under each option, in the same virtual patients.

    Parameters
    ----------
    case : BoardCase
    settings : BoardSettings, optional
        Delta, horizon, the number of draws that must agree, the least effective number.
    options : sequence of str, optional
        Out of `debulk.board.futures.options.OPTIONS`; systemic therapy alone is always among them.
    library : Library, optional
        Virtual patients to look among; the packaged model's if left out.
    likeness : Likeness, optional
        How virtual patients are compared with the case.
    patients : int
        Virtual patients drawn from the library, 100 to 200,000.
    progress : callable, optional
        Called with the share done after each step.

    Returns
    -------
    Futures or NotEnoughKnown

    Raises
    ------
    InputError
        If an option is unknown or a number is out of its range.
    """
    settings = settings or BoardSettings()
    likeness = likeness or Likeness()
    chosen = _options(options)
    _check(settings, patients)
    known, obstacles = known_of(case, settings)
    if known is None:
        return _not_enough(obstacles, None, origin_of(settings, likeness))
    library = library or library_of(load_model())
    # Each option is followed once, and each but the first once more as a sham.
    step_done = _steps(progress, 2 * len(chosen))
    who = alike(known, library, likeness, patients=patients)
    step_done()
    matched = words.matched(known, who)
    provenance = origin_of(settings, likeness, library, who, patients)
    few = _too_few(who, settings)
    if few:
        return _not_enough([few], matched, provenance)
    followed = {}
    for each in chosen:
        followed[each.name] = follow(library.model, who, each)
        step_done()
    found = measure(followed, who, known, settings, structures_of(library.model, who))
    if found.disagree:
        return _not_enough([Obstacle("disagree")], matched, provenance)
    nulls = []
    for each in chosen[1:]:
        nulls.append(_null_world(library.model, who, each, followed))
        step_done()
    return Futures(
        options=found.options,
        differences=found.differences,
        null_world=tuple(nulls),
        layers=found.layers,
        matched=matched,
        equipoise=_equipoise(found, settings),
        run_in_months=known.run_in_months,
        text=words.sentences(
            found,
            matched,
            settings,
            library.model,
            same_in_null=all(each["identical"] for each in nulls),
        ),
        provenance=provenance,
    )


def _check(settings: BoardSettings, patients: int) -> None:
    if not is_whole(patients) or not 100 <= patients <= 200_000:
        raise InputError("patients", f"{patients!r}", "Give 100 to 200000")


def _steps(progress: Progress | None, count: int) -> Callable[[], None]:
    """A function to call after each of so many steps."""
    done = itertools.count(1)

    def step_done() -> None:
        if progress is not None:
            progress(next(done) / count)

    return step_done


def structures_of(model: DiseaseModel, who: Alike) -> tuple[str, ...]:
    """Structure of each parameter draw that the virtual patients come from."""
    held = model.posterior.structures if model.posterior is not None else (model.structure,)
    return tuple(held[int(trial) % len(held)] for trial in who.trials)


def _too_few(who: Alike, settings: BoardSettings) -> Obstacle | None:
    """Too few effective virtual patients, or too few parameter draws that hold enough."""
    draws = int(who.trials.size)
    if who.effective < settings.minimum_effective or not len(who):
        values = {"effective": f"{who.effective:.0f}", "least": settings.minimum_effective}
        return Obstacle("few", (), values)
    if draws < LEAST_DRAWS * (draws + who.draws_left_out):
        return Obstacle("few_draws", (), {"draws": draws, "all": draws + who.draws_left_out})
    return None


def _options(names: Sequence[str] | None) -> tuple[Option, ...]:
    """The options asked for, systemic therapy alone first."""
    asked = DEFAULT_OPTIONS if names is None else tuple(names)
    for name in asked:
        if name not in OPTIONS:
            raise InputError("options", f"no option {name!r}", nearest(str(name), OPTIONS))
    others = [name for name in dict.fromkeys(asked) if name != "systemic"]
    if not others:
        raise InputError("options", "nothing to compare with", "Give 'local' or 'local_later'")
    return tuple(OPTIONS[name] for name in ("systemic", *others))


def _null_world(
    model: DiseaseModel, who: Alike, option: Option, followed: Mapping[str, Any]
) -> dict[str, Any]:
    """The option where local treatment is a sham, against systemic therapy alone."""
    sham, base = follow(model.null_world(), who, option), followed["systemic"]
    both = np.isfinite(sham.death_months) & np.isfinite(base.death_months)
    apart = np.abs(sham.death_months[both] - base.death_months[both])
    same = bool(np.array_equal(sham.death_months, base.death_months))
    return {
        "option": option.name,
        "had_sham": int(sham.treated.sum()),
        "largest_difference_months": float(apart.max(initial=0.0)),
        "identical": same,
    }


def _equipoise(found: Measured, settings: BoardSettings) -> Equipoise:
    """The statement on the first option against systemic therapy alone."""
    shares, counted = shares_of_draws(found.gain, settings.delta_months)
    verdict = verdict_of(shares, settings.leans_at)
    statement = Equipoise(
        gain=shares[0],
        little=shares[1],
        loss=shares[2],
        verdict=verdict,
        delta_months=settings.delta_months,
        horizon_months=settings.horizon_months,
        leans_at=settings.leans_at,
        counted=counted,
        noise_share=found.gain.noise_share,
        monte_carlo_se_months=float(found.gain.monte_carlo_se),
    )
    return with_text(statement, found.differences[0].option)


def _not_enough(
    obstacles: Sequence[Obstacle], matched: Matched | None, provenance: Provenance
) -> NotEnoughKnown:
    reasons, text, still = words.not_enough(obstacles)
    return NotEnoughKnown(reasons, text, still, matched, provenance)
