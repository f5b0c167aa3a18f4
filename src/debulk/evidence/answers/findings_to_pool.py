"""Which packaged findings enter a pool: one a study, of one measure, about one question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from debulk.core.errors import InputError
from debulk.core.provenance import Exclusion

if TYPE_CHECKING:
    import polars as pl

    from debulk.evidence.effects.study_effects import Measure

WHOLE = ("", "all", "experimental vs control")
"""Groups of a finding that is about all patients of its study."""

_CODES = (
    *("design", "domain", "organ", "modality", "comparison", "line", "extent"),
    *("immortal_time", "selection_on_response", "confounding_by_extent"),
)
_QUESTION = "not local treatment against none (--comparison any pools these, too)"
AND = " + "
"""Between several words of one code, such as the treatments of a study."""


def of_one_measure(
    rows: pl.DataFrame, measure: str | None
) -> tuple[pl.DataFrame, Measure, list[Exclusion]]:
    """The rows with a number of one measure, which it is, and how many rows are of none or another.

    Parameters
    ----------
    rows : polars.DataFrame
        Findings.
    measure : str or None
        The measure; None takes hazard ratios where there are any, else the only one there is.

    Raises
    ------
    InputError
        If there are several measures to choose from, or none.
    """
    import polars as pl

    from debulk.evidence.effects.from_findings import measure_of
    from debulk.evidence.effects.study_effects import a_measure

    rows = _in_per_cent(rows.filter(pl.col("value").is_not_null()))
    pairs = zip(rows["quantity"], rows["unit"], strict=True)
    rows = rows.with_columns(pl.Series("measure", [measure_of(*each) for each in pairs], pl.String))
    unlike = rows["measure"].null_count()
    rows = rows.filter(pl.col("measure").is_not_null())
    found: list[Measure] = sorted(set(rows["measure"]))
    if not found:
        told = "no finding is a ratio or a percentage"
        raise InputError("--measure", told, "Choose wider filters")
    wanted = measure or ("hazard ratio" if "hazard ratio" in found else None)
    if wanted is None and len(found) > 1:
        remedy = f"Choose one: {', '.join(found)}"
        raise InputError("--measure", "the findings are of several measures", remedy)
    chosen = next((each for each in found if wanted in (None, each)), None)
    if chosen is None:
        remedy = f"There are: {', '.join(found)}"
        raise InputError("--measure", f"no finding is {a_measure(str(wanted))}", remedy)
    excluded = [
        Exclusion(
            f"findings of another measure (--measure {each!r} pools these)",
            rows["measure"].to_list().count(each),
        )
        for each in found
        if each != chosen
    ]
    if unlike:
        excluded.append(Exclusion("findings whose number is no ratio and no percentage", unlike))
    return rows.filter(pl.col("measure") == chosen).drop("measure"), chosen, excluded


def _in_per_cent(rows: pl.DataFrame) -> pl.DataFrame:
    """Shares from 0 to 1 as the percentages that are pooled."""
    import polars as pl

    # Ten digits: 100 times a printed share is a printed percentage again, not 28.999999999999996.
    of_shares = [
        pl.when(pl.col("unit") == "share")
        .then((100.0 * pl.col(each)).round(10))
        .otherwise(each)
        .alias(each)
        for each in ("value", "lower", "upper")
    ]
    return rows.with_columns(*of_shares, pl.col("unit").replace("share", "%"))


def one_of_each_study(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Exclusion]]:
    """One finding of each study: where there are several, that about all its patients, or none.

    Raises
    ------
    InputError
        If a study has several findings about all its patients.
    """
    import polars as pl

    kept, excluded = [], []
    for (study,), part in rows.group_by("study", maintain_order=True):
        if study == "":
            excluded.append(Exclusion("findings that name no study", part.height))
            continue
        if part.height > 1:
            whole = part.filter(part["group"].is_in(WHOLE))
            if whole.height > 1:
                raise InputError(f"study {study!r}", _several(whole), "Choose one with --key")
            reason = f"{study}: findings about a part of its patients"
            excluded.append(Exclusion(reason, part.height - whole.height))
            part = whole
        kept.append(part)
    left = pl.concat([rows.clear(), *kept])
    if left.is_empty():
        found = "; ".join(each.reason for each in excluded[:3])
        raise InputError("evidence", f"no study is left ({found})", "Choose findings with --key")
    return left, excluded


def about_local_treatment(
    rows: pl.DataFrame, *, systemic: bool = False
) -> tuple[pl.DataFrame, list[Exclusion]]:
    """Without randomised studies that ask something else than local treatment against none.

    Parameters
    ----------
    rows : polars.DataFrame
        Findings with codes.
    systemic : bool
        Whether comparisons of systemic therapy are asked for, too.

    Raises
    ------
    InputError
        If nothing is left.
    """
    from debulk.evidence.schema import COMPARISONS, LOCAL_QUESTIONS

    # What is not randomised has no arms to judge by, and is told apart as a design.
    kept = {*LOCAL_QUESTIONS, "unclear", "not applicable"}
    if systemic:
        kept |= {each for each in COMPARISONS if each.startswith("systemic")}
    asks = rows["comparison"].fill_null("unclear")
    excluded = []
    for word in (each for each in COMPARISONS if each not in kept):
        names = rows.filter(asks == word)["study"].unique(maintain_order=True).to_list()
        if names:
            excluded.append(Exclusion(f"{', '.join(names)}: {word}, {_QUESTION}", len(names)))
    left = rows.filter(asks.is_in(list(kept)))
    if left.is_empty():
        found = "; ".join(each.reason for each in excluded)
        raise InputError("evidence", f"nothing is left: {found}", "Add --comparison any")
    return left, excluded


def with_codes(rows: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """Findings with the codes of their studies, several words joined by `AND`."""
    import polars as pl

    joined = codes.select("study", *_CODES).with_columns(pl.col("organ", "modality").list.join(AND))
    return rows.join(joined, on="study", how="left", maintain_order="left")


def patients_of(rows: pl.DataFrame) -> dict[str, int]:
    """Patients behind each finding about a whole study, unless it names another number itself."""
    return {
        row["key"]: row["n"]
        for row in rows.iter_rows(named=True)
        if row["n"] is not None and row["group"] in WHOLE and "patients" not in row["statistic"]
    }


def _several(part: pl.DataFrame) -> str:
    keys = [repr(each) for each in part["key"].to_list()]
    shown = ", ".join(keys[:6]) + (f" and {len(keys) - 6} more" if len(keys) > 6 else "")
    return f"it has several such findings: {shown}"
