"""The sentences of the futures, from the strings: the same words in page, print and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk.board.futures.alike import Alike
from debulk.board.futures.known import Known, Obstacle
from debulk.board.futures.measures import Price
from debulk.board.futures.profile import profile_of
from debulk.board.futures.result import Difference, Matched, OptionFutures
from debulk.board.futures.spread import Interval
from debulk.board.settings import BoardSettings
from debulk.core.strings import entries, text
from debulk.disease import DiseaseModel

if TYPE_CHECKING:
    from debulk.board.futures.measured import Measured


def sentences(
    found: Measured,
    matched: Matched,
    settings: BoardSettings,
    model: DiseaseModel,
    *,
    same_in_null: bool,
) -> dict[str, str]:
    """Every sentence on the first option against systemic therapy alone.

    Parameters
    ----------
    found : Measured
    matched : Matched
    settings : BoardSettings
    model : DiseaseModel
    same_in_null : bool
        Whether nobody's death differs where local treatment is a sham.
    """
    base, option, apart = found.options[0], found.options[1], found.differences[0]
    said = {
        "two_years": _two_years(base, option, apart),
        "medians": _medians(base, option, apart),
        "five_years": _mean(base, option, apart, settings),
        "changes": _changes(option, apart, settings),
        "chance": _chance(base, option),
        "knowledge": _knowledge(found, model),
        "model": _model(found),
        "left_out": text("futures.layers.left_out", things="; ".join(found.layers.left_out)),
        "matched": _matched(matched),
        "null_world": text("futures.null_world.same" if same_in_null else "futures.null_world.not"),
        "intervals": text("futures.intervals"),
        "published": text("futures.remarks.published"),
        "monte_carlo": text(
            "futures.monte_carlo", se=f"{apart.alive[2].monte_carlo_se:.1f}", years=2
        ),
    }
    if apart.median_progression_free_months is not None:
        said["progression"] = _progression(base, option, apart)
    if option.price is not None:
        said["price"] = _price(option.price, option.option)
    return said


def matched(known: Known, who: Alike) -> Matched:
    """What the case and its virtual patients were compared by, in words.

    Parameters
    ----------
    known : Known
    who : Alike
    """
    names = entries("futures.features")
    used = {
        "largest": known.largest_mm,
        "volume": known.volume_ml,
        "synchronous": known.synchronous,
        "primary": known.primary_in_situ,
        "adjuvant": known.adjuvant,
        "sex": known.female,
        "ras": known.ras,
        "braf": known.braf,
        "response": known.response,
        "change": known.change,
        "line": known.run_in_steps or None,
    }
    on = [names[each] for each in ("extent", "organs", "lesions", "who", "age")]
    on += [names[name] for name, value in used.items() if value is not None]
    after_line = ("response", "change", "line")
    missing = [
        text("futures.matched.unknown", feature=names[name])
        for name, value in used.items()
        if value is None and (known.run_in_steps or name not in after_line)
    ]
    never = list(entries("futures.never_matched").values())
    if known.removed:
        never.append(text("futures.also_not_matched.removed"))
    if known.new:
        never.append(text("futures.also_not_matched.new"))
    return Matched(
        on=tuple(on),
        not_on=(*never, *missing),
        effective=who.effective,
        drawn=who.drawn,
        followed=len(who),
        draws=int(who.trials.size),
        draws_left_out=who.draws_left_out,
        profile=tuple(profile_of(known, who)) if len(who) else (),
    )


def not_enough(
    obstacles: Sequence[Obstacle],
) -> tuple[tuple[dict[str, Any], ...], str, tuple[str, ...]]:
    """Reasons, the whole in one paragraph, and what can still be said.

    Parameters
    ----------
    obstacles : sequence of Obstacle
        At least one.
    """
    sentences, labels = entries("futures.reasons"), entries("futures.fields")
    changes = entries("futures.changes")
    reasons = []
    for each in obstacles:
        named = ", ".join(labels[name] for name in each.fields)
        values = {**(each.values or {}), "fields": named}
        reasons.append(
            {
                "reason": each.reason,
                "text": sentences[each.reason].format_map(values),
                "fields": list(each.fields),
                "change": changes[each.reason].format_map(values),
            }
        )
    outside = entries("futures.outside")
    beyond = [outside[each.reason] for each in obstacles if each.reason in outside]
    told = [each["text"] for each in reasons]
    if beyond:
        told.append(text("futures.lies_outside", what=", ".join(beyond)))
    still = tuple(entries("futures.still_known").values())
    return (
        tuple(reasons),
        text(
            "futures.not_enough",
            reasons=" ".join(told),
            still=", ".join(still),
            changes=" ".join(dict.fromkeys(each["change"] for each in reasons)),
        ),
        still,
    )


def remarks() -> tuple[str, ...]:
    """What stands under every result."""
    return tuple(entries("futures.remarks").values())


def _two_years(base: OptionFutures, option: OptionFutures, apart: Difference) -> str:
    return text(
        "futures.two_years",
        base_value=_interval(base.alive[2]),
        value=_interval(option.alive[2]),
        base=base.title,
        option=option.title,
        difference=_more(apart.alive[2]),
    )


def _medians(base: OptionFutures, option: OptionFutures, apart: Difference) -> str:
    return text(
        "futures.medians",
        base_value=_interval(base.median_months),
        value=_interval(option.median_months),
        base=base.title,
        option=option.title,
        difference=_interval(apart.median_months),
    )


def _progression(base: OptionFutures, option: OptionFutures, apart: Difference) -> str:
    medians = [each.median_progression_free_months for each in (base, option, apart)]
    here, there, difference = (_interval(each) for each in medians if each is not None)
    return text(
        "futures.progression",
        base_value=here,
        value=there,
        base=base.title,
        option=option.title,
        difference=difference,
    )


def _mean(
    base: OptionFutures, option: OptionFutures, apart: Difference, settings: BoardSettings
) -> str:
    return text(
        "futures.five_years",
        years=f"{settings.horizon_months / 12:g}",
        base_value=_interval(base.mean_months),
        value=_interval(option.mean_months),
        base=base.title,
        option=option.title,
        difference=_interval(apart.mean_months, digits=1),
    )


def _changes(option: OptionFutures, apart: Difference, settings: BoardSettings) -> str:
    return text(
        "futures.patients",
        option=option.title,
        delta=f"{settings.delta_months:g}",
        years=f"{settings.horizon_months / 12:g}",
        benefit=_interval(apart.benefit),
        harm=_interval(apart.harm),
        little=_interval(apart.little),
    )


def _price(price: Price, option: str) -> str:
    said = text(
        "futures.price.of_100",
        done=text(f"futures.done.{option}"),
        treated=_interval(price.treated),
        died=_interval(price.died),
        complication=_interval(price.complication),
        not_resumed=_interval(price.not_resumed),
    )
    if price.pause_days is None:
        return said
    days: dict[str, Any] = {
        "days": _interval(price.pause_days),
        "days_off": _interval(price.days_off),
    }
    return f"{said} {text('futures.price.pause', **days)}"


def _chance(base: OptionFutures, option: OptionFutures) -> str:
    here, there = base.middle_80, option.middle_80
    return text(
        "futures.layers.chance",
        base=base.title,
        option=option.title,
        base_low=_number(here[0]),
        base_high=_number(here[1]),
        low=_number(there[0]),
        high=_number(there[1]),
    )


def _knowledge(found: Measured, model: DiseaseModel) -> str:
    sample = model.posterior
    base, option = found.options[0], found.options[1]
    ranges = found.layers.knowledge
    return text(
        "futures.layers.knowledge",
        parameters=len(sample.values) if sample is not None else 0,
        base=base.title,
        option=option.title,
        base_low=_number(ranges[base.option].lower),
        base_high=_number(ranges[base.option].upper),
        low=_number(ranges[option.option].lower),
        high=_number(ranges[option.option].upper),
        difference=f"{_change(ranges['difference'].lower)} {text('futures.to')} "
        f"{_change(ranges['difference'].upper)}",
    )


def _model(found: Measured) -> str:
    base, option = found.options[0], found.options[1]
    model = found.layers.model
    names = entries("futures.structures")
    each = "; ".join(
        text(
            "futures.layers.structure",
            name=names[here["structure"]],
            base_value=_number(here["estimate"]),
            value=_number(there["estimate"]),
        )
        for here, there in zip(model[base.option], model[option.option], strict=True)
    )
    return text(
        "futures.layers.model",
        count=len(model[base.option]),
        each=each,
        base=base.title,
        option=option.title,
    )


def _matched(matched: Matched) -> str:
    who = next((each for each in matched.profile if each["feature"] == "who"), None)
    said = text(
        "futures.matched.sentence",
        on=", ".join(matched.on),
        not_on=", ".join(matched.not_on),
        effective=f"{matched.effective:,.0f}",
        drawn=f"{matched.drawn:,}",
    )
    if who is not None:
        said += " " + text("futures.matched.who", same=_number(who["same_of_100"]))
    if not matched.draws_left_out:
        return said
    left = text("futures.matched.left_out", count=matched.draws_left_out, draws=matched.draws)
    return f"{said} {left}"


def _interval(value: Interval, digits: int = 0) -> str:
    low, high = _number(value.lower, digits), _number(value.upper, digits)
    return text("futures.interval", value=_number(value.estimate, digits), lower=low, upper=high)


def _number(value: float, digits: int = 0) -> str:
    if np.isnan(value):
        return text("futures.not_reached")
    if not np.isfinite(value):
        return text("futures.beyond" if value > 0 else "futures.below")
    rounded = round(value, digits)
    return f"{rounded + 0.0:.{digits}f}".replace("-", "\u2212")


def _more(value: Interval) -> str:
    return text(
        "futures.interval",
        value=_change(value.estimate),
        lower=_change(value.lower),
        upper=_change(value.upper),
    )


def _change(value: float) -> str:
    whole = round(value)
    if whole == 0:
        return text("futures.change.same")
    return text("futures.change.more" if whole > 0 else "futures.change.fewer", n=abs(whole))
