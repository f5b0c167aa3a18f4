"""Effects of single studies gathered into what pooling takes, with every decision told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion
from debulk.evidence.effects.effect import Effect
from debulk.evidence.effects.study_effects import Measure, Scale, StudyEffects
from debulk.evidence.effects.told_twice import same_numbers, same_works


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One study's effect with what is known of the study.

    Attributes
    ----------
    name : str
        The study.
    effect : Effect
        On the scale of pooling.
    patients : int or None
        Where known.
    source : str
        How to cite it; empty where nothing is known.
    groups : mapping of str to number, text or None
        The same columns for every study.
    """

    name: str
    effect: Effect
    patients: int | None = None
    source: str = ""
    groups: Mapping[str, object] = field(default_factory=dict)


def gather(
    rows: Sequence[StudyRow],
    measure: Measure,
    scale: Scale,
    *,
    where: str,
    exclusions: Sequence[Exclusion] = (),
    remarks: Sequence[str] = (),
) -> StudyEffects:
    """Gather studies.

    Parameters
    ----------
    rows : sequence of StudyRow
        Each study once.
    measure, scale
        Of all of them.
    where : str
        How messages call the place they come from.
    exclusions, remarks
        Decisions made before.

    Returns
    -------
    StudyEffects
        Remarks tell the route of each effect, what was remarked on it, and what looks like one
        study under two names.

    Raises
    ------
    InputError
        If nothing is left to pool.
    """
    if not rows:
        reasons = "; ".join(each.reason for each in exclusions[:3])
        found = f"no study has an effect with an error{f' ({reasons})' if reasons else ''}"
        raise InputError(where, found, "Give intervals, p values, standard errors or counts")
    told = [(row.name, row.effect.route) for row in rows]
    told += [(row.name, remark) for row in rows for remark in row.effect.remarks]
    names, sources = tuple(row.name for row in rows), tuple(row.source for row in rows)
    patients = tuple(_first(row.effect.patients, row.patients) for row in rows)
    held = [
        (row.name, (row.effect.estimate, row.effect.se), n)
        for row, n in zip(rows, patients, strict=True)
    ]
    return StudyEffects(
        names=names,
        estimates=np.array([row.effect.estimate for row in rows]),
        std_errors=np.array([row.effect.se for row in rows]),
        measure=measure,
        scale=scale,
        groups={name: tuple(row.groups.get(name) for row in rows) for name in rows[0].groups},
        sources=sources,
        patients=patients,
        events=tuple(row.effect.events for row in rows) if measure == "proportion" else (),
        exclusions=tuple(exclusions),
        remarks=(
            *(*remarks, *by_study(told, len(rows))),
            *(*same_numbers(held), *same_works(names, sources)),
        ),
    )


def _first(counted: int | None, known: int | None) -> int | None:
    # A proportion is of the patients it was counted in, who may be fewer than the study's.
    return known if counted is None else counted


def by_study(told: Sequence[tuple[str, str]], studies: int) -> list[str]:
    """One remark for all studies that share it, with their names in front."""
    names: dict[str, list[str]] = {}
    for name, remark in told:
        names.setdefault(remark, []).append(name)
    return [
        f"{'All studies' if studies > 1 and len(held) == studies else ', '.join(held)}: {remark}"
        for remark, held in names.items()
    ]
