"""The heat maps of the bias laboratory: what they show in a sentence, in words and in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from debulk.core.strings import text
from debulk.reports.words import signless_zero

if TYPE_CHECKING:
    from debulk.reports.emulation.heat_map import HeatCell, Measure

MeasureWord = Literal["bias", "coverage", "rejected"]
MEASURES: dict[MeasureWord, Measure] = {
    "bias": "bias_log_hr",
    "coverage": "coverage",
    "rejected": "rejected",
}


def every_map(cells: Sequence[Mapping[str, Any]], measure: MeasureWord) -> dict[str, Any]:
    """Every situation by every method: where the measure is furthest from right, and nearest.

    Parameters
    ----------
    cells : sequence of mapping
        Of the packaged table.
    measure : {"bias", "coverage", "rejected"}
    """
    from debulk.reports.emulation.laboratory_page import situation_of

    shown = _heat_cells(cells, measure, situation_of)
    far = _distance(measure)
    worst, best = max(shown, key=far), min(shown, key=far)
    said: dict[str, Any] = {}
    for name, cell in (("worst", worst), ("best", best)):
        said |= {name: _written(cell.value, measure), f"{name}_method": cell.method}
        said[f"{name}_where"] = cell.situation
    return _drawn("every", shown, measure, text(f"laboratory.every.{measure}", **said))


def size_map(cells: Sequence[Mapping[str, Any]], measure: MeasureWord) -> dict[str, Any] | None:
    """Sizes of a registry by methods, and how far more patients help; None for one size.

    Parameters
    ----------
    cells : sequence of mapping
        One situation, smallest registries first.
    measure : {"bias", "coverage", "rejected"}
    """
    if len(cells) < 2:
        return None
    shown = _heat_cells(cells, measure, _size)
    said: dict[str, Any] = {}
    for name, method in (("naive", "naive"), ("best", "clone-censor-weight-natural")):
        for end, cell in (("least", cells[0]), ("most", cells[-1])):
            found = next(each for each in cell["methods"] if each["method"] == method)
            said[f"{name}_{end}"] = _written(usual(found)[measure], measure)
            said[f"{name}_title"] = found["title"]
    said |= {"least": f"{cells[0]['patients']:,}", "most": f"{cells[-1]['patients']:,}"}
    said["what"] = text(f"laboratory.measure.{measure}")
    return _drawn("by-size", shown, measure, text("laboratory.by_size.sentence", **said))


def usual(method: Mapping[str, Any]) -> Mapping[str, Any]:
    """A method's figures for the log hazard ratio, by its first kind of interval."""
    interval: Mapping[str, Any] = next(iter(method["intervals"].values()))
    ratio: Mapping[str, Any] = interval["log_hazard_ratio"]
    return ratio


def _heat_cells(
    cells: Sequence[Mapping[str, Any]], measure: MeasureWord, row: Callable[[Any], str]
) -> list[HeatCell]:
    from debulk.reports.emulation.heat_map import HeatCell

    return [
        HeatCell(row(cell), str(method["title"]), float(usual(method)[measure]))
        for cell in cells
        for method in cell["methods"]
        if usual(method)[measure] is not None
    ]


def _size(cell: Mapping[str, Any]) -> str:
    return text("laboratory.size", count=cell["patients"])


def _distance(measure: MeasureWord) -> Callable[[HeatCell], float]:
    """How far a cell is from what it should be; of analyses that find an effect, how many."""
    if measure == "bias":
        return lambda cell: abs(cell.value)
    if measure == "coverage":
        return lambda cell: -cell.value
    return lambda cell: cell.value


def _written(value: float, measure: MeasureWord) -> str:
    return signless_zero(f"{value:+.2f}") if measure == "bias" else f"{100 * value:.0f} %"


def _drawn(
    name: str, shown: Sequence[HeatCell], measure: MeasureWord, sentence: str
) -> dict[str, Any]:
    """The map, its sentence, its description, its table, and its values for the twin."""
    from debulk.reports.emulation.heat_map import heat_map

    situations = list(dict.fromkeys(each.situation for each in shown))
    methods = list(dict.fromkeys(each.method for each in shown))
    values = {(each.situation, each.method): _written(each.value, measure) for each in shown}
    description = text(
        "laboratory.heat_map",
        rows=len(situations),
        columns=len(methods),
        what=text(f"laboratory.measure.{measure}"),
        sentence=sentence,
    )
    return {
        "name": name,
        "specification": heat_map(shown, MEASURES[measure]).to_dict(),
        "sentence": sentence,
        "description": description,
        "values": [
            {"row": each.situation, "method": each.method, "value": each.value} for each in shown
        ],
        "columns": [(text("laboratory.situation"), False), *((each, True) for each in methods)],
        "rows": [
            (each, *(values.get((each, method), text("laboratory.no_value")) for method in methods))
            for each in situations
        ],
    }
