"""Write the table of packaged protocols in docs/reference/protocol-file.md.

Run after a change of a packaged protocol: .venv/bin/python scripts/write_protocol_table.py
"""

from __future__ import annotations

from pathlib import Path

from debulk.protocols import Protocol, load_protocol, packaged_protocols

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "protocol-file.md"
BEGIN = "<!-- Written by scripts/write_protocol_table.py; do not edit up to the next mark. -->\n"
END = "<!-- End of the table. -->\n"


def row(protocol: Protocol) -> str:
    """One protocol as a row of the table."""
    fit = protocol.applicability
    planned = protocol.design.planned_patients
    missing = "; ".join(each.replace("|", "\\|") for each in fit.missing)
    return f"| `{protocol.name}` | {protocol.title} | {planned} | {fit.level} | {missing} |\n"


def table() -> str:
    """The table, without its marks."""
    head = "| name | trial | planned | disease model | missing |\n|---|---|---|---|---|\n"
    return head + "".join(row(load_protocol(name)) for name in packaged_protocols())


def page(text: str) -> str:
    """A page's text with the table between its marks written anew."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
