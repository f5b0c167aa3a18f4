"""What TRIPOD asks of a report on a validation, item by item, and what can be said to each.

Collins and others 2015 (BMJ 350:g7594), the items of a validation; TRIPOD+AI (Collins and others
2024, BMJ 385:e078378) asks the same of any kind of model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debulk.reports.prognosis.wording import months_words

NOT_STATED = "Not stated."


@dataclass(frozen=True, slots=True)
class ValidationContext:
    """What a program cannot know of a validation, in the author's words; empty is not stated.

    Attributes
    ----------
    source, setting, participants, treatments : str
        Where data come from and when, the centres, who was eligible, how they were treated.
    outcome, predictors : str
        How both were defined and measured, and whether blind to each other.
    model : str
        How predictions were calculated, and in what patients the model was made.
    missing_data, sample_size, limitations, funding : str
        What was done about missing values, how the size was arrived at, what limits the answer,
        who paid.
    """

    source: str = ""
    setting: str = ""
    participants: str = ""
    treatments: str = ""
    outcome: str = ""
    predictors: str = ""
    model: str = ""
    missing_data: str = ""
    sample_size: str = ""
    limitations: str = ""
    funding: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the list.

    Attributes
    ----------
    number, title : str
        As TRIPOD has them.
    texts : tuple of str
        What is reported; the author's words first.
    """

    number: str
    title: str
    texts: tuple[str, ...]


def tripod_items(
    result: Mapping[str, Any], context: ValidationContext | None = None
) -> tuple[Item, ...]:
    """Items of the report.

    Parameters
    ----------
    result : mapping
        What `Validation.to_dict` returns.
    context : ValidationContext, optional
        What only the author knows.
    """
    said = context or ValidationContext()
    horizon = months_words(result["horizon_months"])
    follow = (
        f"{result['events']} events in all follow-up, {result['events_by_horizon']} by {horizon}; "
        f"{result['followed_beyond']} patients followed beyond."
    )
    listed = [
        ("4", "Source of data", said.source, ()),
        ("5", "Setting, participants, treatments", _joined(said), _exclusions(result)),
        ("6", "Outcome", said.outcome, (_outcome(result, horizon),)),
        ("7", "Predictors", said.predictors, ()),
        ("8", "Sample size", said.sample_size, (f"{result['n']} patients. {follow}",)),
        ("9", "Missing data", said.missing_data, (_missing(result),)),
        ("10c", "How predictions were calculated", said.model, ()),
        ("10d", "Measures of performance", "", tuple(_methods(result))),
        ("18", "Limitations", said.limitations, tuple(result["caveats"])),
        ("22", "Funding", said.funding, ()),
    ]
    return tuple(
        Item(number, title, tuple(each for each in (own, *known) if each) or (NOT_STATED,))
        for number, title, own, known in listed
    )


def flow(result: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Steps from the patients at hand to those analysed, with their numbers."""
    left = [each for each in result["provenance"]["exclusions"] if _leaves(each)]
    total = result["n"] + sum(each["count"] for each in left)
    horizon = months_words(result["horizon_months"])
    unseen = result["n"] - result["followed_beyond"] - result["events_by_horizon"]
    steps = [("Patients at hand", f"{total:g}")]
    steps += [(f"Left out: {each['reason']}", f"{each['count']:g}") for each in left]
    steps += [
        ("Analysed", f"{result['n']}"),
        (f"Event by {horizon}", f"{result['events_by_horizon']}"),
        (f"Followed beyond {horizon}", f"{result['followed_beyond']}"),
    ]
    if unseen > 0:
        steps.append((f"Before {horizon}: {_ways_out(result)}", f"{unseen}"))
    return tuple(steps)


def _ways_out(result: Mapping[str, Any]) -> str:
    """How a patient may leave before the horizon without the event."""
    ways = ["end of follow-up"]
    if result["competing"]:
        ways.insert(0, "competing event")
    if result["kind"] == "counterfactual":
        ways.insert(0, "left the strategy")
    return " or ".join(ways)


def _leaves(exclusion: Mapping[str, Any]) -> bool:
    """Whether those counted are not among the analysed."""
    return "others stand for them" not in exclusion["reason"]


def _joined(said: ValidationContext) -> str:
    return " ".join(each for each in (said.setting, said.participants, said.treatments) if each)


def _exclusions(result: Mapping[str, Any]) -> tuple[str, ...]:
    left = result["provenance"]["exclusions"]
    if not left:
        return ("No patient was left out of the table given.",)
    return tuple(f"{each['count']:g}: {each['reason']}." for each in left)


def _outcome(result: Mapping[str, Any], horizon: str) -> str:
    competing = " Competing events count as never having it." if result["competing"] else ""
    return f"The event, by {horizon} from the moment of prediction.{competing}"


def _missing(result: Mapping[str, Any]) -> str:
    if not result["missing"]:
        return "Every patient analysed had a prediction."
    return f"{result['missing']} patients without a prediction were left out."


def _methods(result: Mapping[str, Any]) -> list[str]:
    weighted = result["kind"] == "counterfactual"
    told = [
        "Status at the horizon weighted for censoring by Kaplan and Meier"
        + (", and by the weights of the follow-up given" if weighted else "")
        + "; standard errors by the infinitesimal jackknife, the weights for censoring counted."
    ]
    if result["kind"] == "score":
        return [*told, "The score was validated as a ranking only."]
    curve = result["calibration_curve"]
    if curve is not None:
        told.append(f"Smooth calibration: {curve['model']}, {len(curve['knots'])} knots.")
    groups = len(result["calibration_groups"])
    told.append(f"Grouped calibration in {groups} groups; net benefit by threshold.")
    if result["centres"]:
        told.append(
            "Over centres: random effects by REML, Hartung and Knapp's interval, prediction "
            "interval on k \u2212 2 degrees of freedom."
        )
    return told
