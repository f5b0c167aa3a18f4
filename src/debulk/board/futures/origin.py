"""Where futures come from: seeds, posterior, every number they rest on, what was left out."""

from __future__ import annotations

import debulk
from debulk.board.futures import words
from debulk.board.futures.alike import COURSE_SEED, LEAST_IN_DRAW, Alike
from debulk.board.futures.library import PER_DRAW, SEED, Library
from debulk.board.futures.likeness import Likeness
from debulk.board.futures.options import DELAY_STEPS, LATER_STEPS
from debulk.board.settings import HORIZON_MONTHS, BoardSettings
from debulk.core.provenance import Exclusion, Parameter, Provenance

PATIENTS = 16_000
"""Virtual patients drawn for a case; who is drawn more than once counts as often."""

_FIXED = (
    ("delay_steps", DELAY_STEPS, "steps of 21 days from the judgement to local treatment"),
    ("later_steps", LATER_STEPS, "steps of 21 days before later local treatment is planned"),
    ("horizon_months", HORIZON_MONTHS, "how long virtual patients are followed"),
    ("least_in_draw", LEAST_IN_DRAW, "fewest effective virtual patients of a parameter draw"),
)


def origin_of(
    settings: BoardSettings,
    likeness: Likeness,
    library: Library | None = None,
    who: Alike | None = None,
    patients: int = PATIENTS,
) -> Provenance:
    """Provenance of futures, or of the statement that not enough is known.

    Parameters
    ----------
    settings : BoardSettings
    likeness : Likeness
    library : Library, optional
        Left out where none was looked at.
    who : Alike, optional
        Left out where nobody was looked for.
    patients : int
        Virtual patients drawn from the library.
    """
    parameters = [*_of_board(settings), *likeness.parameters()]
    parameters += [_own(name, value, value, note) for name, value, note in _FIXED]
    inputs, exclusions = {}, []
    if library is not None:
        drawn = "virtual patients of each parameter draw in the library"
        parameters += [
            _own("library_seed", library.seed, SEED, "seed of the library"),
            _own("per_draw", library.per_draw, PER_DRAW, drawn),
            _own("patients", patients, PATIENTS, "virtual patients drawn from the library"),
            *library.model.parameter_records(),
        ]
        if library.model.posterior is not None:
            inputs["posterior"] = library.model.posterior.sha256
    if who is not None and who.draws_left_out:
        reason = "parameter draws with too few effective virtual patients like this one"
        exclusions.append(Exclusion(reason, who.draws_left_out))
    return Provenance(
        version=debulk.__version__,
        seed=COURSE_SEED,
        inputs=inputs,
        parameters=tuple(parameters),
        exclusions=tuple(exclusions),
        remarks=words.remarks(),
    )


def _own(name: str, value: float, usual: float, note: str) -> Parameter:
    return Parameter(
        name=f"futures.{name}",
        value=value,
        status="default" if value == usual else "chosen",
        source="assumption",
        note=note,
    )


def _of_board(settings: BoardSettings) -> list[Parameter]:
    usual = BoardSettings().to_dict()
    return [
        Parameter(
            name=f"board.{name}",
            value=value,
            status="default" if value == usual[name] else "chosen",
            source="assumption",
            note="a line that the department draws",
        )
        for name, value in settings.to_dict().items()
    ]
