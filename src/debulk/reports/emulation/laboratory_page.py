"""The bias laboratory as a page: heat maps of bias, coverage and rejections, with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from debulk.reports.disease_pages import Table
from debulk.reports.emulation.heat_map import HeatCell, Measure, heat_map
from debulk.reports.evidence.page import EvidencePage, Picture, write_evidence

SCENARIOS = {
    "null": "no effect",
    "harm-then-benefit": "harm, then benefit",
    "benefit-in-few": "benefit in few",
}
"""The scenarios in words."""

PICTURES: tuple[tuple[str, Measure, str], ...] = (
    ("laboratory-bias", "bias_log_hr", "Mean error of the log hazard ratio by situation, method."),
    ("laboratory-coverage", "coverage", "Share of 95 % intervals that hold the truth."),
    ("laboratory-rejections", "rejected", "Share of analyses that reject no effect."),
)
"""Names of the figures, what each colours, and what it is called."""


def write_laboratory_page(folder: Path, cells: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Write the heat maps of a laboratory table and a page with its numbers into a folder.

    Parameters
    ----------
    folder : Path
        An existing folder.
    cells : sequence of mapping
        `LaboratoryTable.to_list()`.

    Returns
    -------
    tuple of str
        The names of the files.

    Raises
    ------
    InputError
        If vl-convert is not installed, or the folder cannot be written to.
    """
    return write_evidence(folder, laboratory_pictures(cells), _page(cells), "laboratory")


def laboratory_pictures(cells: Sequence[Mapping[str, Any]]) -> list[Picture]:
    """One heat map for each measure."""
    note = f"{_sizes(cells)}; the usual interval of each method."
    return [
        Picture(name, heat_map(_heat_cells(cells, measure), measure, (note,)), alt)
        for name, measure, alt in PICTURES
    ]


def situation_of(cell: Mapping[str, Any]) -> str:
    """A situation in words."""
    unmeasured = "nothing" if cell["unmeasured"] == "none" else f"{cell['unmeasured']} frailty"
    return f"{SCENARIOS[cell['scenario']]}; {cell['selection']} selection; {unmeasured} unmeasured"


def _heat_cells(cells: Sequence[Mapping[str, Any]], measure: Measure) -> list[HeatCell]:
    found = []
    for cell in cells:
        for method in cell["methods"]:
            usual = next(iter(method["intervals"].values()))["log_hazard_ratio"]
            value = usual["bias"] if measure == "bias_log_hr" else usual[measure]
            if value is not None:
                found.append(HeatCell(situation_of(cell), str(method["title"]), float(value)))
    return found


def _sizes(cells: Sequence[Mapping[str, Any]]) -> str:
    sizes = {(cell["registries"], cell["patients"]) for cell in cells}
    return " or ".join(f"{count:,} registries of {size:,}" for count, size in sorted(sizes))


def _page(cells: Sequence[Mapping[str, Any]]) -> EvidencePage:
    return EvidencePage(
        title="The bias laboratory",
        kicker=_sizes(cells),
        sentence="What each analysis says of registries whose truth is known, the null among them.",
        tables=tuple(_table(cell) for cell in cells),
        remarks=tuple(cells[0]["provenance"]["remarks"]),
        assumptions=_assumptions(cells),
        exclusions=(),
        sources=(f"seed {cells[0]['provenance']['seed']}",),
    )


def _assumptions(cells: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The parameters that every situation has; what tells situations apart is only named."""
    first, *others = [cell["provenance"]["parameters"] for cell in cells]
    shared = [each for each in first if all(each in other for other in others)]
    told = [
        f"{each['name']} = {each['value']}: {each['note'] or each['source']}" for each in shared
    ]
    names = {each["name"]: None for given in (first, *others) for each in given}
    differing = [name for name in names if name not in {each["name"] for each in shared}]
    if differing:
        told.append(f"These differ by situation: {', '.join(differing)}.")
    return tuple(told)


def _table(cell: Mapping[str, Any]) -> Table:
    rows = []
    for method in cell["methods"]:
        for interval, scores in method["intervals"].items():
            ratio, months = scores["log_hazard_ratio"], scores["rmst_months"]
            rows.append(
                (
                    str(method["title"]),
                    interval,
                    _with_error(ratio["bias"], ratio["monte_carlo_error"], "+.3f"),
                    _per_cent(ratio["coverage"], ratio["coverage_error"]),
                    _per_cent(ratio["rejected"], ratio["rejected_error"]),
                    _with_error(months["bias"], months["monte_carlo_error"], "+.2f"),
                    _per_cent(months["coverage"], months["coverage_error"]),
                )
            )
    rejected = "false positives" if cell["scenario"] == "null" else "power"
    heads = (
        "method",
        "interval",
        "bias of log HR",
        "coverage",
        rejected,
        "bias of RMST",
        "coverage",
    )
    checks = "; ".join(_check(each) for each in cell["checks"] if each["failed"] is not None)
    title = situation_of(cell)
    return Table(title[0].upper() + title[1:], checks, heads, tuple(rows))


def _check(score: Mapping[str, Any]) -> str:
    name = "positivity or unseen tail" if score["check"] == "either" else score["check"]
    return f"{name} fails in {100 * score['failed']:.0f} % ({score['timing']})"


def _with_error(value: float | None, error: float | None, how: str) -> str:
    if value is None:
        return ""
    return f"{value:{how}}" + ("" if error is None else f" (\u00b1 {error:{how[1:]}})")


def _per_cent(value: float | None, error: float | None) -> str:
    if value is None:
        return ""
    return f"{100 * value:.1f} %" + ("" if error is None else f" (\u00b1 {100 * error:.1f})")
