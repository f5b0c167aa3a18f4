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
    marks : str
        What the signs after published effects mean there.
    """

    trials: tuple[dict[str, str], ...]
    left_out: tuple[str, ...]
    marks: str


def retrodiction_page(result: Mapping[str, Any]) -> RetrodictionPage:
    """What the page says beside its figures.

    Parameters
    ----------
    result : mapping
        What `debulk retrodict --json` prints.
    """
    sentences, left_out = tables.sentences(result), tables.left_out(result)
    verdict = tables.verdict(result)
    shown = [
        tables.effects_table(result),
        tables.score_table(result),
        tables.arms_table(result),
        tables.delivery_table(result),
    ]
    return RetrodictionPage(
        trials=tuple(tables.trial_words(result)),
        left_out=tuple(left_out),
        marks=tables.marks_in(left_out),
        title="The frozen model held against the trials that reported",
        kicker=f"{result['simulated_trials']:,} simulated trials for each prediction, "
        f"{result['draws']:,} draws of the parameters",
        sentence=" ".join(verdict),
        alt="Predicted intervals, blind and as delivered, beside published hazard ratios and the "
        "null world, trial by trial; below, published against predicted",
        tables=tuple(each for each in shown if each.rows),
        said=(
            *(each for each in sentences if each not in verdict),
            "In the table: experimental / control, over simulated trials of the size the trial "
            "had.",
            "Blind: the protocol as packaged, which takes eligibility, schedule and plan from the "
            "trial and nothing from its results. As delivered: with completeness, pauses and "
            "deaths of treatment as that trial reported them; survival is used for neither.",
            "The place of a published effect in the predictive distribution is that among "
            "simulated trials of the same size; it holds the published trial's own chance already.",
        ),
        sources=tuple(_sources(result)),
    )


def _sources(result: Mapping[str, Any]) -> list[str]:
    """Where each published effect is from, and each fact of delivery."""
    told = []
    for each in result["trials"]:
        name, published, second = tables.name_of(each), each["published"], each["as_delivered"]
        if published is not None:
            printed = published["interval"] == "printed"
            interval = "" if printed else f" (interval: {published['interval']})"
            remarks = "".join(f"; {remark}" for remark in published["remarks"])
            told.append(f"{name}: {published['source']}{interval}{remarks}")
        if second is not None:
            rows = dict.fromkeys(str(fact["source"]) for fact in second["facts"])
            told.append(f"{name}, delivery: rows {', '.join(rows)} of the evidence")
    return told
