"""How a printed cell becomes cells of the packaged schema: keys, numbers, limits, dates."""

from __future__ import annotations

import re

from evidence_sources import Row

from debulk.evidence.outcomes import outcome_of
from debulk.evidence.schema import FINDINGS

NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?", re.IGNORECASE)
UNSIGNED = re.compile(r"\d+(?:\.\d+)?(?:e\d+)?")
SPAN = re.compile(r"(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)")
LEADING = re.compile(r"(\d+(?:\.\d+)?) \(")


def is_number(text: str) -> bool:
    """Whether the whole cell is one plain number."""
    return NUMBER.fullmatch(text) is not None


def number(text: str) -> str:
    """The one way a number is written in the packaged table; empty stays empty."""
    return f"{float(text):.15g}" if text else ""


def finding(**cells: str) -> Row:
    """A row of the packaged table; columns that are not given are empty."""
    row = dict.fromkeys(FINDINGS.columns, "") | cells
    row["kind"] = row["kind"] or ("number" if row["value"] or row["lower"] else "text")
    row["outcome"] = outcome_of(row["key"], row["quantity"])
    for column in ("value", "lower", "upper"):
        row[column] = number(row[column])
    return row


def count_and_people(n: str, population: str) -> tuple[str, str]:
    """Split a count that holds words ("60 studies") into no number and a longer description."""
    if not n or n.isdigit():
        return n, population
    return "", f"{n}; {population}"


def measured(value: str, interval: str) -> dict[str, str]:
    """Value, limits, statistic and text of a printed value and its printed interval."""
    cells = {"value": "", "lower": "", "upper": "", "statistic": interval, "text": ""}
    limits, printed_range = SPAN.fullmatch(interval), SPAN.fullmatch(value)
    if is_number(value):
        cells["value"] = value
        if limits:
            cells |= {"lower": limits[1], "upper": limits[2], "statistic": "limits as printed"}
    elif printed_range:
        cells |= {"lower": printed_range[1], "upper": printed_range[2], "text": value}
        cells["statistic"] = "; ".join(filter(None, ("printed as a range", interval)))
    else:
        cells["text"] = value
    return cells


def years_between(printed: str) -> str:
    """Length in years of "2012-08 to 2021-02" or "2013-2023", else nothing."""
    months = re.fullmatch(r"(\d{4})-(\d{2}) to (\d{4})-(\d{2})(?: \(.*\))?", printed)
    if months:
        first_year, first_month, last_year, last_month = map(int, months.groups())
        return f"{last_year - first_year + (last_month - first_month) / 12:.2f}"
    years = re.fullmatch(r"(\d{4})-(\d{4})", printed)
    return str(int(years[2]) - int(years[1])) if years else ""


def report_year(status: str) -> str:
    """Latest year in which the trial is said to have reported, or nothing."""
    if re.match(r"recruiting|protocol|ongoing|status unknown|closed|terminated", status):
        return ""
    return max(re.findall(r"\b20\d\d\b", status), default="")


def number_before_words(printed: str) -> str:
    """The number a cell begins with ("206 (204 ITT)"), or nothing."""
    return "".join(re.findall(r"^\d+", printed))
