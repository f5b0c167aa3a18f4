"""The answer to a design: what the command prints, why the ratio changes, and the funnel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from debulk.core.errors import InputError
from debulk.core.strings import text
from debulk.protocols import Protocol, load_protocol
from debulk.reports.design.asking.given import written
from debulk.reports.words import patients
from debulk.trials.packaged_funnels import PackagedFunnel, packaged_funnel
from debulk.web.trials.asked import (
    Asked,
    Faults,
    asked_of,
    faults_of,
    fields_of,
    never_treated,
    query_of,
)

if TYPE_CHECKING:
    from debulk.trials.retrodiction.published import Published

_SAME = 1e-9
"""Two medians nearer than this are one."""
_KEPT = 512
"""Designs kept: a reader who goes back, and colleagues who open the same link, wait for none."""


@dataclass(frozen=True, eq=False)
class Answered:
    """A design and everything the page says of it; one object a query, so that it can be a key.

    Attributes
    ----------
    asked : Asked
    answer : dict
        What ``debulk trial design --json`` prints.
    why : dict or None
        One gain in months as a hazard ratio in several populations; None where no gain follows.
    funnel : list of dict
        Steps from those asked to those treated.
    """

    asked: Asked
    answer: dict[str, Any]
    why: dict[str, Any] | None
    funnel: list[dict[str, Any]]


@lru_cache(maxsize=_KEPT)
def answer_of(query: str) -> Answered:
    """Answer a canonical query.

    Parameters
    ----------
    query : str

    Raises
    ------
    Faults
        With a message for each field that stands in the way.
    """
    from debulk.reports.design.asking.answering import answered

    asked = asked_of(query)
    try:
        answer = answered(asked.given, lambda _: None)
        why = _why(asked)
    except InputError as error:
        raise faults_of(error) from None
    return Answered(asked, answer, why, funnel_of(asked, answer["whole"]))


@cache
def protocol_of(name: str) -> Protocol:
    """A packaged protocol, read once."""
    return load_protocol(name)


@cache
def published_by(name: str) -> Published | None:
    """What the trial of a packaged protocol published."""
    from debulk.trials.retrodiction.published import published_of

    return published_of(study_name(name))


def study_name(name: str) -> str:
    """The study that a packaged protocol is of, as the table of studies calls it."""
    from debulk.trials.retrodiction.published import study_of

    return study_of(protocol_of(name)).name


def acronym(name: str) -> str:
    """How the trial of a protocol is called."""
    called = protocol_of(name).published_as or study_name(name)
    # Two protocols may share one publication: then each goes by its own part of the name.
    parts = {part.casefold(): part for part in called.split(" + ")}
    return parts.get(name, called)


def _why(asked: Asked) -> dict[str, Any] | None:
    """The same months on the control of this design, before selection, and as the trial found."""
    from debulk.trials.planning.goals import absolute_gain, goal_table

    numbers, words = asked.numbers, asked.words
    if len(str(asked.given.get("hazard_ratio", "")).split(":")) > 1:
        return None
    asked_for: dict[str, Any] = {
        "power": numbers["power"],
        "alpha": numbers["alpha"],
        "sided": int(words["sided"]),
        "allocation": _allocation(words["allocation"]),
    }
    control = float(asked.given.get("median_control"))
    if words["by"] == "gain":
        gain = numbers["gain_months"]
    elif numbers["hazard_ratio"] >= 1.0 - 1e-6:
        return None
    else:
        gain = absolute_gain(control, hazard_ratio=numbers["hazard_ratio"], **asked_for).gain
    populations = {text("designer.why.this"): control}
    front = numbers.get("front_median", control)
    if words["randomise"] == "after" and abs(front - control) > _SAME:
        populations[text("designer.why.front")] = front
    lived = _lived(words["population"])
    if lived is not None and abs(lived - control) > _SAME:
        name = acronym(words["population"])
        populations[text("designer.why.lived", trial=name)] = lived
    rows = goal_table(populations, gain=gain, **asked_for).to_dict()["rows"]
    return {"gain_months": gain, "lived_months": lived, "rows": rows}


def _lived(population: str) -> float | None:
    """Median of the controls whom the trial of a protocol randomised, as published."""
    found = published_by(population) if population else None
    return None if found is None else found.arms.get("median_os_control_months")


def _allocation(typed: str) -> float:
    from debulk.reports.design.asking.reading import ratio

    return ratio(typed, "allocation")


def funnel_of(asked: Asked, size: Mapping[str, Any]) -> list[dict[str, Any]]:
    """From those drawn, or asked, to those treated, scaled to the patients of the design.

    Parameters
    ----------
    asked : Asked
    size : mapping
        The block `whole` of an answer.

    Returns
    -------
    list of dict
        `step`, `patients`, and `from`: "simulated" of a packaged funnel, "typed" of what stands in
        the fields.
    """
    numbers, words = asked.numbers, asked.words
    randomised = float(size["patients"])
    consenting = randomised / (1.0 - numbers["refusal"])
    name = words["population"]
    packaged = packaged_funnel(protocol_of(name)) if name else None
    steps: list[dict[str, Any]] = []
    if packaged is not None:
        steps += _before_consent(protocol_of(name), packaged, consenting)
    elif words["randomise"] == "after" and numbers["lost_in_induction"] > 0.0:
        started = consenting / (1.0 - numbers["lost_in_induction"])
        steps.append(_step("induction", started))
    steps.append(_step("asked", consenting))
    steps.append(_step("randomised", randomised))
    ratio = _allocation(words["allocation"])
    arm = randomised * ratio / (1.0 + ratio)
    steps.append(_step("experimental", arm))
    steps.append(_step("treated", arm * (1.0 - never_treated(numbers, words))))
    if packaged is not None and packaged.treated_completely is not None:
        completely = {"step": text("designer.funnel.completely")}
        steps.append(
            completely | {"patients": arm * packaged.treated_completely, "from": "simulated"}
        )
    return steps


def _before_consent(
    protocol: Protocol, packaged: PackagedFunnel, consenting: float
) -> list[dict[str, Any]]:
    """Steps before consent, in the proportions of the packaged funnel."""
    consent = next((each.step for each in protocol.funnel if each.consent), "randomised")
    before = []
    for each in packaged.steps:
        if each.step == consent:
            break
        before.append(each)
    scale = consenting / before[-1].patients if before and before[-1].patients else 1.0
    return [
        {"step": each.text, "patients": each.patients * scale, "from": "simulated"}
        for each in before
    ]


def _step(name: str, number: float) -> dict[str, Any]:
    return {"step": text(f"designer.funnel.{name}"), "patients": number, "from": "typed"}


def headline(found: Answered) -> str:
    """One sentence: what the months are as a ratio, here and where the trial's patients lived."""
    answer, why = found.answer, found.why
    size, power = answer["whole"], found.answer["whole"]["power"]
    said: dict[str, Any] = {
        "deaths": patients(round(size["events"])),
        "patients": patients(round(size["patients"])),
        "months": f"{size['duration_months']:.0f}",
        "power": f"{100.0 * power:.0f}",
    }
    if why is None:
        return text("designer.headline.changing", **said)
    first = why["rows"][0]
    said |= {
        "gain": _short(why["gain_months"]),
        "control": _short(first["control"]),
        "ratio": f"{first['hazard_ratio']:.2f}",
    }
    kind = "plain" if answer["dilution"] is None else "diluted"
    parts = [text(f"designer.headline.{kind}", **said, diluted=_diluted(answer))]
    return " ".join([*parts, *_elsewhere(found, why["rows"])])


