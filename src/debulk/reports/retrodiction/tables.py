"""The tables of a retrodiction as rows of text, for its page and for the terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from debulk.reports import words
from debulk.reports.disease_pages import Table as TextTable
from debulk.trials.retrodiction.spread import NULL_WORLD, few_words

if TYPE_CHECKING:
    from rich.table import Table

Entry = Mapping[str, Any]

_FIXED = "\u00a0"
"""A space at which no line is broken."""

_MARKS = {
    r"[\d)] M\b": "M: ratio of medians, above 1 is longer survival.",
    r"[)M] \*": "*: interval derived, not printed.",
}
"""What the marks of `published_words` mean, by the pattern that finds one."""

_COLUMNS = (
    f"Hazard ratio for death, median and 95 % predictive interval. {NULL_WORLD} Inside: whether "
    "the blind interval holds the published value and, after the comma, the one as delivered. "
    "Width: the blind interval on the log scale in widths of the published one, wanted at most 2."
)

_FITS = {"full": "fully", "partial": "in part"}

_SHORT = {"SIRFLOX/FOXFIRE/FOXFIRE-Global": "SIRFLOX, FOXFIRE pooled"}


def name_of(entry: Entry) -> str:
    """A trial's name as a page shows it."""
    name = str(entry["trial"])
    return _SHORT.get(name, name.partition(" (")[0])


def predicted_trials(result: Entry) -> list[Entry]:
    """Trials that are predicted, in the order of the table."""
    return [each for each in result["trials"] if each["predicted"] is not None]


def effect_words(entry: Entry | None) -> str:
    """Median and 95 % limits of a predicted effect."""
    if entry is None or entry["median"] is None:
        return words.DASH
    return words.interval(entry)


def published_words(published: Entry | None) -> str:
    """A published effect with its limits; * marks a derived interval, M a ratio of medians."""
    if published is None or published["estimate"] is None:
        return words.DASH
    mark = " M" if published["measure"] == "median_ratio" else ""
    if published["lower"] is None:
        return f"{words.ratio(published['estimate'])}{mark}"
    mark += "" if published["interval"] == "printed" else " *"
    span = words.limits(published["lower"], published["upper"])
    return f"{words.ratio(published['estimate'])} ({span}){mark}"


def marks_in(shown: Iterable[str]) -> str:
    """What the marks that stand in some published effects mean; empty where there are none."""
    text = "; ".join(shown).replace(_FIXED, " ")
    return " ".join(meant for mark, meant in _MARKS.items() if re.search(mark, text))


def said(inside: bool | None) -> str:
    """Whether a published value lies inside."""
    return words.DASH if inside is None else "yes" if inside else "no"


def effects_table(result: Entry) -> TextTable:
    """One row a predicted trial: blind, as delivered, published, null world, inside, width."""
    rows = []
    for each in predicted_trials(result):
        second, ratio = each["as_delivered"], each["width_ratio"]
        size = f"n\u00a0=\u00a0{each['blind']['patients']:,}"
        about = f"{each['role']}, {size}, fits {_FITS[each['applicability']]}"
        effects = (
            effect_words(each["predicted"]),
            "no facts" if second is None else effect_words(second["predicted"]),
            published_words(each["published"]),
            # The null world's is a hazard ratio: it does not stand beside ratios of medians.
            effect_words(each["blind"]["null"] if each["measure"] == "hazard_ratio" else None),
        )
        rows.append(
            (
                f"{name_of(each)} ({about})",
                *(_unbroken(effect) for effect in effects),
                said(each["inside"])
                if second is None
                else f"{said(each['inside'])}, {said(second['inside'])}",
                words.DASH if ratio is None else f"{ratio:.1f}",
            )
        )
    marks = marks_in(row[3] for row in rows)
    return TextTable(
        title="Predicted beside published",
        caption=f"{_COLUMNS} {marks}".strip(),
        heads=("Trial", "Blind", "As delivered", "Published", "Null world", "Inside", "Width"),
        rows=tuple(rows),
    )


