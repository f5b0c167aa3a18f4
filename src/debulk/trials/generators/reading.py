"""Patients of a simulated trial from a YAML file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from debulk.core.errors import InputError
from debulk.core.units import DAYS_PER_MONTH
from debulk.core.yaml_files import YamlDocument, read_yaml, validated
from debulk.patients import read_cohort
from debulk.survival.tables import read_table
from debulk.trials.generators.arms import ArmsFollowUp, ArmsPatients
from debulk.trials.generators.cohort import CohortPatients
from debulk.trials.generators.cure_mixture import CureMixturePatients
from debulk.trials.generators.illness_death import IllnessDeathPatients
from debulk.trials.generators.piecewise_exponential import PiecewiseExponentialPatients
from debulk.trials.generators.schema import FILES, ArmsFile, CohortFile, FollowUpEntry, Shared
from debulk.trials.generators.strata import PrognosticFactor

if TYPE_CHECKING:
    from debulk.trials.recruitment.generator import PatientGenerator

_MONTHS = {"months": 1.0, "days": 1.0 / DAYS_PER_MONTH, "years": 12.0}

_STATISTICAL: dict[str, Callable[..., PatientGenerator]] = {
    "piecewise-exponential": PiecewiseExponentialPatients,
    "cure-mixture": CureMixturePatients,
    "illness-death": IllnessDeathPatients,
}


def load_generator(path: str | Path) -> PatientGenerator:
    """Read what makes the patients of a simulated trial.

    Parameters
    ----------
    path : str or Path
        A YAML file whose ``kind`` is piecewise-exponential, cure-mixture, illness-death, cohort or
        arms; the other fields are the arguments of that generator.

    Returns
    -------
    PatientGenerator
        For ``run_trial(protocol, model=...)``.

    Raises
    ------
    InputError
        If the file is missing or a field does not fit: with file, line and field.

    Examples
    --------
    >>> load_generator("patients.yaml")  # doctest: +SKIP
    """
    file = Path(path)
    document = read_yaml(file)
    content = document.content if isinstance(document.content, dict) else {}
    kind = content.get("kind")
    if isinstance(document.content, dict) and (not isinstance(kind, str) or kind not in FILES):
        found = "'kind' is missing" if kind is None else f"found {kind!r:.60}"
        place = () if kind is None else ("kind",)
        raise document.error(place, found, f"Known: {', '.join(FILES)}")
    entry = validated(FILES[kind] if isinstance(kind, str) else Shared, document)
    try:
        return _built(entry, document, file.parent)
    except InputError as error:
        raise _with_line(error, entry, document) from None


def _built(entry: Shared, document: YamlDocument, folder: Path) -> PatientGenerator:
    if isinstance(entry, CohortFile):
        return _cohort(entry, document, folder)
    if isinstance(entry, ArmsFile):
        return _arms(entry, document, folder)
    given = {name: getattr(entry, name) for name in type(entry).model_fields if name != "kind"}
    strata = tuple(PrognosticFactor(each.name, each.levels) for each in given.pop("strata"))
    return _STATISTICAL[entry.kind](**given, strata=strata)


def _cohort(entry: CohortFile, document: YamlDocument, folder: Path) -> CohortPatients:
    given = {name: getattr(entry, name) for name in type(entry).model_fields}
    del given["kind"], given["folder"]
    cohort = _named(document, ("folder",), lambda: read_cohort(folder / entry.folder))
    return CohortPatients(cohort=cohort, **given)


def _arms(entry: ArmsFile, document: YamlDocument, folder: Path) -> ArmsPatients:
    def follow_up(field: str, part: FollowUpEntry | None) -> ArmsFollowUp | None:
        if part is None:
            return None
        found: ArmsFollowUp = _named(document, (field,), lambda: _follow_up(entry, part, folder))
        return found

    survival = follow_up("survival", entry.survival)
    assert survival is not None
    return ArmsPatients(
        registered=entry.registered,
        survival=survival,
        progression_free=follow_up("progression_free", entry.progression_free),
        tail=entry.tail,  # type: ignore[arg-type]  # a word; the generator checks which
        visit_interval_months=entry.visit_interval_months,
        source=entry.source,
    )


def _follow_up(entry: ArmsFile, part: FollowUpEntry, folder: Path) -> ArmsFollowUp:
    table = read_table(folder / part.file, time=part.time, event=part.event, group=part.arm)
    assert table.group is not None
    if table.without_group:
        raise InputError(
            f"{part.file}, column {part.arm}",
            f"is missing in {table.without_group} rows",
            "Give each patient's arm, or leave these rows out",
        )
    return ArmsFollowUp(
        time=table.time.to_numpy().astype(float) * _MONTHS[part.time_unit],
        event=table.event.to_numpy(),
        arm=[str(each) for each in table.group.to_list()],
        control=entry.control,
        experimental=entry.experimental,
    )


def _named(document: YamlDocument, place: tuple[str, ...], read: Callable[[], Any]) -> Any:
    """What another file holds; complaints name the line that names it, too."""
    try:
        return read()
    except InputError as error:
        found = f"{error.where}: {error.found}"
        raise document.error(place, found, error.remedy) from None


def _with_line(error: InputError, entry: Shared, document: YamlDocument) -> InputError:
    """A generator's complaint about an argument, as one about the line that gives it."""
    if error.where.startswith(document.name):
        return error
    field, _, rest = error.where.partition(",")
    known = field in type(entry).model_fields
    place = (field,) if known else ()
    found = f"{(rest if known else error.where).strip()}: {error.found}".removeprefix(": ")
    return document.error(place, found, error.remedy)
