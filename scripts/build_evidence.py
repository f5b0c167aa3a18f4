"""Bring the five source tables of evidence into the one packaged schema.

Run ``python scripts/build_evidence.py FOLDER [TARGET]``, where FOLDER holds trials.csv,
eligibility.csv, series.csv, parameters.csv, continuum.csv and citations.csv. It rewrites
findings.csv and studies.csv in TARGET, which is src/debulk/data/evidence when it is not given,
always to the same bytes for the same input.
Single numbers inside a printed pair ("4.0 / 8.2") come from evidence_components.csv beside this
script; each must stand in the printed text of the row it is taken from, or the build stops.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from evidence_cells import (
    LEADING,
    UNSIGNED,
    count_and_people,
    finding,
    is_number,
    measured,
    number_before_words,
    report_year,
    years_between,
)
from evidence_sources import Library, Row, cite, registry_numbers, split_sources
from evidence_studies import is_shipped, study_rows

from debulk.evidence.keys import Keys, slug
from debulk.evidence.parsing import parse_table
from debulk.evidence.schema import FINDINGS, STUDIES, Schema

HERE = Path(__file__).resolve().parent
PACKAGED = HERE.parent / "src" / "debulk" / "data" / "evidence"
OUTCOMES = {
    "median_os_control_mo": ("median overall survival", "control", "months"),
    "median_os_experimental_mo": ("median overall survival", "experimental", "months"),
    "hr_os": ("hazard ratio for death", "experimental vs control", "ratio"),
    "p": ("p value, overall survival", "experimental vs control", ""),
    "median_pfs_control_mo": ("median progression-free survival", "control", "months"),
    "median_pfs_experimental_mo": ("median progression-free survival", "experimental", "months"),
    "hr_pfs": ("hazard ratio for progression or death", "experimental vs control", "ratio"),
    "os_rates": ("survival rates, control / experimental", "", ""),
    "perioperative_mortality": ("perioperative mortality", "", ""),
    "other_results": ("other results", "", ""),
    "result_status": ("state of the trial", "", ""),
}
PROTOCOL = {
    "population": ("population", "", ""),
    "phase": ("phase", "", ""),
    "control": ("treatment", "control", ""),
    "experimental": ("treatment", "experimental", ""),
    "randomisation_point": ("moment of randomisation", "", ""),
    "planned_n": ("planned patients", "", "patients"),
    "enrolled_n": ("enrolled patients", "", "patients"),
    "primary_endpoint": ("primary endpoint", "", ""),
    "design_assumption": ("design assumption", "", ""),
    "accrual_years": ("years of accrual", "", "years"),
    "accrual_start": ("start of accrual", "", ""),
}
# What a reader must know of a number beyond its value; the source tables say each of these.
REMARKS = {
    ("ORCHESTRA", "p"): "as printed; the interval of the hazard ratio implies 0.27",
    ("CLOCC", "hr_os"): "hazards cross late, so landmarks describe the effect better",
    ("EORTC 40983 (EPOC)", "hr_pfs"): "95.66 % interval",
    ("iPACS", "p"): "one-sided",
    ("PulMiCC", "hr_os"): "from the first 65 patients",
    ("SABR-COMET", "hr_os"): "first report",
    ("New EPOC", "hr_pfs"): "first (interim) analysis",
    ("JCOG0603", "hr_pfs"): "disease-free survival",
    ("UFT/LV adjuvant", "hr_pfs"): "relapse-free survival",
}

# Fields that an earlier work of the trial reports than the latest one.
REPORTED_IN = {
    ("ORCHESTRA", "perioperative_mortality"): 2020,
    ("CAIRO5", "median_pfs_control_mo"): 2023,
    ("CAIRO5", "median_pfs_experimental_mo"): 2023,
    ("CAIRO5", "hr_pfs"): 2023,
}

# A row of a held-out trial may print, beside its outcome, how the trial was delivered: only such
# a number may have another role than its row.
DELIVERY_NOTE = (
    "how a held-out trial was delivered: only for the prediction labelled 'as delivered'"
)


def trial_cells(trial: Row, column: str, words: tuple[str, str, str]) -> Row:
    """Cells of one field of a trial that depend on how its number is printed."""
    printed = trial[column]
    cells = {"quantity": words[0], "group": words[1], "unit": words[2], "text": printed}
    leading = LEADING.match(printed)
    if is_number(printed) and column not in ("phase", "accrual_start"):
        cells |= {"value": printed, "text": ""}
    elif leading and (column == "p" or column.endswith("_n")) and "registry" not in printed:
        cells["value"] = leading[1]
    elif column == "accrual_years" and years_between(printed):
        cells |= {"value": years_between(printed), "statistic": "(calc) from the printed dates"}
    if column in ("hr_os", "hr_pfs"):
        stem = "hr" if column == "hr_os" else "hr_pfs"
        cells |= {"lower": trial[f"{stem}_lo"], "upper": trial[f"{stem}_hi"]}
    if column == "p" and "(PFS" in printed:
        cells["quantity"] = "p value, progression-free survival"
    remark = REMARKS.get((trial["acronym"], column))
    return cells | ({"statistic": remark} if remark else {})


def trial_field(column: str, printed: str) -> str:
    """Name of a trial's field in its key."""
    if column == "p":
        return "p_pfs" if "(PFS" in printed else "p_os"
    return re.sub(r"_mo$", "_months", column)