def _unbroken(effect: str) -> str:
    """An effect whose interval, with its marks, is not broken over two lines."""
    middle, _, rest = effect.partition(" (")
    return f"{middle} ({rest.replace(' ', _FIXED)}" if rest else effect


def arms_table(result: Entry) -> TextTable:
    """One row a quantity of an arm that was published."""
    rows = []
    for each in predicted_trials(result):
        for quantity in each["blind"]["arms"]:
            if quantity["published"] is None:
                continue
            write = words.share if quantity["column"].startswith("survival") else words.months
            rows.append(
                (
                    f"{name_of(each)}, {quantity['arm']}: {quantity['title']}",
                    _unbroken(words.interval(quantity["predicted"], write)),
                    write(quantity["published"]),
                    said(quantity["inside"]),
                )
            )
    return TextTable(
        title="Medians and survival of the arms",
        caption="Blind prediction, median and 95 % predictive interval, beside what was printed",
        heads=("Trial, arm: quantity", "Predicted", "Published", "Inside"),
        rows=tuple(rows),
    )


def trial_words(result: Entry) -> list[dict[str, str]]:
    """What each predicted trial says about the model, and about delivery."""
    return [
        {
            "name": f"{name_of(each)} ({each['role']})",
            "comment": " ".join([str(each["comment"]), *each["remarks"]]),
            "delivery": _delivery(each),
            "lacks": "; ".join(each["missing"]),
        }
        for each in predicted_trials(result)
    ]


def _delivery(entry: Entry) -> str:
    if entry["as_delivered"] is not None:
        return str(entry["as_delivered"]["comment"])
    reason = str(entry["reason"])
    return f"{reason[:1].upper()}{reason[1:]}." if reason else ""


def delivery_table(result: Entry) -> TextTable:
    """One row a fact of delivery: reported, simulated blind, simulated as delivered."""
    rows = []
    for each in predicted_trials(result):
        for fact in each["as_delivered"]["facts"] if each["as_delivered"] else ():
            told = fact["figure"] is not None
            rows.append(
                (
                    f"{name_of(each)}: {fact['what']}",
                    str(fact["printed"]),
                    words.share(fact["blind"]) if told else words.DASH,
                    words.share(fact["as_delivered"]) if told else words.DASH,
                )
            )
    return TextTable(
        title="Delivery as the trials reported it",
        caption="Simulated figures of the experimental arm, where the simulation reports the same",
        heads=("Fact", "Reported", "Blind", "As delivered"),
        rows=tuple(rows),
    )


def left_out(result: Entry) -> list[str]:
    """Trials that are not predicted, each with what it published and why."""
    found = []
    for each in result["trials"]:
        if each["predicted"] is None:
            told = published_words(each["published"])
            beside = "" if told == words.DASH else f"; published {told}"
            found.append(f"{name_of(each)} ({each['role']}{beside}): {each['reason']}.")
    return found


def score_table(result: Entry) -> TextTable:
    """Coverage by applicability and by quantity of the arms."""
    score = result["score"]
    levels = {
        "effects, all validation trials": score["all"],
        "effects, model fits fully": score["by_applicability"]["full"],
        "effects, model fits in part": score["by_applicability"]["partial"],
        **score["arms"],
    }
    return TextTable(
        title="The score: validation trials alone",
        caption="p: binomial probability of so few inside or fewer, were every interval a true "
        "95 % one; none for quantities of arms, which are not independent",
        heads=("What", "Published", "Inside", "Share", "p"),
        rows=tuple(
            (
                name,
                str(each["trials"]),
                str(each["inside"]),
                words.DASH if each["coverage"] is None else words.share(each["coverage"]),
                words.DASH if each["p"] is None else f"{each['p']:.2g}",
            )
            for name, each in levels.items()
        ),
    )


def verdict(result: Entry) -> list[str]:
    """The verdict, before it what keeps it from being one."""
    few = few_words(result["simulated_trials"])
    return [*([few] if few else []), str(result["score"]["verdict"])]


