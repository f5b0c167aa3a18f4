"""The laboratory's table: what every method made of every situation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from debulk import __version__
from debulk.core.errors import InputError
from debulk.core.provenance import Provenance
from debulk.core.results import plain
from debulk.emulation.laboratory.analyses import TITLES, Analysis, analyses_of
from debulk.emulation.laboratory.cells import Cell, Experiment
from debulk.emulation.laboratory.checking import CHECKS, EITHER
from debulk.emulation.laboratory.scoring import IntervalScore, score_interval
from debulk.emulation.laboratory.truth import Truth
from debulk.emulation.laboratory.worlds import world_of
from debulk.survival.options import shown

if TYPE_CHECKING:
    import polars as pl

    from debulk.emulation.laboratory.store import Arrays

OTHER_QUESTIONS = (
    "Methods other than clone-censor-weight ask a question of their own (treated at the first "
    "visit or not, treated or untreated person-time); their bias is the distance of its answer "
    "from the truth of the strategies, as a reader who takes the one for the other suffers it"
)


@dataclass(frozen=True)
class MethodScore:
    """One method in one cell.

    Attributes
    ----------
    analysis : Analysis
    intervals : mapping of str to IntervalScore
        The usual one first.
    failures : int
        Registries that it refused.
    """

    analysis: Analysis
    intervals: Mapping[str, IntervalScore]
    failures: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values: the usual interval's in the keys of the contract, every one below."""
        usual = next(iter(self.intervals.values())).log_hazard_ratio
        return {
            "method": self.analysis.name,
            "title": TITLES[self.analysis.name],
            "contrast": self.analysis.contrast,
            "timing": self.analysis.timing,
            "bias_log_hr": plain(usual.bias),
            "coverage": plain(usual.coverage),
            "false_positive": plain(usual.rejected if usual.truth == 0.0 else None),
            "power": plain(usual.rejected if usual.truth != 0.0 else None),
            "monte_carlo_error": plain(usual.monte_carlo_error),
            "failures": self.failures,
            "intervals": {name: plain(each) for name, each in self.intervals.items()},
        }


@dataclass(frozen=True)
class CheckScore:
    """How often a check of clone-censor-weight fails in a cell."""

    check: str
    timing: str
    failed: float
    monte_carlo_error: float


@dataclass(frozen=True)
class CellResult:
    """One situation: its truth and every method's score.

    Attributes
    ----------
    cell : Cell
    truth : Truth
    methods : tuple of MethodScore
    checks : tuple of CheckScore
    provenance : Provenance
    """

    cell: Cell
    truth: Truth
    methods: tuple[MethodScore, ...]
    checks: tuple[CheckScore, ...]
    provenance: Provenance

    def to_dict(self) -> dict[str, Any]:
        """Plain values under the names of the JSON contract.

        A method that answered in no registry stands under ``without_answer``: it has no bias.
        """
        told = [each.to_dict() for each in self.methods]
        return {
            "scenario": self.cell.scenario,
            "selection": self.cell.selection,
            "unmeasured": self.cell.unmeasured,
            "model": self.cell.model,
            "registries": self.cell.registries,
            "patients": self.cell.patients,
            "bootstrap": self.cell.bootstrap,
            "truth": self.truth.to_dict(),
            "methods": [each for each in told if each["bias_log_hr"] is not None],
            "without_answer": [each["method"] for each in told if each["bias_log_hr"] is None],
            "checks": [plain(each) for each in self.checks],
            "provenance": self.provenance.to_dict(),
        }


@dataclass(frozen=True)
class LaboratoryTable:
    """Every cell of an experiment.

    Attributes
    ----------
    cells : tuple of CellResult
    experiment : Experiment
    """

    cells: tuple[CellResult, ...]
    experiment: Experiment

    def to_list(self) -> list[dict[str, Any]]:
        """Plain values, one entry a situation, as pooling reads them.

        A situation simulated at several sizes is told at its first; the others stand inside it,
        under ``sizes``.
        """
        told: dict[tuple[str, ...], dict[str, Any]] = {}
        for each in self.cells:
            key = (each.cell.model, *each.cell.situation)
            content = each.to_dict()
            if key in told:
                told[key].setdefault("sizes", []).append(content)
            else:
                told[key] = content
        return list(told.values())

    def frame(self) -> pl.DataFrame:
        """Tidy: a row for each cell, method, interval and measure; see `tidy_frame`."""
        return tidy_frame(self.to_list())