def from_trials(rows: Iterable[Row], library: Library) -> list[Row]:
    """One finding a filled cell of the table of trials; its plan is apart from its outcome."""
    keys, built = Keys(), []
    for trial in rows:
        name, registry = trial["acronym"], registry_numbers(trial["id"])
        sources = split_sources(trial["sources"])
        for column, words in (PROTOCOL | OUTCOMES).items():
            if not trial[column]:
                continue
            planned = column in PROTOCOL
            report = library.report(name, REPORTED_IN.get((name, column)))
            work = (library.plan(name) or report) if planned else report
            field = trial_field(column, trial[column])
            built.append(
                finding(
                    key=keys.claim(f"trials:{name}/{field}"),
                    table="trials",
                    study=name,
                    year=report_year(trial["result_status"]),
                    n=number_before_words(trial["enrolled_n"]),
                    population=trial["population"],
                    verified=trial["verified"],
                    role="protocol" if planned and trial["role"] == "validation" else trial["role"],
                    role_note=trial["role_note"],
                    **trial_cells(trial, column, words),
                    **cite(sources, [work], registry, own=False),
                )
            )
    return built


def from_eligibility(rows: Iterable[Row], library: Library, trials: list[Row]) -> list[Row]:
    """One finding a criterion, numbered within its trial in file order."""
    registry = {trial["acronym"]: registry_numbers(trial["id"]) for trial in trials}
    count: dict[str, int] = {}
    built = []
    for row in rows:
        name = row["trial"]
        count[name] = count.get(name, 0) + 1
        work = library.plan(name) or library.report(name)
        built.append(
            finding(
                key=f"eligibility:{name}/{count[name]}",
                table="eligibility",
                kind="criterion",
                study=name,
                quantity=row["kind"],
                text=row["criterion"],
                verified=row["verified"],
                role="eligibility",
                **cite(split_sources(row["source"]), [work], registry.get(name, ()), own=True),
            )
        )
    return built


def from_series(rows: Iterable[Row], library: Library) -> list[Row]:
    """One finding a row of the table of series."""
    keys, built = Keys(), []
    for row in rows:
        study = "-".join(filter(None, (slug(row["study"]), row["year"])))
        name = f"series:{study}/{slug(row['metric'])}/{slug(row['group']) or 'all'}"
        sources = split_sources(row["source"])
        work = library.report(f"{row['study']} {row['year']}") or library.cited_by(sources)
        people = count_and_people(row["n"], row["population"])
        # Two rows hold their words in the column of the interval.
        value, interval = (row["value"], row["ci"]) if row["value"] else (row["ci"], "")
        built.append(
            finding(
                key=keys.claim(name),
                table="series",
                study=row["study"],
                year=row["year"],
                n=people[0],
                population=people[1],
                quantity=row["metric"],
                group=row["group"],
                unit=row["unit"],
                verified=row["verified"],
                role=row["role"],
                role_note=row["role_note"],
                **measured(value or row["group"], interval),
                **cite(sources, [work], own=True),
            )
        )
    return built


def from_parameters(rows: Iterable[Row], library: Library, studies: dict[str, str]) -> list[Row]:
    """One finding a row of the table of parameters."""
    keys, built = Keys(), []
    for row in rows:
        sources = split_sources(row["source"])
        work = library.cited_by(sources)
        # A number that was only recalled is no evidence; the row's seen part stays.
        note = "" if row["note"].startswith("memory:") else row["note"]
        built.append(
            finding(
                key=keys.claim(f"parameters:{slug(row['category'])}/{slug(row['parameter'])}"),
                table="parameters",
                study=studies.get(work["key"], work["key"]) if work else "",
                year=work["year"] if work else "",
                population=row["population"],
                quantity=row["parameter"],
                group=row["category"],
                value=row["value"] if is_number(row["value"]) else "",
                lower=row["lo"],
                upper=row["hi"],
                unit=row["unit"],
                statistic=row["distribution"],
                text="" if is_number(row["value"]) else row["value"],
                note=note,
                verified=row["verified"],
                role=row["role"],
                role_note=row["role_note"],
                **cite(sources, [work], own=True),
            )
        )
    return built


