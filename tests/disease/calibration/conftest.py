"""Simulators whose posterior is known, for every test of calibration."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOYS = Path(__file__).with_name("toys.py")


@pytest.fixture(scope="session")
def toys() -> ModuleType:
    """The module beside this file."""
    spec = importlib.util.spec_from_file_location("calibration_toys", TOYS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
