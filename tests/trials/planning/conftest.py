"""Numbers that planning.R made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

REFERENCE = Path(__file__).parents[2] / "reference" / "trials" / "planning.json"


@pytest.fixture(scope="session")
def from_r() -> dict[str, Any]:
    return json.loads(REFERENCE.read_text())
