"""The table of studies: one row a trial, a series and any other work that findings come from."""

from __future__ import annotations

import re

from evidence_cells import count_and_people, number_before_words, report_year
from evidence_sources import (
    Library,
    Row,
    archived_as,
    identifiers_of,
    is_identifier,
    registry_numbers,
    split_sources,
)

from debulk.evidence.schema import STUDIES


def study_rows(sources: dict[str, list[Row]], library: Library, rows: list[Row]) -> list[Row]:
    """One row a trial, a series and any other work that a finding comes from."""
    built = [trial_study(trial, library) for trial in sources["trials"]]
    seen: set[str] = set()
    for row in (row for row in sources["series"] if is_shipped(row)):
        if row["study"] not in seen:
            seen.add(row["study"])
            printed = split_sources(row["source"])
            work = library.report(f"{row['study']} {row['year']}") or library.cited_by(printed)
            people = count_and_people(row["n"], row["population"])
            built.append(
                study(
                    "series",
                    row["study"],
                    work,
                    year=row["year"],
                    n=people[0],
                    population=people[1],
                    role=row["role"],
                    printed_design="series",
                )
            )
    listed = {row["study"] for row in built} | {""}
    for row in rows:
        if row["study"] not in listed:
            listed.add(row["study"])
            work = library.report(row["study"])
            built.append(study(row["table"], row["study"], work, role=row["role"]))
    for row in built:
        own = [
            each for each in rows if (each["study"], each["table"]) == (row["study"], row["table"])
        ]
        row["source"] = "|".join(study_sources(row, library, own))
    return built


def study_sources(row: Row, library: Library, findings: list[Row]) -> list[str]:
    """Every identifier of a study's works and of its own rows; addresses where there is none."""
    name = row["study"]
    works = [*library.works(name), *library.works(f"{name} {row['year']}")]
    found = [each for work in works for each in (*identifiers_of(work), *archived_as(work))]
    found += row["registry"].split("|")
    printed = [each for finding in findings for each in finding["source"].split("|")]
    found += [each for each in printed if is_identifier(each)]
    known = list(dict.fromkeys(filter(None, found)))
    return known or list(dict.fromkeys(printed))


def trial_study(trial: Row, library: Library) -> Row:
    """The row of a trial: its latest report, else its plan, is its citation."""
    name = trial["acronym"]
    return study(
        "trials",
        name,
        library.report(name) or library.plan(name),
        title=trial["full_title_short"],
        question=trial["question"],
        population=trial["population"],
        n=number_before_words(trial["enrolled_n"]),
        year=report_year(trial["result_status"]),
        printed_design=f"randomised, phase {trial['phase']}" if trial["phase"] else "randomised",
        registry="|".join(registry_numbers(trial["id"])) or sponsor_number(trial["id"]),
        role=trial["role"],
    )


def sponsor_number(printed: str) -> str:
    """The sponsor's own number where no registry is named, such as "EORTC 40004"."""
    return printed if re.search(r"\d{4}", printed) else ""


def study(table: str, name: str, work: Row | None, **cells: str) -> Row:
    """A row of the table of studies."""
    row = dict.fromkeys(STUDIES.columns, "") | {"study": name, "table": table}
    if work:
        row |= {each: work[each] for each in ("first_author", "journal", "doi", "pmid")}
        row |= {"title": work["title_short"], "published": work["year"]}
        row |= {"registry": "|".join(registry_numbers(work["registry_id"]))}
        row["year"] = work["year"]
    return row | {name: cell for name, cell in cells.items() if cell}


def is_shipped(row: Row) -> bool:
    """Whether a row was seen in a source, at least in part."""
    return row.get("verified") != "no" and row.get("source") != "not found"
