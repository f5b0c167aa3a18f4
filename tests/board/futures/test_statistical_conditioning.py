"""Inside the model, futures say of virtual patients of another seed what those then live."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from debulk.board.futures.library import Library

PROGRAM = Path(__file__).parents[3] / "scripts" / "check_futures_on_virtual_patients.py"
OF_EACH, PATIENTS, LEAST = 3, 500, 20.0
"""Few, for time; with so small a library so many effective virtual patients are enough."""
FAR = 4.0
"""Standard errors within which the means agree but once in 16,000 seeds."""


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location(PROGRAM.stem, PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[PROGRAM.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("steps", [0, 3])
def test_what_is_said_agrees_with_what_is_lived(
    program: ModuleType, library: Library, steps: int
) -> None:
    found = program.compare(
        library,
        seed=101,
        draws=library.draws,
        of_each=OF_EACH,
        steps=steps,
        patients=PATIENTS,
        least=LEAST,
    )
    count = found.alive.size
    assert count + found.unknown + found.few == library.draws * OF_EACH
    assert count > library.draws
    for lived, said in (
        (found.alive, found.said_alive[:, 0]),
        (found.months, found.said_months[:, 0]),
    ):
        apart = lived - said
        assert abs(apart.mean()) < FAR * apart.std() / count**0.5
    # Who is said to live longer does: the figures are of this patient and not of everybody.
    assert ((found.said_months[:, 0] - found.said_months[:, 0].mean()) * found.months).mean() > 0.0
    assert program.report(found, steps, LEAST).startswith(f"| {count}, ")