def _elsewhere(found: Answered, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The same gain on the last other control median, under the same dilution and looks."""
    if len(rows) < 2:
        return []
    other, numbers = rows[-1], found.asked.numbers
    said: dict[str, Any] = {
        "where": other["population"],
        "control": _short(other["control"]),
        "ratio": f"{other['hazard_ratio']:.2f}",
        "wanted": f"{100.0 * numbers['power']:.0f}",
    }
    if found.answer["dilution"] is None and not found.asked.words["looks"]:
        deaths = patients(round(other["events"]))
        return [text("designer.headline.elsewhere", **said, deaths=deaths)]
    try:
        answer = answer_of(_with_control(found, other["control"])).answer
    except Faults:
        # No trial of this kind tells that gain: then no number of deaths stands beside it.
        return []
    kind = "elsewhere" if answer["dilution"] is None else "elsewhere_diluted"
    said |= {"deaths": patients(round(answer["whole"]["events"])), "diluted": _diluted(answer)}
    return [text(f"designer.headline.{kind}", **said)]


def _with_control(found: Answered, control: float) -> str:
    """The query of the same design on another control median; a power asked for is kept."""
    fields, gain = fields_of(found.asked.query), (found.why or {})["gain_months"]
    before = fields["randomise"] == "before"
    changed = {
        "front_median" if before else "median_control": written(control),
        "by": "gain",
        "gain_months": written(round(gain, 9)),
    }
    if fields["find"] == "power":
        changed["find"] = "patients"
    return query_of({**fields, **changed})


def _diluted(answer: Mapping[str, Any]) -> str:
    return "" if answer["dilution"] is None else f"{answer['dilution']['cox_limit']:.2f}"


def _short(value: float) -> str:
    """Months with no more digits than they need."""
    return f"{value:.1f}".removesuffix(".0")
