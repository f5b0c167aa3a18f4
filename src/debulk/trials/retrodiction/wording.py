"""What a hit or a miss says about the model: sentences made from the numbers, none by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from debulk.trials.retrodiction.spread import WIDEST

if TYPE_CHECKING:
    from debulk.trials.retrodiction.predicting import ArmQuantity, Prediction
    from debulk.trials.retrodiction.result import TrialRetrodiction
    from debulk.trials.retrodiction.spread import Spread

NAMES = {"hazard_ratio": "hazard ratio", "median_ratio": "ratio of medians"}

_MOVED = 0.25
"""Share of the way to the published effect from which delivery explains some of a difference."""
_MOSTLY = 0.5
"""Share from which it explains most of it."""
_STILL = 0.02
"""Change of the log effect below which two predictions are called the same."""
_FALLS_SHORT = 0.05
"""Share by which a figure may miss the reported one before it is said to."""


def comment_on(entry: TrialRetrodiction) -> str:
    """Plain sentences on what a trial says about the model.

    Parameters
    ----------
    entry : TrialRetrodiction
    """
    if entry.blind is None:
        return f"Not predicted: {entry.reason}."
    if entry.published is None:
        return "Predicted; the evidence holds no effect on survival that the trial reported."
    parts = [_effect(entry), *_arms(entry.blind)]
    parts.append(_together(entry))
    parts += [_against_null(entry), _width(entry)]
    return " ".join(each for each in parts if each)


def delivery_words(entry: TrialRetrodiction) -> str:
    """What the difference between blind and as delivered tells of disease and of surgery.

    Parameters
    ----------
    entry : TrialRetrodiction
    """
    if entry.blind is None or entry.delivered is None:
        return ""
    first, second = entry.blind.effect.median, entry.delivered.prediction.effect.median
    if first is None or second is None:
        return "The medians of the two predictions are not reached and cannot be compared."
    name = NAMES[entry.measure]
    shift = math.log(second / first)
    if abs(shift) < _STILL:
        text = (
            f"Delivered as reported, the predicted {name} stays at {second:.2f}: what the blind "
            "prediction assumed of delivery hardly matters here; how far it is from the published "
            "one is about the disease, or chance."
        )
    else:
        text = (
            f"Delivered as reported, the predicted {name} moves from {first:.2f} to {second:.2f}"
            f"{_way(entry, first, second)}."
        )
    return " ".join([text, *_fallen_short(entry)])


def _way(entry: TrialRetrodiction, first: float, second: float) -> str:
    published = None if entry.published is None else entry.published.estimate
    if published is None:
        return ""
    gap = math.log(published / first)
    if abs(gap) < _STILL:
        return ", away from the published one, which the blind prediction met"
    share = math.log(second / first) / gap
    if share < 0.0:
        return (
            f", away from the published {published:.2f}: errors of delivery do not explain the "
            "difference, so the disease model does, or chance"
        )
    if share > 1.0 + _MOSTLY:
        return f", past the published {published:.2f}: delivery is more than the whole difference"
    way = f"{_percent(share)} of the way to the published {published:.2f}"
    if share >= _MOSTLY:
        return f", {way}: most of the difference was about surgery, not about the disease"
    if share >= _MOVED:
        return (
            f", {way}: some of the difference "
            "was about surgery, most is about the disease, or chance"
        )
    return f", {way}: the difference is about the disease, or chance, not about surgery"


def _fallen_short(entry: TrialRetrodiction) -> list[str]:
    """Reported figures that the simulation cannot reach: that is the disease model's."""
    said = []
    assert entry.delivered is not None
    for each in entry.delivered.reached:
        found = each.as_delivered
        if found is None or abs(found - each.reported) <= _FALLS_SHORT:
            continue
        if each.figure == "mortality_90_days":
            why = "deaths of the disease itself are part of it"
        elif found < each.reported:
            why = "more patients progress or die before treatment than in the trial, or the panel "
            why += "leaves more untreated: an error of the model's patients, not of surgery"
        else:
            why = "the model's patients stay fitter than the trial's"
        said.append(
            f"Reported: {each.what}, {each.printed}; the simulation reaches "
            f"{_percent(found)}: {why}."
        )
    return said


