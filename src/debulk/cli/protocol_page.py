"""A protocol as a person reads it in the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from debulk.protocols import Protocol

FITS = {
    "full": "stands for this trial in full",
    "partial": "stands for this trial in part",
    "none": "cannot stand for this trial; patients are drawn from its plan",
}
"""What each level of applicability means."""


def protocol_page(protocol: Protocol) -> RenderableType:
    """Question, criteria, funnel, arms, design, and every number with its source."""
    version = f"{protocol.version} ({protocol.versions[protocol.version]})"
    others = [each for each in protocol.versions if each != protocol.version]
    head = Text.assemble(
        (f"{protocol.name}\n", "bold"),
        f"{protocol.title}\n\n{protocol.question}\n\n",
        f"registered as  {', '.join(protocol.registrations) or 'nowhere'}\n",
        f"version        {version}\n",
        f"other versions {', '.join(others) or 'none'}\n",
        f"goal           {protocol.design.goal}\n",
        f"disease model  {FITS[protocol.applicability.level]}\n",
    )
    head.append("".join(f"  missing      {each}\n" for each in protocol.applicability.missing))
    return Group(head, _criteria(protocol), Text(), _funnel(protocol), Text(), _numbers(protocol))


def _table(title: str, *columns: str) -> Table:
    return Table(*columns, title=title, title_justify="left", box=None, pad_edge=False)


def _criteria(protocol: Protocol) -> Table:
    table = _table("Criteria, as requirements", "id", "requirement", "judged", "rule")
    table.columns[3].overflow = "fold"
    for each in protocol.criteria.values():
        rule = each.rule or f"assumed met: {each.because}"
        table.add_row(each.id, each.text, each.judged, Text(rule, style="dim"))
    return table


def _funnel(protocol: Protocol) -> Table:
    table = _table("Funnel", "step", "who goes on")
    for each in protocol.funnel:
        chance = f" (with probability {each.chance:g})" if each.chance is not None else ""
        used = f" [{', '.join(each.criteria)}]" if each.criteria else ""
        table.add_row(each.step, Text(each.text + chance + used))
    return table


def _numbers(protocol: Protocol) -> Table:
    table = _table("Numbers; change one with --set", "name", "value", "where it comes from")
    # A name that is cut cannot be given to --set.
    table.columns[0].overflow = table.columns[2].overflow = "fold"
    table.columns[1].no_wrap = True
    for each in protocol.parameters:
        value = f"{each.value} {each.unit}".strip()
        origin = ": ".join(filter(None, (each.source, each.note)))
        given = origin if each.status in ("default", each.source) else f"{each.status}; {origin}"
        table.add_row(each.name, value, Text(given))
    return table