def sentences(result: Entry) -> list[str]:
    """The verdict, widths, ranking and null world in sentences."""
    score = result["score"]
    found = [f"Posterior SHA-256 {result['posterior']['sha256']}.", *verdict(result)]
    scored = score["all"]["trials"]
    if not result["posterior"]["frozen"]:
        found.insert(0, result["provenance"]["remarks"][0])
    ratios = sum(each["measure"] == "hazard_ratio" for each in score["points"])
    if scored:
        found.append(
            "Predictive intervals at most twice as wide as the published one on the log scale: "
            f"{score['narrow']} of {scored}."
        )
    if ratios and score["told_from_null"] is not None:
        found[-1] += (
            " Published hazard ratios outside the 95 % interval of the null world, in which the "
            f"arms do not differ: {score['told_from_null']} of {ratios}; any others cannot tell "
            "the model from that."
        )
    ranking = score["ranking"]
    if ranking["tau"] is not None:
        simulated = ranking["simulated"]
        p = "" if ranking["p"] is None else f", permutation p {ranking['p']:.2g}"
        single = ""
        if simulated["median"] is not None:
            middle, low, high = (_two_digits(simulated[n]) for n in ("median", "lower", "upper"))
            single = f"; one simulated trial of each gives {middle} ({low} to {high})"
        found.append(
            f"Order of the effects: Kendall's tau {_two_digits(ranking['tau'])} between predicted "
            f"and published{p}{single}."
        )
    changed = [name_of(each) for each in predicted_trials(result) if each["remarks"]]
    if changed:
        found.append(
            "Simulated as decided by death, since their own primary endpoint is another: "
            f"{', '.join(changed)}."
        )
    errors = [
        each["predicted"][end] or 0.0
        for each in predicted_trials(result)
        for end in ("lower_error", "upper_error")
    ]
    if errors and not few_words(result["simulated_trials"]):
        found.append(
            f"{result['simulated_trials']} simulated trials a prediction: the Monte Carlo error of "
            f"the limits is {max(errors):.2f} at the most."
        )
    return found


def _two_digits(value: float) -> str:
    return words.signless_zero(f"{value:.2f}")


def terminal_table(result: Entry) -> Table:
    """The table of effects for the terminal, which has 80 letters."""
    from rich.markup import escape
    from rich.table import Table

    title = "Hazard ratio for death, predicted (median, 95 % interval) beside published"
    table = Table(title=title, title_justify="left", caption_justify="left")
    for place, head in enumerate(("trial", "blind", "as delivered", "published", "inside")):
        table.add_column(head, justify="right" if place else "left", overflow="fold")
    role, shown = "", predicted_trials(result)
    for each in shown:
        if each["role"] != role:
            role = str(each["role"])
            table.add_row(f"[bold]{escape(role)}[/bold]")
        second = each["as_delivered"]
        cells = (
            name_of(each),
            effect_words(each["predicted"]),
            words.DASH if second is None else effect_words(second["predicted"]),
            published_words(each["published"]),
            said(each["inside"]),
        )
        table.add_row(*map(escape, cells))
    table.caption = marks_in(published_words(each["published"]) for each in shown) or None
    return table


def not_predicted(result: Entry, *, named: bool) -> list[str]:
    """What is not predicted, for the terminal: with reasons where trials were named, else counted.

    Parameters
    ----------
    result : mapping
        What `debulk retrodict --json` prints.
    named : bool
        Whether trials were asked for by name.
    """
    reasons = left_out(result)
    if named or not reasons:
        return [f"Not predicted: {each}" for each in reasons]
    many = f"{len(reasons)} more trials are" if len(reasons) > 1 else "1 more trial is"
    return [f"{many} not predicted; --json and the page say why."]


def locked_table(locked: Sequence[Entry]) -> Table:
    """Locked predictions beside what has been published since, for the terminal."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title="Locked predictions", title_justify="left")
    for place, head in enumerate(("trial", "locked", "predicted", "published", "inside")):
        table.add_column(head, justify="right" if place else "left", overflow="fold")
    for each in locked:
        published = each["published"]
        cells = (
            name_of(each),
            str(each["locked"]),
            "not predicted" if each["predicted"] is None else effect_words(each["predicted"]),
            "not reported" if published is None else published_words(published),
            said(each["inside"]),
        )
        table.add_row(*map(escape, cells))
    return table
