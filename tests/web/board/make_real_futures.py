"""Make `real_futures.json`: the futures that the background worker computes for case BC03.

Run from the repository's root with ``python -m tests.web.board.make_real_futures``, and again when
the model, the library of presenters or a sentence of the futures changes. The case is synthetic and
the figures are the model's own; nothing is altered but the number of digits.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.web.board.board_cases import REAL_FUTURES, entries

from debulk.board import case_of_entry
from debulk.board.settings import BoardSettings
from debulk.web.board.futures_run import run_futures

_CASE = "BC03"
_DIGITS = 6


def computed() -> dict[str, Any]:
    """What the worker's own function finds for the case, with fewer digits."""
    parameters = {
        "case": case_of_entry(entries()[_CASE]).to_dict(),
        "settings": BoardSettings().to_dict(),
    }
    return dict(_shortened(run_futures(parameters, lambda share, message: None)))


def main() -> None:
    """Write it down."""
    Path(REAL_FUTURES).write_text(json.dumps(computed(), ensure_ascii=False) + "\n", "utf-8")


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_shortened(each) for each in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


if __name__ == "__main__":
    main()
