"""The page of `debulk retrodict`: one HTML file with its figures and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from debulk.reports.disease_pages import Page, write_disease_page
from debulk.reports.figures.pictures import drawn
from debulk.reports.retrodiction import tables
from debulk.reports.retrodiction.charts import page_figure


def write_retrodiction_page(path: Path, result: Mapping[str, Any]) -> None:
    """Write the page, whole or not at all.

    Parameters
    ----------
    path : Path
        The HTML file.
    result : mapping
        What `debulk retrodict --json` prints.

    Raises
    ------
    InputError
        If the file cannot be written, or vl-convert is not installed.
    """
    svg = drawn(page_figure(result))["svg"]
    write_disease_page(path, retrodiction_page(result), result, svg, "retrodiction.html")


@dataclass(frozen=True, slots=True)
class RetrodictionPage(Page):
    """What the page says beside its figures.

    Attributes
    ----------
    trials : tuple of dict
        Name, comment and words on delivery of each predicted trial.
    left_out : tuple of str
        Trials that are not predicted, with their reasons.
    """

    trials: tuple[dict[str, str], ...]
    left_out: tuple[str, ...]


def retrodiction_page(result: Mapping[str, Any]) -> RetrodictionPage:
    """What the page says beside its figures.

    Parameters
    ----------
    result : mapping
        What `debulk retrodict --json` prints.
    """
    sentences = tables.sentences(result)
    shown = [
        tables.effects_table(result),
        tables.score_table(result),
        tables.arms_table(result),
        tables.delivery_table(result),
    ]
    return RetrodictionPage(
        trials=tuple(tables.trial_words(result)),
        left_out=tuple(tables.left_out(result)),
        title="The frozen model held against the trials that reported",
        kicker=f"{result['simulated_trials']:,} simulated trials for each prediction, "
        f"{result['draws']:,} draws of the parameters",
        sentence=str(result["score"]["verdict"]),
        alt="Predicted intervals, blind and as delivered, beside published hazard ratios and the "
        "null world, trial by trial; below, published against predicted",
        tables=tuple(each for each in shown if each.rows),
        said=(
            *(each for each in sentences if each != result["score"]["verdict"]),
            "In the table: experimental / control, over simulated trials of the size the trial "
            "had. M: ratio of medians, above 1 is longer. *: interval derived. Inside: blind, then "
            "as delivered. Width: predicted over published on the log scale, wanted at most 2. "
            "Null world: the same patients where local treatment does nothing.",
            "Blind: the protocol as packaged, which takes eligibility, schedule and plan from the "
            "trial and nothing from its results. As delivered: with completeness, pauses and "
            "deaths of treatment as that trial reported them; survival is used for neither.",
            "The place of a published effect in the predictive distribution is that among "
            "simulated trials of the same size; it holds the published trial's own chance already.",
        ),
        sources=tuple(
            f"{tables.name_of(each)}: {each['published']['source']}"
            + (
                ""
                if each["published"]["interval"] == "printed"
                else f" (interval: {each['published']['interval']})"
            )
            + "".join(f"; {remark}" for remark in each["published"]["remarks"])
            for each in result["trials"]
            if each["published"] is not None
        ),
    )
