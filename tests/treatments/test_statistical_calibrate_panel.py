"""The script that finds how much panels differ, on made-up lesions."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from debulk.core import InputError

SCRIPT = Path(__file__).parents[2] / "scripts" / "calibrate_panel.py"
GRANULARITY = 0.002  # one of about 1,000 patients a group moves the share by 0.001


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("calibrate_panel", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["calibrate_panel"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def lesions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw = np.random.default_rng(7)
    counts = draw.integers(3, 30, 2000)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    total = int(offsets[-1])
    liver_only = np.repeat(draw.random(2000) < 0.5, counts)
    organ = np.where(liver_only, 0, draw.choice([0, 1, 3, 4, 10], total)).astype(np.int8)
    path = tmp_path_factory.mktemp("panel") / "lesions.npz"
    np.savez(
        path,
        organ=organ,
        diameter_mm=draw.lognormal(3.0, 0.6, total),
        near_vessel=(draw.random(total) < 0.15).astype(np.int8),
        offsets=offsets,
    )
    return path


@pytest.mark.parametrize("name", ["sigma_liver_only", "sigma_more_sites"])
def test_at_the_sigma_found_panels_disagree_as_often_as_observed(
    script: ModuleType, lesions: Path, name: str
) -> None:
    patients = script.read_patients(lesions)
    sigma, found = script.calibrate(patients, name, seed=3)
    assert 0 < sigma < script.MOST_SIGMA
    assert found == pytest.approx(script.TARGETS[name], abs=GRANULARITY)
    none = np.zeros((2, patients.offsets.size - 1))
    assert script.disagreement(patients, name, sigma, none) == 0


def test_the_script_prints_both_and_repeats_itself(
    script: ModuleType, lesions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main([str(lesions), "--seed", "3"]) == 0
    first = capsys.readouterr().out
    assert "sigma_liver_only" in first
    assert "sigma_more_sites" in first
    assert script.main([str(lesions), "--seed", "3"]) == 0
    assert capsys.readouterr().out == first


def test_files_that_cannot_serve_are_told(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main([str(tmp_path / "none.npz")]) == 1
    assert "cannot be read" in capsys.readouterr().err
    np.savez(tmp_path / "half.npz", organ=np.zeros(1, dtype=np.int8))
    with pytest.raises(InputError, match="diameter_mm"):
        script.read_patients(tmp_path / "half.npz")
