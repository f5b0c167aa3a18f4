"""A protocol run on virtual patients under the changes of a point."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from debulk.core.errors import InputError
from debulk.disease import load_model
from debulk.protocols.reading import protocol_from_text
from debulk.treatments import load_modalities, load_regimens, override, override_regimens
from debulk.trials.recruitment.planned import PatientsFromPlan
from debulk.trials.running.run import run_trial
from debulk.trials.sweeps.grid import cell_text

if TYPE_CHECKING:
    from debulk.disease import DiseaseModel
    from debulk.protocols import Protocol
    from debulk.trials.recruitment.generator import PatientGenerator
    from debulk.trials.sweeps.spec import SweepSpec

OUTCOMES = (
    "patients",
    "events",
    "duration_months",
    "power",
    "power_se",
    "type_1_error",
    "type_1_error_se",
    "hazard_ratio",
    "hazard_ratio_lower",
    "hazard_ratio_upper",
    "true_hazard_ratio",
    "true_rmst_difference_months",
    "median_os_months_control",
    "median_os_months_experimental",
)
"""Columns of a protocol's operating characteristics."""

PROTOCOL, WORLD, WITH, WITHOUT = "protocol", "world", "with", "without"
WORLDS = ("hoped-for", "null")


def check_names(names: tuple[str, ...], values: Mapping[str, tuple[Any, ...]]) -> None:
    """Refuse what no protocol can be changed by.

    Parameters
    ----------
    names : tuple of str
        Of the axes and of what is fixed.
    values : mapping of str to tuple
        All values of each name.

    Raises
    ------
    InputError
        With what is wrong.
    """
    if PROTOCOL not in names:
        remedy = "Name one in fixed, or several in grid: protocol: [orchestra, luna]"
        raise InputError("sweep", "protocol is missing", remedy)
    for name in names:
        if name in OUTCOMES or name in ("point", "error"):
            raise InputError(f"sweep, {name}", "is a column of the results", "Name a field")
    for each in values.get(WORLD, ()):
        if each not in WORLDS:
            raise InputError("sweep, world", f"{each!r} is none", "Write hoped-for or null")
    for each in values[PROTOCOL]:
        if not isinstance(each, str):
            raise InputError("sweep, protocol", f"{each!r} is no name", "Write orchestra")


def row(spec: SweepSpec, assumptions: Mapping[str, Any], workers: int | None) -> dict[str, Any]:
    """Outcomes of one run.

    Parameters
    ----------
    spec : SweepSpec
    assumptions : mapping of str to anything
        Changes as ``--set`` takes them, and protocol, world, with, without.
    workers : int or None
        Threads.

    Raises
    ------
    InputError
        If a change is impossible.
    """
    given = dict(assumptions)
    text, name = spec.texts[given.pop(PROTOCOL)]
    null = given.pop(WORLD, WORLDS[0]) == WORLDS[1]
    switches = {each: _mechanisms(given.pop(each, None), each) for each in (WITH, WITHOUT)}
    rooms = _by_room(given)
    protocol = protocol_from_text(text, name, changes=rooms.pop(""))
    modalities, regimens = load_modalities(), load_regimens()
    for key, value in rooms["modalities"].items():
        modalities = override(modalities, key, value)
    for key, value in rooms["regimens"].items():
        regimens = override_regimens(regimens, key, value)
    model = _patients(protocol, rooms["disease"], switches, null)
    result = run_trial(
        protocol,
        model=model,
        modalities=modalities,
        regimens=regimens,
        trials=spec.trials,
        seed=spec.seed,
        workers=workers,
    )
    effect, arms = result.effect, result.arms
    ratio = effect["hazard_ratio"]
    return {
        "patients": result.patients,
        "events": result.ranges["events"]["median"],
        "duration_months": result.duration_months["median"],
        "power": effect["power"]["estimate"],
        "power_se": effect["power"]["se"],
        "type_1_error": effect["type_1_error"]["estimate"],
        "type_1_error_se": effect["type_1_error"]["se"],
        "hazard_ratio": ratio["median"],
        "hazard_ratio_lower": ratio["lower"],
        "hazard_ratio_upper": ratio["upper"],
        "true_hazard_ratio": result.truth.hazard_ratio,
        "true_rmst_difference_months": result.truth.rmst_difference_months,
        "median_os_months_control": arms[protocol.control.name]["median_os_months"],
        "median_os_months_experimental": arms[protocol.experimental.name]["median_os_months"],
    }


def _by_room(changes: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Changes by whose number they are; those of the protocol under the empty name."""
    rooms: dict[str, dict[str, str]] = {"": {}, "disease": {}, "modalities": {}, "regimens": {}}
    for key, value in changes.items():
        room, _, rest = key.partition(".")
        if room == "disease" and rest:
            rooms[room][rest] = cell_text(value)
        elif room in ("modalities", "regimens") and rest:
            rooms[room][key] = cell_text(value)
        else:
            rooms[""][key] = cell_text(value)
    return rooms


def _patients(
    protocol: Protocol,
    disease: Mapping[str, str],
    switches: Mapping[str, tuple[str, ...]],
    null: bool,
) -> DiseaseModel | PatientGenerator:
    if protocol.applicability.level == "none":
        if disease or any(switches.values()):
            raise InputError(
                f"protocol {protocol.name}",
                "its patients are drawn from its plan, which has no disease to change",
                "Leave out disease.*, with and without",
            )
        planned = PatientsFromPlan()
        return planned.null_world() if null else planned
    model = load_model().with_parameters({name: _number(name, v) for name, v in disease.items()})
    if null:
        if any(switches.values()):
            raise InputError(
                "world", "null leaves no mechanism to switch", "Leave with and without out there"
            )
        return model.null_world()
    return model.without(*switches[WITHOUT]).with_mechanisms(*switches[WITH])


def _mechanisms(value: Any, where: str) -> tuple[str, ...]:
    """Names of mechanisms: one, several, or none."""
    if value is None or value == "none":
        return ()
    found = (value,) if isinstance(value, str) else value
    if not isinstance(found, list | tuple) or not all(isinstance(each, str) for each in found):
        raise InputError(where, f"{value!r} names no mechanism", "Write surge, all or none")
    return tuple(found)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"disease.{name}", f"{text!r} is not a number", "Give a number") from None
