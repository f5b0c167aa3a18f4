"""The tables that `debulk trial run` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.table import Table

from debulk.reports import words
from debulk.reports.looks import WORLDS, bounds_at_looks
from debulk.reports.trial_words import TrialWords
from debulk.reports.uncertainty_words import uncertainty_rows, uncertainty_sentence


def trial_tables(result: Mapping[str, Any]) -> list[Table]:
    """Make the tables for the terminal: funnel, arms, effect, truth, estimands, endpoints.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.

    Returns
    -------
    list of rich.table.Table
        The last one, beside the published result, is left out where none is published.
    """
    tables = [_funnel(result), _arms(result), _effect(result), _truth(result)]
    if result.get("uncertainty"):
        tables.append(_uncertainty(result))
    if result.get("monitoring"):
        tables.insert(3, _looks(result))
    if result.get("estimands"):
        tables.append(_estimands(result["estimands"]))
    tables += [_endpoint(each) for each in beside_survival(result)]
    return [*tables, _published(result)] if result["published"] is not None else tables


def _table(title: str, *columns: str) -> Table:
    table = Table(title=escape(title), title_justify="left", title_style="bold")
    for place, column in enumerate(columns):
        table.add_column(escape(column), justify="right" if place else "left")
    return table


def _funnel(result: Mapping[str, Any]) -> Table:
    table = _table("Funnel, mean patients per trial", "step", "patients", "left out")
    for step in result["funnel"]:
        lost = words.patients(step["lost"])
        table.add_row(escape(step["text"]), words.patients(step["patients"]), lost)
    return table


def _arms(result: Mapping[str, Any]) -> Table:
    arms = result["arms"]
    table = _table("Arms", "", *arms)

    def add(label: str, write: Any) -> None:
        table.add_row(label, *(write(arm) for arm in arms.values()))

    add("patients", lambda arm: words.patients(arm["patients"]))
    add("median overall survival, months", lambda arm: words.months(arm["median_os_months"]))
    add("  95 % of trials", lambda arm: _range_of_months(arm["median_os_range"]))
    add("median progression-free, months", lambda arm: words.months(arm["median_pfs_months"]))
    for month in next(iter(arms.values()))["survival"]:
        add(f"alive at {month} months", lambda arm, at=month: words.share(arm["survival"][at]))
    said = TrialWords(result)
    for key, label in said.delivery():
        add(_small(label), lambda arm, at=key: words.share(arm.get(at)))
    if said.days_lost_told:
        add("days of systemic therapy lost", lambda arm: words.days(arm["systemic_days_lost"]))
    return table


def _small(label: str) -> str:
    return label[0].lower() + label[1:]


def _range_of_months(bounds: Sequence[float | None]) -> str:
    return words.limits(bounds[0], bounds[1], words.months)


def _effect(result: Mapping[str, Any]) -> Table:
    effect, said = result["effect"], TrialWords(result)
    table = _table("Effect in single trials", "", "this run", "null world")
    table.add_row(
        f"{said.hazard_ratio}, median (95 % range)",
        words.interval(effect["hazard_ratio"]),
        words.null_interval(result),
    )
    table.add_row(
        f"trials that declare {said.claim}", words.estimate(effect["power"]), said.null_declared
    )
    if said.has_margin:
        table.add_row(said.error_label, words.DASH, said.error_at_margin)
        table.caption = said.why_no_error or None
    mean = effect["rmst_difference_months"]
    label = f"difference in {said.mean} to {mean['tau_months']:g} months{said.followed_so_long}"
    table.add_row(label, words.interval(mean, words.difference), words.DASH)
    return table


def _truth(result: Mapping[str, Any]) -> Table:
    truth, error = result["truth"], result["truth"]["monte_carlo_error"]
    said = TrialWords(result)
    title = f"True effect: {words.patients(truth['patients'])} patients under both arms"
    table = _table(title, "", "this run", "null world")
    table.add_row(
        said.hazard_ratio,
        words.with_error(truth["hazard_ratio"], error["hazard_ratio"]),
        words.ratio(result["null"]["hazard_ratio"]),
    )
    difference, spread = truth["rmst_difference_months"], error["rmst_difference_months"]
    label = f"difference in {said.mean} to {truth['tau_months']:g} months"
    table.add_row(label, words.with_error(difference, spread, words.difference), "0")
    return table


def _uncertainty(result: Mapping[str, Any]) -> Table:
    """What the log hazard ratio of a trial is uncertain by, part by part."""
    table = _table("Uncertainty of the log hazard ratio, part by part", "", "standard deviation")
    for row in uncertainty_rows(result):
        table.add_row(row.label, row.spread)
    table.caption, table.caption_justify = escape(uncertainty_sentence(result)), "left"
    return table


def _estimands(estimands: Mapping[str, Any]) -> Table:
    """Each estimand's truth, and below it what usual estimators find."""
    tau = estimands["tau_months"]
    table = _table(
        "Estimands, with the simulator's truth (± is the Monte Carlo standard error)",
        "",
        "hazard ratio",
        "bias of log",
        "truth in 95 % interval",
        f"gain to {tau:g} months",
    )
    # In 80 columns even widths would cut words, and the name of an estimator be guessed.
    for place, width in ((0, 20), (3, 10), (4, 9)):
        table.columns[place].width = width
    questions = []
    for number, each in enumerate(estimands["estimands"], 1):
        share = words.share(each["share"])
        questions.append(f"{number}: {escape(each['title'])} ({share} of patients).")
        truth, error = each["truth"], each["truth"]["monte_carlo_error"]
        table.add_row(
            f"[bold]{number} {escape(each['strategy'])}[/bold]: truth",
            words.with_error(truth["hazard_ratio"], error["hazard_ratio"]),
            "",
            "",
            words.with_error(
                truth["rmst_difference_months"], error["rmst_difference_months"], words.difference
            ),
        )
        for one in each["estimators"]:
            ratio, mean = one["log_hazard_ratio"], one["rmst_difference_months"]
            table.add_row(
                f"  {escape(one['title'])}",
                words.ratio(one["hazard_ratio"]),
                words.with_error(ratio["bias"], ratio["bias_error"]),
                words.coverage(ratio).removesuffix(" points"),
                words.with_error(mean["mean"], mean["mean_error"], words.difference),
            )
    gain = "gain: difference in mean survival, months."
    table.caption, table.caption_justify = "\n".join([*questions, gain]), "left"
    return table


