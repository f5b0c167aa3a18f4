"""Pictures, tables and page of a pool, from what `debulk evidence pool --json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from debulk.reports.disease_pages import Table
from debulk.reports.evidence.bias_words import bias_sentence, bias_table
from debulk.reports.evidence.forests import (
    bias_forest,
    cumulative_forest,
    left_out_forest,
    pooled_forest,
    subgroup_forest,
)
from debulk.reports.evidence.funnel import funnel_chart, funnel_notes
from debulk.reports.evidence.page import EvidencePage, Picture
from debulk.reports.evidence.wording import (
    MIXED,
    estimate_title,
    heterogeneity_words,
    level_words,
    method_words,
    patients_words,
    pooled_sentence,
    weight_words,
    words_of_test,
    written,
)
from debulk.reports.figures.style import p_text
from debulk.reports.words import DASH, share

_PLURALS = {
    "domain": "diseases",
    "organ": "organs",
    "modality": "treatments",
    "comparison": "comparisons",
    "line": "lines of treatment",
    "extent": "extents",
    "design": "designs",
}


PICTURES = (
    *("forest", "forest-by-group", "leave-one-out", "cumulative", "funnel", "bias-adjusted"),
)
"""Names of the pictures that `pool_pictures` may give."""


def pool_pictures(result: Mapping[str, Any]) -> list[Picture]:
    """Every picture that the answer has numbers for: the forest, then those of the checks."""
    pictures = [forest_picture(result)]
    if result["subgroups"] is not None:
        pictures.append(subgroup_picture(result))
    if result["leave_one_out"] is not None:
        pictures.append(left_out_picture(result))
    if result["cumulative"] is not None:
        pictures.append(cumulative_picture(result))
    if result["small_study"] is not None:
        pictures.append(funnel_picture(result))
    if result["bias_adjusted"] is not None:
        pictures.append(bias_picture(result))
    return pictures


def forest_picture(result: Mapping[str, Any]) -> Picture:
    """The forest of the pool."""
    alt = f"Forest plot of {result['title']}. {pooled_sentence(result)}"
    return Picture("forest", pooled_forest(result), alt)


def subgroup_picture(result: Mapping[str, Any]) -> Picture:
    """The forest by subgroup."""
    parts = "; ".join(
        f"{each['name']}: {written(result, each['natural'])}"
        for each in result["subgroups"]["groups"]
    )
    alt = f"Forest plot by {result['subgroups']['column']}. {parts}."
    return Picture("forest-by-group", subgroup_forest(result), alt)


def left_out_picture(result: Mapping[str, Any]) -> Picture:
    """The forest with each study left out."""
    least, most = _extremes(result, result["leave_one_out"]["rows"])
    alt = f"Pooled again without each study in turn: from {least} to {most}."
    return Picture("leave-one-out", left_out_forest(result), alt)


def cumulative_picture(result: Mapping[str, Any]) -> Picture:
    """The cumulative forest."""
    rows = result["cumulative"]["rows"]
    first, last = (written(result, rows[place]["natural"]) for place in (0, -1))
    by = result["cumulative"]["by"]
    alt = f"Studies added one by one, by {by}: from {first} at first to {last} at last."
    return Picture("cumulative", cumulative_forest(result), alt)


def funnel_picture(result: Mapping[str, Any]) -> Picture:
    """The funnel plot."""
    alt = f"Funnel plot of {result['k']} studies. {' '.join(funnel_notes(result)[1:])}".strip()
    return Picture("funnel", funnel_chart(result), alt)


def bias_picture(result: Mapping[str, Any]) -> Picture:
    """The forest before and after biases are taken into account."""
    alt = f"Forest plot of {result['title']}, as published and adjusted. {bias_sentence(result)}"
    return Picture("bias-adjusted", bias_forest(result), alt)


def pool_page(result: Mapping[str, Any]) -> EvidencePage:
    """The page of a pool."""
    provenance = result["provenance"]
    return EvidencePage(
        title=result["title"],
        kicker=method_words(result),
        sentence=pooled_sentence(result),
        tables=pool_tables(result),
        remarks=mixed_words(result),
        assumptions=(
            heterogeneity_words(result) + ".",
            *result["remarks"],
            *dict.fromkeys([*provenance["remarks"], *remarks_of_checks(result)]),
            *assumptions_on_bias(result),
        ),
        exclusions=tuple(
            f"{each['count']:g}: {each['reason']}"
            for each in [*result["exclusions"], *provenance["exclusions"], *_without_weight(result)]
        ),
        sources=tuple(
            f"{each['name']}: {each['source'] or 'no source given'}" for each in result["studies"]
        )
        + tuple(f"Input {name}, SHA-256 {sum_}" for name, sum_ in result["inputs"].items()),
    )


def mixed_words(result: Mapping[str, Any]) -> tuple[str, ...]:
    """Which populations a pool mixes, and what its number therefore is."""
    if not result["mixed"]:
        return ()
    told = [
        f"{_PLURALS.get(each['column'], each['column'])}: {_counted(each['values'])}"
        for each in result["mixed"]
    ]
    return (f"This pool mixes {'; '.join(told)}.", MIXED)


def pool_tables(result: Mapping[str, Any]) -> tuple[Table, ...]:
    """Studies and the pool, then one table for each check."""
    tables = [_study_table(result)]
    if len(result["coefficients"]) > 1:
        tables.append(_coefficient_table(result))
    if result["subgroups"] is not None:
        tables.append(_subgroup_table(result))
    if result["leave_one_out"] is not None:
        tables.append(left_out_table(result))
    if result["cumulative"] is not None:
        tables.append(cumulative_table(result))
    if result["small_study"] is not None:
        tables.append(_small_study_table(result))
    if result["bayes"] is not None:
        tables.append(_bayes_table(result))
    if result["bias_adjusted"] is not None:
        tables.append(bias_table(result))
    return tuple(tables)


def left_out_table(result: Mapping[str, Any]) -> Table:
    """What the forest with each study left out shows."""
    found = result["leave_one_out"]["rows"]
    return _row_table(result, "Each study left out", "Left out", found)


def cumulative_table(result: Mapping[str, Any]) -> Table:
    """What the cumulative forest shows."""
    found, by = result["cumulative"]["rows"], result["cumulative"]["by"]
    named = [{**each, "name": f"{each['name']} ({each['value']})"} for each in found]
    return _row_table(result, f"Studies added by {by}", "Added", named)


def funnel_table(result: Mapping[str, Any]) -> Table:
    """What the funnel plot shows: each study and its standard error."""
    pairs = zip(result["studies"], result["natural"]["studies"], strict=True)
    return Table(
        title="Funnel",
        caption=f"Standard errors on the scale of pooling ({result['scale']})",
        heads=("Study", estimate_title(result), "Standard error"),
        rows=tuple(
            (study["name"], written(result, natural), f"{study['se']:.3f}")
            for study, natural in pairs
        ),
    )


def _study_table(result: Mapping[str, Any]) -> Table:
    rows = [
        (
            study["name"],
            patients_words(study["patients"]) or DASH,
            written(result, natural),
            weight_words(study["weight"]),
        )
        for study, natural in zip(result["studies"], result["natural"]["studies"], strict=True)
    ]
    if result["natural"]["estimate"] is not None:
        rows.append(("Pooled", "", written(result, result["natural"]), ""))
    return Table(
        title="Studies",
        caption=heterogeneity_words(result),
        heads=("Study", "Patients", estimate_title(result), "Weight"),
        rows=tuple(rows),
    )


def _coefficient_table(result: Mapping[str, Any]) -> Table:
    """Coefficients stay on the scale of pooling, where they add."""
    return Table(
        title="Moderators",
        caption=f"Coefficients on the scale of pooling ({result['scale']}), with "
        f"{level_words(result)} limits",
        heads=("Moderator", "Coefficient", "Interval", "p"),
        rows=tuple(
            (
                each["name"],
                f"{each['estimate']:.3f}",
                f"{each['lower']:.3f} to {each['upper']:.3f}",
                p_text(each["p"]).removeprefix("= "),
            )
            for each in result["coefficients"]
        ),
    )


def _subgroup_table(result: Mapping[str, Any]) -> Table:
    found = result["subgroups"]
    difference = words_of_test(found["test"], "Difference between groups")
    table = _row_table(result, f"By {found['column']}", found["column"], found["groups"])
    return Table(table.title, difference, table.heads, table.rows)


def _row_table(result: Mapping[str, Any], title: str, head: str, rows: Any) -> Table:
    return Table(
        title=title,
        caption=method_words(result),
        heads=(head, "Studies", estimate_title(result), "I\u00b2"),
        rows=tuple(
            (
                str(each["name"]),
                str(each["k"]),
                written(result, each["natural"]),
                DASH if each["i2"] is None else f"{100 * each['i2']:.0f} %",
            )
            for each in rows
        ),
    )


def _small_study_table(result: Mapping[str, Any]) -> Table:
    found = result["small_study"]
    filled = found["trim_and_fill"]
    counted = f"{filled['missing']} filled in on the {filled['side']}"
    return Table(
        title="Small studies",
        caption="Whether small studies lie to one side of large ones, and what would follow",
        heads=("Check", "Result"),
        rows=(
            (found["test"]["name"], f"p {p_text(found['test']['p'])}"),
            ("Rank correlation", f"p {p_text(found['rank_correlation']['p'])}"),
            (f"Trim and fill, {counted}", written(result, filled["natural"])),
        ),
    )


def _bayes_table(result: Mapping[str, Any]) -> Table:
    found = result["bayes"]
    tau = found["tau"]
    spread = f"{tau['median']:.2f} ({tau['lower']:.2f} to {tau['upper']:.2f})"
    below = "below no effect" if result["no_effect"] is not None else "below one half"
    return Table(
        title="Bayesian random effects",
        caption=f"Posterior medians with {level_words(result)} intervals; tau has a half-normal "
        f"prior of scale {found['tau_prior']['scale']:g}, the effect a flat one",
        heads=("Quantity", "Posterior"),
        rows=(
            ("Mean effect", written(result, found["natural"]["effect"])),
            ("Effect of a new study", written(result, found["natural"]["prediction"])),
            ("tau, on the scale of pooling", spread),
            (f"Probability that the mean effect is {below}", share(found["p_effect_below_zero"])),
            ("The same for a new study", share(found["p_new_effect_below_zero"])),
        ),
    )


def remarks_of_checks(result: Mapping[str, Any]) -> list[str]:
    """What the checks remark on, in their order."""
    checks = ("subgroups", "leave_one_out", "cumulative", "small_study", "bayes", "bias_adjusted")
    return [each for name in checks if result[name] for each in result[name]["remarks"]]


def assumptions_on_bias(result: Mapping[str, Any]) -> tuple[str, ...]:
    """What must hold for an adjusted effect to mean something."""
    return tuple(result["bias_adjusted"]["assumptions"]) if result["bias_adjusted"] else ()


def _without_weight(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return result["bias_adjusted"]["exclusions"] if result["bias_adjusted"] else []


def _extremes(result: Mapping[str, Any], rows: Any) -> tuple[str, str]:
    ordered = sorted(rows, key=lambda each: each["estimate"])
    return written(result, ordered[0]["natural"]), written(result, ordered[-1]["natural"])


def _counted(values: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in values.items())
