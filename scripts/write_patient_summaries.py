"""Write the aggregates of patients' tables that calibration uses: patient_summaries.yaml.

Run ``DEBULK_DATA=FOLDER python scripts/write_patient_summaries.py [TARGET]``. FOLDER holds
ffcd2000-05_frailtypack (colorectal.csv, colorectalLongi.csv), survival_pkg (colon.csv) and
tcia_crlm (tcia_crlm_v2_april2023.csv). TARGET is the packaged file when it is not given. The same
tables always give the same bytes; no row of a patient is written.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from patient_estimates import (
    Row,
    Z,
    incidence_at,
    median_survival,
    of_sample,
    share,
    survival_at,
)

from debulk.core.errors import InputError
from debulk.core.files import write_text
from debulk.survival import cox

PACKAGED = Path(__file__).resolve().parent.parent / "src/debulk/data/disease/patient_summaries.yaml"
DAYS_PER_YEAR = 365.25
FFCD_ARMS = {"all": ("C", "S"), "combination": ("C",), "sequential": ("S",)}
COLON_ARMS = {"Obs": ("Obs",), "Obs+Lev": ("Obs", "Lev"), "Lev+5FU": ("Lev+5FU",)}

HEAD = """\
# Aggregates of patients' tables that calibration may use; no row of a patient is in here.
# Made by scripts/write_patient_summaries.py, which alone needs the tables. Limits are of 95 %.
# standard_error: of the value itself; for quantiles, which have none, and for the hazard ratio,
# the width of the limits over 3.92. n: the patients that went in.
"""
SOURCES = {
    "ffcd": {
        "data": "colorectal and colorectalLongi of the R package frailtypack 3.8.0: 150 patients, "
        "chosen at random, of the 410 of FFCD 2000-05",
        "study": "Ducreux M and others, Lancet Oncology 2011;12:1032-1044",
        "licence": "GPL (>= 2), of the tables; aggregates only are kept here",
        "caveats": "Unresectable metastatic colorectal cancer, first line: fluorouracil first "
        "(sequential) or with oxaliplatin (combination). Sums of diameters are measured after "
        "progression and on later lines too. Sums at a month are of those still measured, whose "
        "tumours do better than those of the others. Whether metastases were resected is unknown. "
        "Sums of 0 are left-censored: counted as 0 in changes, left out of growth rates.",
    },
    "colon": {
        "data": "colon of the R package survival 3.5-3: 929 patients",
        "study": "Moertel CG and others, New England Journal of Medicine 1990;322:352-358",
        "licence": "LGPL (>= 2), of the table",
        "caveats": "Named stage B/C by its source, but all patients save 2 with 0 and 18 with a "
        "missing count have positive nodes: stage III. Imaging of the eighties found recurrences "
        "later than today's would. More than 4 positive nodes is taken from node4, which disagrees "
        "with the count in some patients.",
    },
    "tcia": {
        "data": "Colorectal-Liver-Metastases, version 2 (April 2023): 197 patients, "
        "doi:10.7937/QXK2-QG03",
        "study": "Simpson AL and others, Scientific Data 2024;11:172, "
        "doi:10.1038/s41597-024-02981-2",
        "licence": "CC BY 4.0",
        "caveats": "Everyone was resected, at one centre, and had a scan before the operation and "
        "pathology after it: a selection. The number of metastases is known as one or more only. "
        "Largest sizes are of pathology, 0 where chemotherapy left nothing.",
    },
}


def summaries(folder: Path) -> list[Row]:
    """Every aggregate of the three tables, in the order of the file."""
    return [*_ffcd(folder), *_colon(folder), *_tcia(folder)]


def text(rows: list[Row]) -> str:
    """The file: six figures a number."""
    lines = [HEAD + "sources:"]
    for name, source in SOURCES.items():
        lines.append(f"  {name}:")
        lines += [f'    {key}: "{words}"' for key, words in source.items()]
    lines.append("summaries:")
    for row in rows:
        lines += [f"  {row.name}:"]
        lines += [
            f"    {key}: {_figures(getattr(row, key))}"
            for key in ("value", "lower", "upper", "standard_error")
        ]
        lines += [f"    n: {row.n}", f'    unit: "{row.unit}"']
        lines += [f'    meaning: "{row.meaning}"', f'    method: "{row.method}"']
    return "\n".join(lines) + "\n"


def _figures(value: float) -> str:
    """Six figures, always with a point, so that the parser reads a number and not a whole one."""
    if not math.isfinite(value):
        raise InputError("patients' tables", f"an aggregate is {value}", "Give the whole tables")
    return repr(float(f"{value:.6g}"))


def _ffcd(folder: Path) -> Iterator[Row]:
    home = folder / "ffcd2000-05_frailtypack"
    events = pl.read_csv(home / "colorectal.csv").with_columns(
        start=12.0 * pl.col("time0"), end=12.0 * pl.col("time1")
    )
    visits = pl.read_csv(home / "colorectalLongi.csv").select(
        "id",
        "treatment",
        months=12.0 * pl.col("year"),
        mm=10.0 * pl.col("sld_cm_backtransformed"),
        who=pl.col("who.PS"),
    )
    people = events.group_by("id", "treatment", maintain_order=True).agg(
        end=pl.col("end").max(),
        dead=pl.col("state").max(),
        new=pl.col("end").filter(pl.col("new.lesions") == 1).min(),
    )
    visits = visits.join(people.select("id", "new"), on="id")
    for arm, codes in FFCD_ARMS.items():
        chosen = pl.col("treatment").is_in(codes)
        yield from _ffcd_sizes(arm, visits.filter(chosen).sort("id", "months"))
        yield from _ffcd_events(arm, people.filter(chosen))
    yield from _ffcd_performance(visits)


def _ffcd_sizes(arm: str, visits: pl.DataFrame) -> Iterator[Row]:
    where = f"ffcd/{arm}"
    first = visits.group_by("id", maintain_order=True).agg(entry=pl.col("mm").first())
    for p in (0.25, 0.5, 0.75):
        yield of_sample(
            f"{where}/sum-of-diameters-at-entry/q{p * 100:.0f}",
            first["entry"],
            p,
            "mm",
            "sum of longest diameters at entry",
        )
    later = visits.join(first, on="id").filter(pl.col("months") > 0)
    later = later.with_columns(change=pl.col("mm") / pl.col("entry") - 1.0)
    for month in (2, 4, 6):
        near = (
            later.with_columns(off=(pl.col("months") - month).abs())
            .filter(pl.col("off") <= 1.0)
            .sort("id", "off", "months")
            .group_by("id", maintain_order=True)
            .first()
        )
        yield of_sample(
            f"{where}/relative-change/month-{month}",
            near["change"],
            0.5,
            "share",
            f"median change of the sum since entry at the visit nearest to {month} months, within "
            "a month of it, among those measured then",
        )
    yield from _ffcd_shrinkage(where, first, later)
    yield from _ffcd_growth(where, visits)


def _ffcd_shrinkage(where: str, first: pl.DataFrame, later: pl.DataFrame) -> Iterator[Row]:
    """Best change before new lesions; who had no visit before them counts as not shrunk."""
    before = later.filter(pl.col("new").is_null() | (pl.col("months") < pl.col("new")))
    best = before.group_by("id").agg(best=pl.col("change").min())
    best = first.join(best, on="id", how="left", maintain_order="left")
    for percent in (20, 30):
        hits = (best["best"] <= -percent / 100 + 1e-9).fill_null(False).to_numpy()
        yield share(
            f"{where}/shrinkage/{percent}-percent",
            hits,
            f"share whose sum fell by {percent} % or more at best before the first new lesion; "
            "all patients, those not measured count as not",
        )
    yield of_sample(
        f"{where}/best-change",
        best["best"].drop_nulls(),
        0.5,
        "share",
        "median best change of the sum before the first new lesion, among those measured before it",
    )


def _ffcd_growth(where: str, visits: pl.DataFrame) -> Iterator[Row]:
    """Growth rate after the nadir: slope of the logarithm from the last visit at the nadir on."""
    slopes = []
    for _, patient in visits.group_by("id", maintain_order=True):
        months, mm = patient["months"].to_numpy(), patient["mm"].to_numpy()
        nadir = int(np.flatnonzero(mm == mm.min())[-1])
        if mm[nadir] > 0.0 and mm.size - nadir >= 3:
            slopes.append(np.polyfit(months[nadir:], np.log(mm[nadir:]), 1)[0])
    words = (
        "after the nadir, patients with two or more visits after it: least-squares line through "
        "the logarithm of the sum from the nadir (included, which makes it steeper than growth) "
        "to the last visit, whatever the therapy"
    )
    rows = [
        of_sample(
            f"{where}/growth-after-nadir/q{p * 100:.0f}",
            slopes,
            p,
            "1/month",
            f"slope of log sum {words}",
        )
        for p in (0.25, 0.5, 0.75)
    ]
    yield from rows
    median = rows[1]
    value, lower, upper = (
        math.log(2.0) / (3.0 * rate) * 30.4375 if rate > 0.0 else math.nan
        for rate in (median.value, median.upper, median.lower)
    )
    yield Row(
        f"{where}/volume-doubling-after-nadir",
        value,
        lower,
        upper,
        (upper - lower) / (2.0 * Z),
        median.n,
        "days",
        f"ln 2 over three times the median slope of log sum {words}",
        "from the median slope and its limits",
    )


def _ffcd_events(arm: str, people: pl.DataFrame) -> Iterator[Row]:
    where = f"ffcd/{arm}"
    new = people["new"].is_not_null().to_numpy()
    months = people["new"].fill_null(people["end"]).to_numpy()
    dead = people["dead"].to_numpy()
    cause = np.where(new, 1, np.where(dead == 1, 2, 0))
    for at in (6, 12, 18):
        yield incidence_at(
            f"{where}/new-lesion/month-{at}",
            months,
            cause,
            at,
            f"cumulative incidence of a first new lesion at {at} months, death competing",
        )
    yield median_survival(
        f"{where}/overall-survival/median", people["end"], dead, "median survival from entry"
    )
    for years in (1, 2, 3):
        yield survival_at(
            f"{where}/overall-survival/year-{years}",
            people["end"],
            dead,
            12.0 * years,
            f"survival at year {years} from entry",
        )


def _ffcd_performance(visits: pl.DataFrame) -> Iterator[Row]:
    """WHO performance status at entry, by half of the sum of diameters."""
    entry = visits.sort("id", "months").group_by("id", maintain_order=True).first()
    large = pl.col("mm") > pl.col("mm").median()
    groups = {
        "all": entry,
        "smaller-half": entry.filter(~large),
        "larger-half": entry.filter(large),
    }
    for words, chosen in groups.items():
        for least in (1, 2):
            yield share(
                f"ffcd/{words}/who-status-{least}-or-worse",
                chosen["who"].to_numpy() >= least,
                f"share with WHO performance status {least} or worse at entry, by the sum of "
                "diameters at entry against its median",
            )


def _colon(folder: Path) -> Iterator[Row]:
    rows = pl.read_csv(folder / "survival_pkg/colon.csv", null_values="NA")
    people = (
        rows.filter(pl.col("etype") == 1)
        .select("id", "rx", "node4", days="time", recurred="status")
        .join(rows.filter(pl.col("etype") == 2).select("id", end="time", dead="status"), on="id")
        .with_columns(
            cause=pl.when(pl.col("recurred") == 1).then(1).otherwise(2 * pl.col("dead")),
            months=pl.col("days") / DAYS_PER_YEAR * 12.0,
            after=(pl.col("end") - pl.col("days")) / DAYS_PER_YEAR * 12.0,
        )
    )
    for arm, names in COLON_ARMS.items():
        chosen = people.filter(pl.col("rx").is_in(names))
        for years in (1, 2, 3, 5):
            yield incidence_at(
                f"colon/{arm}/recurrence/year-{years}",
                chosen["months"],
                chosen["cause"],
                12.0 * years,
                f"cumulative incidence of recurrence at year {years}, death without it competing",
            )
    yield _colon_hazard_ratio(people)
    yield from _colon_nodes(people)
    recurred = people.filter(pl.col("recurred") == 1)
    groups = {
        "Obs": recurred.filter(pl.col("rx") == "Obs"),
        "Lev+5FU": recurred.filter(pl.col("rx") == "Lev+5FU"),
        "all": recurred,
        "all-up-to-4-nodes": recurred.filter(pl.col("node4") == 0),
        "all-over-4-nodes": recurred.filter(pl.col("node4") == 1),
    }
    for group, chosen in groups.items():
        yield of_sample(
            f"colon/{group}/time-to-recurrence",
            chosen["months"],
            0.5,
            "months",
            "median time from randomisation to recurrence among those whose recurrence was seen",
        )
        yield median_survival(
            f"colon/{group}/after-recurrence/median",
            chosen["after"],
            chosen["dead"],
            "median survival from recurrence",
        )
        yield survival_at(
            f"colon/{group}/after-recurrence/year-2",
            chosen["after"],
            chosen["dead"],
            24.0,
            "survival at 2 years from recurrence",
        )


def _colon_hazard_ratio(people: pl.DataFrame) -> Row:
    pair = people.filter(pl.col("rx") != "Lev").with_columns(
        treated=(pl.col("rx") == "Lev+5FU").cast(pl.Int64)
    )
    found = cox(pair, time="months", event="recurred", covariates="treated").hazard_ratios
    ratio, lower, upper = (float(found[each][0]) for each in ("hazard_ratio", "lower", "upper"))
    return Row(
        "colon/recurrence-hazard-ratio",
        ratio,
        lower,
        upper,
        (upper - lower) / (2.0 * Z),
        pair.height,
        "ratio",
        "cause-specific hazard ratio of recurrence, Lev+5FU against Obs",
        "Cox, Efron, Wald limits on the logarithm",
    )


def _colon_nodes(people: pl.DataFrame) -> Iterator[Row]:
    without = people.filter(pl.col("rx") != "Lev+5FU")
    for words, over in (("up-to-4-nodes", 0), ("over-4-nodes", 1)):
        chosen = without.filter(pl.col("node4") == over)
        yield incidence_at(
            f"colon/Obs+Lev-{words}/recurrence/year-5",
            chosen["months"],
            chosen["cause"],
            60.0,
            "cumulative incidence of recurrence at 5 years, death without it competing",
        )


def _tcia(folder: Path) -> Iterator[Row]:
    people = pl.read_csv(folder / "tcia_crlm/tcia_crlm_v2_april2023.csv")
    os_months, dead = people["overall_survival_months"], people["vital_status"]
    for years in (1, 3, 5):
        yield survival_at(
            f"tcia/overall-survival/year-{years}",
            os_months,
            dead,
            12.0 * years,
            f"survival at year {years} from liver resection",
        )
    for years in (1, 3, 5):
        yield survival_at(
            f"tcia/disease-free-survival/year-{years}",
            people["months_to_DFS_progression"],
            people["vital_status_DFS"],
            12.0 * years,
            f"alive without recurrence at year {years} from liver resection",
        )
    liver = people["progression_or_recurrence_liveronly"].to_numpy()
    ended = people["vital_status_liver_DFS"].to_numpy()
    cause = np.where(liver == 1, 1, np.where(ended == 1, 2, 0))
    for years in (1, 3, 5):
        yield incidence_at(
            f"tcia/liver-recurrence/year-{years}",
            people["months_to_liver_DFS_progression"],
            cause,
            12.0 * years,
            f"cumulative incidence of recurrence in the liver at year {years}, death without it "
            "competing",
        )
    for words, several in (("one-metastasis", 0), ("several-metastases", 1)):
        chosen = people.filter(pl.col("multiple_metastases") == several)
        yield survival_at(
            f"tcia/{words}/overall-survival/year-5",
            chosen["overall_survival_months"],
            chosen["vital_status"],
            60.0,
            "survival at 5 years from liver resection",
        )
    size = people["max_tumor_size"].drop_nulls() * 10.0
    for p in (0.25, 0.5, 0.75):
        yield of_sample(
            f"tcia/largest-metastasis/q{p * 100:.0f}",
            size,
            p,
            "mm",
            "size of the largest metastasis",
        )
    cea = people["carcinoembryonic_antigen"].drop_nulls()
    for p in (0.25, 0.5, 0.75):
        yield of_sample(
            f"tcia/cea-before-resection/q{p * 100:.0f}",
            cea,
            p,
            "ug/L",
            "carcinoembryonic antigen before liver resection, where known",
        )
    yield share(
        "tcia/cea-over-5",
        cea.to_numpy() > 5.0,
        "share with a carcinoembryonic antigen above 5 ug/L before liver resection, where known",
    )
    shares = {
        "extrahepatic-disease": "extrahep_disease",
        "several-metastases": "multiple_metastases",
    }
    for words, column in shares.items():
        yield share(
            f"tcia/{words}",
            people[column].to_numpy() == 1,
            f"share of the resected with {words.replace('-', ' ')}",
        )


def main(arguments: list[str]) -> int:
    """Write the file; 2 where the tables or the target cannot be used."""
    try:
        folder = os.environ.get("DEBULK_DATA")
        if not folder or not Path(folder).is_dir():
            raise InputError(
                "DEBULK_DATA",
                f"{folder!r} is not a folder",
                "Name the folder of the patients' tables",
            )
        target = Path(arguments[0]) if arguments else PACKAGED
        write_text(target, text(summaries(Path(folder))))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