def _effect(entry: TrialRetrodiction) -> str:
    published, blind = entry.published, entry.blind
    assert published is not None
    assert blind is not None
    assert published.estimate is not None
    name, estimate = NAMES[entry.measure], published.estimate
    span = f"{_number(blind.effect.median)} ({_span(blind.effect)})"
    if entry.inside:
        return (
            f"Inside: {_share(blind.place)} of predicted {name}s lie below the published "
            f"{estimate:.2f}; predicted {span}{_by_chance(blind.effect, estimate)}."
        )
    lower = blind.effect.lower is not None and estimate < blind.effect.lower
    better = lower == (entry.measure == "hazard_ratio")
    held = "less" if better else "more"
    side = "below" if lower else "above"
    return (
        f"Outside: the published {name} {estimate:.2f} lies {side} all but a few of the predicted "
        f"ones, {span}; the model holds the experimental treatment for {held} effective than the "
        f"trial found{_by_chance(blind.effect, estimate)}."
    )


def _by_chance(spread: Spread, value: float | None) -> str:
    """Warning where more simulated trials could turn inside into outside, or back."""
    return ", by less than twice the Monte Carlo error of the limit" if spread.near(value) else ""


def _arms(blind: Prediction) -> list[str]:
    known = [each for each in blind.arms if each.inside is not None]
    if not known:
        return [
            "No medians or survival of its arms are published here: a ratio alone cannot show "
            "whether both arms are right."
        ]
    missed = [each for each in known if not each.inside]
    if not missed:
        if len(known) == 1:
            return ["The one published median or share of its arms lies inside."]
        return [f"All {len(known)} published medians and shares of its arms lie inside."]
    said = []
    for arm in ("control", "experimental"):
        for ending, words in (
            ("os", ("live longer", "die sooner")),
            ("pfs", ("progress later", "progress sooner")),
        ):
            own = [each for each in missed if each.arm == arm and _is_of(each, ending)]
            if own:
                late = _predicted_later(own[0])
                listed = "; ".join(_beside(each) for each in own)
                said.append(
                    f"In the {arm} arm the model's patients {words[0] if late else words[1]} than "
                    f"the trial's ({listed})."
                )
    return said


def _together(entry: TrialRetrodiction) -> str:
    """What effect and arms say together."""
    blind = entry.blind
    assert blind is not None
    survival = [each for each in blind.arms if _is_of(each, "os") and each.inside is not None]
    if not survival:
        return ""
    control_off = any(each.arm == "control" and not each.inside for each in survival)
    any_off = any(not each.inside for each in survival)
    if entry.inside:
        if any_off:
            return (
                "The ratio fits while survival itself does not: prognosis is off, not the effect."
            )
        return ""
    if control_off:
        return (
            "The control arm is off too, which no difference between the arms explains: the model "
            "has these patients' prognosis wrong, and the effect with it."
        )
    if not any(each.arm == "control" for each in survival):
        return ""
    return "The control arm's survival fits, so it is what the treatment does that is off."


def _against_null(entry: TrialRetrodiction) -> str:
    published, blind = entry.published, entry.blind
    assert published is not None
    assert blind is not None
    if entry.measure != "hazard_ratio" or blind.null.few:
        return ""
    held = blind.null.holds(published.estimate)
    if held is None:
        return ""
    text = f"The null world ({_span(blind.null)}) "
    text += "holds the published value too" if held else "does not hold the published value"
    return f"{text}{_by_chance(blind.null, published.estimate)}."


def _width(entry: TrialRetrodiction) -> str:
    ratio = entry.width_ratio
    if ratio is None:
        return "" if entry.published is None else "The published result has no interval to compare."
    text = f"The predicted interval is {ratio:.1f} times as wide as the published one (log scale)"
    return f"{text}." if ratio <= WIDEST else f"{text}: too wide to say much."


def _is_of(quantity: ArmQuantity, ending: str) -> bool:
    return ("_pfs_" in quantity.column) == (ending == "pfs")


def _predicted_later(quantity: ArmQuantity) -> bool:
    """Whether the model's patients do better: the published value lies below the interval."""
    lower = quantity.predicted.lower
    return lower is not None and quantity.published is not None and quantity.published < lower


def _beside(quantity: ArmQuantity) -> str:
    predicted, published = quantity.predicted, quantity.published
    assert published is not None
    if quantity.column.startswith("survival"):
        return (
            f"{quantity.title}: {_percent(published)} published, "
            f"{_percent(predicted.lower)} to {_percent(predicted.upper)} predicted"
        )
    return f"{quantity.title}: {published:.1f} published, {_span(predicted, 1)} predicted"


def _span(spread: Spread, digits: int = 2) -> str:
    return f"{_number(spread.lower, digits)} to {_number(spread.upper, digits)}"


def _number(value: float | None, digits: int = 2) -> str:
    return "not reached" if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return "a share" if value is None else _percent(value)


def _percent(share: float | None) -> str:
    return "not reached" if share is None else f"{100.0 * share:.0f} %"