def beside_survival(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Endpoints beside overall and progression-free survival, which have tables of their own.

    Parameters
    ----------
    result : mapping
        What `debulk trial run` writes as results.json.
    """
    return [each for each in result.get("endpoints", []) if each["name"] not in ("os", "pfs")]


def _endpoint(endpoint: Mapping[str, Any]) -> Table:
    """One endpoint by arm: mean over trials, beside the truth."""
    first = endpoint["measures"][0] if endpoint["measures"] else None
    arms = list(first["arms"]) if first else []
    title = f"{endpoint['title']}, to {endpoint['tau_months']:g} months"
    if endpoint["name"] == "complications":
        title = endpoint["title"]
    columns = [*arms, "difference (95 % of trials)", "true difference"] if arms else []
    table = _table(title, "", *columns)
    for each in endpoint["measures"]:
        write = words.writer(each["unit"])
        gain = each["difference"]
        table.add_row(
            escape(words.with_unit(each)),
            *(write(arm["mean"]) for arm in each["arms"].values()),
            f"{write(gain['mean'])} ({words.limits(gain['lower'], gain['upper'], write)})",
            words.with_error(gain["truth"], gain["truth_error"], write)
            if each["unit"] != "share of the arm"
            else write(gain["truth"]),
        )
    if endpoint["not_told"]:
        table.add_row(f"not told: {escape(endpoint['not_told'])}")
    table.caption = escape(" ".join(endpoint["notes"]))
    return table


def _published(result: Mapping[str, Any]) -> Table:
    said = TrialWords(result)
    title = "Beside the published result (not used to make the simulation)"
    table = _table(title, "", "simulated", "published")
    simulated = words.interval(result["effect"]["hazard_ratio"])
    table.add_row(said.hazard_ratio, simulated, said.published_ratio)
    for label, median, published in said.medians_beside_published():
        table.add_row(escape(_small(label)), words.months(median), words.months(published))
    table.caption = escape(str(result["published"]["source"]))
    return table


def _looks(result: Mapping[str, Any]) -> Table:
    """Bounds of each look, and the share of trials that stop there in both worlds."""
    title = "Looks: bounds on z, and share of trials that stop there"
    table = _table(title, "look", "bound", "z", *(name for _, name in WORLDS))
    for row in bounds_at_looks(result):
        table.add_row(row.look, row.bound, row.z, *row.crossing)
    table.add_section()
    worlds = [result["monitoring"][world] for world, _ in WORLDS]
    for key, label, write in (
        ("expected_events", "expected events", words.patients),
        ("expected_duration_months", "expected months", words.months),
    ):
        table.add_row(label, "", "", *(write(each[key]) for each in worlds))
    return table
