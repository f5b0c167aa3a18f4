"""A figure made for paper, as the page draws it."""

from __future__ import annotations

from typing import Any

from debulk.reports.figures.style import INK


def drawn(chart: Any) -> dict[str, Any]:
    """The specification of a chart.

    The figures' own tests hold them against the schema; to do so in every request would take
    longer than all statistics. They keep their white ground in the dark, and so the ink of titles.
    """
    made: dict[str, Any] = chart.to_dict(validate=False)
    made.setdefault("config", {}).setdefault("legend", {})["titleColor"] = INK
    return made
