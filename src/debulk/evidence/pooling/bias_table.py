"""The laboratory's table of bias, as `debulk emulate laboratory --json` writes it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from debulk.core.errors import InputError, nearest
from debulk.core.files import read_utf8
from debulk.core.provenance import sha256_of
from debulk.core.yaml_files import YamlDocument, validated
from debulk.evidence.pooling.bias import BiasEstimate

WHERE_FROM = (
    "No numbers on bias come with the package. The laboratory makes them: debulk emulate "
    "laboratory --json > bias.json; rules of your own in a YAML file say which study has which"
)

SITUATION = ("analysis", "scenario", "selection", "unmeasured")
"""What tells one number of the laboratory from another."""

LARGEST_BIAS = 10.0
"""On the log scale: a hazard ratio wrong by a factor of 22,000 is a wrong file."""

LogRatio = Annotated[
    float, Field(allow_inf_nan=False, strict=True, ge=-LARGEST_BIAS, le=LARGEST_BIAS)
]
Word = Annotated[str, Field(min_length=1)]


class _Method(BaseModel):
    model_config = ConfigDict(extra="allow")

    method: Word
    bias_log_hr: LogRatio
    monte_carlo_error: Annotated[LogRatio, Field(ge=0.0)]


class _Cell(BaseModel):
    """One situation of the laboratory; it may tell more than is used here."""

    model_config = ConfigDict(extra="allow")

    scenario: Word
    selection: Word
    unmeasured: Word
    registries: Annotated[int, Field(ge=1, strict=True)]
    methods: Annotated[list[_Method], Field(min_length=1)]


@dataclass(frozen=True)
class BiasTable:
    """Biases by method of analysis and situation.

    Attributes
    ----------
    cells : tuple of BiasEstimate
        In the order read; each method in each situation once.
    """

    cells: tuple[BiasEstimate, ...]

    def cell(self, analysis: str, scenario: str, selection: str, unmeasured: str) -> BiasEstimate:
        """Bias of one method in one situation.

        Raises
        ------
        InputError
            If the laboratory has not simulated it, with the nearest that it has.
        """
        asked = zip(SITUATION, (analysis, scenario, selection, unmeasured), strict=True)
        left, fixed = self.cells, ""
        for name, value in asked:
            here = tuple(each for each in left if getattr(each, name) == value)
            if not here:
                remedy = nearest(str(value), {getattr(each, name) for each in left})
                raise InputError(name, f"no {name} {value!r} in the tables of bias{fixed}", remedy)
            left, fixed = here, f"{fixed or ' for'} {name} {value!r},".rstrip(",")
        return left[0]


def read_bias_table(paths: str | Path | Sequence[str | Path]) -> BiasTable:
    """Read what the laboratory wrote.

    Parameters
    ----------
    paths : path or sequence of paths
        JSON files of ``debulk emulate laboratory --json``: one situation each, or a list of them.

    Returns
    -------
    BiasTable

    Raises
    ------
    InputError
        If a file cannot be read or does not fit (file and place), or two tell of the same method
        in the same situation.
    """
    files = [paths] if isinstance(paths, str | Path) else list(paths)
    if not files:
        raise InputError("paths", "no table of bias", WHERE_FROM)
    cells: dict[tuple[str, ...], BiasEstimate] = {}
    named: dict[str, Path] = {}
    for file in map(Path, files):
        if named.setdefault(file.name, file) != file:
            # Provenance names files without their folders.
            raise InputError(str(file), f"another file is called {file.name!r}", "Rename one")
        for each in _cells_of(file):
            key = tuple(getattr(each, name) for name in SITUATION)
            if key in cells:
                found = f"{' / '.join(key)} is told already in {', '.join(cells[key].inputs)}"
                raise InputError(str(file), found, "Give each situation once")
            cells[key] = each
    return BiasTable(tuple(cells.values()))


def _cells_of(file: Path) -> Iterator[BiasEstimate]:
    content = _parsed(read_utf8(file), file)
    inputs = {file.name: sha256_of(file)}
    several = isinstance(content, list)
    if several and not content:
        raise InputError(str(file), "an empty list", WHERE_FROM)
    for index, part in enumerate(content if several else [content]):
        name = f"{file}, entry {index + 1}" if several else str(file)
        if not isinstance(part, dict):
            raise InputError(name, "no table of bias", WHERE_FROM)
        cell = validated(_Cell, _Keyed(name, part, {}))
        seen: set[str] = set()
        for place, each in enumerate(cell.methods):
            if each.method in seen:
                where = f"{name}, methods.{place}"
                raise InputError(where, f"{each.method!r} comes twice", "Keep one")
            seen.add(each.method)
            yield BiasEstimate(
                mean=each.bias_log_hr,
                sd=each.monte_carlo_error,
                monte_carlo_error=each.monte_carlo_error,
                analysis=each.method,
                scenario=cell.scenario,
                selection=cell.selection,
                unmeasured=cell.unmeasured,
                inputs=inputs,
            )


class _Keyed(YamlDocument):
    """JSON, whose places are named by their keys: it may all stand on one line."""

    def error(self, place: tuple[str | int, ...], found: str, remedy: str) -> InputError:
        field = ".".join(str(each) for each in place)
        return InputError(f"{self.name}, {field}" if field else self.name, found, remedy)


def _parsed(text: str, file: Path) -> Any:
    try:
        content = json.loads(text, parse_constant=float)
    except ValueError as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        problem = getattr(error, "msg", str(error))
        raise InputError(f"{file}{line}", f"not JSON: {problem}", WHERE_FROM) from None
    except RecursionError:
        raise InputError(str(file), "nested too deeply", WHERE_FROM) from None
    if not isinstance(content, dict | list):
        raise InputError(str(file), "no table of bias", WHERE_FROM)
    return content
