"""Which local treatments are the strategy's, when they began, and how much they had treated."""

from __future__ import annotations

import polars as pl

from debulk.core.errors import InputError, nearest
from debulk.emulation.question.flow import Flow
from debulk.patients import Cohort, parse_rule
from debulk.protocols import Strategy


def strategy_treatments(
    cohort: Cohort, strategy: Strategy, rule: str | None, flow: Flow
) -> pl.DataFrame:
    """Local treatments of metastases as the strategy means them.

    Left aside, and counted: treatment of symptoms, of the primary alone, of other organs than the
    strategy's, by a modality it does not use, or that does not meet the rule of one's own (which
    must tell). Elsewhere, where a table does not tell, the treatment counts.

    Returns
    -------
    polars.DataFrame
        patient_id, start_months (null where undated), lesion_ids, completeness.
    """
    rows = cohort.treatments.filter(pl.col("kind").cast(pl.String) == "local").join(
        flow.rows.select("patient_id"), on="patient_id", how="semi"
    )
    rows = _without(rows, pl.col("intent").cast(pl.String) == "symptoms", "for symptoms", flow)
    if rule is not None:
        rows = _by_rule(rows, rule, flow)
    organs = _organs(rows, cohort)
    rows = rows.hstack([organs])
    only_primary = pl.col("_organs").list.eval(pl.element() == "primary").list.all()
    rows = _without(
        rows, only_primary & (pl.col("_organs").list.len() > 0), "of the primary alone", flow
    )
    if strategy.targets:
        wanted = pl.col("_organs").list.set_intersection(list(strategy.targets)).list.len() > 0
        told = pl.col("_organs").list.len() > 0
        rows = _without(rows, told & ~wanted, "of other organs than the strategy's", flow)
        untold = rows.filter(pl.col("_organs").list.len() == 0).height
        flow.decide("local treatments that name no lesion, taken for ones of the organ", untold)
    if strategy.modalities:
        rows = _by_modality(rows, strategy, flow)
    return rows.select("patient_id", "start_months", "lesion_ids", "completeness")


def first_start(treatments: pl.DataFrame, zero: pl.DataFrame) -> pl.DataFrame:
    """First dated treatment from time zero on, the last before it, and undated ones, by patient.

    Returns
    -------
    polars.DataFrame
        patient_id, start_months (from time zero), before_months (from time zero, negative),
        undated (a count).
    """
    since = pl.col("start_months") - pl.col("zero_months")
    return (
        treatments.join(zero.select("patient_id", "zero_months"), on="patient_id")
        .group_by("patient_id", maintain_order=True)
        .agg(
            since.filter(since >= 0.0).min().alias("start_months"),
            since.filter(since < 0.0).max().alias("before_months"),
            pl.col("start_months").null_count().alias("undated"),
        )
    )


def completion(
    treatments: pl.DataFrame, cohort: Cohort, rows: pl.DataFrame, strategy: Strategy
) -> pl.DataFrame:
    """When the strategy's share of the lesions known at time zero had been treated.

    Parameters
    ----------
    treatments : polars.DataFrame
        As from `strategy_treatments`.
    cohort : Cohort
    rows : polars.DataFrame
        Patients, with zero_months.
    strategy : Strategy
        With a minimum share above 0.

    Returns
    -------
    polars.DataFrame
        patient_id and complete_months from time zero, for those who reached the share.

    Raises
    ------
    InputError
        If somebody was treated and the tables do not tell which lesions.
    """
    zero = rows.select("patient_id", "zero_months")
    _refuse_untold(treatments, cohort, zero)
    organ = pl.col("organ").cast(pl.String)
    counted = organ.is_in(list(strategy.targets)) if strategy.targets else organ != "primary"
    there = (
        cohort.lesions.filter(counted)
        .join(zero, on="patient_id")
        .filter(pl.col("detected_months").fill_null(0.0) <= pl.col("zero_months"))
    )
    needed = there.group_by("patient_id").agg(
        # One lesion at least, and no more than there are, whatever the rounding.
        (pl.len() * strategy.minimum_share - 1e-9).ceil().clip(1, pl.len()).alias("needed")
    )
    lesion = ["patient_id", "lesion_id"]
    treated = (
        treatments.filter(pl.col("completeness").cast(pl.String).fill_null("") != "incomplete")
        .explode("lesion_ids")
        .drop_nulls(["lesion_ids", "start_months"])
        .rename({"lesion_ids": "lesion_id"})
        .join(there.select(*lesion, "zero_months"), on=lesion)
        .with_columns((pl.col("start_months") - pl.col("zero_months")).alias("complete_months"))
        .filter(pl.col("complete_months") >= 0.0)
        .group_by(lesion)
        .agg(pl.col("complete_months").min())
        .with_columns(pl.col("complete_months").rank("ordinal").over("patient_id").alias("rank"))
    )
    return (
        treated.join(needed, on="patient_id")
        .filter(pl.col("rank") >= pl.col("needed"))
        .group_by("patient_id")
        .agg(pl.col("complete_months").min())
    )