def tidy_frame(cells: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """A row for each cell, method, interval and measure of a table in plain values.

    Parameters
    ----------
    cells : sequence of mappings
        As `LaboratoryTable.to_list` gives them, and as the packaged table holds them.

    Returns
    -------
    polars.DataFrame
        ``scenario``, ``selection``, ``unmeasured``, ``model``, ``registries``, ``patients``,
        ``method``, ``title``, ``contrast``, ``timing``, ``interval``, ``usual`` (whether it is the
        method's usual interval), ``failures``, ``measure`` (log_hazard_ratio or rmst_months), and
        the fields of `debulk.emulation.laboratory.scoring.Score`.

    Raises
    ------
    InputError
        If it is anything else.
    """
    import polars as pl

    try:
        rows = _rows_of(cells)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        remedy = "Give what packaged_table or LaboratoryTable.to_list gives"
        raise InputError("cells", f"{shown(cells)} is no table of cells", remedy) from None
    return pl.DataFrame(rows, infer_schema_length=None)


def _rows_of(cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for cell in cells:
        for size in (cell, *cell.get("sizes", ())):
            names = ("scenario", "selection", "unmeasured", "model", "registries", "patients")
            place = {name: size[name] for name in names}
            for method in size["methods"]:
                words = ("method", "title", "contrast", "timing", "failures")
                told = place | {name: method[name] for name in words}
                for number, (interval, measures) in enumerate(method["intervals"].items()):
                    for measure in ("log_hazard_ratio", "rmst_months"):
                        mine = {"interval": interval, "usual": number == 0, "measure": measure}
                        rows.append({**told, **mine, **measures[measure]})
    return rows


def cell_result(cell: Cell, truth: Truth, parts: Sequence[Arrays], seed: int) -> CellResult:
    """Score a cell from the arrays of its registries.

    Parameters
    ----------
    cell : Cell
    truth : Truth
    parts : sequence of dict
        What `debulk.emulation.laboratory.measuring.measure` gave, in the order of the registries.
    seed : int
    """
    numbers = np.concatenate([each["numbers"] for each in parts])
    fails = np.concatenate([each["fails"] for each in parts])
    scores, column = [], 0
    for analysis in analyses_of(cell):
        rows = numbers[:, column : column + len(analysis.intervals)]
        column += len(analysis.intervals)
        scores.append(_method_score(analysis, rows, truth))
    return CellResult(
        cell=cell,
        truth=truth,
        methods=tuple(scores),
        checks=_check_scores(cell, fails),
        provenance=Provenance(
            version=__version__,
            seed=seed,
            parameters=world_of(cell).parameter_records(),
            remarks=(OTHER_QUESTIONS,),
        ),
    )


def _method_score(
    analysis: Analysis, numbers: np.ndarray[Any, np.dtype[np.float64]], truth: Truth
) -> MethodScore:
    timed = truth.of(analysis.timing)
    return MethodScore(
        analysis,
        {
            name: score_interval(numbers[:, place], timed)
            for place, name in enumerate(analysis.intervals)
        },
        int(np.sum(np.isnan(numbers[:, 0, 0]))),
    )


def _check_scores(
    cell: Cell, fails: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[CheckScore, ...]:
    scores = []
    for place, timing in enumerate(cell.timings):
        for number, check in enumerate((*CHECKS, EITHER)):
            told = fails[:, place, number]
            told = told[~np.isnan(told)]
            share = float(np.mean(told)) if told.size else math.nan
            error = math.sqrt(share * (1.0 - share) / told.size) if told.size else math.nan
            scores.append(CheckScore(check, timing, share, error))
    return tuple(scores)