def from_continuum(rows: Iterable[Row], library: Library, studies: dict[str, str]) -> list[Row]:
    """One finding a row of the table that runs from stage I to multi-organ disease."""
    keys, built = Keys(), []
    for row in rows:
        sources = split_sources(row["source"])
        work = library.cited_by(sources)
        name = f"continuum:{slug(row['stage'])}/{slug(row['quantity'])}"
        built.append(
            finding(
                key=keys.claim(name, "/"),
                table="continuum",
                study=studies.get(work["key"], work["key"]) if work else "",
                year=work["year"] if work else "",
                population=row["population"].replace("founding paper", "2018 review"),
                quantity=row["quantity"],
                group=row["stage"],
                unit=row["unit"],
                verified=row["verified"],
                role=row["role"],
                role_note=row["role_note"],
                **measured(row["value"], row["ci"]),
                **cite(sources, [work], own=True),
            )
        )
    return built


def with_components(rows: list[Row], components: Iterable[Row]) -> list[Row]:
    """Put the single numbers of a printed pair behind the row that prints them."""
    parents = {row["key"]: row for row in rows}
    behind: dict[str, list[Row]] = {}
    for part in components:
        parent = parents.get(part["parent"])
        if parent is None:
            raise SystemExit(f"evidence_components.csv: no row has the key {part['parent']!r}")
        printed = " ".join(parent[each] for each in ("text", "note", "statistic"))
        shown = {float(each) for each in UNSIGNED.findall(printed)}
        for column in ("value", "lower", "upper"):
            if part[column] and abs(float(part[column])) not in shown:
                raise SystemExit(
                    f"evidence_components.csv: {part['parent']}#{part['component']}: {column} "
                    f"{part[column]} does not stand in the printed text {printed!r}"
                )
        cells = {"key": f"{part['parent']}#{part['component']}", "kind": "", "text": ""}
        cells |= {each: part[each] for each in ("value", "lower", "upper")}
        cells |= {"statistic": part["statistic"] or parent["statistic"]}
        cells |= {"unit": part["unit"] or parent["unit"], "group": part["component"]}
        cells |= component_role(part, parent)
        behind.setdefault(part["parent"], []).append(finding(**(parent | cells)))
    return [each for row in rows for each in (row, *behind.get(row["key"], ()))]


def component_role(part: Row, parent: Row) -> Row:
    """Role of a single number where it is another than that of its row."""
    if not part["role"]:
        return {}
    if (part["role"], parent["role"]) != ("process", "validation"):
        raise SystemExit(
            f"evidence_components.csv: {part['parent']}#{part['component']}: only a number in a "
            f"row of role validation may have another role, process, not {part['role']!r}"
        )
    return {"role": "process", "role_note": DELIVERY_NOTE}


def read(path: Path) -> list[Row]:
    """Rows of a CSV file as text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, schema: Schema, rows: list[Row]) -> None:
    """Write a packaged table as UTF-8 with plain line feeds, once it fits its schema."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(schema.columns), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode("utf-8")
    parse_table(data, schema, path.name)
    path.write_bytes(data)
    print(f"{path}: {len(rows)} rows")


def main(folder: Path, target: Path) -> None:
    """Build both packaged tables from the folder of source tables."""
    names = ("trials", "eligibility", "series", "parameters", "continuum", "citations")
    sources = {name: read(folder / f"{name}.csv") for name in names}
    library = Library(sources["citations"])
    shipped = {name: [row for row in sources[name] if is_shipped(row)] for name in names}
    studies = {f"{row['study']} {row['year']}": row["study"] for row in shipped["series"]}
    built = [
        *from_trials(shipped["trials"], library),
        *from_eligibility(shipped["eligibility"], library, sources["trials"]),
        *from_series(shipped["series"], library),
        *from_parameters(shipped["parameters"], library, studies),
        *from_continuum(shipped["continuum"], library, studies),
    ]
    rows = with_components(built, read(HERE / "evidence_components.csv"))
    write(target / "findings.csv", FINDINGS, rows)
    write(target / "studies.csv", STUDIES, study_rows(sources, library, rows))


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        raise SystemExit("usage: python scripts/build_evidence.py FOLDER [TARGET]")
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else PACKAGED)