def _refuse_untold(treatments: pl.DataFrame, cohort: Cohort, zero: pl.DataFrame) -> None:
    dated = treatments.join(zero, on="patient_id").filter(
        pl.col("start_months") >= pl.col("zero_months")
    )
    none_named = pl.col("lesion_ids").list.len().fill_null(0) == 0
    untold = dated.filter(none_named)["patient_id"].n_unique()
    lesions = set(cohort.lesions["patient_id"].unique())
    without = sum(each not in lesions for each in dated["patient_id"].unique())
    if max(untold, without) == 0:
        return
    everybody = dated["patient_id"].n_unique()
    what = "which lesions were treated" if untold >= without else "which lesions there were"
    raise InputError(
        "share of lesions treated",
        f"of {everybody} treated patients {max(untold, without)} have no record of {what}",
        "Say share='any': one local treatment of any kind is then enough",
    )


def _by_rule(rows: pl.DataFrame, text: str, flow: Flow) -> pl.DataFrame:
    parsed = parse_rule(text, where="local_rule", extra=dict(rows.schema))
    for name in parsed.names:
        if name not in rows.columns:
            found = f"the treatments have no column {name!r}"
            raise InputError("local_rule", found, nearest(name, rows.columns))
    held = rows.select(parsed.expression.fill_null(value=False).alias("held")).to_series()
    flow.decide(f"local treatments left aside, not met: {text}", int((~held).sum()))
    return rows.filter(held)


def _without(rows: pl.DataFrame, aside: pl.Expr, what: str, flow: Flow) -> pl.DataFrame:
    mark = rows.select(aside.fill_null(value=False)).to_series()
    flow.decide(f"local treatments left aside, {what}", int(mark.sum()))
    return rows.filter(~mark)


def _by_modality(rows: pl.DataFrame, strategy: Strategy, flow: Flow) -> pl.DataFrame:
    from debulk.treatments import load_modalities

    cards = list(load_modalities())
    name = pl.col("name")
    other = name.is_in(cards) & ~name.is_in(list(strategy.modalities))
    rows = _without(rows, other, "by a modality that the strategy does not use", flow)
    untold = rows.filter(~name.is_in(cards).fill_null(value=False)).height
    flow.decide("local treatments of no known modality, taken for the strategy's", untold)
    return rows


def _organs(rows: pl.DataFrame, cohort: Cohort) -> pl.Series:
    """Organs of the lesions that each treatment names; an empty list where it names none."""
    named = (
        rows.select("patient_id", pl.col("lesion_ids").alias("lesion_id"))
        .with_row_index("_place")
        .explode("lesion_id")
        .join(
            cohort.lesions.select("patient_id", "lesion_id", pl.col("organ").cast(pl.String)),
            on=["patient_id", "lesion_id"],
        )
        .group_by("_place")
        .agg(pl.col("organ").alias("_organs"))
    )
    places = rows.with_row_index("_place").select("_place")
    found = places.join(named, on="_place", how="left", maintain_order="left")["_organs"]
    return found.fill_null([]) if found.null_count() else found
